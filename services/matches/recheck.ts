import { z } from 'zod'

import { CaseId, RecheckId, TenantId } from '../core/ids.ts'
import type { Transitions } from '../core/stages.ts'

/**
 * What looking at a location again tells. `changed`: something is there, and only comparing it tells whether it is the
 * copy. `unreachable`: the host does not answer, or not to us; that says nothing.
 */
export const Verdict = z.enum(['live', 'gone', 'changed', 'unreachable'])
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
  readonly bytes: number
  readonly etag: string | null
  readonly sha256: string
}

const goneStatuses: ReadonlySet<number> = new Set([404, 410, 451])

const isPage = (mediaType: string | null): boolean => mediaType === 'text/html' || mediaType === 'text/plain'

/**
 * What the head of an answer tells; undefined when the file has to be read to know. A host that answers a file's address
 * with a page says that the file is not there any more.
 */
export function verdictOfHead(before: SeenBefore, now: Seen): Verdict | undefined {
  if (now.status === null) return 'unreachable'
  if (goneStatuses.has(now.status)) return 'gone'
  if (now.status === 401 || now.status === 403) return 'changed'
  if (now.status < 200 || now.status > 299) return 'unreachable'
  if (isPage(now.mediaType) && !isPage(before.mediaType)) return 'gone'
  // A weak tag says that two files mean the same, not that they are the same.
  const sameTag = now.etag !== null && now.etag === before.etag && !now.etag.startsWith('W/')
  return sameTag && now.bytes === before.bytes ? 'live' : undefined
}

/** What the whole file tells. */
export const verdictOfFile = (before: SeenBefore, sha256: string): Verdict =>
  sha256 === before.sha256 ? 'live' : 'changed'
