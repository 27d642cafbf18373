import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type BatchId, SubmissionId, TenantId, type WatchId, newOrderedId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'

/**
 * Submissions of one account that were handed in by the list, or by a watch, and are at work at the same time. Twice as
 * many as a worker fetches at once: one account alone keeps it busy, and another one's first has no more before it than these.
 */
const WINDOW = 16
/** Of one host, where others wait, too: twice as many as it is visited at once, so that its next ones are at hand. */
const OF_HOST = 8
/** Those that are looked at for another host; beyond them a list is taken to be of one host. */
const AHEAD = 500

const Moved = z.object({ id: SubmissionId })
const Waiting = z.object({ tenantId: TenantId })
const Free = z.object({ free: z.number() })

/** What takes turns: a person's single address never waits. */
const inTurn = sql`(batch_id is not null or watch_id is not null)`

/** The accounts of which something waits for its turn. */
export const waitingTenants = async (tx: Tx): Promise<TenantId[]> =>
  (await tx.all(Waiting)`select distinct tenant_id from submission where stage = 'queued' order by 1`).map(
    ({ tenantId }) => tenantId,
  )

/** The host of a submission, as its address names it. */
const host = sql`substring(url_key from '^[a-z]+://([^/?#]+)')`

/**
 * Moves an account's next submissions from `queued` to `fetch`, as many as its window has room for, and of one host no more
 * than are needed to keep it busy. Two at once take turns.
 *
 * @returns those that moved, in their order.
 */
export async function takeTurns(tx: Tx, tenantId: TenantId): Promise<SubmissionId[]> {
  // Held until the commit: the next one counts what this one has moved.
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`turns of ${tenantId}`}, 0))`
  const { free } = await tx.one(Free)`
    select ${WINDOW}::integer - count(*)::integer as free from submission
     where tenant_id = ${tenantId} and stage in ('fetch', 'unpack', 'compare') and ${inTurn}`
  if (free <= 0) return []
  const moved = await tx.all(Moved)`
    with flying as (
      select ${host} as host, count(*) as visits from submission
       where tenant_id = ${tenantId} and stage = 'fetch' and ${inTurn} group by 1
    ), ahead as (
      select id, created_at, ${host} as host from submission
       where tenant_id = ${tenantId} and stage = 'queued' and (not_before is null or not_before <= now())
       order by created_at, id limit ${AHEAD}
    ), ranked as (
      select a.id, a.created_at, coalesce(f.visits, 0) + row_number() over (
               partition by a.host order by a.created_at, a.id) as visit
        from ahead a left join flying f on f.host = a.host
    ), next as (
      select id from ranked where visit <= ${OF_HOST} order by created_at, id limit ${free}
    ), moved as (
      update submission s set stage = 'fetch', stage_since = now(), tries = 0, not_before = null
        from next where s.id = next.id and s.stage = 'queued' returning s.id, s.created_at
    )
    select id from moved order by created_at, id`
  return moved.map(({ id }) => id)
}

/**
 * Puts a submission whose host wants to be left alone for long back among those that wait, so that others have its place.
 *
 * @returns its account, which has room now; undefined for one that takes no turns.
 */
export const backInLine = async (tx: Tx, id: string, waitMs: number): Promise<TenantId | undefined> =>
  (
    await tx.maybe(Waiting)`
      update submission set stage = 'queued', stage_since = now(), tries = 0, progress = 0,
             not_before = now() + make_interval(secs => ${waitMs / 1000})
       where id = ${id} and stage = 'fetch' and ${inTurn} returning tenant_id`
  )?.tenantId

/** The account that has room for another one because this submission, or that of this item, has ended. */
export const tenantWithRoom = async (tx: Tx, id: string): Promise<TenantId | undefined> =>
  (
    await tx.maybe(Waiting)`
      select tenant_id from submission
       where id = coalesce((select submission_id from item where id = ${id}), ${id}) and stage in ('done', 'failed') and ${inTurn}`
  )?.tenantId

/** Rows of one statement: a megabyte or two. */
const ROWS_MAX = 2_000

/** Addresses that are handed in together, each with its key, and by whom. */
export interface QueuedUrls {
  readonly addresses: readonly { readonly url: string; readonly key: string }[]
  readonly note?: string | undefined
  readonly by: string
  readonly batchId?: BatchId | undefined
  readonly watchId?: WatchId | undefined
}

/** Hands in addresses to wait for their turn, in their order. @returns how many; those in work already are not taken. */
export async function queueUrls(tx: Tx, tenantId: TenantId, given: QueuedUrls): Promise<number> {
  const { addresses, note = null, by, batchId = null, watchId = null } = given
  let taken = 0
  for (let from = 0; from < addresses.length; from += ROWS_MAX) {
    const part = addresses.slice(from, from + ROWS_MAX)
    taken += await tx.run`
      insert into submission (id, tenant_id, kind, url, url_key, note, stage, submitted_by, batch_id, watch_id)
      select a.id, ${tenantId}, 'url', a.url, a.key, ${note}, 'queued', ${by}, ${batchId}, ${watchId}
        from unnest(${part.map(() => newOrderedId(SubmissionId))}::uuid[], ${part.map(({ url }) => url)}::text[],
                    ${part.map(({ key }) => key)}::text[]) with ordinality a (id, url, key, place)
       order by a.place
      on conflict (tenant_id, url_key) where url_key is not null and stage in ('queued', 'fetch', 'unpack', 'compare')
        do nothing`
  }
  return taken
}
