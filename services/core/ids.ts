import { randomBytes, randomUUID } from 'node:crypto'

import { z } from 'zod'

/** Identifiers are UUIDs that cannot be mixed up: a RecordingId is no CaseId to the compiler. */
export const TenantId = z.uuid().brand<'TenantId'>()
export type TenantId = z.infer<typeof TenantId>
export const MemberId = z.uuid().brand<'MemberId'>()
export type MemberId = z.infer<typeof MemberId>
export const ApiKeyId = z.uuid().brand<'ApiKeyId'>()
export type ApiKeyId = z.infer<typeof ApiKeyId>
export const ReleaseId = z.uuid().brand<'ReleaseId'>()
export type ReleaseId = z.infer<typeof ReleaseId>
export const RecordingId = z.uuid().brand<'RecordingId'>()
export type RecordingId = z.infer<typeof RecordingId>
export const SubmissionId = z.uuid().brand<'SubmissionId'>()
export type SubmissionId = z.infer<typeof SubmissionId>
export const ItemId = z.uuid().brand<'ItemId'>()
export type ItemId = z.infer<typeof ItemId>
export const MatchId = z.uuid().brand<'MatchId'>()
export type MatchId = z.infer<typeof MatchId>
export const CaseId = z.uuid().brand<'CaseId'>()
export type CaseId = z.infer<typeof CaseId>
export const AlertId = z.uuid().brand<'AlertId'>()
export type AlertId = z.infer<typeof AlertId>
export const ImportId = z.uuid().brand<'ImportId'>()
export type ImportId = z.infer<typeof ImportId>
export const RescanId = z.uuid().brand<'RescanId'>()
export type RescanId = z.infer<typeof RescanId>
export const AllowEntryId = z.uuid().brand<'AllowEntryId'>()
export type AllowEntryId = z.infer<typeof AllowEntryId>
export const ConflictId = z.uuid().brand<'ConflictId'>()
export type ConflictId = z.infer<typeof ConflictId>
export const ReportId = z.uuid().brand<'ReportId'>()
export type ReportId = z.infer<typeof ReportId>
export const RecheckId = z.uuid().brand<'RecheckId'>()
export type RecheckId = z.infer<typeof RecheckId>
export const RecipientId = z.uuid().brand<'RecipientId'>()
export type RecipientId = z.infer<typeof RecipientId>
export const ResolutionId = z.uuid().brand<'ResolutionId'>()
export type ResolutionId = z.infer<typeof ResolutionId>
export const NoticeId = z.uuid().brand<'NoticeId'>()
export type NoticeId = z.infer<typeof NoticeId>
export const DeliveryId = z.uuid().brand<'DeliveryId'>()
export type DeliveryId = z.infer<typeof DeliveryId>
export const ReplyId = z.uuid().brand<'ReplyId'>()
export type ReplyId = z.infer<typeof ReplyId>
export const CounterNoticeId = z.uuid().brand<'CounterNoticeId'>()
export type CounterNoticeId = z.infer<typeof CounterNoticeId>
export const CapsuleId = z.uuid().brand<'CapsuleId'>()
export type CapsuleId = z.infer<typeof CapsuleId>
export const ScreenshotId = z.uuid().brand<'ScreenshotId'>()
export type ScreenshotId = z.infer<typeof ScreenshotId>
export const BatchId = z.uuid().brand<'BatchId'>()
export type BatchId = z.infer<typeof BatchId>
export const WatchId = z.uuid().brand<'WatchId'>()
export type WatchId = z.infer<typeof WatchId>
export const WatchReadId = z.uuid().brand<'WatchReadId'>()
export type WatchReadId = z.infer<typeof WatchReadId>
export const IntakeMailId = z.uuid().brand<'IntakeMailId'>()
export type IntakeMailId = z.infer<typeof IntakeMailId>
export const LeakId = z.uuid().brand<'LeakId'>()
export type LeakId = z.infer<typeof LeakId>
export const LeakManifestId = z.uuid().brand<'LeakManifestId'>()
export type LeakManifestId = z.infer<typeof LeakManifestId>
export const ExposureAuditId = z.uuid().brand<'ExposureAuditId'>()
export type ExposureAuditId = z.infer<typeof ExposureAuditId>
export const LetterId = z.uuid().brand<'LetterId'>()
export type LetterId = z.infer<typeof LetterId>

/** SHA-256 of a file's bytes, lower-case hex. The blob store is keyed by it. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Sha256'>()
export type Sha256 = z.infer<typeof Sha256>

/** The bytes of a bytea column. */
export const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'bytes')

/** Makes a new identifier of the given kind: `newId(RecordingId)`. */
export const newId = <T>(kind: { parse(value: string): T }): T => kind.parse(randomUUID())

/** The last identifier's millisecond, and how many were made in it. */
let lastMs = 0
let madeInIt = 0
/** Twelve bits count within a millisecond; when they are used up, the next one is borrowed. */
const MADE_IN_A_MS_MAX = 0xfff

/**
 * Makes a new identifier that sorts behind those made before it by this program: UUID version 7 (RFC 9562, method 1). For
 * rows that are written by the million: their index grows at its end, instead of touching another page for each row.
 */
export function newOrderedId<T>(kind: { parse(value: string): T }): T {
  const now = Date.now()
  if (now > lastMs) [lastMs, madeInIt] = [now, 0]
  else if (madeInIt < MADE_IN_A_MS_MAX) madeInIt += 1
  else [lastMs, madeInIt] = [lastMs + 1, 0]
  const time = lastMs.toString(16).padStart(12, '0')
  const random = randomUUID()
  return kind.parse(
    `${time.slice(0, 8)}-${time.slice(8)}-7${madeInIt.toString(16).padStart(3, '0')}${random.slice(18)}`,
  )
}

/** A secret of 256 random bits as 43 URL-safe characters, with a prefix that tells people what it is. */
export const newSecret = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`
