import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, RecheckId, type TenantId, newId } from '../core/ids.ts'
import { stagesOf } from '../core/stages.ts'
import { Recheck, type Seen, type SeenBefore, type Verdict, recheckTransitions } from './recheck.ts'

/** Locations that are looked at in one round; the next round takes the others. */
const ROUND_MAX = 200
/** Looks that a page shows. */
const LOOKS_MAX = 50

export const stages = stagesOf('recheck', recheckTransitions)

const Started = z.object({ id: RecheckId })

export const findRecheck = (tx: Tx, id: RecheckId): Promise<Recheck | undefined> =>
  tx.maybe(Recheck)`
    select id, tenant_id, case_id, verdict, seen, checked_at, created_at from recheck where id = ${id}`

/** The looks at a case's location that are over, the latest first. */
export const rechecksOf = (tx: Tx, caseId: CaseId): Promise<Recheck[]> =>
  tx.all(Recheck)`
    select id, tenant_id, case_id, verdict, seen, checked_at, created_at from recheck
     where case_id = ${caseId} and stage = 'done' order by checked_at desc limit ${LOOKS_MAX}`

/** Whether a look at a case's location is under way. */
export async function isLooking(tx: Tx, caseId: CaseId): Promise<boolean> {
  const open = await tx.maybe(Started)`select id from recheck where case_id = ${caseId} and stage = 'recheck'`
  return open !== undefined
}

/** Starts a look at a case's location; the one that is under way already counts. @returns its id. */
export async function startRecheck(tx: Tx, about: { id: CaseId; tenantId: TenantId }): Promise<RecheckId> {
  const started = await tx.maybe(Started)`
    insert into recheck (id, tenant_id, case_id, stage) values (${newId(RecheckId)}, ${about.tenantId}, ${about.id}, 'recheck')
        on conflict (case_id) where stage = 'recheck' do nothing
    returning id`
  if (started) return started.id
  return (await tx.one(Started)`select id from recheck where case_id = ${about.id} and stage = 'recheck'`).id
}

/** Starts the looks that are due. @returns their ids. */
export async function startDueRechecks(tx: Tx): Promise<RecheckId[]> {
  const started = await tx.all(Started)`
    with due as (
      update case_file set recheck_at = null
       where id in (select id from case_file where recheck_at <= now() order by recheck_at limit ${ROUND_MAX}
                       for update skip locked)
      returning id, tenant_id
    )
    insert into recheck (id, tenant_id, case_id, stage) select gen_random_uuid(), tenant_id, id, 'recheck' from due
        on conflict (case_id) where stage = 'recheck' do nothing
    returning id`
  return started.map(({ id }) => id)
}

/** Plans the next look at a case's location; null for none. */
export async function planRecheck(tx: Tx, id: CaseId, at: Date | null): Promise<void> {
  await tx.run`update case_file set recheck_at = ${at} where id = ${id}`
}

/**
 * Plans the first look at whatever was demanded, or removed, and is not looked after yet. A file that was handed in
 * without an address cannot be looked at.
 *
 * @param hours from now.
 */
export async function planFirstRechecks(tx: Tx, hours: number): Promise<number> {
  return tx.run`
    update case_file c set recheck_at = now() + make_interval(hours => ${hours})
     where c.state in ('in_notice', 'escalated', 'removed') and c.recheck_at is null and c.location_key like 'http%'
       and not exists (select from recheck r where r.case_id = c.id and r.stage = 'recheck')`
}

/** Ends a look with what was seen, if it is still under way. */
export async function keepLook(
  tx: Tx,
  id: RecheckId,
  look: { readonly verdict: Verdict; readonly seen: Seen; readonly at: Date },
): Promise<boolean> {
  const written = await tx.run`
    update recheck set verdict = ${look.verdict}, seen = ${JSON.stringify(look.seen)}, checked_at = ${look.at},
           stage = 'done', stage_since = now(), progress = 1
     where id = ${id} and stage = 'recheck'`
  return written === 1
}

const Before = z.object({
  mediaType: z.string().nullable(),
  bytes: z.number().nullable(),
  etag: z.string().nullable(),
  sha256: z.string(),
  finalUrl: z.string(),
  parts: z.array(z.object({ from: z.number(), to: z.number() })).nullable(),
})

/** What was seen at the address of a case when the copy was last found there; undefined when it was handed in as a file. */
export const seenBefore = (tx: Tx, caseId: CaseId): Promise<SeenBefore | undefined> =>
  tx.maybe(Before)`
    select lower(trim(split_part(p.headers ->> 'content-type', ';', 1))) as media_type, p.headers ->> 'etag' as etag,
           case when p.read is null then p.bytes else (p.read ->> 'totalBytes')::bigint end as bytes,
           p.sha256, p.final_url, p.read -> 'parts' as parts
      from match m join item i on i.id = m.item_id join case_file c on c.id = m.case_id
      join capture p on p.submission_id = i.submission_id
     where m.case_id = ${caseId} order by p.requested_url = c.location desc, p.started_at desc limit 1`

const LookFacts = z.object({ firstGoneAt: z.date().nullable(), since: z.date() })

/**
 * Since when every look found the copy gone (null: the latest one did not), and since when its state is what it is: from
 * then on the looks are counted.
 */
export const lookFacts = (tx: Tx, caseId: CaseId): Promise<z.infer<typeof LookFacts>> =>
  tx.one(LookFacts)`
    select (select min(g.checked_at) from recheck g
             where g.case_id = ${caseId} and g.verdict = 'gone'
               and g.checked_at > coalesce((select max(o.checked_at) from recheck o
                     where o.case_id = ${caseId} and o.verdict in ('live', 'moved', 'changed')), '-infinity')) as first_gone_at,
           coalesce((select max(d.at) from case_decision d
                      where d.case_id = ${caseId} and d.kind in ('noticed', 'removed', 'restored', 'escalated')), now()) as since`
