import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { DeliveryId, NoticeId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { findDelivery, queueDelivery, recordSent, sendAgain } from '../notices/delivery-store.ts'
import type { Delivery } from '../notices/delivery.ts'
import type { SignedNotice } from '../notices/notice-row.ts'
import { limitsOf, waitingFor } from '../notices/sending-limits-store.ts'
import { addEvent, findSigned, lockNotice, notNow } from '../notices/store.ts'
import { isMailFormat } from '../recipients/recipient.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { approvalObstacle } from './approval.ts'
import { type House, ring } from './house.ts'
import { barOfNotice } from './still-demanded.ts'

/** More than a day's worth of messages that wait for one recipient is a mistake, or an attack with our name on it. */
const WAITING_HOURS_MAX = 24
/** Clocks of browsers differ from ours by this much. */
const CLOCK_SKEW_MS = 5 * 60_000

/** @throws {Problem} auth/forbidden: a demand goes out by a person's will, never by a program's. */
function requireSigner(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only a person with the signer’s role can send a notice')
}

/**
 * A signed notice that may go out now, locked.
 *
 * @throws {Problem} row/unknown; row/stage (not signed, or sent already, or waiting for approval); notice/paused;
 *   notice/barred.
 */
async function sendable(tx: Tx, id: NoticeId): Promise<SignedNotice> {
  const locked = await lockNotice(tx, id)
  if (locked.state !== 'signed') throw notNow(locked, 'queued')
  if (locked.approvalNeeded && locked.approvedAt === null)
    throw new Problem(
      'row/stage',
      `Notice ${locked.number} waits for the approval of a second person. ${(await approvalObstacle(tx, locked)) ?? ''}`.trim(),
    )
  const { recipientPausedAt, tenantPausedAt } = await limitsOf(tx, id)
  if (tenantPausedAt) throw new Problem('notice/paused', 'Sending is paused for this account')
  if (recipientPausedAt)
    throw new Problem('notice/paused', `Sending to ${locked.recipientName} is paused; its page says why`)
  const bar = await barOfNotice(tx, locked)
  if (bar) throw new Problem('notice/barred', `Nothing may be demanded here: ${bar}`)
  const notice = await findSigned(tx, id)
  if (!notice) throw new Error('a signed notice without its document')
  return notice
}

/**
 * Sends a signed notice: writes down that it has to go out and rings for the worker.
 *
 * @throws {Problem} auth/forbidden; row/unknown; row/stage; request/conflict when it does not go by mail;
 *   notice/paused; notice/barred; recipient/unknown; recipient/limit.
 */
export async function sendNotice(house: House, caller: Caller, id: NoticeId): Promise<DeliveryId> {
  requireSigner(caller)
  const deliveryId = await house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await sendable(tx, id)
    if (!isMailFormat(notice.format))
      throw new Problem(
        'request/conflict',
        `${notice.recipientName} takes notices by its form only; fill it in and record that it was sent by hand`,
      )
    const address = notice.document.recipient.email
    if (!address)
      throw new Problem('recipient/unknown', `No mail address of ${notice.recipientName} is in the notice`)
    const { mailsPerHour } = await limitsOf(tx, id)
    if ((await waitingFor(tx, notice.recipientId)) >= mailsPerHour * WAITING_HOURS_MAX)
      throw new Problem('recipient/limit', `A day's worth of messages waits for ${notice.recipientName}`)
    const queued = await queueDelivery(tx, notice, { kind: 'notice', way: 'mail', address, number: 1 })
    const actor = actorOf(caller)
    await addEvent(tx, notice, { kind: 'queued', actor, details: { deliveryId: queued, way: 'mail' } })
    await audit(tx, caller.tenantId, {
      actor,
      action: 'notice.queued',
      subject: `notice:${id}`,
      details: { delivery: queued, address, sha256: notice.documentSha256 },
    })
    return queued
  })
  await ring(house, 'send', deliveryId)
  return deliveryId
}

/** What a person notes who gave a notice in at a form. */
export interface SentByHand {
  readonly formUrl: string
  readonly at: Date
  /** Number that the form answered with. */
  readonly reference?: string | undefined
}

/**
 * Records that a person gave a signed notice in at the recipient's form.
 *
 * @throws {Problem} auth/forbidden; row/unknown; row/stage; request/conflict when it goes by mail; request/invalid for
 *   a moment before the signature or to come; notice/paused; notice/barred.
 */
export async function sendByHand(
  house: House,
  caller: Caller,
  id: NoticeId,
  given: SentByHand,
): Promise<DeliveryId> {
  requireSigner(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await sendable(tx, id)
    if (isMailFormat(notice.format))
      throw new Problem('request/conflict', `Notice ${notice.number} goes by mail; send it`)
    if (given.at.getTime() > Date.now() + CLOCK_SKEW_MS || given.at < notice.signedAt) {
      const detail = 'must lie between the signature and now'
      throw new Problem('request/invalid', `When it was sent ${detail}`, {
        faults: [{ pointer: '/at', detail }],
      })
    }
    const actor = actorOf(caller)
    const deliveryId = await queueDelivery(tx, notice, {
      kind: 'notice',
      way: 'hand',
      address: given.formUrl,
      number: 1,
    })
    await addEvent(tx, notice, { kind: 'queued', actor, details: { deliveryId, way: 'hand' } })
    const response = given.reference ? `sent by hand, reference ${given.reference}` : 'sent by hand'
    await recordSent(tx, deliveryId, { at: given.at, response, actor })
    await audit(tx, caller.tenantId, {
      actor,
      action: 'notice.sent-by-hand',
      subject: `notice:${id}`,
      details: { delivery: deliveryId, form: given.formUrl, reference: given.reference ?? null },
    })
    return deliveryId
  })
}

/**
 * A person found out what became of a message that may have been sent: recorded as sent, or sent once more. A reminder
 * or a retraction that goes by a form is recorded in the same way, once the person has given it in.
 *
 * @throws {Problem} auth/forbidden; row/unknown; row/stage when it is not unclear.
 */
export async function resolveUnclear(
  house: House,
  caller: Caller,
  id: DeliveryId,
  { sent, note }: { readonly sent: boolean; readonly note: string },
): Promise<Delivery> {
  requireSigner(caller)
  const resolved = await house.db.tenant(caller.tenantId, async (tx) => {
    const delivery = await findDelivery(tx, id)
    if (!delivery) throw new Problem('row/unknown', 'No such message')
    const actor = actorOf(caller)
    const at = delivery.attemptedAt ?? new Date()
    const byHand = delivery.way === 'hand' && delivery.stage === 'send' && sent
    const moved =
      (delivery.stage === 'unclear' || byHand) &&
      (sent ? await recordSent(tx, id, { at, response: note, actor }) : await sendAgain(tx, id))
    if (!moved)
      throw new Problem(
        'row/stage',
        `This message is ${delivery.stage}: only an unclear one, or one by hand, can be resolved`,
      )
    await audit(tx, caller.tenantId, {
      actor,
      action: sent ? 'delivery.found-sent' : 'delivery.found-unsent',
      subject: `delivery:${id}`,
      details: { note, notice: delivery.noticeId },
    })
    return { ...delivery, stage: sent ? ('done' as const) : ('send' as const) }
  })
  if (!sent) await ring(house, 'send', id)
  return resolved
}
