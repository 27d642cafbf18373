import { createHash } from 'node:crypto'

import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { DeliveryId } from '../core/ids.ts'
import type { Mailer } from '../core/mail.ts'
import { type MailParts, composeMime } from '../core/mime.ts'
import { Problem } from '../core/problem.ts'
import {
  addParts,
  clearAttempt,
  dropDelivery,
  failDelivery,
  holdDelivery,
  markAttempt,
  markUnclear,
  postpone,
  putOff,
  recordSent,
  stages,
  threadOf,
} from '../notices/delivery-store.ts'
import { type Delivery, replyAddressOf, waitMs } from '../notices/delivery.ts'
import type { Notice, SignedNotice } from '../notices/notice-row.ts'
import type { NoticeState } from '../notices/notice-state.ts'
import { attemptsTo, limitsOf } from '../notices/sending-limits-store.ts'
import { findSigned, lockNotice } from '../notices/store.ts'
import { clearMailProblem, keepMailProblem } from '../tenants/mail-identity-store.ts'
import { type MailIdentity, mailIdentityOf } from '../tenants/mail-identity.ts'
import { pauseIfBouncing } from './bounces.ts'
import type { House } from './house.ts'
import { mailerFor } from './mail-identity.ts'
import { type MessageBody, isOpening, isTakenBack, messageBody } from './message-body.ts'

/** What handing over takes beside what actions take. */
export type Sending = Omit<House, 'log'> & { readonly mailer: Mailer }

/** Whoever lifts a pause, or mends the account's mail settings, does not wait for long. */
export const PAUSED_WAIT_MS = 10 * 60_000

/** A message as it goes over the wire, written down as attempted. */
export interface ReadyMessage {
  readonly delivery: Delivery
  readonly raw: Buffer
  readonly envelope: { readonly from: string; readonly to: string }
  /** The account's own mail server; undefined: that of the installation. */
  readonly smtpUrl: string | undefined
  /** Further messages that the notice takes, written down just now; their jobs must be rung for. */
  readonly further: readonly DeliveryId[]
}

/** What is to be done about a message now. */
export type NextStep =
  | { readonly kind: 'over'; readonly why: string }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly why: string }
  | { readonly kind: 'hand-over'; readonly message: ReadyMessage }

/** States in which a notice demands nothing any more. */
const ended: ReadonlySet<NoticeState> = new Set(['retracted', 'closed', 'counter_noticed', 'actioned'])

/** Why a message must not go out any more, although it once should: the notice may have been taken back meanwhile. */
function obstacleOfState(delivery: Delivery, notice: Pick<Notice, 'number' | 'state'>): Problem | undefined {
  if (delivery.kind === 'retraction') return undefined
  if (!(isOpening(delivery) ? notice.state !== 'queued' : ended.has(notice.state))) return undefined
  return new Problem('row/stage', `Notice ${notice.number} is ${notice.state}: nothing is sent of it now`)
}

/** Ends a message that must not go out. What its notice demands has arrived already, unless it is the opening one. */
const stop = (tx: Tx, delivery: Delivery, why: Problem): Promise<boolean> =>
  isOpening(delivery) ? failDelivery(tx, delivery.id, why) : dropDelivery(tx, delivery.id, why)

/** How long the recipient of a message has to be left in peace; undefined when it may go out now. */
async function patience(tx: Tx, { kind, noticeId, recipientId }: Delivery): Promise<NextStep | undefined> {
  const limits = await limitsOf(tx, noticeId)
  const paused = limits.tenantPausedAt ?? limits.recipientPausedAt
  // A retraction undoes harm: it goes out whatever is wrong with the account's notices.
  if (paused && kind !== 'retraction') return { kind: 'wait', waitMs: PAUSED_WAIT_MS, why: 'paused' }
  const at = await attemptsTo(tx, recipientId, limits.mailsPerHour)
  const ms = waitMs({ at, now: new Date() }, limits.mailsPerHour)
  return ms > 0 ? { kind: 'wait', waitMs: ms, why: 'the recipient takes no more for now' } : undefined
}

interface Material extends MessageBody {
  readonly delivery: Delivery
  readonly notice: SignedNotice
  readonly identity: MailIdentity
  readonly inReplyTo: string | undefined
}

/** Takes a message for the work, or says why not. */
async function take(tx: Tx, { secrets, config }: Sending, id: DeliveryId): Promise<NextStep | Material> {
  const delivery = await holdDelivery(tx, id)
  if (delivery?.stage !== 'send' || delivery.way !== 'mail') return { kind: 'over', why: 'nothing to send' }
  if (delivery.attemptedAt !== null) {
    // Whoever attempted it holds the recipient no more, so it ended without an answer: nobody knows what became of it.
    await markUnclear(tx, id)
    return { kind: 'over', why: 'attempted before, without an answer: unclear' }
  }
  const wait = await patience(tx, delivery)
  if (wait?.kind === 'wait') await postpone(tx, id, wait.waitMs)
  if (wait) return wait
  if (!(await stages.claim(tx, id, 'send'))) return { kind: 'over', why: 'taken by another' }
  const notice = await findSigned(tx, delivery.noticeId)
  if (!notice) throw new Error('a message of a notice that nobody signed')
  const saying = obstacleOfState(delivery, notice) ?? (await messageBody(tx, delivery, notice))
  if (saying instanceof Problem) {
    await stop(tx, delivery, saying)
    return { kind: 'over', why: saying.message }
  }
  const thread = await threadOf(tx, notice.id)
  return {
    ...saying,
    delivery,
    notice,
    identity: await mailIdentityOf(tx, secrets, notice.tenantId, config),
    inReplyTo: thread === delivery.messageId ? undefined : thread,
  }
}

/** The parts of a mail. */
function mailOf(
  { delivery, notice, identity, inReplyTo, body }: Material,
  at: Date,
): { mail: MailParts; replyTo: string } {
  const to = delivery.address ?? notice.document.recipient.email
  if (!to) throw new Problem('recipient/unknown', 'No mail address of the recipient is known')
  const replyTo = replyAddressOf(notice.replyToken, identity.replyDomain)
  const mail: MailParts = {
    from: identity.from,
    to,
    replyTo,
    subject: body.subject,
    text: body.text,
    attachments: body.attachments,
    report: body.report,
    messageId: delivery.messageId ?? `${delivery.id}@${identity.replyDomain}`,
    inReplyTo,
    date: at,
    dkim: identity.dkim,
  }
  return { mail, replyTo }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * The first half of sending a message: composes it, keeps its bytes, and commits that it is about to be handed over.
 * From then on it is handed over once or never. Called by who is alone with the recipient (`aloneWith`).
 *
 * @throws {Problem} what keeps it from being composed.
 */
export async function prepare(sending: Sending, id: DeliveryId): Promise<NextStep> {
  const { db, blobs } = sending
  const taken = await db.system((tx) => take(tx, sending, id))
  if ('kind' in taken) return taken
  const { delivery, identity, mails } = taken
  const at = new Date()
  const { mail, replyTo } = mailOf(taken, at)
  const raw = await composeMime(mail)
  const sha256 = createHash('sha256').update(raw).digest('hex')
  await blobs.put(once(raw), { bytesMax: raw.length })
  const further = await db.system(async (tx) => {
    const attempt = { at, messageId: mail.messageId, sha256, address: mail.to }
    // Whoever takes a notice back holds it as well: it either sees this attempt, or is seen here.
    const hindered = obstacleOfState(delivery, await lockNotice(tx, delivery.noticeId))
    if (hindered) await stop(tx, delivery, hindered)
    if (hindered || (await isTakenBack(tx, taken))) return undefined
    if (!(await markAttempt(tx, id, attempt))) return undefined
    return delivery.part === 1 ? addParts(tx, delivery, mails) : []
  })
  if (!further) return { kind: 'over', why: 'taken by another, or back' }
  const envelope = { from: replyTo, to: mail.to }
  return { kind: 'hand-over', message: { delivery, raw, envelope, smtpUrl: identity.smtpUrl, further } }
}

/** The one moment at which something leaves. @returns the mail server's answer. @throws {Problem} see RawMailer. */
export function handOver({ mailer, config }: Sending, message: ReadyMessage): Promise<string> {
  const { smtpUrl, envelope, raw } = message
  return mailerFor(config, smtpUrl, mailer).sendRaw({ envelope, raw })
}

/** The second half: writes down that a message is out, and tells its notice. */
export async function recordAnswer(
  { db }: Sending,
  { delivery }: ReadyMessage,
  response: string,
): Promise<void> {
  await db.system(async (tx) => {
    await clearMailProblem(tx, delivery.tenantId)
    if (!(await recordSent(tx, delivery.id, { at: new Date(), response, actor: 'system' }))) return
    await audit(tx, delivery.tenantId, {
      actor: 'system',
      action: `${delivery.kind}.sent`,
      subject: `notice:${delivery.noticeId}`,
      details: { delivery: delivery.id, response: response.slice(0, 500) },
    })
  })
}

async function keepMisconfigured(tx: Tx, { id, tenantId }: Delivery, { message }: Problem): Promise<void> {
  await putOff(tx, id, PAUSED_WAIT_MS)
  if (!(await keepMailProblem(tx, tenantId, message))) return
  const about = {
    action: 'account.mail-failed',
    subject: `tenant:${tenantId}`,
    details: { problem: message },
  }
  await audit(tx, tenantId, { actor: 'system', ...about })
}

/**
 * Writes down that handing over failed: a message that was refused for good fails, one that was not taken may be tried
 * again, and of any other nobody knows. What the account has to mend in its own settings is no fault of the recipient's:
 * the message waits, and the settings say why.
 *
 * @returns the problem that it was; the job's verdict is its.
 */
export async function recordFailure(
  { db }: Sending,
  { delivery }: ReadyMessage,
  error: unknown,
): Promise<Problem> {
  const problem = Problem.from(error)
  await db.system(async (tx) => {
    if (problem.type === 'mail/misconfigured') await keepMisconfigured(tx, delivery, problem)
    else if (problem.type === 'mail/unreachable') await clearAttempt(tx, delivery.id)
    else if (problem.type === 'mail/refused') {
      await failDelivery(tx, delivery.id, problem)
      await pauseIfBouncing(tx, delivery)
    } else await markUnclear(tx, delivery.id)
  })
  return problem
}
