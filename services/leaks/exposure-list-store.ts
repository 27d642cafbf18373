import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { LeakId, type RecordingId } from '../core/ids.ts'
import { type Sql, join, sql } from '../core/sql.ts'
import { Exposure } from './exposure.ts'
import { LeakKind } from './leak.ts'
import type { TrackStatus } from './manifest-row.ts'

/** What is known today of a recording in a leak, with what both are called. */
export const ListedExposure = Exposure.extend({
  leakName: z.string(),
  leakKind: LeakKind,
  title: z.string(),
  artists: z.array(z.string()),
  isrc: z.string().nullable(),
  releaseTitle: z.string().nullable(),
  label: z.string().nullable(),
  embargoUntil: z.date().nullable(),
  batchName: z.string().nullable(),
  /** Null: it is in no batch, or in one that is not published yet. */
  publishedOn: z.string().nullable(),
})
export type ListedExposure = z.infer<typeof ListedExposure>

/** Which of what is exposed is asked for. */
export interface ExposuresAsked {
  readonly leakId?: LeakId | undefined
  readonly recordingId?: RecordingId | undefined
  readonly statuses?: readonly TrackStatus[] | undefined
}

const exposed = sql`exposure e
  join leak k on k.id = e.leak_id and k.removed_at is null
  join recording r on r.id = e.recording_id and r.withdrawn_at is null
  left join release l on l.id = r.release_id
  left join leak_batch b on b.leak_id = e.leak_id and b.number = e.batch`

const conditionsOf = (asked: ExposuresAsked): Sql =>
  join(
    [
      sql`true`,
      ...(asked.leakId ? [sql`e.leak_id = ${asked.leakId}`] : []),
      ...(asked.recordingId ? [sql`e.recording_id = ${asked.recordingId}`] : []),
      ...(asked.statuses ? [sql`e.status = any(${[...asked.statuses]}::text[])`] : []),
    ],
    ' and ',
  )

/** What is exposed now, the worst first, as audits rank it. */
export const listExposures = (
  tx: Tx,
  asked: ExposuresAsked & { readonly offset: number; readonly limit: number },
): Promise<ListedExposure[]> =>
  tx.all(ListedExposure)`
    select e.recording_id, e.leak_id, e.audit_id, e.status, e.codec, e.popularity, e.batch, e.taken_at, e.found_by,
           e.probability, e.score, e.rows_found, e.rows, e.first_found_at, e.found_at,
           k.name as leak_name, k.kind as leak_kind, r.title, r.artists, r.isrc, l.title as release_title, l.label,
           r.embargo_until, b.name as batch_name, case when b.published_on <= current_date then b.published_on::text end as published_on
      from ${exposed} where ${conditionsOf(asked)}
     order by e.score desc, e.recording_id, e.leak_id limit ${asked.limit} offset ${asked.offset}`

const NowCounts = z.object({
  recordings: z.number(),
  audio: z.number(),
  published: z.number(),
})
export type NowCounts = z.infer<typeof NowCounts>

/** How many recordings are exposed now: in any leak, with audio, and with audio that was published. */
export const countExposed = (tx: Tx, asked: ExposuresAsked = {}): Promise<NowCounts> =>
  tx.one(NowCounts)`
    select count(distinct e.recording_id) as recordings,
           count(distinct e.recording_id) filter (where e.status in ('audio', 'sibling')) as audio,
           count(distinct e.recording_id)
             filter (where e.status in ('audio', 'sibling') and b.published_on <= current_date) as published
      from ${exposed} where ${conditionsOf(asked)}`

const LeakCount = z.object({ leakId: LeakId, recordings: z.number() })

/** In which leaks recordings are exposed now, and how many. */
export const countByLeak = async (tx: Tx): Promise<Map<LeakId, number>> => {
  const rows = await tx.all(LeakCount)`
    select e.leak_id, count(*) as recordings from exposure e join recording r on r.id = e.recording_id
     where r.withdrawn_at is null group by e.leak_id`
  return new Map(rows.map(({ leakId, recordings }) => [leakId, recordings]))
}
