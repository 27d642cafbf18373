import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, ItemId, type Sha256, SubmissionId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { sql } from '../core/sql.ts'
import { type OpenStageOf, stagesOf } from '../core/stages.ts'
import type { Clue } from '../provenance/clue.ts'
import { settle, stages } from './store.ts'
import {
  type Compared,
  Item,
  ItemStanding,
  MediaItem,
  type SuspectTags,
  itemTransitions,
} from './submission.ts'

export const itemStages = stagesOf('item', itemTransitions)
type OpenItemStage = OpenStageOf<typeof itemTransitions>

const columns = sql`id, tenant_id, submission_id, parent_id, kind, number, name, place, url, page_url, role, said_uploader, media_type,
  sha256, bytes, read, stage, problem, progress, duration_ms, truncated, tags, compared, media_held,
  audio_sha256, clues`

/** As many as a submission can have (services/openers/budget.ts), and what was said of the rest. */
const ROWS_MAX = 6_000

export const findItem = (tx: Tx, id: ItemId): Promise<Item | undefined> =>
  tx.maybe(Item)`select ${columns} from item where id = ${id}`

/** An item in which something was found. @throws {Error} when its bytes were never had: nothing can be found in it then. */
export const findMedia = (tx: Tx, id: ItemId): Promise<MediaItem | undefined> =>
  tx.maybe(MediaItem)`select ${columns} from item where id = ${id}`

/** The items of a submission in the order in which they were found. @param page.after the number of the last one seen. */
export const itemsOf = (
  tx: Tx,
  submissionId: SubmissionId,
  { after = 0, limit = ROWS_MAX }: { after?: number; limit?: number } = {},
): Promise<Item[]> =>
  tx.all(Item)`
    select ${columns} from item where submission_id = ${submissionId} and number > ${after} order by number limit ${limit}`

/** What an item was found in: followed items, the nearest first. */
export const ancestorsOf = (tx: Tx, { parentId }: Pick<Item, 'parentId'>): Promise<Item[]> =>
  tx.all(Item)`
    with recursive above as (
      select item.*, 1 as up from item where id = ${parentId}
      union all select item.*, above.up + 1 from item join above on item.id = above.parent_id)
    select ${columns} from above order by up`

/** How far the items of a submission have come. */
export const standingOfItems = (tx: Tx, submissionId: SubmissionId): Promise<ItemStanding[]> =>
  tx.all(ItemStanding)`
    select stage, count(*) as items, sum(progress)::float8 as progress
      from item where submission_id = ${submissionId} group by stage`

const ItemCounts = z.object({
  all: z.number(),
  heard: z.number(),
  recognised: z.number(),
  failed: z.number(),
})
/** `heard`: files that are, or were to be, listened to or looked at. `recognised`: those in which something was found. */
export type ItemCounts = z.infer<typeof ItemCounts>

export const countItems = (tx: Tx, submissionId: SubmissionId): Promise<ItemCounts> =>
  tx.one(ItemCounts)`
    select count(*) as all, count(*) filter (where kind in ('media', 'cover')) as heard,
           count(*) filter (where exists (select from match m where m.item_id = item.id and m.beside_id is null)) as recognised,
           count(*) filter (where stage = 'failed') as failed
      from item where submission_id = ${submissionId}`

const Waiting = z.object({ id: ItemId, stage: z.string() })

/** Items that wait for work: of a submission, or of what was found in one item. */
export const waitingItems = (
  tx: Tx,
  of: { readonly submissionId: string } | { readonly parentId: string },
): Promise<z.infer<typeof Waiting>[]> =>
  tx.all(Waiting)`
    select id, stage from item
     where ${'submissionId' in of ? sql`submission_id = ${of.submissionId}` : sql`parent_id = ${of.parentId}`}
       and stage in ('follow', 'fingerprint', 'match') order by number`

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
    audioSha256?: Sha256 | undefined
    clues?: readonly Clue[] | undefined
  },
): Promise<boolean> {
  const cover = decoded.cover ? Buffer.from(decoded.cover) : null
  const clues = decoded.clues ? JSON.stringify(decoded.clues) : null
  await tx.run`
    update item set duration_ms = ${decoded.durationMs}, truncated = ${decoded.truncated},
           tags = ${JSON.stringify(decoded.tags)}, cover = coalesce(${cover}, cover), media_held = ${decoded.mediaHeld},
           audio_sha256 = ${decoded.audioSha256 ?? null}, clues = ${clues}
     where id = ${id} and stage = 'fingerprint'`
  return itemStages.advance(tx, id, 'fingerprint', 'match')
}

/** Notes what a picture looks like and moves it on. @param cover undefined when it is too plain to be compared. */
export async function keepLooked(
  tx: Tx,
  id: ItemId,
  { cover, mediaHeld }: { readonly cover: Uint8Array | undefined; readonly mediaHeld: boolean },
): Promise<boolean> {
  await tx.run`
    update item set cover = ${cover ? Buffer.from(cover) : null}, media_held = ${mediaHeld}
     where id = ${id} and stage = 'fingerprint'`
  return itemStages.advance(tx, id, 'fingerprint', 'match')
}

const Cover = z.object({ cover: Bytes.nullable() })

/** The hashes of the cover inside an item, or of the picture that it is; undefined when there are none. */
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
export async function examineAgain(
  tx: Tx,
  tenantId: Item['tenantId'],
  files: readonly Sha256[],
): Promise<ItemId[]> {
  const about = sql`tenant_id = ${tenantId} and sha256 = any(${[...files]})`
  await tx.run`update item set match_again = true where ${about} and stage = 'match'`
  const rows = await tx.all(z.object({ id: ItemId }))`
    update item set stage = 'match', stage_since = now(), tries = 0, progress = 0
     where ${about} and stage = 'done' returning id`
  return rows.map(({ id }) => id)
}

/** Of a file whose rest could not be had the parts are matched that were listened to. @returns false when there are none. */
async function keepParts(tx: Tx, id: ItemId, problem: Problem): Promise<boolean> {
  await tx.run`
    update item set read = read || jsonb_build_object('rest', ${JSON.stringify(problem)}::jsonb)
     where id = ${id} and stage = 'follow' and read is not null and duration_ms is not null`
  const kept = await tx.maybe(z.object({ kept: z.boolean() }))`
    select coalesce(read ? 'rest', false) as kept from item where id = ${id}`
  return kept?.kept === true && itemStages.advance(tx, id, 'follow', 'match')
}

/**
 * Ends the work on an item with a problem, and its submission with its last item. One that was examined before stays as
 * it was then: that it could not be examined once more takes nothing back; and what was heard in parts of a file is not
 * lost with the rest of it.
 *
 * @param stage at which it failed; elsewhere by now, it is left alone.
 */
export async function failItem(tx: Tx, id: ItemId, stage: OpenItemStage, problem: Problem): Promise<void> {
  const item = await findItem(tx, id)
  if (!item || (stage === 'follow' && (await keepParts(tx, id, problem)))) return
  if (item.compared)
    await tx.run`
      update item set stage = case when match_again then 'match' else 'done' end, match_again = false,
             stage_since = now(), tries = 0, progress = 0
       where id = ${id} and stage = ${stage}`
  else await itemStages.fail(tx, id, stage, problem)
  await settle(tx, item.submissionId)
}

const Retrying = z.object({ can: z.boolean() })

/** Whether `retryFailed` has something to set back: a fault inside a file stays one, and so does that there was nothing. */
export const canRetry = async (tx: Tx, id: SubmissionId): Promise<boolean> =>
  (
    await tx.one(Retrying)`
      select exists (select from item where submission_id = ${id} and stage = 'failed' and failed_stage is not null)
          or exists (select from submission where id = ${id} and stage = 'failed' and failed_stage <> 'compare') as can`
  ).can

/**
 * Sets what failed back to work: the submission itself, or the items that failed in it. What could not be had out of
 * a file, such as an encrypted member, cannot be tried again.
 *
 * @returns false when there is nothing to try. @throws {Problem} row/stage when the same address is in work again.
 */
export async function retryFailed(tx: Tx, id: SubmissionId): Promise<boolean> {
  const itemIds = await tx.all(z.object({ id: ItemId }))`
    select id from item where submission_id = ${id} and stage = 'failed' and failed_stage is not null`
  const again = await tx.maybe(z.object({ id: SubmissionId }))`
    select o.id from submission s join submission o on o.tenant_id = s.tenant_id and o.url_key = s.url_key and o.id <> s.id
     where s.id = ${id} and o.stage in ('queued', 'fetch', 'unpack', 'compare')`
  if (again) throw new Problem('row/stage', `The same address is being examined already, as ${again.id}`)
  const failedBefore = await tx.maybe(z.object({ failedStage: z.string() }))`
    select failed_stage from submission where id = ${id} and stage = 'failed'`
  if (itemIds.length === 0 && (!failedBefore || failedBefore.failedStage === 'compare')) return false
  for (const item of itemIds) await itemStages.retry(tx, item.id)
  if (!(await stages.retry(tx, id)))
    await tx.run`update submission set stage = 'compare', stage_since = now() where id = ${id} and stage = 'done'`
  return true
}
