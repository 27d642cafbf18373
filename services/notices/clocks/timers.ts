import type { NoticeState } from '../notice-state.ts'
import type { Regime } from '../notice.ts'

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** A notice without any answer is given up for its recipient after this long, and goes to the next one. */
const NO_RESPONSE_DAYS = 10
/** Reminding more often than this only annoys. */
export const REMINDERS_MAX = 2
const REMINDER_EVERY_H = 72
/** Rule 75(3) of the Indian Copyright Rules 2013: access is stopped within 36 hours, for 21 days. */
const INDIA_REMOVE_H = 36
export const INDIA_ORDER_DAYS = 21
const INDIA_ORDER_WARN_DAYS = 14
/** Article 20(1) of the DSA: a decision can be complained about for at least six months. */
const COMPLAINT_MONTHS = 6

/** What a clock tells when it runs out. */
export type TimerKind =
  | 'acknowledgement_late'
  | 'reminder'
  | 'no_response'
  | 'india_order_warning'
  | 'india_order_due'
  | 'complaint_ends'

/** A moment at which something is to be done or known. */
export interface Timer {
  readonly kind: TimerKind
  readonly at: Date
}

/** What the clocks of a notice are told by. */
export interface Clocked {
  readonly state: NoticeState
  readonly regimes: readonly Regime[]
  readonly sentAt: Date | null
  readonly acknowledgedAt: Date | null
  /** When the last message went out: the notice or its latest reminder. */
  readonly lastSentAt: Date | null
  readonly decidedAt: Date | null
  readonly reminders: number
  /** Hours that this recipient is given to confirm receipt and to remove. */
  readonly acknowledgeH: number
  readonly removeH: number
}

const after = (start: Date, ms: number): Date => new Date(start.getTime() + ms)

/** The same day of the month so many months later, or the last day of that month when it is shorter. */
function monthsAfter(start: Date, months: number): Date {
  const end = new Date(start)
  end.setUTCMonth(end.getUTCMonth() + months)
  if (end.getUTCDate() !== start.getUTCDate()) end.setUTCDate(0)
  return end
}

/** Within how many hours the recipient should have removed what was demanded. */
export const removalHours = ({ regimes, removeH }: Pick<Clocked, 'regimes' | 'removeH'>): number =>
  regimes.includes('IN_RULE_75') ? Math.min(removeH, INDIA_REMOVE_H) : removeH

/** The clocks that run for a notice, soonest first; those that ran out stay in the list until its state changes. */
export function timersOf(notice: Clocked): Timer[] {
  const { state, sentAt, lastSentAt, decidedAt } = notice
  if (!sentAt || !lastSentAt) return []
  const timers: Timer[] = []
  if (state === 'sent')
    timers.push({ kind: 'acknowledgement_late', at: after(sentAt, notice.acknowledgeH * HOUR_MS) })
  if (['sent', 'acknowledged', 'partially_actioned'].includes(state)) {
    if (notice.reminders < REMINDERS_MAX) {
      const waitH = notice.reminders === 0 ? removalHours(notice) : REMINDER_EVERY_H
      timers.push({ kind: 'reminder', at: after(lastSentAt, waitH * HOUR_MS) })
    }
    timers.push({ kind: 'no_response', at: after(sentAt, NO_RESPONSE_DAYS * DAY_MS) })
  }
  if (notice.regimes.includes('IN_RULE_75') && !['retracted', 'closed'].includes(state)) {
    timers.push({ kind: 'india_order_warning', at: after(sentAt, INDIA_ORDER_WARN_DAYS * DAY_MS) })
    timers.push({ kind: 'india_order_due', at: after(sentAt, INDIA_ORDER_DAYS * DAY_MS) })
  }
  if (notice.regimes.includes('EU_DSA_16') && decidedAt)
    timers.push({ kind: 'complaint_ends', at: monthsAfter(decidedAt, COMPLAINT_MONTHS) })
  return timers.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

/** When the next clock runs out that has not yet; undefined when none is left. */
export const nextDue = (notice: Clocked, now: Date): Date | undefined =>
  timersOf(notice).find(({ at }) => at > now)?.at

/** Looking again at a location after removal was reported or demanded, in hours since then (24 h, 72 h, 7 d). */
const RECHECK_FIRST_H = [24, 72, 168] as const
const RECHECK_EVERY_H = 168
/** Clean for this long, a case is closed. */
export const STAY_DOWN_DAYS = 90
/** A copy counts as gone when two looks this far apart found it gone: a host that is down for an hour removed nothing. */
export const GONE_APART_H = 6

/** When a location is looked at next, told by when that series of looks began; undefined when 90 days are over. */
export function nextRecheck(since: Date, now: Date): Date | undefined {
  const agoH = (now.getTime() - since.getTime()) / HOUR_MS
  const first = RECHECK_FIRST_H.find((hours) => hours > agoH)
  const nextH =
    first ??
    RECHECK_FIRST_H[2] + (Math.floor((agoH - RECHECK_FIRST_H[2]) / RECHECK_EVERY_H) + 1) * RECHECK_EVERY_H
  return nextH > STAY_DOWN_DAYS * 24 ? undefined : after(since, nextH * HOUR_MS)
}
