import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ItemId, type Sha256, newId } from '../core/ids.ts'
import type { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { openingLimits } from '../openers/budget.ts'
import { canonicalUrlOf } from './canonical-url.ts'
import { itemStages } from './item-store.ts'
import type { PartsRead } from './parts-read.ts'
import { lockSubmission, settle, stages } from './store.ts'
import type { Item, ItemKind, ItemRole, Submission } from './submission.ts'

/** What was found in something that was opened. With a problem it could not be had. */
export interface NewItem {
  readonly kind: ItemKind
  readonly name: string
  readonly place: readonly string[]
  readonly mediaType: string
  readonly sha256?: Sha256 | undefined
  readonly bytes?: number | undefined
  readonly durationMs?: number | undefined
  readonly url?: string | undefined
  readonly pageUrl?: string | undefined
  readonly role?: ItemRole | undefined
  readonly saidUploader?: SaidUploader | undefined
  readonly read?: PartsRead | null | undefined
  readonly problem?: Problem | undefined
}

/** What is opened: a submission at `unpack`, or one of its items at `follow`. */
export interface Opened {
  readonly submission: Submission
  readonly item?: Item | undefined
}

/** The first stage of each kind; what is only opened has ended. */
const firstStages = {
  link: 'follow',
  media: 'fingerprint',
  cover: 'fingerprint',
  listed: 'match',
  container: 'done',
} as const satisfies Readonly<Record<ItemKind, string>>

const Standing = z.object({ opened: z.number() })
const Numbers = z.object({ last: z.number(), items: z.number() })

/** What of something that is being opened is kept already; undefined when it is no longer being opened. */
async function keptOf(tx: Tx, { submission, item }: Opened): Promise<number | undefined> {
  const standing = item
    ? await tx.maybe(Standing)`select opened from item where id = ${item.id} and stage = 'follow'`
    : await tx.maybe(Standing)`select opened from submission where id = ${submission.id} and stage = 'unpack'`
  return standing?.opened
}

/** How many finds a try before this one has kept: so many come first, and are left out. */
export const openedBefore = async (tx: Tx, of: Opened): Promise<number> => (await keptOf(tx, of)) ?? 0

const Spent = z.object({ items: z.number(), bytes: z.number() })

/** What was spent on everything else in the submission: all of it has one budget. */
export const spentBefore = (tx: Tx, { submission, item }: Opened): Promise<z.infer<typeof Spent>> =>
  tx.one(Spent)`
    select count(*) as items, coalesce(sum(bytes), 0)::bigint as bytes from item
     where submission_id = ${submission.id} and parent_id is distinct from ${item?.id ?? null}`

/**
 * Makes items of what was found, in its order. Two that open the same, and one that does it again after it was
 * interrupted, make each item once; an address that the submission has already is left out.
 *
 * @param from how many finds came before these.
 * @returns the new items, and whether there was no room for some of them. Nothing is written when it is opened no more.
 */
export async function keepFinds(
  tx: Tx,
  of: Opened,
  from: number,
  finds: readonly NewItem[],
): Promise<{ ids: ItemId[]; full: boolean }> {
  const { submission, item } = of
  await lockSubmission(tx, submission.id)
  const kept = await keptOf(tx, of)
  if (kept === undefined || kept >= from + finds.length) return { ids: [], full: false }
  const fresh = finds.slice(Math.max(0, kept - from))
  const { last, items } = await tx.one(Numbers)`
    select coalesce(max(number), 0) as last, count(*) as items from item where submission_id = ${submission.id}`
  const room = Math.max(0, openingLimits.itemsMax - items)
  const ids = await insert(tx, of, last, fresh.slice(0, room))
  const opened = from + finds.length
  if (item) await tx.run`update item set opened = ${opened} where id = ${item.id}`
  else await tx.run`update submission set opened = ${opened} where id = ${submission.id}`
  return { ids, full: fresh.length > room }
}

/** Adds that something could not be had, even where there is no room for more items. */
export async function keepFault(
  tx: Tx,
  of: Opened,
  fault: Pick<NewItem, 'name' | 'place'> & { readonly problem: Problem },
): Promise<void> {
  await lockSubmission(tx, of.submission.id)
  if ((await keptOf(tx, of)) === undefined) return
  const { last } = await tx.one(Numbers)`
    select coalesce(max(number), 0) as last, count(*) as items from item where submission_id = ${of.submission.id}`
  await insert(tx, of, last, [{ ...fault, kind: 'container', mediaType: UNKNOWN_TYPE }])
}

/** Of what is not had yet, or never. */
export const UNKNOWN_TYPE = 'application/octet-stream'

async function insert(
  tx: Tx,
  { submission, item }: Opened,
  last: number,
  finds: readonly NewItem[],
): Promise<ItemId[]> {
  const rows = finds.flatMap((find, index) => {
    const stage = find.problem ? 'failed' : firstStages[find.kind]
    const urlKey = find.kind === 'link' && find.url !== undefined ? canonicalUrlOf(find.url) : null
    // What was handed in was seen; only of a stream the playlist is read again, where its parts can be fetched.
    if (urlKey !== null && urlKey === submission.urlKey && find.role !== 'stream') return []
    const row = sql`(${newId(ItemId)}::uuid, ${submission.tenantId}::uuid, ${submission.id}::uuid, ${item?.id ?? null}::uuid,
      ${find.kind}, ${last + 1 + index}::integer, ${find.name}, ${[...find.place]}::text[], ${find.mediaType},
      ${find.sha256 ?? null}, ${find.bytes ?? null}::bigint, ${find.durationMs ?? null}::integer, ${find.url ?? null},
      ${urlKey}, ${find.pageUrl ?? null}, ${find.role ?? null},
      ${find.saidUploader ? JSON.stringify(find.saidUploader) : null}::jsonb, ${find.read ? JSON.stringify(find.read) : null}::jsonb, ${stage},
      ${find.problem ? JSON.stringify(find.problem) : null}::jsonb)`
    return [row]
  })
  if (rows.length === 0) return []
  const written = await tx.all(z.object({ id: ItemId }))`
    insert into item (id, tenant_id, submission_id, parent_id, kind, number, name, place, media_type, sha256, bytes,
                      duration_ms, url, url_key, page_url, role, said_uploader, read, stage, problem)
    values ${join(rows, ', ')}
    on conflict (submission_id, url_key) where url_key is not null do nothing returning id`
  return written.map(({ id }) => id)
}

/** A submission is opened: its items are worked on. @returns false when another worker was first. */
export async function endUnpacking(tx: Tx, { id }: Submission): Promise<boolean> {
  if (!(await stages.advance(tx, id, 'unpack', 'compare'))) return false
  await settle(tx, id) // All that was found may have ended before, or be a fault.
  return true
}

/** Makes items of all that is in a submission and moves it on. @returns the new items' ids, none when another worker was first. */
export async function keepItems(
  tx: Tx,
  submission: Submission,
  found: readonly (Pick<NewItem, 'name' | 'mediaType'> & { sha256: Sha256; bytes: number })[],
): Promise<ItemId[]> {
  const finds = found.map((each): NewItem => ({ kind: 'media', place: [], ...each }))
  const { ids } = await keepFinds(tx, { submission }, 0, finds)
  await stages.advance(tx, submission.id, 'unpack', 'compare')
  return ids
}

/** What an address led to that is no container. */
export interface Followed {
  readonly kind: 'media' | 'cover'
  readonly name: string
  readonly place: readonly string[]
  readonly mediaType: string
  readonly sha256: Sha256
  readonly bytes: number
  readonly read: PartsRead | null
}

/** Notes what an address led to and moves it on to be heard or looked at. @returns false when another worker was first. */
export async function keepFollowed(tx: Tx, { id }: Pick<Item, 'id'>, led: Followed): Promise<boolean> {
  await tx.run`
    update item set kind = ${led.kind}, name = ${led.name}, place = ${[...led.place]}, media_type = ${led.mediaType},
           sha256 = ${led.sha256}, bytes = ${led.bytes}, read = ${led.read ? JSON.stringify(led.read) : null}
     where id = ${id} and stage = 'follow'`
  return itemStages.advance(tx, id, 'follow', 'fingerprint')
}

/**
 * Ends an address that was opened, or that is not asked for.
 *
 * @param container what it is; undefined for what robots may not ask for. @returns false when another worker was first.
 */
export async function endFollowing(
  tx: Tx,
  { id, submissionId }: Pick<Item, 'id' | 'submissionId'>,
  container: { readonly mediaType: string; readonly sha256: Sha256; readonly bytes: number } | undefined,
): Promise<boolean> {
  if (container)
    await tx.run`
      update item set kind = 'container', media_type = ${container.mediaType}, sha256 = ${container.sha256},
             bytes = ${container.bytes}
       where id = ${id} and stage = 'follow'`
  if (!(await itemStages.advance(tx, id, 'follow', 'done'))) return false
  await settle(tx, submissionId)
  return true
}
