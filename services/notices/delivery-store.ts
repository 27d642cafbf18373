import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { DeliveryId, type NoticeId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import { Delivery, type DeliveryKind, type DeliveryWay, deliveryTransitions } from './delivery.ts'
import type { Notice } from './notice-row.ts'
import { RetractedPart, afterEvent } from './notice-state.ts'
import { addEvent, lockNotice } from './store.ts'

export const stages = stagesOf('delivery', deliveryTransitions)

/** A notice in XARF is one message per location; more than that of any kind is a mistake of ours. */
const DELIVERIES_MAX = 2_000

const columns = sql`d.id, d.tenant_id, d.notice_id, n.recipient_id, d.kind, d.number, d.part, d.way, d.format, d.address,
  d.message_id, d.stage, d.problem, d.tries, d.attempted_at, d.sent_at, d.response, d.sha256, d.created_at`
const tables = sql`delivery d join notice n on n.id = d.notice_id`

export const findDelivery = (tx: Tx, id: DeliveryId): Promise<Delivery | undefined> =>
  tx.maybe(Delivery)`select ${columns} from ${tables} where d.id = ${id}`

/** All messages of a notice, the oldest first. */
export const deliveriesOf = (tx: Tx, noticeId: NoticeId): Promise<Delivery[]> =>
  tx.all(Delivery)`
    select ${columns} from ${tables} where d.notice_id = ${noticeId}
     order by d.created_at, d.kind, d.number, d.part limit ${DELIVERIES_MAX}`

const Written = z.object({ id: DeliveryId })

/**
 * Writes down that a message has to go out; the caller rings for stage `send` after its commit. Whoever calls it holds
 * the notice (`lockNotice`) and adds the event that allows it once, so that a message is never written down twice.
 *
 * @param given.number instead of the next of its kind; then the same call again answers what is there already.
 */
export async function queueDelivery(
  tx: Tx,
  notice: Pick<Notice, 'id' | 'tenantId' | 'format'>,
  given: { kind: DeliveryKind; way: DeliveryWay; address: string | null; number?: number },
): Promise<DeliveryId> {
  const next = sql`(select coalesce(max(number), 0) + 1 from delivery
                     where notice_id = ${notice.id} and kind = ${given.kind})`
  const { id } = await tx.one(Written)`
    insert into delivery (id, tenant_id, notice_id, kind, number, way, format, address, stage)
    values (${newId(DeliveryId)}, ${notice.tenantId}, ${notice.id}, ${given.kind}, ${given.number ?? next},
            ${given.way}, ${notice.format}, ${given.address}, 'send')
    on conflict (notice_id, kind, number, part) do update set number = delivery.number
    returning id`
  return id
}

/** Sees to it that all parts of a message are there once its form says how many it takes; answers the new ones. */
export async function addParts(tx: Tx, first: Delivery, parts: number): Promise<DeliveryId[]> {
  const added: DeliveryId[] = []
  for (let part = first.part + 1; part <= parts; part += 1) {
    const row = await tx.maybe(Written)`
      insert into delivery (id, tenant_id, notice_id, kind, number, part, way, format, address, stage)
      values (${newId(DeliveryId)}, ${first.tenantId}, ${first.noticeId}, ${first.kind}, ${first.number}, ${part},
              ${first.way}, ${first.format}, ${first.address}, 'send')
      on conflict (notice_id, kind, number, part) do nothing returning id`
    if (row) added.push(row.id)
  }
  return added
}

/** The message that opened the thread of a notice, which later ones answer; undefined before it was attempted. */
export async function threadOf(tx: Tx, noticeId: NoticeId): Promise<string | undefined> {
  const row = await tx.maybe(z.object({ messageId: z.string() }))`
    select message_id from delivery
     where notice_id = ${noticeId} and kind = 'notice' and message_id is not null order by number, part limit 1`
  return row?.messageId
}

const Taken = z.object({ comment: z.string().nullable(), details: RetractedPart.nullable().catch(null) })

/**
 * Why a notice was taken back, in the words of who did it, and what of it: all, where no locations are named.
 *
 * @param id the message that tells it.
 */
export async function retractionOf(
  tx: Tx,
  noticeId: NoticeId,
  id: DeliveryId,
): Promise<{ reason?: string; locationIds?: string[] }> {
  const row = await tx.maybe(Taken)`
    select comment, details from notice_event
     where notice_id = ${noticeId}
       and (kind = 'retracted' or (kind = 'location_retracted' and details->'deliveryIds' @> to_jsonb(${id}::text)))
     order by kind = 'location_retracted' desc, number desc limit 1`
  return {
    ...(row?.comment != null && { reason: row.comment }),
    ...(row?.details && { locationIds: row.details.locationIds }),
  }
}

/**
 * Writes down that a message is about to be handed over: after the commit of this it may have been sent.
 *
 * @returns false when the row is elsewhere by now or was attempted already.
 */
export const markAttempt = async (
  tx: Tx,
  id: DeliveryId,
  attempt: { at: Date; messageId: string; sha256: string; address: string },
): Promise<boolean> =>
  (await tx.run`
    update delivery set attempted_at = ${attempt.at}, message_id = ${attempt.messageId}, sha256 = ${attempt.sha256},
                        address = ${attempt.address}, stage_since = now()
     where id = ${id} and stage = 'send' and attempted_at is null`) === 1

/** The server said that it has not taken the message: it may be handed over again. */
export const clearAttempt = async (tx: Tx, id: DeliveryId): Promise<void> => {
  await tx.run`update delivery set attempted_at = null where id = ${id} and stage = 'send'`
}

/** The message was not handed over, and that is not its own fault: it rests, and its tries do not count. */
export const putOff = async (tx: Tx, id: DeliveryId, byMs: number): Promise<void> => {
  await clearAttempt(tx, id)
  await tx.run`update delivery set tries = 0, progress = 0 where id = ${id} and stage = 'send'`
  await postpone(tx, id, byMs)
}

/** The row rests: the sweeper, which looks how long rows stood still, does not ring for it before then. */
export const postpone = async (tx: Tx, id: DeliveryId, byMs: number): Promise<void> => {
  await tx.run`
    update delivery set stage_since = now() + make_interval(secs => ${byMs / 1000})
     where id = ${id} and stage = 'send' and attempted_at is null`
}

/**
 * A message whose notice nobody else changes until the transaction ends. Always the notice first and then its messages,
 * or two transactions could wait for each other.
 */
export async function holdDelivery(tx: Tx, id: DeliveryId): Promise<Delivery | undefined> {
  const found = await findDelivery(tx, id)
  if (found) await lockNotice(tx, found.noticeId)
  return found && findDelivery(tx, id)
}

/** What the notice hears of a message: it is out, or it did not arrive. Other states have heard it already. */
async function tellNotice(
  tx: Tx,
  delivery: Delivery,
  event: { kind: 'sent' | 'bounced'; actor: string; reason?: string; comment?: string },
): Promise<void> {
  if (delivery.kind === 'retraction') return
  const notice = await lockNotice(tx, delivery.noticeId)
  if (afterEvent(notice.state, event.kind) === undefined) return
  const { id: deliveryId, messageId, way, address } = delivery
  await addEvent(tx, notice, { ...event, details: { deliveryId, messageId, way, address } })
}

/**
 * Writes down that a message is out, and tells its notice. An answer that comes after the row was given up as unclear
 * still counts: it is what a person would have had to find out.
 *
 * @returns false when the row was ended otherwise.
 */
export async function recordSent(
  tx: Tx,
  id: DeliveryId,
  given: { at: Date; response: string; actor: string },
): Promise<boolean> {
  const delivery = await holdDelivery(tx, id)
  if (!delivery) throw new Problem('row/unknown', 'No such message')
  const written = await tx.run`
    update delivery set stage = 'done', stage_since = now(), tries = 0, progress = 1, sent_at = ${given.at},
                        response = ${given.response.slice(0, 2000)}
     where id = ${id} and ((stage = 'send' and (attempted_at is not null or way = 'hand')) or stage = 'unclear')`
  if (written === 1) await tellNotice(tx, delivery, { kind: 'sent', actor: given.actor })
  return written === 1
}

/**
 * Ends a message that was refused or given up, and tells its notice. One that may have been handed over does not fail:
 * it is unclear, whatever happened to the worker.
 */
export async function failDelivery(tx: Tx, id: DeliveryId, problem: Problem): Promise<boolean> {
  const delivery = await holdDelivery(tx, id)
  if (!delivery) return false
  if (delivery.attemptedAt !== null && problem.type !== 'mail/refused') return markUnclear(tx, id)
  if (!(await stages.fail(tx, id, 'send', problem))) return false
  const comment = problem.message.slice(0, 2000)
  await tellNotice(tx, delivery, { kind: 'bounced', actor: 'system', reason: problem.type, comment })
  return true
}

/** Ends a message of which nothing is left to be said. Its notice, which arrived without it, notes that and why. */
export async function dropDelivery(tx: Tx, id: DeliveryId, problem: Problem): Promise<boolean> {
  const delivery = await holdDelivery(tx, id)
  if (!delivery || delivery.attemptedAt !== null) return false
  if (!(await stages.fail(tx, id, 'send', problem))) return false
  const { noticeId, tenantId, kind, part } = delivery
  const details = { deliveryId: id, delivery: kind, part }
  const comment = problem.message.slice(0, 2000)
  const event = { kind: 'commented', actor: 'system', reason: 'message_dropped', comment, details } as const
  await addEvent(tx, { id: noticeId, tenantId }, event)
  return true
}

/** Nobody knows whether a message was taken: it waits for a person, whom its notice tells. */
export async function markUnclear(tx: Tx, id: DeliveryId): Promise<boolean> {
  const delivery = await holdDelivery(tx, id)
  if (!delivery || !(await stages.advance(tx, id, 'send', 'unclear'))) return false
  const { noticeId, tenantId, kind, messageId } = delivery
  const details = { deliveryId: id, delivery: kind, messageId }
  const event = { kind: 'commented', actor: 'system', reason: 'delivery_unclear', details } as const
  await addEvent(tx, { id: noticeId, tenantId }, event)
  return true
}

/** A person found out that an unclear message was not sent: it goes out once more, under the same message id. */
export const sendAgain = async (tx: Tx, id: DeliveryId): Promise<boolean> =>
  (await tx.run`
    update delivery set stage = 'send', stage_since = now(), tries = 0, progress = 0, attempted_at = null
     where id = ${id} and stage = 'unclear'`) === 1
