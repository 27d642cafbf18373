import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { NoticeId, RecipientId } from '../core/ids.ts'

/** While a message is handed over its lock must not look forgotten: the server ends idle transactions after minutes. */
const LOCK_ALIVE_MS = 30_000
/** Over how many days bounces are counted. */
const BOUNCE_DAYS = 7

/**
 * Does some work while nobody else sends to the recipient, in any process. The lock dies with the process that holds
 * it, so whoever gets it knows that a message which was attempted and not answered is nobody's work any more.
 *
 * @param tx a transaction of its own: what the work writes, it writes in others.
 * @returns undefined when somebody else is sending.
 */
export async function aloneWith<T>(
  tx: Tx,
  recipientId: RecipientId,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | undefined> {
  const { locked } = await tx.one(z.object({ locked: z.boolean() }))`
    select pg_try_advisory_xact_lock(hashtextextended(${`send:${recipientId}`}, 0)) as locked`
  if (!locked) return undefined
  let lost: unknown
  const alive = setInterval(() => {
    tx.run`select 1`.catch((error: unknown) => (lost = error))
  }, LOCK_ALIVE_MS)
  try {
    const done = await work()
    if (lost) throw lost
    return { done }
  } finally {
    clearInterval(alive)
  }
}

const Limits = z.object({
  mailsPerHour: z.number(),
  recipientPausedAt: z.date().nullable(),
  tenantPausedAt: z.date().nullable(),
})
export type SendingLimits = z.infer<typeof Limits>

/** How fast the recipient of a notice takes messages, and whether sending is paused. */
export const limitsOf = (tx: Tx, noticeId: NoticeId): Promise<SendingLimits> =>
  tx.one(Limits)`
    select r.mails_per_hour, r.paused_at as recipient_paused_at, t.notices_paused_at as tenant_paused_at
      from notice n join recipient r on r.id = n.recipient_id join tenant t on t.id = n.tenant_id
     where n.id = ${noticeId}`

/** When messages were attempted to a recipient in the last hour, the latest first. */
export async function attemptsTo(tx: Tx, recipientId: RecipientId, rowsMax: number): Promise<Date[]> {
  const rows = await tx.all(z.object({ attemptedAt: z.date() }))`
    select d.attempted_at from delivery d join notice n on n.id = d.notice_id
     where n.recipient_id = ${recipientId} and d.way = 'mail' and d.attempted_at > now() - interval '1 hour'
     order by d.attempted_at desc limit ${rowsMax}`
  return rows.map(({ attemptedAt }) => attemptedAt)
}

/** How many messages wait to be sent to a recipient. */
export async function waitingFor(tx: Tx, recipientId: RecipientId): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from delivery d join notice n on n.id = d.notice_id
     where n.recipient_id = ${recipientId} and d.stage = 'send'`
  return count
}

/** How many messages went out to a recipient of late, and how many of them were refused or came back. */
export const bounceCounts = (tx: Tx, recipientId: RecipientId): Promise<{ sent: number; bounced: number }> =>
  tx.one(z.object({ sent: z.number(), bounced: z.number() }))`
    select count(*) as sent,
           count(*) filter (where d.stage = 'failed' or exists (
             select from reply b where b.delivery_id = d.id and b.kind = 'bounce'
                and b.findings -> 'bounce' ->> 'action' = 'failed')) as bounced
      from delivery d join notice n on n.id = d.notice_id
     where n.recipient_id = ${recipientId} and d.way = 'mail'
       and d.attempted_at > now() - make_interval(days => ${BOUNCE_DAYS})`

/** Stops sending to a recipient until a person lifts it. @returns false when it is paused already. */
export const pauseRecipient = async (tx: Tx, id: RecipientId, why: string): Promise<boolean> =>
  (await tx.run`
    update recipient set paused_at = now(), paused_why = ${why} where id = ${id} and paused_at is null`) === 1
