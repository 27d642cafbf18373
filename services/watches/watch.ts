import { z } from 'zod'

import { TenantId, WatchId, WatchReadId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { SubmittedUrl } from '../submissions/submission.ts'

/** Places that an account watches at a time: what is read hourly is still read within the hour. */
export const WATCHES_MAX = 1_000
/** Addresses that one read hands in: a site that changes all its links is no flood. What is left waits for the next one. */
export const FRESH_MAX = 200
/** Addresses that are looked at in one read; a page names fewer. */
export const FOUND_MAX = 5_000
/** After so many reads in a row that failed, its account is told. */
export const FAILING_AFTER = 3
/** A place that fails is asked less and less often, down to once a week. */
const FAILING_EVERY_H_MAX = 168

const HOUR_MS = 3_600_000

export const everyH = z.int().min(1).max(720).describe('Hours between two reads')
const name = z.string().trim().min(1).max(200).describe('What it is called')

/** A place to be watched. */
export const NewWatch = z.strictObject({
  url: SubmittedUrl.describe('A page, a feed, a playlist or a list of addresses'),
  name: name.optional().describe('What it is called; its address when not given'),
  everyH: everyH.default(24),
  takesFirst: z
    .boolean()
    .default(false)
    .describe('Whether what is there at the first read is handed in, too, and not only noted'),
})
export type NewWatch = z.infer<typeof NewWatch>

/** What of a watch can be changed. */
export const WatchChange = z.strictObject({ name: name.optional(), everyH: everyH.optional() })
export type WatchChange = z.infer<typeof WatchChange>

/** `failing`: its last reads failed. */
export const WatchState = z.enum(['watching', 'failing', 'paused', 'ended'])
export type WatchState = z.infer<typeof WatchState>

/** A place that is read again and again. */
export const Watch = z.object({
  id: WatchId,
  tenantId: TenantId,
  name: z.string(),
  url: z.string(),
  urlKey: z.string(),
  everyH: z.number(),
  takesFirst: z.boolean(),
  state: WatchState,
  /** Null while it is paused, and when it is over. */
  nextReadAt: z.date().nullable(),
  /** Reads that failed since the last one that did not. */
  failures: z.number(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export type Watch = z.infer<typeof Watch>

/** A watch as lists show it. */
export const WatchSummary = Watch.extend({
  isReading: z.boolean(),
  lastReadAt: z.date().nullable(),
  lastProblem: StoredProblem.nullable(),
  /** Addresses that it handed in, and those in which something was found. */
  handedIn: z.number(),
  finds: z.number(),
})
export type WatchSummary = z.infer<typeof WatchSummary>

export const readTransitions = { watch: ['done'] } as const satisfies Transitions

/** One time that a watched place was read. */
export const WatchRead = z.object({
  id: WatchReadId,
  watchId: WatchId,
  stage: z.enum(['watch', 'done', 'failed']),
  problem: StoredProblem.nullable(),
  /** The HTTP status; 304: unchanged since the last read. */
  status: z.number().nullable(),
  /** Addresses on it; null when it was unchanged or could not be read. */
  found: z.number().nullable(),
  /** Of them not seen there before, and handed in. */
  fresh: z.number().nullable(),
  /** Not seen before either, and left for the next read. */
  leftOut: z.number().nullable(),
  startedAt: z.date(),
  readAt: z.date().nullable(),
})
export type WatchRead = z.infer<typeof WatchRead>

/** When to read again. @param failures since the last read that did not fail. */
export function nextReadAt({ everyH: hours }: Pick<Watch, 'everyH'>, failures: number, now: Date): Date {
  const longest = Math.max(hours, FAILING_EVERY_H_MAX)
  const waitH = failures === 0 ? hours : Math.min(longest, hours * 2 ** Math.min(failures, 10))
  return new Date(now.getTime() + waitH * HOUR_MS)
}
