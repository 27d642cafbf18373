import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, ItemId, type Sha256, SubmissionId, type TenantId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import { type OpenStageOf, StoredProblem, stagesOf } from '../core/stages.ts'
import {
  type Compared,
  Item,
  Submission,
  type SubmissionStage,
  type SuspectTags,
  itemTransitions,
  submissionTransitions,
} from './submission.ts'

export const stages = stagesOf('submission', submissionTransitions, ['compare'])
export const itemStages = stagesOf('item', itemTransitions)
type OpenItemStage = OpenStageOf<typeof itemTransitions>

const columns = sql`id, tenant_id, kind, url, file_name, note, stage, problem, progress, blob_sha256, bytes, created_at,
  case when stage in ('done', 'failed') then stage_since end as ended_at`
const itemColumns = sql`id, tenant_id, submission_id, name, media_type, sha256, bytes, stage, problem, progress,
  duration_ms, truncated, tags, compared, media_held`

/** Hands in an address. While the same address is being worked on, that submission is the answer. */
export async function submitUrl(
  tx: Tx,
  tenantId: TenantId,
  given: { url: string; note?: string | undefined; by: string },
): Promise<Submission> {
  return tx.one(Submission)`
    insert into submission (id, tenant_id, kind, url, note, stage, submitted_by)
    values (${newId(SubmissionId)}, ${tenantId}, 'url', ${given.url}, ${given.note ?? null}, 'fetch', ${given.by})
    on conflict (tenant_id, url) where url is not null and stage in ('fetch', 'unpack', 'compare')
      do update set note = coalesce(submission.note, excluded.note)
    returning ${columns}`
}

/** Hands in a file whose bytes are in the blob store already. */
export async function submitFile(
  tx: Tx,
  tenantId: TenantId,
  given: { fileName: string; sha256: Sha256; bytes: number; note?: string | undefined; by: string },
): Promise<Submission> {
  return tx.one(Submission)`
    insert into submission (id, tenant_id, kind, file_name, note, stage, blob_sha256, bytes, submitted_by)
    values (${newId(SubmissionId)}, ${tenantId}, 'file', ${given.fileName}, ${given.note ?? null}, 'unpack', ${given.sha256}, ${given.bytes}, ${given.by})
    returning ${columns}`
}

export const find = (tx: Tx, id: SubmissionId): Promise<Submission | undefined> =>
  tx.maybe(Submission)`select ${columns} from submission where id = ${id}`

export const findItem = (tx: Tx, id: ItemId): Promise<Item | undefined> =>
  tx.maybe(Item)`select ${itemColumns} from item where id = ${id}`

export const itemsOf = (tx: Tx, submissionId: SubmissionId): Promise<Item[]> =>
  tx.all(
    Item,
  )`select ${itemColumns} from item where submission_id = ${submissionId} order by created_at, name`

const Waiting = z.object({ id: ItemId, stage: z.string() })

/** A submission's items that wait for work. */
export const waitingItems = (tx: Tx, submissionId: string): Promise<z.infer<typeof Waiting>[]> =>
  tx.all(Waiting)`
    select id, stage from item where submission_id = ${submissionId} and stage in ('fingerprint', 'match') order by created_at, name`

/** Where a page of a list begins: after this row, newest first. */
export interface After {
  readonly at: Date
  readonly id: string
}

export async function list(
  tx: Tx,
  asked: { stage?: SubmissionStage | undefined; after?: After | undefined; limit: number },
): Promise<Submission[]> {
  const conditions = [
    sql`true`,
    ...(asked.stage ? [sql`stage = ${asked.stage}`] : []),
    ...(asked.after ? [sql`(created_at, id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(Submission)`
    select ${columns} from submission where ${join(conditions, ' and ')} order by created_at desc, id desc limit ${asked.limit}`
}

/** Notes what was fetched and moves on; of two workers one writes. */
export async function keepFetched(
  tx: Tx,
  submission: Submission,
  fetched: { sha256: Sha256; bytes: number; fileName?: string | undefined },
): Promise<boolean> {
  await tx.run`
    update submission set blob_sha256 = ${fetched.sha256}, bytes = ${fetched.bytes}, file_name = ${fetched.fileName ?? null}
     where id = ${submission.id} and stage = 'fetch'`
  return stages.advance(tx, submission.id, 'fetch', 'unpack')
}

/** Adds what there is to examine and moves on. @returns the new items' ids, none when another worker was first. */
export async function keepItems(
  tx: Tx,
  submission: Submission,
  found: readonly { name: string; mediaType: string; sha256: Sha256; bytes: number }[],
): Promise<ItemId[]> {
  if (!(await stages.advance(tx, submission.id, 'unpack', 'compare'))) return []
  const ids: ItemId[] = []
  for (const item of found) {
    const id = newId(ItemId)
    ids.push(id)
    await tx.run`
      insert into item (id, tenant_id, submission_id, name, media_type, sha256, bytes, stage)
      values (${id}, ${submission.tenantId}, ${submission.id}, ${item.name}, ${item.mediaType}, ${item.sha256}, ${item.bytes}, 'fingerprint')`
  }
  return ids
}

/** Notes what decoding told about an item and moves it on. */
export async function keepDecoded(
  tx: Tx,
  id: ItemId,
  decoded: {
    durationMs: number
    truncated: boolean
    tags: SuspectTags
    /** Hashes of the cover inside it, as services/artwork/cover.ts writes them. */
    cover?: Uint8Array | undefined
    mediaHeld: boolean
  },
): Promise<boolean> {
  const cover = decoded.cover ? Buffer.from(decoded.cover) : null
  await tx.run`
    update item set duration_ms = ${decoded.durationMs}, truncated = ${decoded.truncated},
           tags = ${JSON.stringify(decoded.tags)}, cover = coalesce(${cover}, cover), media_held = ${decoded.mediaHeld}
     where id = ${id} and stage = 'fingerprint'`
  return itemStages.advance(tx, id, 'fingerprint', 'match')
}

const Cover = z.object({ cover: Bytes.nullable() })

/** The hashes of the cover inside an item, as they were kept; undefined when it has none. */
export const coverOfItem = async (tx: Tx, id: ItemId): Promise<Uint8Array | undefined> =>
  (await tx.maybe(Cover)`select cover from item where id = ${id}`)?.cover ?? undefined

/**
 * Notes what an item was held against and ends it, unless it has to be matched again at once (`examineAgain`); of two
 * workers one writes.
 */
export async function keepCompared(tx: Tx, id: ItemId, compared: Compared): Promise<boolean> {
  await tx.run`update item set compared = ${JSON.stringify(compared)} where id = ${id} and stage = 'match'`
  if (!(await itemStages.advance(tx, id, 'match', 'done'))) return false
  await tx.run`update item set stage = 'match', match_again = false where id = ${id} and match_again`
  return true
}

/**
 * Sends files that were examined before back to where they are matched, because there is something new to compare them
 * with; those that are being matched, perhaps without it, are matched once more. Submissions that are done stay so.
 *
 * @returns the items whose job waits.
 */
export async function examineAgain(tx: Tx, tenantId: TenantId, files: readonly Sha256[]): Promise<ItemId[]> {
  const about = sql`tenant_id = ${tenantId} and sha256 = any(${[...files]})`
  await tx.run`update item set match_again = true where ${about} and stage = 'match'`
  const rows = await tx.all(z.object({ id: ItemId }))`
    update item set stage = 'match', stage_since = now(), tries = 0, progress = 0
     where ${about} and stage = 'done' returning id`
  return rows.map(({ id }) => id)
}

/**
 * Ends the work on an item with a problem, and its submission with its last item. One that was examined before stays as
 * it was then: that it could not be examined once more takes nothing back.
 *
 * @param stage at which it failed; elsewhere by now, it is left alone.
 */
export async function failItem(tx: Tx, id: ItemId, stage: OpenItemStage, problem: Problem): Promise<void> {
  const item = await findItem(tx, id)
  if (!item) return
  if (item.compared)
    await tx.run`
      update item set stage = case when match_again then 'match' else 'done' end, match_again = false,
             stage_since = now(), tries = 0, progress = 0
       where id = ${id} and stage = ${stage}`
  else await itemStages.fail(tx, id, stage, problem)
  await settle(tx, item.submissionId)
}

const Ends = z.object({ open: z.number(), done: z.number(), problem: StoredProblem.nullable() })

/**
 * Ends a submission whose items have all ended: done when at least one could be examined,
 * failed with the first item's problem when none could. Called in the transaction that ends an item.
 */
export async function settle(tx: Tx, id: SubmissionId): Promise<void> {
  // Two items that end at once take turns, so that the second sees the first.
  await tx.run`select 1 from submission where id = ${id} for update`
  const ends = await tx.one(Ends)`
    select count(*) filter (where stage not in ('done', 'failed')) as open,
           count(*) filter (where stage = 'done') as done,
           (array_agg(problem order by created_at, name) filter (where stage = 'failed'))[1] as problem
      from item where submission_id = ${id}`
  if (ends.open > 0) return
  const failed = ends.done === 0 && ends.problem !== null
  await tx.run`
    update submission set stage = ${failed ? 'failed' : 'done'}, failed_stage = ${failed ? 'compare' : null},
           problem = ${failed ? JSON.stringify(ends.problem) : null}, stage_since = now(), progress = 0
     where id = ${id} and stage = 'compare'`
}

/** Sets what failed back to work: the submission itself, or the items that failed in it. @returns false when nothing had. */
export async function retry(tx: Tx, id: SubmissionId): Promise<boolean> {
  const itemIds = await tx.all(
    z.object({ id: ItemId }),
  )`select id from item where submission_id = ${id} and stage = 'failed'`
  for (const item of itemIds) await itemStages.retry(tx, item.id)
  const again = await tx.maybe(z.object({ id: SubmissionId }))`
    select o.id from submission s join submission o on o.tenant_id = s.tenant_id and o.url = s.url and o.id <> s.id
     where s.id = ${id} and o.stage in ('fetch', 'unpack', 'compare')`
  if (again) throw new Problem('row/stage', `The same address is being examined already, as ${again.id}`)
  const itself = await stages.retry(tx, id)
  if (!itself && itemIds.length > 0) {
    await tx.run`update submission set stage = 'compare', stage_since = now() where id = ${id} and stage = 'done'`
  }
  return itself || itemIds.length > 0
}

const Counts = z.object({ open: z.number(), done: z.number(), failed: z.number() })
export type SubmissionCounts = z.infer<typeof Counts>

export const counts = (tx: Tx): Promise<SubmissionCounts> =>
  tx.one(Counts)`
    select count(*) filter (where stage in ('fetch', 'unpack', 'compare')) as open,
           count(*) filter (where stage = 'done') as done, count(*) filter (where stage = 'failed') as failed
      from submission`
