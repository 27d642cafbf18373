import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type ItemId, Sha256, type SubmissionId, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { PartsRead } from './parts-read.ts'
import type { Submission } from './submission.ts'

const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

/** A request as it was sent. */
const Request = z.object({
  method: z.string(),
  target: z.string(),
  headers: z.record(z.string(), z.string()),
})
export type CapturedRequest = z.infer<typeof Request>

/** A request on the way and what it was answered; of older captures only where it led. */
const Redirect = z.object({
  url: z.string(),
  status: z.number(),
  address: z.string().optional(),
  request: Request.optional(),
  headers: Headers.optional(),
  askedAt: z.iso.datetime().optional(),
})

/** A further request for bytes of the same file or stream, and what it was answered. */
const PartAnswer = z.object({
  url: z.string(),
  request: Request,
  status: z.number(),
  headers: Headers,
  address: z.string(),
  askedAt: z.iso.datetime(),
  /** What it brought, as `parts` count bytes. */
  from: z.number(),
  to: z.number(),
  sha256: Sha256,
})
export type PartAnswer = z.infer<typeof PartAnswer>

/** What was read, when not all of it was in the first answer: `answers` are those after the first, as far as they are kept. */
export const CapturedRead = PartsRead.extend({ answers: z.array(PartAnswer) })
export type CapturedRead = z.infer<typeof CapturedRead>

/** What is known of a visit besides the answer; null of older captures. */
const facts = {
  request: Request.nullable(),
  /** Of each host that was asked, in lower case: the addresses that name servers gave. */
  names: z.record(z.string(), z.array(z.string())).nullable(),
  /** By how much the host's clock was ahead of ours; null when it did not tell the time. */
  clockOffsetMs: z.number().nullable(),
  /** Null when all was read in one answer. */
  read: CapturedRead.nullable(),
  /** The bytes are kept as evidence: of pages and lists, as long as a case hangs on them. */
  bodyHeld: z.boolean(),
  /** The page as a browser showed it. */
  pictureSha256: Sha256.nullable(),
}

/** What was seen at an address: kept as it was, because a report and a court may ask for it. */
export const Capture = z.object({
  requestedUrl: z.string(),
  finalUrl: z.string(),
  redirects: z.array(Redirect),
  status: z.number(),
  headers: Headers,
  address: z.string(),
  tls: z.record(z.string(), z.unknown()).nullable(),
  /** Of the bytes that were read. */
  sha256: Sha256,
  bytes: z.number(),
  startedAt: z.date(),
  endedAt: z.date(),
  ...facts,
})
export type Capture = z.infer<typeof Capture>

/** A capture that is not kept yet; what is not known of it may be left out. */
export type NewCapture = Omit<Capture, keyof typeof facts> & Partial<Pick<Capture, keyof typeof facts>>

const columns = sql`requested_url, final_url, redirects, status, headers, host(address) as address, tls, sha256, bytes,
  started_at, ended_at, request, names, clock_offset_ms, read, body_held, picture_sha256`

const json = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value)

/** Keeps what was seen for a submission. @param itemId the item whose address it was; else the submission's own. */
export async function keepCapture(
  tx: Tx,
  submission: Pick<Submission, 'id' | 'tenantId'>,
  capture: NewCapture,
  itemId?: ItemId,
): Promise<void> {
  await tx.run`
    insert into capture (id, tenant_id, submission_id, item_id, requested_url, final_url, redirects, status, headers,
                         address, tls, sha256, bytes, started_at, ended_at, request, names, clock_offset_ms, read,
                         body_held, picture_sha256)
    values (${randomUUID()}, ${submission.tenantId}, ${submission.id}, ${itemId ?? null}, ${capture.requestedUrl},
            ${capture.finalUrl}, ${json(capture.redirects)}, ${capture.status}, ${json(capture.headers)},
            ${capture.address}, ${json(capture.tls)}, ${capture.sha256}, ${capture.bytes}, ${capture.startedAt},
            ${capture.endedAt}, ${json(capture.request)}, ${json(capture.names)}, ${capture.clockOffsetMs ?? null},
            ${json(capture.read)}, ${capture.bodyHeld ?? false}, ${capture.pictureSha256 ?? null})`
}

/** What was seen for a submission, the latest first. */
export const capturesOf = (tx: Tx, submissionId: SubmissionId): Promise<Capture[]> =>
  tx.all(Capture)`
    select ${columns} from capture where submission_id = ${submissionId} order by started_at desc`

/**
 * The latest look at an item's address; without an item at the submitted address itself.
 *
 * @param url of it: of a stream, whose parts are looked at as well, its playlist is meant.
 */
export const captureAt = (
  tx: Tx,
  submissionId: SubmissionId,
  { itemId, url }: { readonly itemId: ItemId | undefined; readonly url: string | null },
): Promise<Capture | undefined> =>
  tx.maybe(Capture)`
    select ${columns} from capture
     where submission_id = ${submissionId} and item_id is not distinct from ${itemId ?? null}
     order by requested_url = ${url} desc, started_at desc limit 1`

/** Visits on the way to one item: its address, those it lies in, and each looked at again once or twice. */
const VISITS_MAX = 50

/**
 * What was seen on the way to an item: at the submitted address and at those of the items, the latest first.
 *
 * @param itemIds the item and those that it lies in.
 */
export const capturesLeadingTo = (
  tx: Tx,
  submissionId: SubmissionId,
  itemIds: readonly ItemId[],
): Promise<Capture[]> =>
  tx.all(Capture)`
    select ${columns} from capture
     where submission_id = ${submissionId} and (item_id is null or item_id = any(${[...itemIds]}))
     order by started_at desc limit ${VISITS_MAX}`

/** The last time that something was fetched from a host (lower case, IPv6 in brackets), whatever it was. */
export const latestCaptureAt = (tx: Tx, tenantId: TenantId, host: string): Promise<Capture | undefined> =>
  tx.maybe(Capture)`
    select ${columns} from capture
     where tenant_id = ${tenantId}
       and lower(substring(final_url from '^[a-z]+://(\\[[^]]*\\]|[^/:?#]*)')) = ${host}
     order by started_at desc limit 1`
