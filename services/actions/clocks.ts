import type { Db, Tx } from '../core/db.ts'
import type { CaseId, DeliveryId, NoticeId, RecheckId } from '../core/ids.ts'
import { decideBySystem } from '../matches/case-store.ts'
import { planFirstRechecks, startDueRechecks } from '../matches/recheck-store.ts'
import { type ClockRow, clockRow, countReminder, dueNotices, setDue } from '../notices/clock-store.ts'
import { type TimerKind, nextDue, timersOf } from '../notices/clocks/timers.ts'
import { queueDelivery } from '../notices/delivery-store.ts'
import { setOutcome } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { addEvent, lockNotice, tryEvent } from '../notices/store.ts'
import { leftOf, noteOnlyCountered } from './countered.ts'
import { tellCountdowns, tellIndiaOrder, tellNoAnswer } from './news.ts'
import { pauseUnfounded } from './pause-unfounded.ts'
import { unanswered } from './still-demanded.ts'

/** The first look at a location after it was demanded. */
const FIRST_LOOK_H = 24
/** A clock that cannot act now, because sending is paused, looks again after this long. */
const PAUSED_AGAIN_MS = 60 * 60_000

/** What the clocks started in one round: for whoever rings. */
export interface Struck {
  readonly deliveries: readonly DeliveryId[]
  readonly rechecks: readonly RecheckId[]
}

const actor = 'system'

/** Notes once that a clock ran out. */
async function tellOnce(tx: Tx, notice: Notice, row: ClockRow, kind: TimerKind): Promise<void> {
  if (row.told.includes(kind)) return
  await addEvent(tx, notice, { kind: 'commented', actor, reason: kind })
  if (kind === 'india_order_warning' || kind === 'india_order_due')
    await tellIndiaOrder(tx, notice, kind === 'india_order_due')
}

/**
 * Reminds a recipient of what has no answer yet, by the way in which the notice went out; by hand only a person can.
 * Nothing is repeated that may not be demanded any more.
 */
async function remind(tx: Tx, notice: Notice, row: ClockRow): Promise<DeliveryId | undefined> {
  const { addresses, bar } = await unanswered(tx, notice)
  if (addresses.size === 0 && bar === undefined) return undefined
  const byHand = row.way === 'mail' ? undefined : 'It went out by hand; remind by hand'
  const comment = addresses.size === 0 ? bar : byHand
  await countReminder(tx, notice.id)
  if (comment !== undefined) {
    await addEvent(tx, notice, { kind: 'commented', actor, reason: 'reminder_due', comment })
    return undefined
  }
  await addEvent(tx, notice, { kind: 'reminded', actor, details: { reminder: row.reminders + 1 } })
  const given = { kind: 'reminder', way: 'mail', address: row.address, number: row.reminders + 1 } as const
  return queueDelivery(tx, notice, given)
}

/** The recipient is given up: what it left is demanded of the next one. What is countered is not: a person answers that. */
async function giveUp(tx: Tx, notice: Notice): Promise<void> {
  if (await noteOnlyCountered(tx, notice)) return
  const { open } = await leftOf(tx, notice)
  if (!(await tryEvent(tx, notice, { kind: 'deadline_passed', actor }))) return
  const comment = `${notice.recipientName} did not act on notice ${notice.number}`
  const escalated: CaseId[] = []
  for (const location of open) {
    await setOutcome(tx, location, 'no_response', 'clock', [location.caseId])
    const about = { id: location.caseId, tenantId: notice.tenantId }
    if (await decideBySystem(tx, about, { kind: 'escalated', comment })) escalated.push(location.caseId)
  }
  if (escalated.length > 0) await tellNoAnswer(tx, notice, escalated)
}

/**
 * Acts on the clocks of one notice that have run out, and sets when the next does. Safe to run twice: what was told is
 * read from the notice's own events.
 *
 * @returns a message to ring for.
 */
export async function strike(tx: Tx, id: NoticeId, now: Date): Promise<DeliveryId | undefined> {
  const notice = await lockNotice(tx, id)
  const row = await clockRow(tx, id)
  let queued: DeliveryId | undefined
  const due = timersOf(row).filter(({ at }) => at <= now)
  // Whoever is given up now, after the clocks stood still for long, is not reminded in the same breath.
  const isOver = due.some(({ kind }) => kind === 'no_response')
  for (const { kind } of due) {
    if (kind === 'no_response') await giveUp(tx, notice)
    else if (kind !== 'reminder') await tellOnce(tx, notice, row, kind)
    else if (!row.paused && !isOver) queued ??= await remind(tx, notice, row)
  }
  const after = await clockRow(tx, id)
  const waits = after.paused && timersOf(after).some(({ kind, at }) => kind === 'reminder' && at <= now)
  const next = waits ? new Date(now.getTime() + PAUSED_AGAIN_MS) : nextDue(after, now)
  await setDue(tx, id, next ?? null)
  return queued
}

/**
 * One round of the clocks: what is due of notices and counter-notices, accounts that demand too much without a ground, and
 * the locations that are to be looked at.
 */
export async function strikeAll(db: Db, now = new Date()): Promise<Struck> {
  const deliveries: DeliveryId[] = []
  for (const id of await db.system(dueNotices)) {
    const queued = await db.system((tx) => strike(tx, id, now))
    if (queued) deliveries.push(queued)
  }
  await db.system((tx) => tellCountdowns(tx, now))
  await db.system((tx) => pauseUnfounded(tx, now))
  await db.system((tx) => planFirstRechecks(tx, FIRST_LOOK_H))
  return { deliveries, rechecks: await db.system(startDueRechecks) }
}
