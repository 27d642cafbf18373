import { z } from 'zod'

import { CaseId, RecheckId, TenantId } from '../core/ids.ts'
import type { Transitions } from '../core/stages.ts'

/**
 * What looking at a location again tells. `moved`: the very same file, to which the location leads elsewhere at its host.
 * `changed`: something is there, and only comparing it tells whether it is the copy. `blocked`: we are not let in, others may
 * be; `unreachable`: the host does not answer, so that the state is not known. The last two say nothing of the copy.
 */
export const Verdict = z.enum(['live', 'moved', 'gone', 'changed', 'blocked', 'unreachable'])
export type Verdict = z.infer<typeof Verdict>

export const recheckTransitions = { recheck: ['done'] } as const satisfies Transitions

/** What a verdict rests on, as far as it was seen. */
export const Seen = z.object({
  status: z.number().nullable(),
  finalUrl: z.string().nullable(),
  mediaType: z.string().nullable(),
  bytes: z.number().nullable(),
  etag: z.string().nullable(),
  /** Of the whole file; null where the head alone told enough. */
  sha256: z.string().nullable(),
  /** Why nothing was seen, in words. */
  problem: z.string().nullable(),
})
export type Seen = z.infer<typeof Seen>

/** One look at the location of a case. */
export const Recheck = z.object({
  id: RecheckId,
  tenantId: TenantId,
  caseId: CaseId,
  verdict: Verdict.nullable(),
  seen: Seen.nullable(),
  checkedAt: z.date().nullable(),
  createdAt: z.date(),
})
export type Recheck = z.infer<typeof Recheck>

/** What was seen there when the copy was found. */
export interface SeenBefore {
  readonly mediaType: string | null
  /** Of the whole file; null where that was not told, as of a stream. */
  readonly bytes: number | null
  readonly etag: string | null
  /** Of what was read of it. */
  readonly sha256: string
  readonly finalUrl: string
  /** Which bytes were read, both ends within; null when all of them were. */
  readonly parts: readonly { readonly from: number; readonly to: number }[] | null
}

const goneStatuses: ReadonlySet<number> = new Set([404, 410])
/** Not without a sign-in, not us, or not where we are (RFC 7725). */
const blockedStatuses: ReadonlySet<number> = new Set([401, 403, 451])

const isPage = (mediaType: string | null): boolean => mediaType === 'text/html' || mediaType === 'text/plain'

/**
 * What the head of an answer tells; undefined when the file has to be read to know. A host that answers a file's address
 * with a page says that the file is not there any more.
 */
export function verdictOfHead(before: SeenBefore, now: Seen): Verdict | undefined {
  if (now.status === null) return 'unreachable'
  if (goneStatuses.has(now.status)) return 'gone'
  if (blockedStatuses.has(now.status)) return 'blocked'
  if (now.status < 200 || now.status > 299) return 'unreachable'
  if (isPage(now.mediaType) && !isPage(before.mediaType)) return 'gone'
  // A weak tag says that two files mean the same, not that they are the same.
  const sameTag = now.etag !== null && now.etag === before.etag && !now.etag.startsWith('W/')
  if (sameTag && now.bytes === before.bytes) return sameFile(before, now)
  // A stream's segments cannot be had again by their places.
  return before.parts && before.bytes === null ? 'changed' : undefined
}

/** What the file tells, or those parts of it that were read before. */
export const verdictOfFile = (before: SeenBefore, now: Seen & { readonly sha256: string }): Verdict =>
  now.sha256 === before.sha256 ? sameFile(before, now) : 'changed'

/** A file that is the same may have moved; a query alone that differs is a ticket which is made for each visit. */
function sameFile(before: SeenBefore, now: Seen): Verdict {
  if (now.finalUrl === null || !URL.canParse(before.finalUrl)) return 'live'
  const [then, at] = [new URL(before.finalUrl), new URL(now.finalUrl)]
  return then.host === at.host && then.pathname !== at.pathname ? 'moved' : 'live'
}

/** Whether the copy was there at a look. */
export const isThere = (verdict: Verdict): boolean => verdict === 'live' || verdict === 'moved'
