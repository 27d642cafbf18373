import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { LeakId, LeakManifestId, type TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { Leak, LeakBatch, type LeakChange, LeakKind, type NewLeak } from './leak.ts'

const batches = sql`coalesce((
  select jsonb_agg(jsonb_build_object('number', b.number, 'name', b.name, 'popularityFrom', b.popularity_from,
           'popularityTo', b.popularity_to, 'publishedOn', b.published_on) order by b.number)
    from leak_batch b where b.leak_id = l.id), '[]')`
const columns = sql`l.id, l.tenant_id, l.name, l.kind, l.taken_on::text as taken_on, l.announced_on::text as announced_on,
  l.note, l.lawful_basis, l.public_check, l.created_at, ${batches} as batches,
  (select count(*) from leak_manifest m where m.leak_id = l.id and m.stage = 'done') as manifests,
  (select coalesce(sum(m.rows), 0)::bigint from leak_manifest m where m.leak_id = l.id and m.stage = 'done') as rows`

/**
 * Notes a leak.
 *
 * @param tenantId of the account whose it is; null for the operator's.
 * @param options `publicCheck`: whether visitors without an account may ask; of the operator's only.
 */
export async function addLeak(
  tx: Tx,
  tenantId: TenantId | null,
  given: NewLeak,
  options: { readonly by: string; readonly publicCheck?: boolean },
): Promise<LeakId> {
  const id = newId(LeakId)
  await tx.run`
    insert into leak (id, tenant_id, name, kind, taken_on, announced_on, note, lawful_basis, public_check, created_by)
    values (${id}, ${tenantId}, ${given.name}, ${given.kind}, ${given.takenOn}, ${given.announcedOn}, ${given.note},
            ${given.lawfulBasis}, ${options.publicCheck ?? false}, ${options.by})`
  await setBatches(tx, { id, tenantId }, given.batches)
  return id
}

/** Replaces the batches of a leak. */
async function setBatches(
  tx: Tx,
  { id, tenantId }: Pick<Leak, 'id' | 'tenantId'>,
  given: readonly LeakBatch[],
): Promise<void> {
  await tx.run`delete from leak_batch where leak_id = ${id}`
  for (const { number, name, popularityFrom, popularityTo, publishedOn } of given)
    await tx.run`
      insert into leak_batch (leak_id, number, tenant_id, name, popularity_from, popularity_to, published_on)
      values (${id}, ${number}, ${tenantId}, ${name}, ${popularityFrom}, ${popularityTo}, ${publishedOn})`
}

/** One that is not removed. */
export const findLeak = (tx: Tx, id: LeakId): Promise<Leak | undefined> =>
  tx.maybe(Leak)`select ${columns} from leak l where l.id = ${id} and l.removed_at is null`

/** Those that are seen in this transaction, newest first. */
export const listLeaks = (tx: Tx): Promise<Leak[]> =>
  tx.all(Leak)`select ${columns} from leak l where l.removed_at is null order by l.created_at desc, l.id desc`

/** How many an account has of its own. */
export const countOwn = async (tx: Tx, tenantId: TenantId): Promise<number> => {
  const row = await tx.one(z.object({ count: z.number() }))`
    select count(*) from leak where tenant_id = ${tenantId} and removed_at is null`
  return row.count
}

/** Changes what is given; a leak that is not the caller's stays as it is. @returns whether it was changed. */
export async function changeLeak(tx: Tx, leak: Leak, change: LeakChange): Promise<boolean> {
  const { name, takenOn, announcedOn, note } = { ...leak, ...change }
  const written = await tx.run`
    update leak set name = ${name}, taken_on = ${takenOn}, announced_on = ${announcedOn}, note = ${note}
     where id = ${leak.id} and removed_at is null`
  if (written === 1 && change.batches) await setBatches(tx, leak, change.batches)
  return written === 1
}

/** Whether visitors without an account may ask about one of the operator's leaks. @returns whether there is such a one. */
export const setPublicCheck = async (tx: Tx, id: LeakId, publicCheck: boolean): Promise<boolean> =>
  (await tx.run`update leak set public_check = ${publicCheck}
                 where id = ${id} and tenant_id is null and removed_at is null`) === 1

/** It is not asked any more; its files are deleted by the clock. @returns whether it was there. */
export const removeLeak = async (tx: Tx, id: LeakId): Promise<boolean> =>
  (await tx.run`update leak set removed_at = now() where id = ${id} and removed_at is null`) === 1

/** A leak as the private check tells of it. */
export const CheckableLeak = z.object({
  id: LeakId,
  name: z.string(),
  kind: LeakKind,
  takenOn: z.string().nullable(),
  announcedOn: z.string().nullable(),
  batches: z.array(LeakBatch),
  /** That can be asked, in the order in which they were added. */
  manifestIds: z.array(LeakManifestId).min(1),
})
export type CheckableLeak = z.infer<typeof CheckableLeak>

/**
 * The leaks that can be asked by the private check, in the order of their names.
 *
 * @param asked `isPublic`: those that visitors without an account may ask about, in a transaction that sees all; else
 *   those that are seen.
 */
export const listCheckable = (tx: Tx, asked: { readonly isPublic: boolean }): Promise<CheckableLeak[]> =>
  tx.all(CheckableLeak)`
    select l.id, l.name, l.kind, l.taken_on::text as taken_on, l.announced_on::text as announced_on,
           ${batches} as batches, array_agg(m.id order by m.created_at, m.id) as manifest_ids
      from leak l join leak_manifest m on m.leak_id = l.id and m.stage = 'done'
     where l.removed_at is null and (not ${asked.isPublic}::boolean or l.public_check)
     group by l.id order by l.name, l.id`

/** A page of those that are seen in this transaction, newest first. */
export const pageLeaks = (
  tx: Tx,
  asked: { readonly after?: { readonly at: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<Leak[]> => {
  const { at = null, id = null } = asked.after ?? {}
  return tx.all(Leak)`
    select ${columns} from leak l
     where l.removed_at is null and (${at}::timestamptz is null or (l.created_at, l.id) < (${at}, ${id}::uuid))
     order by l.created_at desc, l.id desc limit ${asked.limit}`
}
