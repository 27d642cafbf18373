import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type TenantId, WatchId, WatchReadId, newId } from '../core/ids.ts'
import type { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import {
  FAILING_AFTER,
  type NewWatch,
  Watch,
  type WatchChange,
  WatchRead,
  type WatchState,
  WatchSummary,
  readTransitions,
} from './watch.ts'

/** Places that are read in one round; the next round takes the others. */
const ROUND_MAX = 200
/** As the columns allow; a longer tag cannot be given back. */
const ETAG_CHARACTERS_MAX = 1_000
const DATE_CHARACTERS_MAX = 200

export const stages = stagesOf('watch_read', readTransitions)

const state = sql`case when w.ended_at is not null then 'ended' when w.paused_at is not null then 'paused'
  when w.failures >= ${FAILING_AFTER} then 'failing' else 'watching' end`
const columns = sql`w.id, w.tenant_id, w.name, w.url, w.url_key, w.every_h, w.takes_first, ${state} as state,
  w.next_read_at, w.failures, w.etag, w.last_modified, w.created_at, w.ended_at`
const readColumns = sql`id, watch_id, stage, problem, status, found, fresh, left_out, started_at, read_at`

const Id = z.object({ id: WatchId })
const ReadId = z.object({ id: WatchReadId })
const Count = z.object({ count: z.number() })
const Key = z.object({ urlKey: z.string() })

/** Begins to watch a place, to be read by the clock. @returns undefined when the account watches it already. */
export async function keepWatch(
  tx: Tx,
  tenantId: TenantId,
  given: NewWatch & { readonly name: string; readonly urlKey: string; readonly by: string },
): Promise<WatchId | undefined> {
  const made = await tx.maybe(Id)`
    insert into watch (id, tenant_id, name, url, url_key, every_h, takes_first, next_read_at, created_by)
    values (${newId(WatchId)}, ${tenantId}, ${given.name}, ${given.url}, ${given.urlKey}, ${given.everyH}, ${given.takesFirst},
            now() + make_interval(hours => ${given.everyH}), ${given.by})
    on conflict (tenant_id, url_key) where ended_at is null do nothing returning id`
  return made?.id
}

export const findWatch = (tx: Tx, id: WatchId): Promise<Watch | undefined> =>
  tx.maybe(Watch)`select ${columns} from watch w where w.id = ${id}`

/** The same, so that nobody else changes it in this transaction. */
export const lockWatch = (tx: Tx, id: WatchId): Promise<Watch | undefined> =>
  tx.maybe(Watch)`select ${columns} from watch w where w.id = ${id} for update`

export const countWatches = async (tx: Tx): Promise<number> =>
  (await tx.one(Count)`select count(*) from watch where ended_at is null`).count

/** Watches with how they fare, newest first; one of them by its id. */
export async function listWatches(
  tx: Tx,
  asked: {
    id?: WatchId | undefined
    state?: WatchState | undefined
    after?: { at: Date; id: string } | undefined
    limit: number
  },
): Promise<WatchSummary[]> {
  const conditions = [
    sql`true`,
    ...(asked.id ? [sql`w.id = ${asked.id}`] : []),
    ...(asked.state ? [sql`${state} = ${asked.state}`] : []),
    ...(asked.after ? [sql`(w.created_at, w.id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(WatchSummary)`
    select ${columns},
           exists (select from watch_read r where r.watch_id = w.id and r.stage = 'watch') as is_reading,
           r.at as last_read_at, r.problem as last_problem,
           (select count(*) from submission s where s.watch_id = w.id) as handed_in,
           (select count(*) from submission s where s.watch_id = w.id and exists (
              select from item i join match m on m.item_id = i.id
               where i.submission_id = s.id and m.beside_id is null)) as finds
      from watch w
      left join lateral (select coalesce(read_at, stage_since) as at, problem from watch_read
                          where watch_id = w.id and stage <> 'watch' order by started_at desc limit 1) r on true
     where ${join(conditions, ' and ')} order by w.created_at desc, w.id desc limit ${asked.limit}`
}

/** Pauses a watch, resumes it to be read at a time, or ends it. */
export async function setWatch(
  tx: Tx,
  id: WatchId,
  to: { readonly act: 'pause' | 'end' } | { readonly act: 'resume' | 'plan'; readonly nextReadAt: Date },
): Promise<void> {
  const next = 'nextReadAt' in to ? to.nextReadAt : null
  await tx.run`
    update watch set next_read_at = ${next},
           paused_at = case ${to.act} when 'pause' then now() when 'resume' then null else paused_at end,
           failures = case ${to.act} when 'resume' then 0 else failures end,
           ended_at = case ${to.act} when 'end' then now() else ended_at end
     where id = ${id}`
}

export async function changeWatch(tx: Tx, id: WatchId, { name, everyH }: WatchChange): Promise<void> {
  await tx.run`
    update watch set name = coalesce(${name ?? null}, name), every_h = coalesce(${everyH ?? null}, every_h) where id = ${id}`
}

/** Starts a read; the one that is under way already counts. @returns its id. */
export async function startRead(
  tx: Tx,
  { id, tenantId }: Pick<Watch, 'id' | 'tenantId'>,
): Promise<WatchReadId> {
  const started = await tx.maybe(ReadId)`
    insert into watch_read (id, tenant_id, watch_id, stage) values (${newId(WatchReadId)}, ${tenantId}, ${id}, 'watch')
        on conflict (watch_id) where stage = 'watch' do nothing returning id`
  if (started) return started.id
  return (await tx.one(ReadId)`select id from watch_read where watch_id = ${id} and stage = 'watch'`).id
}

/** Starts the reads that are due. @returns their ids. */
export async function startDueReads(tx: Tx): Promise<WatchReadId[]> {
  const started = await tx.all(ReadId)`
    with due as (
      update watch set next_read_at = now() + make_interval(hours => every_h)
       where id in (select id from watch where next_read_at <= now() order by next_read_at limit ${ROUND_MAX}
                       for update skip locked)
      returning id, tenant_id
    )
    insert into watch_read (id, tenant_id, watch_id, stage) select gen_random_uuid(), tenant_id, id, 'watch' from due
        on conflict (watch_id) where stage = 'watch' do nothing
    returning id`
  return started.map(({ id }) => id)
}

export const findRead = (tx: Tx, id: WatchReadId): Promise<WatchRead | undefined> =>
  tx.maybe(WatchRead)`select ${readColumns} from watch_read where id = ${id}`

/** The reads of a place, the latest first. */
export function readsOf(
  tx: Tx,
  id: WatchId,
  { after, limit }: { after?: { at: Date; id: string } | undefined; limit: number },
): Promise<WatchRead[]> {
  const from = after ? sql`(started_at, id) < (${after.at}, ${after.id})` : sql`true`
  return tx.all(WatchRead)`
    select ${readColumns} from watch_read where watch_id = ${id} and ${from}
     order by started_at desc, id desc limit ${limit}`
}

/** Whether a place was ever read to its end with its addresses. */
export async function wasRead(tx: Tx, id: WatchId): Promise<boolean> {
  const read = await tx.maybe(ReadId)`
    select id from watch_read where watch_id = ${id} and stage = 'done' and found is not null limit 1`
  return read !== undefined
}

/** Which of these keys were seen at a place before. */
export async function seenAt(tx: Tx, id: WatchId, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.all(Key)`
    select url_key from watch_seen where watch_id = ${id} and url_key = any(${[...keys]})`
  return new Set(rows.map(({ urlKey }) => urlKey))
}

/** Notes what was seen at a place, with the submission that is at work on it where there is one. */
export async function keepSeen(
  tx: Tx,
  { id, tenantId }: Pick<Watch, 'id' | 'tenantId'>,
  keys: readonly string[],
): Promise<void> {
  await tx.run`
    insert into watch_seen (watch_id, url_key, tenant_id, submission_id)
    select ${id}, k.key, ${tenantId},
           (select s.id from submission s where s.tenant_id = ${tenantId} and s.url_key = k.key
               and s.stage in ('queued', 'fetch', 'unpack', 'compare') limit 1)
      from unnest(${[...keys]}::text[]) k (key) on conflict do nothing`
}

/** Ends a read with what it found, and plans the next. @returns false when it was over already. */
export async function endRead(
  tx: Tx,
  read: Pick<WatchRead, 'id' | 'watchId'>,
  seen: Pick<WatchRead, 'status' | 'found' | 'fresh' | 'leftOut'> & {
    readonly etag: string | null
    readonly lastModified: string | null
  },
  next: Date,
): Promise<boolean> {
  if (!(await stages.advance(tx, read.id, 'watch', 'done'))) return false
  await tx.run`
    update watch_read set status = ${seen.status}, found = ${seen.found}, fresh = ${seen.fresh}, left_out = ${seen.leftOut},
           read_at = now() where id = ${read.id}`
  const kept = (text: string | null, charactersMax: number) =>
    text && text.length <= charactersMax ? text : null
  await tx.run`
    update watch set failures = 0, etag = ${kept(seen.etag, ETAG_CHARACTERS_MAX)},
           last_modified = ${kept(seen.lastModified, DATE_CHARACTERS_MAX)},
           next_read_at = case when paused_at is null and ended_at is null then ${next}::timestamptz end
     where id = ${read.watchId}`
  return true
}

/** Ends a read that failed, and plans the next. @returns false when it was over already. */
export async function endFailedRead(
  tx: Tx,
  read: Pick<WatchRead, 'id' | 'watchId'>,
  problem: Problem,
  next: Date,
): Promise<boolean> {
  if (!(await stages.fail(tx, read.id, 'watch', problem))) return false
  await tx.run`
    update watch set failures = failures + 1,
           next_read_at = case when paused_at is null and ended_at is null then ${next}::timestamptz end
     where id = ${read.watchId}`
  return true
}
