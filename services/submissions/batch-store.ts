import type { Tx } from '../core/db.ts'
import { BatchId, type TenantId, type WatchId, newId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import {
  Batch,
  BatchCounts,
  type BatchResult,
  BatchRow,
  RATE_OVER_S,
  REFUSED_KEPT_MAX,
  type ReadList,
} from './batch.ts'
import type { After } from './store.ts'
import { queueUrls } from './turns-store.ts'

const columns = sql`id, name, given, duplicates, refused, submitted_by, created_at`

/** A list that was read, and what is said of it. */
export interface NewBatch {
  readonly name: string
  readonly note?: string | undefined
  readonly by: string
  readonly list: ReadList
}

/** Hands in the addresses of a list to wait for their turn; those that are in work already count as duplicates. */
export async function keepBatch(tx: Tx, tenantId: TenantId, batch: NewBatch): Promise<Batch> {
  const { name, note, by, list } = batch
  const id = newId(BatchId)
  const refused = JSON.stringify(list.refused.slice(0, REFUSED_KEPT_MAX))
  await tx.run`
    insert into submission_batch (id, tenant_id, name, given, duplicates, refused, submitted_by)
    values (${id}, ${tenantId}, ${name}, ${list.given}, ${list.duplicates}, ${refused}, ${by})`
  const taken = await queueUrls(tx, tenantId, { addresses: list.addresses, note, by, batchId: id })
  const duplicates = list.duplicates + list.addresses.length - taken
  return tx.one(Batch)`
    update submission_batch set duplicates = ${duplicates} where id = ${id} returning ${columns}`
}

export const findBatch = (tx: Tx, id: BatchId): Promise<Batch | undefined> =>
  tx.maybe(Batch)`select ${columns} from submission_batch where id = ${id}`

/** Batches, newest first. */
export async function listBatches(
  tx: Tx,
  asked: { after?: After | undefined; limit: number },
): Promise<Batch[]> {
  const { after, limit } = asked
  const from = after ? sql`(created_at, id) < (${after.at}, ${after.id})` : sql`true`
  return tx.all(Batch)`
    select ${columns} from submission_batch where ${from} order by created_at desc, id desc limit ${limit}`
}

/** Whether something was found in a submission `s`, as a find of its own. */
const isFound = sql`exists (select from match m join item i on i.id = m.item_id
                             where i.submission_id = s.id and m.beside_id is null)`

/** How batches stand, in the order in which they were given. */
export async function countsOfBatches(tx: Tx, ids: readonly BatchId[]): Promise<BatchCounts[]> {
  return tx.all(BatchCounts)`
    select count(*) filter (where s.stage = 'done' and s.found) as found,
           count(*) filter (where s.stage = 'done' and not s.found) as nothing,
           count(*) filter (where s.stage = 'failed') as failed,
           count(*) filter (where s.stage = 'queued') as queued,
           count(*) filter (where s.stage in ('fetch', 'unpack', 'compare')) as at_work,
           count(*) filter (where s.stage in ('done', 'failed')
                              and s.stage_since > now() - make_interval(secs => ${RATE_OVER_S})) as ended_lately
      from unnest(${[...ids]}::uuid[]) with ordinality b (id, place)
      left join lateral (select s.stage, s.stage_since, s.stage = 'done' and ${isFound} as found
                           from submission s where s.batch_id = b.id) s on true
     group by b.place order by b.place`
}

const ofResult: Readonly<Record<BatchResult, ReturnType<typeof sql>>> = {
  found: sql`s.stage = 'done' and ${isFound}`,
  nothing: sql`s.stage = 'done' and not ${isFound}`,
  failed: sql`s.stage = 'failed'`,
  waiting: sql`s.stage in ('queued', 'fetch', 'unpack', 'compare')`,
}

/** What was handed in by a list, in its order; or by a watch, newest first. */
export type Origin = { readonly batchId: BatchId } | { readonly watchId: WatchId }

/** What was handed in together and what became of each, all or those of which this became. */
export async function rowsOf(
  tx: Tx,
  origin: Origin,
  asked: { result?: BatchResult | undefined; after?: After | undefined; limit: number },
): Promise<BatchRow[]> {
  const { result, after, limit } = asked
  const isBatch = 'batchId' in origin
  const order = isBatch ? sql`s.created_at, s.id` : sql`s.created_at desc, s.id desc`
  const behind = isBatch ? sql`>` : sql`<`
  const conditions = [
    isBatch ? sql`s.batch_id = ${origin.batchId}` : sql`s.watch_id = ${origin.watchId}`,
    ...(result ? [ofResult[result]] : []),
    ...(after ? [sql`(s.created_at, s.id) ${behind} (${after.at}, ${after.id})`] : []),
  ]
  return tx.all(BatchRow)`
    select s.id, s.url, s.stage, s.problem ->> 'detail' as problem, s.created_at,
           case when s.stage in ('done', 'failed') then s.stage_since end as ended_at,
           f.recordings, f.cases,
           case when s.stage = 'failed' then 'failed' when s.stage <> 'done' then 'waiting'
                when f.recordings > 0 then 'found' else 'nothing' end as result
      from (select s.* from submission s where ${join(conditions, ' and ')} order by ${order} limit ${limit}) s,
           lateral (select count(distinct m.recording_id) as recordings,
                           coalesce(array_agg(distinct c.number::text) filter (where c.id is not null), '{}') as cases
                      from item i join match m on m.item_id = i.id left join case_file c on c.id = m.case_id
                     where i.submission_id = s.id and m.beside_id is null) f
     order by ${order}`
}
