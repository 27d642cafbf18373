import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, CounterNoticeId, type MemberId, type NoticeId, TenantId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Sql, sql } from '../core/sql.ts'
import {
  type CounterAnswer,
  type CounterChecks,
  CounterNotice,
  type CounterReason,
} from './clocks/counter-notice.ts'

const columns = sql`id, notice_id, case_id, received_on::text as received_on, sender, text, reason, checks,
  put_back_from::text as put_back_from, put_back_latest::text as put_back_latest, answer, docket,
  filed_on::text as filed_on, answered_at, created_at`

/** A counter-notice before it is kept. Days are ISO 8601 dates. */
export interface NewCounterNotice {
  readonly noticeId: NoticeId
  readonly caseId: CaseId
  readonly receivedOn: string
  readonly sender: string
  readonly text: string
  readonly reason: CounterReason
  readonly checks: CounterChecks
  readonly putBackFrom: string
  readonly putBackLatest: string
}

/** Keeps a counter-notice. @throws {Problem} request/conflict when there is one about the same location already. */
export async function keepCounterNotice(
  tx: Tx,
  tenantId: TenantId,
  given: NewCounterNotice,
): Promise<CounterNotice> {
  const kept = await tx.maybe(CounterNotice)`
    insert into counter_notice (id, tenant_id, notice_id, case_id, received_on, sender, text, reason, checks,
                                put_back_from, put_back_latest)
    values (${newId(CounterNoticeId)}, ${tenantId}, ${given.noticeId}, ${given.caseId}, ${given.receivedOn}, ${given.sender},
            ${given.text}, ${given.reason}, ${JSON.stringify(given.checks)}, ${given.putBackFrom}, ${given.putBackLatest})
    on conflict (notice_id, case_id) do nothing
    returning ${columns}`
  if (!kept)
    throw new Problem('request/conflict', 'A counter-notice about this location is registered already')
  return kept
}

/** The counter-notices to a notice, the oldest first. */
export const counterNoticesOf = (tx: Tx, noticeId: NoticeId): Promise<CounterNotice[]> =>
  tx.all(CounterNotice)`
    select ${columns} from counter_notice where notice_id = ${noticeId} order by created_at, id`

/** A counter-notice that nobody else answers until the transaction ends. @throws {Problem} row/unknown. */
export async function lockCounterNotice(tx: Tx, id: CounterNoticeId): Promise<CounterNotice> {
  const found = await tx.maybe(CounterNotice)`
    select ${columns} from counter_notice where id = ${id} for update`
  if (!found) throw new Problem('row/unknown', 'No such counter-notice')
  return found
}

/** Notes how a counter-notice was answered. */
export async function keepCounterAnswer(
  tx: Tx,
  id: CounterNoticeId,
  given: {
    readonly answer: CounterAnswer
    readonly docket: string | null
    readonly filedOn: string | null
    readonly by: MemberId
  },
): Promise<void> {
  await tx.run`
    update counter_notice set answer = ${given.answer}, docket = ${given.docket}, filed_on = ${given.filedOn},
           answered_by = ${given.by},
           answered_at = now()
     where id = ${id}`
}

/** Counter-notices that wait for an answer, the one whose time runs out first before the others. */
export const openCounterNotices = (tx: Tx, limit: number): Promise<CounterNotice[]> =>
  tx.all(CounterNotice)`
    select ${columns} from counter_notice where answer is null order by put_back_from, id limit ${limit}`

/** Countdowns that are looked at in one round. */
const COUNTDOWNS_MAX = 1_000

const Countdown = CounterNotice.extend({ tenantId: TenantId })

/** Counter-notices of all accounts that wait for an answer while one still helps; the most urgent first. */
export const openCountdowns = (tx: Tx, today: string): Promise<z.infer<typeof Countdown>[]> =>
  tx.all(Countdown)`
    select ${columns}, tenant_id from counter_notice
     where answer is null and put_back_latest >= ${today}::date order by put_back_from, id limit ${COUNTDOWNS_MAX}`

const PlacedCounterNotice = CounterNotice.extend({
  noticeNumber: z.string(),
  noticeVersion: z.number(),
  caseNumber: z.string(),
  /** Exactly as it was observed. */
  url: z.string(),
})
/** A counter-notice with what people call its notice, its case and its location. */
export type PlacedCounterNotice = z.infer<typeof PlacedCounterNotice>

/** They come sorted by when the copy may be put back, the soonest first. */
const placed = (which: Sql): Sql => sql`
  select c.*, n.number as notice_number, n.version as notice_version, f.number as case_number, l.url
    from (select ${columns} from counter_notice ${which}) c
    join notice n on n.id = c.notice_id join case_file f on f.id = c.case_id
    join notice_location l on l.notice_id = c.notice_id and l.case_id = c.case_id
   order by c.put_back_from, c.id`

export const findCounterNotice = (tx: Tx, id: CounterNoticeId): Promise<PlacedCounterNotice | undefined> =>
  tx.maybe(PlacedCounterNotice)`${placed(sql`where id = ${id}`)}`

/** Those that wait for an answer, as `openCounterNotices` has them, with where they are. */
export const waitingCounterNotices = (tx: Tx, limit: number): Promise<PlacedCounterNotice[]> =>
  tx.all(PlacedCounterNotice)`
    ${placed(sql`where answer is null order by put_back_from, id limit ${limit}`)}`

/** The counter-notices to a notice with where they are, the most urgent first. */
export const placedCounterNoticesOf = (tx: Tx, noticeId: NoticeId): Promise<PlacedCounterNotice[]> =>
  tx.all(PlacedCounterNotice)`${placed(sql`where notice_id = ${noticeId}`)}`

/** How many wait for an answer. */
export async function countWaitingCounters(tx: Tx): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from counter_notice where answer is null`
  return count
}
