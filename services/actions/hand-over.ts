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
  failDelivery,
  holdDelivery,
  markAttempt,
  markUnclear,
  postpone,
  recordSent,
  retractionOf,
  stages,
  threadOf,
} from '../notices/delivery-store.ts'
import { type Delivery, replyAddressOf, waitMs } from '../notices/delivery.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { Notice, SignedNotice } from '../notices/notice-row.ts'
import type { NoticeState } from '../notices/notice-state.ts'
import { type MailFacts, type MailFormat, mailBodyOf } from '../notices/render/mail-body.ts'
import { ticketsOf } from '../notices/reply-store.ts'
import { attemptsTo, limitsOf } from '../notices/sending-limits-store.ts'
import { findSigned, lockNotice } from '../notices/store.ts'
import { type MailIdentity, mailIdentityOf } from '../tenants/mail-identity.ts'
import { pauseIfBouncing } from './bounces.ts'
import { barOfNotice } from './deliveries.ts'
import type { House } from './house.ts'
import { mailerFor } from './mail-identity.ts'

/** What handing over takes beside what actions take. */
export type Sending = Omit<House, 'log'> & { readonly mailer: Mailer }

/** Whoever lifts a pause does not wait for long. */
const PAUSED_WAIT_MS = 10 * 60_000

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
  const opens = delivery.kind === 'notice' && delivery.part === 1
  if (!(opens ? notice.state !== 'queued' : ended.has(notice.state))) return undefined
  return new Problem('row/stage', `Notice ${notice.number} is ${notice.state}: nothing is sent of it now`)
}

/** The same, and whether it may be demanded at all. */
async function obstacle(tx: Tx, delivery: Delivery, notice: SignedNotice): Promise<Problem | undefined> {
  if (delivery.kind === 'retraction') return undefined
  const hindered = obstacleOfState(delivery, notice)
  if (hindered) return hindered
  // Hours may lie between a person's click and a free place for the recipient.
  const bar = delivery.part === 1 ? await barOfNotice(tx, notice) : undefined
  return bar === undefined
    ? undefined
    : new Problem('notice/barred', `Nothing may be demanded here any more: ${bar}`)
}

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

interface Material {
  readonly delivery: Delivery
  readonly notice: SignedNotice
  readonly identity: MailIdentity
  readonly inReplyTo: string | undefined
  readonly facts: MailFacts
}

/** The locations that a reminder is about: those without an answer yet. */
async function unanswered(tx: Tx, notice: SignedNotice): Promise<string[]> {
  const rows = await locationsOf(tx, notice.id)
  const open = new Set(rows.filter(({ outcome }) => outcome === null).map(({ canonicalUrl }) => canonicalUrl))
  const { locations } = notice.document
  const left = locations.filter(({ canonicalUrl }) => open.has(canonicalUrl))
  return (left.length > 0 ? left : locations).map(({ locationId }) => locationId)
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
  const hindered = await obstacle(tx, delivery, notice)
  if (hindered) {
    await failDelivery(tx, id, hindered)
    return { kind: 'over', why: hindered.message }
  }
  const thread = await threadOf(tx, notice.id)
  return {
    delivery,
    notice,
    identity: await mailIdentityOf(tx, secrets, notice.tenantId, config),
    inReplyTo: thread === delivery.messageId ? undefined : thread,
    facts: {
      caseNumbers: await ticketsOf(tx, notice.id),
      ...(notice.sentAt && { firstSentAt: notice.sentAt }),
      ...(delivery.kind === 'reminder' && { reminder: delivery.number }),
      ...(delivery.kind === 'retraction' && (await retractionOf(tx, notice.id, id))),
      ...(delivery.kind === 'reminder' && { locationIds: await unanswered(tx, notice) }),
    },
  }
}

const formatOf = (delivery: Delivery): MailFormat =>
  delivery.format === 'xarf-mail' || delivery.format === 'acns-mail' ? delivery.format : 'mail'

/** The parts of a mail, and how many mails the notice takes in this form. */
function mailOf(
  { delivery, notice, identity, inReplyTo, facts }: Material,
  at: Date,
): { mail: MailParts; replyTo: string; mails: number } {
  const bodies = mailBodyOf(notice.document, formatOf(delivery), delivery.kind, facts)
  const body = bodies[delivery.part - 1]
  const to = delivery.address ?? notice.document.recipient.email
  if (!body) throw new Error(`a notice has no message ${delivery.part}`)
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
  return { mail, replyTo, mails: bodies.length }
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
  const { delivery, identity } = taken
  const at = new Date()
  const { mail, replyTo, mails } = mailOf(taken, at)
  const raw = await composeMime(mail)
  const sha256 = createHash('sha256').update(raw).digest('hex')
  await blobs.put(once(raw), { bytesMax: raw.length })
  const further = await db.system(async (tx) => {
    const attempt = { at, messageId: mail.messageId, sha256, address: mail.to }
    // Whoever takes a notice back holds it as well: it either sees this attempt, or is seen here.
    const hindered = obstacleOfState(delivery, await lockNotice(tx, delivery.noticeId))
    if (hindered) await failDelivery(tx, id, hindered)
    if (hindered || !(await markAttempt(tx, id, attempt))) return undefined
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
    if (!(await recordSent(tx, delivery.id, { at: new Date(), response, actor: 'system' }))) return
    await audit(tx, delivery.tenantId, {
      actor: 'system',
      action: `${delivery.kind}.sent`,
      subject: `notice:${delivery.noticeId}`,
      details: { delivery: delivery.id, response: response.slice(0, 500) },
    })
  })
}

/**
 * Writes down that handing over failed: a message that was refused for good fails, one that was not taken may be tried
 * again, and of any other nobody knows.
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
    if (problem.type === 'mail/unreachable') await clearAttempt(tx, delivery.id)
    else if (problem.type === 'mail/refused') {
      await failDelivery(tx, delivery.id, problem)
      await pauseIfBouncing(tx, delivery)
    } else await markUnclear(tx, delivery.id)
  })
  return problem
}
