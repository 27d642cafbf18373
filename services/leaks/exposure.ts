import { z } from 'zod'

import { ExposureAuditId, LeakId, LeakManifestId, RecordingId, ReleaseId, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { parseIsrc } from '../metadata/identifiers/identifiers.ts'
import { trackCodecs, trackStatuses } from './manifest-row.ts'

/** ISRCs that are asked about at once, beside a whole catalogue. */
export const ISRCS_MAX = 100_000
/** Rows that are kept as evidence of one exposure; the others are counted. */
export const EVIDENCE_ROWS_MAX = 5

/** What part of a catalogue is asked about. */
export const AuditScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('all') }),
  z.strictObject({ kind: z.literal('label'), label: z.string().trim().min(1).max(300) }),
  z.strictObject({ kind: z.literal('release'), releaseId: ReleaseId }),
  /** Recordings of the account that have these; and codes that it has not registered. */
  z.strictObject({
    kind: z.literal('isrcs'),
    isrcs: z
      .array(
        z
          .string()
          .max(40)
          .transform((text, context) => {
            const code = parseIsrc(text)
            if (code === undefined) context.addIssue({ code: 'custom', message: 'not an ISRC' })
            return code ?? z.NEVER
          }),
      )
      .min(1)
      .max(ISRCS_MAX),
  }),
  /** Those that joined the audit as they were registered or changed. */
  z.strictObject({ kind: z.literal('recordings') }),
])
export type AuditScope = z.infer<typeof AuditScope>

/** Who asked, or what did: see migrations/0022_leaks.sql. */
export const AuditCause = z.enum(['asked', 'registered', 'manifest', 'batch'])
export type AuditCause = z.infer<typeof AuditCause>

export const AuditStage = z.enum(['audit', 'done', 'failed'])
export type AuditStage = z.infer<typeof AuditStage>
export const auditTransitions = { audit: ['done'] } as const satisfies Transitions

/**
 * How a row was found to be of a recording. `alternative`: the row of another track that the leak names in its stead;
 * `address`: of a place where the recording is by its holder's leave.
 */
export const FoundBy = z.enum(['isrc', 'alternative', 'names', 'address'])
export type FoundBy = z.infer<typeof FoundBy>

/** A row of a manifest, so that whoever holds it can look it up and compare. */
export const EvidenceRow = z.object({
  manifestId: LeakManifestId,
  /** From 1, in the file `part`, from 0. */
  row: z.number(),
  part: z.number(),
  isrc: z.string().nullable(),
  title: z.string().nullable(),
  artists: z.array(z.string()),
  album: z.string().nullable(),
  durationMs: z.number().nullable(),
  trackId: z.string().nullable(),
  status: z.enum(trackStatuses),
  /** The first 16 hex digits of each SHA-256 of its file. */
  sha256: z.array(z.string()),
  fileName: z.string().nullable(),
  address: z.string().nullable(),
})
export type EvidenceRow = z.infer<typeof EvidenceRow>

/** What one leak says of a recording. */
export const LeakAnswer = z.object({
  status: z.enum(trackStatuses),
  codec: z.enum(trackCodecs),
  /** 0 to 100 as the source counts it. */
  popularity: z.number().nullable(),
  /** Number of the leak's batch; 0 for none. */
  batch: z.number(),
  /** The first time that its makers took it. */
  takenAt: z.coerce.date().nullable(),
  foundBy: FoundBy,
  /** That the rows are of this recording. */
  probability: z.number(),
  rowsFound: z.number(),
  rows: z.array(EvidenceRow),
})
export type LeakAnswer = z.infer<typeof LeakAnswer>

/** What is known today of a recording in a leak. */
export const Exposure = LeakAnswer.extend({
  recordingId: RecordingId,
  leakId: LeakId,
  /** How exposed it was when it was asked for last, 0 to 1 (services/leaks/audit/ranking.ts). */
  score: z.number(),
  auditId: ExposureAuditId,
  firstFoundAt: z.date(),
  foundAt: z.date(),
})
export type Exposure = z.infer<typeof Exposure>

/** How many recordings are exposed how. */
export const ExposureCounts = z.object({
  /** Recordings, or codes, that were asked about. */
  asked: z.number(),
  /** Of them in any leak. */
  listed: z.number(),
  /** Whose audio was taken: as they are, or by another copy of them. */
  audio: z.number(),
  /** Whose audio is in a batch that was published. */
  published: z.number(),
})
export type ExposureCounts = z.infer<typeof ExposureCounts>

/** What is likely to come when a leak goes on as it began. */
export const Forecast = z.object({
  leakId: LeakId,
  /** Batches that are not published yet, in the order in which they are expected. */
  batches: z.array(
    z.object({ number: z.number(), name: z.string(), recordings: z.number(), isNext: z.boolean() }),
  ),
  /** Why they are expected so, in a sentence for people. */
  reason: z.string(),
})
export type Forecast = z.infer<typeof Forecast>

/** What an audit says as a whole. */
export const AuditSummary = ExposureCounts.extend({
  leaks: z.array(ExposureCounts.omit({ asked: true }).extend({ leakId: LeakId, name: z.string() })),
  /** The most exposed first; at most 100. */
  releases: z.array(
    ExposureCounts.extend({
      releaseId: ReleaseId.nullable(),
      title: z.string().nullable(),
      score: z.number(),
    }),
  ),
  forecasts: z.array(Forecast),
  /** Recordings whose ISRC a leak has on another song: told, and not counted. */
  contradicted: z.number(),
})
export type AuditSummary = z.infer<typeof AuditSummary>

/** A part of a catalogue asked for in all leaks that its account sees. */
export const ExposureAudit = z.object({
  id: ExposureAuditId,
  tenantId: TenantId,
  cause: AuditCause,
  scope: AuditScope,
  stage: AuditStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  summary: AuditSummary.nullable(),
  resultSha256: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export type ExposureAudit = z.infer<typeof ExposureAudit>

/** One line of an audit's frozen result: a recording, or a code that is not registered, in one leak. */
export const AuditLine = LeakAnswer.extend({
  leakId: LeakId,
  leakName: z.string(),
  recordingId: RecordingId.nullable(),
  isrc: z.string().nullable(),
  title: z.string().nullable(),
  artists: z.array(z.string()),
  releaseId: ReleaseId.nullable(),
  releaseTitle: z.string().nullable(),
  label: z.string().nullable(),
  /** Under embargo when it was asked: who may not know of it sees no names. */
  isUnreleased: z.boolean(),
  batchName: z.string().nullable(),
  /** Null: it is in no batch, or in one that is not published yet. */
  publishedOn: z.string().nullable(),
  /** How exposed it is, 0 to 1, by which lines are ranked (services/leaks/audit/ranking.ts). */
  score: z.number(),
  /** What to do, in a sentence for people. */
  advice: z.string(),
})
export type AuditLine = z.infer<typeof AuditLine>
