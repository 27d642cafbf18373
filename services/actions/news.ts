import { gatherNews } from '../alerts/news-store.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, ReplyId, TenantId } from '../core/ids.ts'
import { addDays } from '../notices/clocks/business-days.ts'
import { type CounterNotice, alertDays, businessDaysLeft } from '../notices/clocks/counter-notice.ts'
import { INDIA_ORDER_DAYS } from '../notices/clocks/timers.ts'
import { openCountdowns } from '../notices/counter-store.ts'
import type { Notice } from '../notices/notice-row.ts'

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

/** A copy that was removed is there again. @param look the look that found it, once for each. */
export async function tellRestored(
  tx: Tx,
  { tenantId, caseId, look }: { tenantId: TenantId; caseId: CaseId; look: string },
): Promise<void> {
  await gatherNews(tx, tenantId, { kind: 'restored', key: `restored:${look}`, caseId, details: {} })
}

/** A recipient was given up. @param caseIds what is escalated with it. */
export async function tellNoAnswer(tx: Tx, notice: Notice, caseIds: readonly CaseId[]): Promise<void> {
  const details = { locations: caseIds.length }
  const key = `no_answer:${notice.id}`
  await gatherNews(tx, notice.tenantId, { kind: 'no_answer', key, noticeId: notice.id, caseIds, details })
}

/** The court's order is due in a week, or now. */
export async function tellIndiaOrder(tx: Tx, notice: Notice, isDue: boolean): Promise<void> {
  if (!notice.sentAt) return
  const details = { dueOn: addDays(dayOf(notice.sentAt), INDIA_ORDER_DAYS), isDue }
  const key = `india_order:${notice.id}:${isDue ? 'due' : 'warning'}`
  await gatherNews(tx, notice.tenantId, { kind: 'india_order', key, noticeId: notice.id, details })
}

/** A counter-notice was registered, or its countdown has come to a day on which somebody is told. */
export async function tellCounterNotice(
  tx: Tx,
  tenantId: TenantId,
  counter: Pick<CounterNotice, 'id' | 'caseId' | 'noticeId' | 'receivedOn' | 'putBackFrom' | 'putBackLatest'>,
  given: { readonly today: string; readonly on: string },
): Promise<void> {
  const { id, caseId, noticeId, receivedOn, putBackFrom, putBackLatest } = counter
  const left = businessDaysLeft(given.today, putBackFrom)
  await gatherNews(tx, tenantId, {
    kind: 'counter_notice',
    key: `counter_notice:${id}:${given.on}`,
    caseId,
    noticeId,
    details: { receivedOn, putBackFrom, putBackLatest, businessDaysLeft: left },
  })
}

/**
 * Tells of counter-notices that wait for an answer how much time is left, on the third, seventh and ninth business day; of
 * days that were missed only the latest.
 */
export async function tellCountdowns(tx: Tx, now: Date): Promise<void> {
  const today = dayOf(now)
  for (const { tenantId, ...counter } of await openCountdowns(tx, today)) {
    const registeredOn = dayOf(counter.createdAt)
    const on = alertDays(counter.receivedOn).findLast((day) => day <= today && day > registeredOn)
    if (on !== undefined) await tellCounterNotice(tx, tenantId, counter, { today, on })
  }
}

/** An answer waits for a person. */
export async function tellReplyWaiting(tx: Tx, notice: Notice, replyId: ReplyId): Promise<void> {
  const key = `reply_waiting:${replyId}`
  const news = { kind: 'reply_waiting', key, noticeId: notice.id, details: { replyId } } as const
  await gatherNews(tx, notice.tenantId, news)
}
