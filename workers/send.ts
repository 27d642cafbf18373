import {
  type NextStep,
  PAUSED_WAIT_MS,
  type Sending,
  handOver,
  prepare,
  recordAnswer,
  recordFailure,
} from '../services/actions/hand-over.ts'
import type { DeliveryId } from '../services/core/ids.ts'
import type { Run } from '../services/core/queue.ts'
import { type OneRow, jobs } from '../services/jobs.ts'
import { findDelivery, postpone } from '../services/notices/delivery-store.ts'
import { aloneWith } from '../services/notices/sending-limits-store.ts'
import { enqueue } from '../services/pipeline.ts'

/** A message takes a mail server about this long; whoever waits for the recipient looks again then. */
const BUSY_WAIT_MS = 2_000
/** What a person has to do by hand has no job; the sweeper need not ask often. */
const BY_HAND_WAIT_MS = 24 * 60 * 60_000
/** Messages that wait for the same moment must not all come at once. */
const SPREAD_MS = 3_000
/** One ring for a message is enough in this time. No wait is shorter: a ring would be taken for the one that is being answered. */
const SLOT_MS = BUSY_WAIT_MS

/**
 * Sends a message at most once. That it is about to be handed over is committed before the mail server hears of it; if
 * no answer is written down after that, whatever happened, nobody sends it again but a person who found out.
 */
export const send =
  (sending: Sending) =>
  async ({ id }: OneRow<DeliveryId>, run: Run): Promise<void> => {
    const { db, queues } = sending
    const delivery = await db.system((tx) => findDelivery(tx, id))
    if (delivery?.stage !== 'send') return run.log.info('nothing to send')
    if (delivery.way === 'hand') {
      await db.system((tx) => postpone(tx, id, BY_HAND_WAIT_MS))
      return run.log.info('waits for a person to send it by hand')
    }
    const alone = await db.system((tx) => aloneWith(tx, delivery.recipientId, sendOnce))
    if (alone === undefined) {
      await db.system((tx) => postpone(tx, id, BUSY_WAIT_MS))
      await again(BUSY_WAIT_MS)
    } else if (alone.done.kind === 'wait') await again(alone.done.waitMs)
    else if (alone.done.kind === 'over') run.log.info({ why: alone.done.why }, 'not sent')

    async function sendOnce(): Promise<NextStep> {
      const step = await prepare(sending, id)
      if (step.kind !== 'hand-over') return step
      const { message } = step
      for (const further of message.further)
        await enqueue(queues, 'send', further).catch((error: unknown) =>
          run.log.warn({ err: error }, 'left to the sweeper'),
        )
      let response: string
      try {
        response = await handOver(sending, message)
      } catch (error) {
        const problem = await recordFailure(sending, message, error)
        if (problem.type === 'mail/misconfigured')
          return { kind: 'wait', waitMs: PAUSED_WAIT_MS, why: problem.message }
        if (problem.type === 'mail/refused' || problem.type === 'mail/unreachable') throw problem
        run.log.error({ err: error }, 'nobody knows whether the message was sent')
        return step
      }
      await recordAnswer(sending, message, response)
      run.log.info({ messageBytes: message.raw.length, response }, 'sent')
      return step
    }

    /** Rings later, under a key of its own: this job still holds the usual one. Rings for about the same time are one. */
    async function again(delayMs: number): Promise<void> {
      const dueMs = Math.max(delayMs, SLOT_MS) + Math.round(Math.random() * SPREAD_MS)
      const slot = Math.ceil((Date.now() + dueMs) / SLOT_MS)
      const later = { ...jobs.send, key: () => `send-later-${id}-${slot}` }
      await queues
        .enqueue(later, { id }, { delayMs: dueMs })
        .catch((error: unknown) => run.log.warn({ err: error }, 'left to the sweeper'))
    }
  }
