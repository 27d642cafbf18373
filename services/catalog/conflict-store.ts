import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { RecordingId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { Conflict } from './conflicts.ts'

/** A recording is rarely claimed by more accounts; a page or report that lists so many has said enough. */
const OF_RECORDING_MAX = 20

const columns = sql`s.conflict_id as id, s.recording_id, r.title || coalesce(' (' || r.version || ')', '') as recording_title,
  r.artists as recording_artists, r.isrc, s.same_isrc, s.same_audio, s.territories, s.since, s.ended_at`
const tables = sql`conflict_side s join recording r on r.id = s.recording_id`

/** A tenant's conflicts, newest first. */
export function listConflicts(
  tx: Tx,
  asked: {
    open?: boolean | undefined
    after?: { readonly at: Date; readonly id: string } | undefined
    limit: number
  },
): Promise<Conflict[]> {
  const { open, after, limit } = asked
  const conditions = [
    sql`true`,
    ...(open === undefined ? [] : [open ? sql`s.ended_at is null` : sql`s.ended_at is not null`]),
    ...(after ? [sql`(s.since, s.conflict_id) < (${after.at}, ${after.id})`] : []),
  ]
  return tx.all(Conflict)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by s.since desc, s.conflict_id desc limit ${limit}`
}

/** The conflicts about a recording that have not ended, oldest first. */
export const openConflictsOf = (tx: Tx, id: RecordingId): Promise<Conflict[]> =>
  tx.all(Conflict)`
    select ${columns} from ${tables} where s.recording_id = ${id} and s.ended_at is null
     order by s.since, s.conflict_id limit ${OF_RECORDING_MAX}`

/** How many conflicts of a tenant have not ended. */
export async function countOpenConflicts(tx: Tx): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) from conflict_side where ended_at is null`
  return count
}

/**
 * Settles what no registration brings about: rights that begin or end with a new day, and registrations of the very same
 * moment. For the clock; it may be missed or done twice.
 */
export async function settleStaleConflicts(tx: Tx): Promise<void> {
  await tx.run`select settle_stale_conflicts()`
}
