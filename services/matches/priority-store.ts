import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId } from '../core/ids.ts'
import { type Sql, sql } from '../core/sql.ts'
import { AsideState } from './case.ts'
import { type Harm, priorityOf } from './priority.ts'

/** Cases that are reckoned anew in one transaction: it takes less than a second, so nobody waits for them long. */
const REFRESHED_MAX = 500

const Told = z.object({
  id: CaseId,
  unreleased: z.boolean(),
  releasedDays: z.number().nullable(),
  locations: z.number(),
  days: z.number(),
  shareOfRecording: z.number(),
  confidence: z.number(),
})

/** Where a copy is allowed, or turned out to be none, it does no harm. */
const HARMLESS = ['dismissed', ...AsideState.options]

/** What is known now of the harm of cases. */
const harmOf = (tx: Tx, which: Sql): Promise<z.infer<typeof Told>[]> =>
  tx.all(Told)`
    select c.id, coalesce(r.embargo_until > now(), false) as unreleased,
           (now() at time zone 'utc')::date - l.release_date as released_days,
           (select count(distinct o.location_key) from case_file o
             where o.recording_id = c.recording_id and (o.id = c.id or o.state <> all(${HARMLESS}))) as locations,
           (select count(distinct m.created_at::date) from match m
             where m.recording_id = c.recording_id and m.created_at > now() - interval '30 days') as days,
           coalesce((select max(m.share_of_recording) from match m where m.case_id = c.id and m.beside_id is null), 0)
             as share_of_recording,
           c.confidence
      from case_file c join recording r on r.id = c.recording_id left join release l on l.id = r.release_id
     where ${which}`

async function write(tx: Tx, { id, releasedDays, ...told }: z.infer<typeof Told>): Promise<void> {
  const harm: Harm = { ...told, releasedDays: releasedDays ?? undefined }
  const { priority, reasons } = priorityOf(harm)
  await tx.run`
    update case_file set priority = ${priority}, priority_reasons = ${JSON.stringify(reasons)}::jsonb where id = ${id}`
}

/** Writes how urgent a case is, by what is known of its recording now. */
export async function prioritise(tx: Tx, id: CaseId): Promise<void> {
  for (const told of await harmOf(tx, sql`c.id = ${id}`)) await write(tx, told)
}

const Waiting = z.object({ id: CaseId })

/**
 * The same of cases that wait for a reviewer, because the harm changes while they do: a release grows old, an embargo
 * ends, the recording is found at more places. Those that somebody decides about just now are left for the next time.
 *
 * @param after of the answer before; undefined to begin.
 * @returns where the next call goes on; undefined when none are left.
 */
export async function refreshPriorities(tx: Tx, after: CaseId | undefined): Promise<CaseId | undefined> {
  const waiting = await tx.all(Waiting)`
    select id from case_file where state = 'needs_review' ${after ? sql`and id > ${after}` : sql``}
     order by id limit ${REFRESHED_MAX} for update skip locked`
  const ids = waiting.map(({ id }) => id)
  if (ids.length === 0) return undefined
  for (const told of await harmOf(tx, sql`c.id = any(${ids}::uuid[])`)) await write(tx, told)
  return ids.length === REFRESHED_MAX ? ids.at(-1) : undefined
}
