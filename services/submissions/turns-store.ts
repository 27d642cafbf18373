import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type BatchId, SubmissionId, TenantId, type WatchId, newOrderedId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import type { Submission } from './submission.ts'

/**
 * Submissions of one account that are at work at the same time, of each kind. Twice as many as a worker fetches at once:
 * one account alone keeps it busy, and another one's first has no more before it than these.
 */
const WINDOW = 16
/** Of one host, where others wait, too: twice as many as it is visited at once, so that its next ones are at hand. */
const OF_HOST = 8
/** Those at the head of a queue that are looked at first: nearly always there are enough of hosts with room among them. */
const AHEAD = 500

const Moved = z.object({ id: SubmissionId })
const Waiting = z.object({ tenantId: TenantId })
const Free = z.object({ free: z.number() })

/** Many at once, from a list or a watched place, or one by one. Each kind has its own window: a person waits for no list. */
const kinds = {
  together: sql`(batch_id is not null or watch_id is not null)`,
  single: sql`(kind = 'url' and batch_id is null and watch_id is null)`,
} as const
type TurnKind = keyof typeof kinds

/** The accounts of which something waits for its turn. */
export const waitingTenants = async (tx: Tx): Promise<TenantId[]> =>
  (await tx.all(Waiting)`select distinct tenant_id from submission where stage = 'queued' order by 1`).map(
    ({ tenantId }) => tenantId,
  )

/** Held until the commit: the next one counts what this one has moved. */
const takeCounter = (tx: Tx, tenantId: TenantId): Promise<number> =>
  tx.run`select pg_advisory_xact_lock(hashtextextended(${`turns of ${tenantId}`}, 0))`

/** How many more of a kind may be at work. */
const roomFor = async (tx: Tx, tenantId: TenantId, kind: TurnKind): Promise<number> =>
  (
    await tx.one(Free)`
      select ${WINDOW}::integer - count(*)::integer as free from submission
       where tenant_id = ${tenantId} and stage in ('fetch', 'unpack', 'compare') and ${kinds[kind]}`
  ).free

/** Where a single address begins: at once, or where the account has many at work, to wait for its turn. */
export async function firstStageOfSingle(tx: Tx, tenantId: TenantId): Promise<'fetch' | 'queued'> {
  await takeCounter(tx, tenantId)
  const single = await roomFor(tx, tenantId, 'single')
  // An address of a list that is handed in by itself as well begins beyond the window of lists: so many, and no more.
  const together = await roomFor(tx, tenantId, 'together')
  return single > 0 && together > -WINDOW ? 'fetch' : 'queued'
}

/** Has a submission that begins anew wait for its turn where its account has many at work. */
export async function takePlace(
  tx: Tx,
  { id, tenantId, stage, batchId, watchId }: Submission,
): Promise<void> {
  if (stage !== 'fetch') return
  await takeCounter(tx, tenantId)
  const kind = batchId === null && watchId === null ? 'single' : 'together'
  // It is counted itself.
  if ((await roomFor(tx, tenantId, kind)) >= 0) return
  await tx.run`update submission set stage = 'queued', stage_since = now() where id = ${id} and stage = 'fetch'`
}

/**
 * Moves an account's next submissions from `queued` to `fetch`, as many as its windows have room for, and of one host no
 * more than are needed to keep it busy. Two at once take turns.
 *
 * @returns those that moved, single ones first, in their order.
 */
export async function takeTurns(tx: Tx, tenantId: TenantId): Promise<SubmissionId[]> {
  await takeCounter(tx, tenantId)
  const moved: SubmissionId[] = []
  for (const kind of ['single', 'together'] as const) {
    let free = await roomFor(tx, tenantId, kind)
    for (const look of ['head', 'hosts'] as const) {
      const next = free > 0 ? await moveNext(tx, tenantId, kind, { look, free }) : []
      moved.push(...next)
      free -= next.length
    }
  }
  return moved
}

/**
 * Moves the next ones of hosts that have room.
 *
 * @param look `head`: among the first that wait; `hosts`: among the first of every host, however far behind.
 */
async function moveNext(
  tx: Tx,
  tenantId: TenantId,
  kind: TurnKind,
  { look, free }: { readonly look: 'head' | 'hosts'; readonly free: number },
): Promise<SubmissionId[]> {
  const waiting = sql`tenant_id = ${tenantId} and stage = 'queued' and ${kinds[kind]}`
  const isDue = sql`(not_before is null or not_before <= now())`
  const candidates = {
    head: sql`select id, created_at, host from submission where ${waiting} and ${isDue}
               order by created_at, id limit ${AHEAD}`,
    hosts: sql`select s.* from hosts left join flying on flying.host = hosts.host
                cross join lateral (select id, created_at, host from submission
                                     where ${waiting} and ${isDue} and host = hosts.host
                                     order by created_at, id limit ${OF_HOST}) s
                where coalesce(flying.visits, 0) < ${OF_HOST}`,
  }
  const moved = await tx.all(Moved)`
    with recursive hosts as (
      (select host from submission where ${waiting} order by host limit 1)
      union all
      select (select s.host from submission s where ${waiting} and s.host > hosts.host order by s.host limit 1)
        from hosts where hosts.host is not null
    ), flying as (
      select host, count(*) as visits from submission
       where tenant_id = ${tenantId} and stage = 'fetch' and ${kinds[kind]} group by 1
    ), ahead as (${candidates[look]}
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
 * @returns its account, which has room now; undefined when it is elsewhere by now.
 */
export const backInLine = async (tx: Tx, id: string, waitMs: number): Promise<TenantId | undefined> =>
  (
    await tx.maybe(Waiting)`
      update submission set stage = 'queued', stage_since = now(), tries = 0, progress = 0,
             not_before = now() + make_interval(secs => ${waitMs / 1000})
       where id = ${id} and stage = 'fetch' returning tenant_id`
  )?.tenantId

/** The account that has room for another one because this submission, or that of this item, has ended. */
export const tenantWithRoom = async (tx: Tx, id: string): Promise<TenantId | undefined> =>
  (
    await tx.maybe(Waiting)`
      select tenant_id from submission
       where id = coalesce((select submission_id from item where id = ${id}), ${id}) and stage in ('done', 'failed')
         and kind = 'url'`
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
