import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecipientId, TenantId } from '../core/ids.ts'
import { type Sql, sql } from '../core/sql.ts'
import { HostClass, RecipientRole } from '../recipients/recipient.ts'
import {
  Counts,
  type Figures,
  JUDGED_DAYS,
  type Period,
  type Refusals,
  Reviewed,
  Tally,
  YearlyRow,
  refusalOutcomes,
  suggestedClass,
  unfoundedReasons,
} from './figures.ts'

/** A decision that was not taken back. */
const holds = (alias: Sql): Sql => sql`
  not exists (select from case_decision u
               where u.case_id = ${alias}.case_id and u.kind = 'undone' and u.supersedes = ${alias}.number)`

/**
 * The common table `fate`: what became of each demand of an account that was sent in a period, and `sent`, its notices.
 *
 * A removal counts for the demand that was the latest one when it was found: when a network removes what its host ignored,
 * the host did nothing. It is dated by the first of the looks in a row that found the copy gone.
 */
const fateOf = (tenantId: TenantId, { from, to }: Period): Sql => sql`
  sent as (
    select n.id, n.number, n.version, n.recipient_id, n.sent_at, n.acknowledged_at from notice n
     where n.tenant_id = ${tenantId} and n.sent_at >= ${from} and n.sent_at < ${to}
  ), demand as (
    select distinct on (n.number, n.recipient_id, l.canonical_url)
           n.id as notice_id, n.number, n.recipient_id, l.case_id, l.outcome, l.outcome_at,
           min(n.sent_at) over (partition by n.number, n.recipient_id, l.canonical_url) as sent_at
      from sent n join notice_location l on l.notice_id = n.id
     where l.beside_id is null
     order by n.number, n.recipient_id, l.canonical_url, n.version desc
  ), fate as (
    select d.recipient_id, d.sent_at, removal.at is not null as removed, gone.at as gone_at,
           removal.at is not null and exists (
             select from case_decision b where b.case_id = d.case_id and b.kind = 'restored' and b.at > removal.at
                and b.at < coalesce(next.at, 'infinity')) as restored,
           counter.there is not null as countered,
           d.outcome = 'retracted' as retracted,
           d.outcome = any(${[...refusalOutcomes]}) as refused,
           exists (select from notice_event e
                    where e.notice_id = d.notice_id and e.kind = 'deadline_passed') as given_up,
           d.outcome is not distinct from 'retracted' or counter.upheld or dismissed.at is not null as unfounded
      from demand d
      left join lateral (
        select min(o.sent_at) as at from notice_location ol join notice o on o.id = ol.notice_id
         where ol.case_id = d.case_id and o.sent_at > d.sent_at
           and (o.recipient_id, o.number) <> (d.recipient_id, d.number)) next on true
      left join lateral (
        select x.at from case_decision x
         where x.case_id = d.case_id and x.kind = 'removed' and x.at >= d.sent_at
           and x.at < coalesce(next.at, 'infinity') and ${holds(sql`x`)}
         order by x.at limit 1) removal on true
      left join lateral (
        select coalesce(min(g.checked_at), removal.at) as at from recheck g
         where g.case_id = d.case_id and g.verdict = 'gone' and g.checked_at between d.sent_at and removal.at
           and g.checked_at > coalesce((select max(o.checked_at) from recheck o
                 where o.case_id = d.case_id and o.verdict in ('live', 'moved', 'changed') and o.checked_at <= removal.at),
               '-infinity')) gone on removal.at is not null
      left join lateral (
        select true as there, k.answer in ('retracted', 'accepted') as upheld
          from counter_notice k where k.notice_id = d.notice_id and k.case_id = d.case_id) counter on true
      left join lateral (
        select x.at from case_decision x join case_file c on c.id = x.case_id
         where x.case_id = d.case_id and x.kind = 'dismissed' and c.state = 'dismissed' and x.at >= d.sent_at
           and x.reason = any(${[...unfoundedReasons]}) and ${holds(sql`x`)}
         limit 1) dismissed on true
  ), told as (
    select f.*, case when f.restored then 'restored' when f.removed then 'removed' when f.retracted then 'withdrawn'
                     when f.countered then 'countered' when f.refused then 'refused' else 'none' end as action
      from fate f
  )`

const hours = (from: Sql, to: Sql): Sql => sql`extract(epoch from ${to} - ${from}) / 3600`

/** Recipients' rows, and that of all of them together with null for its recipient. */
const TallyRow = Tally.extend({ recipientId: RecipientId.nullable() })

const talliesOf = (tx: Tx, tenantId: TenantId, period: Period): Promise<z.infer<typeof TallyRow>[]> =>
  tx.all(TallyRow)`
    with ${fateOf(tenantId, period)}, of_notices as (
      select recipient_id, grouping(recipient_id) as whole, count(*) as notices, count(acknowledged_at) as acknowledged,
             percentile_cont(0.5) within group (order by ${hours(sql`sent_at`, sql`acknowledged_at`)}) as acknowledge_median_h,
             percentile_cont(0.9) within group (order by ${hours(sql`sent_at`, sql`acknowledged_at`)}) as acknowledge_p90_h
        from sent group by grouping sets ((recipient_id), ())
    ), of_locations as (
      select recipient_id, grouping(recipient_id) as whole, count(*) as locations,
             count(*) filter (where removed) as removed, count(*) filter (where restored) as restored,
             count(*) filter (where action = 'refused') as refused,
             count(*) filter (where action = 'none' and given_up) as no_response,
             count(*) filter (where countered) as counter_notices,
             count(*) filter (where action = 'withdrawn') as withdrawn,
             count(*) filter (where unfounded) as unfounded,
             percentile_cont(0.5) within group (order by ${hours(sql`sent_at`, sql`gone_at`)}) as removal_median_h,
             percentile_cont(0.9) within group (order by ${hours(sql`sent_at`, sql`gone_at`)}) as removal_p90_h
        from told group by grouping sets ((recipient_id), ())
    )
    select n.recipient_id, n.notices, n.acknowledged, n.acknowledge_median_h, n.acknowledge_p90_h, l.locations, l.removed,
           l.restored, l.refused, l.no_response, l.counter_notices, l.withdrawn, l.unfounded, l.removal_median_h,
           l.removal_p90_h
      from of_notices n join of_locations l
        on l.whole = n.whole and l.recipient_id is not distinct from n.recipient_id`

const Refused = z.object({ recipientId: RecipientId, outcome: z.enum(refusalOutcomes), count: z.number() })

const refusalsOf = (tx: Tx, tenantId: TenantId, { from, to }: Period): Promise<z.infer<typeof Refused>[]> =>
  tx.all(Refused)`
    select n.recipient_id, l.outcome, count(*) as count from notice n join notice_location l on l.notice_id = n.id
     where n.tenant_id = ${tenantId} and n.sent_at >= ${from} and n.sent_at < ${to} and l.beside_id is null
       and l.outcome = any(${[...refusalOutcomes]})
     group by 1, 2`

function summed(refused: readonly z.infer<typeof Refused>[]): Refusals {
  const refusals: Partial<Record<(typeof refusalOutcomes)[number], number>> = {}
  for (const { outcome, count } of refused) refusals[outcome] = (refusals[outcome] ?? 0) + count
  return refusals
}

const reviewedIn = (tx: Tx, tenantId: TenantId, { from, to }: Period): Promise<Reviewed> =>
  tx.one(Reviewed)`
    select count(*) filter (where kind = 'confirmed') as confirmed,
           count(*) filter (where reason = 'false_positive') as false_positives,
           count(*) filter (where kind = 'dismissed' and reason is distinct from 'false_positive') as otherwise_dismissed
      from (select distinct on (x.case_id) x.kind, x.reason from case_decision x
             where x.tenant_id = ${tenantId} and x.kind in ('confirmed', 'dismissed') and x.actor like 'member:%'
               and x.at >= ${from} and x.at < ${to} and ${holds(sql`x`)}
             order by x.case_id, x.number desc) last`

const Named = z.object({
  id: RecipientId,
  name: z.string(),
  role: RecipientRole,
  class: HostClass.nullable(),
  removeH: z.number(),
})

/** The figures of an account for what it sent in a period; recipients with the most locations first. */
export async function figuresOf(tx: Tx, tenantId: TenantId, period: Period): Promise<Figures> {
  const tallies = await talliesOf(tx, tenantId, period)
  const refused = await refusalsOf(tx, tenantId, period)
  const named = await tx.all(Named)`
    select id, name, role, class, remove_h from recipient where tenant_id = ${tenantId}`
  const byId = new Map(named.map((each) => [each.id, each]))
  const total = tallies.find(({ recipientId }) => recipientId === null)
  if (!total) throw new Error('figures without a total')
  const recipients = tallies.flatMap(({ recipientId, ...tally }) => {
    const recipient = recipientId && byId.get(recipientId)
    if (!recipient) return []
    const { id, name, role, class: given, removeH } = recipient
    return {
      ...tally,
      recipientId: id,
      name,
      role,
      class: given,
      refusals: summed(refused.filter((each) => each.recipientId === id)),
      suggestedClass: suggestedClass(tally, removeH) ?? null,
    }
  })
  return {
    ...period,
    total: { ...Tally.parse(total), refusals: summed(refused) },
    reviewed: await reviewedIn(tx, tenantId, period),
    recipients: recipients.toSorted((a, b) => b.locations - a.locations || a.name.localeCompare(b.name)),
  }
}

/** What each provider did about what was sent to it in a year, by its name. */
export const yearlyTable = (tx: Tx, tenantId: TenantId, year: Period): Promise<YearlyRow[]> =>
  tx.all(YearlyRow)`
    with ${fateOf(tenantId, year)}
    select r.name as provider, r.role, r.country, 'sound recordings' as content_type,
           (select count(*) from sent s where s.recipient_id = r.id) as notices, count(*) as locations,
           count(*) filter (where action = 'removed') as removed, count(*) filter (where action = 'restored') as restored,
           count(*) filter (where action = 'refused') as refused,
           count(*) filter (where action = 'countered') as countered, count(*) filter (where action = 'none') as none,
           count(*) filter (where action = 'withdrawn') as withdrawn
      from told join recipient r on r.id = told.recipient_id
     group by r.id order by r.name, r.id`

/** Of what an account sent in the days before a moment, how much was unfounded. */
export const unfoundedLately = (
  tx: Tx,
  tenantId: TenantId,
  now: Date,
): Promise<Pick<Counts, 'unfounded' | 'locations'>> => {
  const from = new Date(now.getTime() - JUDGED_DAYS * 24 * 60 * 60_000)
  return tx.one(Counts.pick({ unfounded: true, locations: true }))`
    with ${fateOf(tenantId, { from, to: now })}
    select count(*) filter (where unfounded) as unfounded, count(*) as locations from told`
}

/** A clock that stood still for longer than this finds the rest with the next mistake. */
const SIGNAL_DAYS_MAX = 7

const Unjudged = z.object({ tenantId: TenantId, at: z.date() })

/** Accounts of which something turned out to be unfounded since they were judged last, and when; not those that are paused. */
export const unjudgedTenants = (tx: Tx): Promise<z.infer<typeof Unjudged>[]> =>
  tx.all(Unjudged)`
    select s.tenant_id, max(s.at) as at from (
      select tenant_id, outcome_at as at from notice_location
       where outcome = 'retracted' and outcome_at > now() - make_interval(days => ${SIGNAL_DAYS_MAX})
      union all
      select tenant_id, answered_at from counter_notice
       where answer is not null and answered_at > now() - make_interval(days => ${SIGNAL_DAYS_MAX})
      union all
      select x.tenant_id, date_trunc('milliseconds', x.at) from case_decision x
       where x.kind = 'dismissed' and x.at > now() - make_interval(days => ${SIGNAL_DAYS_MAX})
         and exists (select from notice_location l where l.case_id = x.case_id)) s
      join tenant t on t.id = s.tenant_id
     where t.notices_paused_at is null and s.at > coalesce(t.notices_judged_at, '-infinity')
     group by s.tenant_id`

/** Notes up to which moment an account was judged. */
export const setJudged = (tx: Tx, tenantId: TenantId, at: Date): Promise<number> =>
  tx.run`update tenant set notices_judged_at = ${at} where id = ${tenantId}`
