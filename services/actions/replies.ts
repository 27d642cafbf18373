import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, NoticeId, ReplyId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { readReplyAddress } from '../notices/delivery.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { NoticeEventKind, answeredOutcomes } from '../notices/notice-state.ts'
import { type Classified, type Findings, classify } from '../notices/replies/classify.ts'
import { MAIL_BYTES_MAX, type ReadMail, parseMail } from '../notices/replies/parse-mail.ts'
import {
  type Addressed,
  type Reply,
  deliveryOfMessage,
  findReply,
  keepReply,
  markHandled,
  noticeOfNumber,
  noticeOfThread,
  noticeOfToken,
} from '../notices/reply-store.ts'
import { addEvent, lockNotice } from '../notices/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import type { House } from './house.ts'
import { tellReplyWaiting } from './news.ts'
import { takeOutcome } from './refusals.ts'
import { applyAnswer } from './reply-effects.ts'

/** Headers in which mail servers leave the address that a mail was for. */
const ADDRESS_HEADERS = ['x-original-to', 'delivered-to', 'envelope-to', 'to', 'cc']
/** Addresses that are looked at in a mail: answers have one of ours. */
const ADDRESSES_MAX = 20

/** How an answer came. */
export interface ReplyGiven {
  /** The address of the SMTP envelope, where there was one. */
  readonly envelopeTo?: string | undefined
  /** Who handed it in; undefined when it came by mail. */
  readonly caller?: Caller | undefined
}

/** An answer that was taken. */
export interface TakenReply {
  readonly id: ReplyId
  readonly noticeId: NoticeId
  /** false: the same mail was there already, and nothing was done. */
  readonly isNew: boolean
  /** Whether a person has to read it. */
  readonly waits: boolean
}

/** The notice that an address of ours belongs to; undefined for any other address. */
export async function noticeOfAddress(
  tx: Tx,
  address: string,
  replyDomain: string,
): Promise<Addressed | undefined> {
  const read = readReplyAddress(address)
  const notice = read && (await noticeOfToken(tx, read.token))
  // The domain of an account may change; answers to older notices still go to that of the installation.
  if (!read || !notice) return undefined
  return read.domain === replyDomain || read.domain === notice.replyDomain ? notice : undefined
}

function addressesOf(mail: ReadMail, envelopeTo: string | undefined): string[] {
  if (envelopeTo !== undefined) return [envelopeTo]
  const headers = ADDRESS_HEADERS.map((name) => mail.headers.get(name) ?? '').join(' ')
  const found = headers.matchAll(/notices\+[a-z0-9]{20,40}@[a-z0-9.-]{1,253}/gi)
  return [...found].slice(0, ADDRESSES_MAX).map(([address]) => address)
}

/** Whose answer a mail is: by its address, else by its thread, else perhaps by a number in its subject. */
async function addresseeOf(
  tx: Tx,
  mail: ReadMail,
  { findings }: Classified,
  given: { addresses: readonly string[]; replyDomain: string },
): Promise<(Addressed & { foundBy: NonNullable<Findings['foundBy']> }) | undefined> {
  const original = findings.bounce?.originalMessageId
  const answers = [...mail.answers, ...(original ? [original] : [])]
  for (const address of given.addresses) {
    const notice = await noticeOfAddress(tx, address, given.replyDomain)
    if (!notice) continue
    const deliveryId = (await deliveryOfMessage(tx, notice.noticeId, answers)) ?? null
    return { ...notice, deliveryId, foundBy: 'address' }
  }
  const inThread = answers.length > 0 ? await noticeOfThread(tx, answers) : undefined
  if (inThread) return { ...inThread, foundBy: 'thread' }
  const domain = mail.sender.split('@')[1]
  const named =
    domain && findings.numbers.length > 0 ? await noticeOfNumber(tx, findings.numbers, domain) : undefined
  return named && { ...named, foundBy: 'subject' }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/**
 * Takes a mail that answers a notice: keeps it as it came, reads it, and draws the conclusions that need no person.
 * The same mail twice is one answer. Links in it are never followed.
 *
 * @throws {Problem} request/too-large; row/unknown when it answers no notice, or none of the caller's account.
 */
export async function takeReply(house: House, raw: Buffer, given: ReplyGiven = {}): Promise<TakenReply> {
  if (raw.length > MAIL_BYTES_MAX)
    throw new Problem('request/too-large', `A mail of more than ${MAIL_BYTES_MAX} bytes is not taken`)
  const { caller, envelopeTo } = given
  const mail = await parseMail(raw)
  const classified = classify(mail)
  const { sha256 } = await house.blobs.put(once(raw), { bytesMax: MAIL_BYTES_MAX })
  const addressing = {
    addresses: addressesOf(mail, envelopeTo),
    replyDomain: house.config.REPLY_DOMAIN.toLowerCase(),
  }

  const work = async (tx: Tx): Promise<TakenReply> => {
    const addressed = await addresseeOf(tx, mail, classified, addressing)
    if (!addressed) throw new Problem('row/unknown', 'This mail answers no notice of this account')
    const { noticeId, tenantId, foundBy } = addressed
    const notice = await lockNotice(tx, noticeId)
    const findings = { ...classified.findings, foundBy }
    const { messageId, sender, subject, text } = mail
    const { kind } = classified
    const { id, isNew } = await keepReply(tx, addressed, {
      messageId,
      sender,
      subject,
      text,
      kind,
      findings,
      rawSha256: sha256,
    })
    if (!isNew) return { id, noticeId, isNew, waits: (await findReply(tx, id))?.handledAt === null }
    const deliveryId = addressed.deliveryId ?? undefined
    const done = await applyAnswer(tx, { kind, findings, notice, deliveryId, source: { replyId: id } })
    if (done) await markHandled(tx, id, 'system')
    else await tellReplyWaiting(tx, notice, id)
    await audit(tx, tenantId, {
      actor: caller ? actorOf(caller) : 'system',
      action: 'reply.taken',
      subject: `notice:${noticeId}`,
      details: { reply: id, kind, foundBy, sha256, waits: !done },
    })
    return { id, noticeId, isNew, waits: !done }
  }
  return caller ? house.db.tenant(caller.tenantId, work) : house.db.system(work)
}

/** What a person may conclude from an answer. That a copy is gone is for a look at it to say, not for an answer. */
export const handledAs = [
  'acknowledged',
  'asked',
  'rejected',
  'countered',
  'bounced',
  'commented',
] as const satisfies readonly NoticeEventKind[]

type AnsweredOutcome = (typeof answeredOutcomes)[number]

/** What a person found in an answer. */
export interface Handling {
  readonly as: (typeof handledAs)[number]
  /** Of all locations of the notice that have no answer yet. */
  readonly outcome?: AnsweredOutcome | undefined
  readonly comment: string
}

/** @throws {Problem} auth/forbidden. */
function requirePerson(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'reviewer') && !hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only a reviewer or a signer can say what an answer means')
}

/** Notes what a person read about all locations without an answer. @returns the cases whose copies are said to be gone. */
async function takeOutcomes(tx: Tx, noticeId: NoticeId, outcome: AnsweredOutcome): Promise<CaseId[]> {
  const notice = await lockNotice(tx, noticeId)
  const claimed: CaseId[] = []
  for (const location of await locationsOf(tx, noticeId))
    if (location.outcome === null && (await takeOutcome(tx, notice, location, outcome, 'person')))
      claimed.push(location.caseId)
  return claimed
}

/**
 * A person says what an answer means.
 *
 * @throws {Problem} auth/forbidden; row/unknown; row/stage when it was handled before, or its notice does not allow
 *   that event now.
 */
export async function handleReply(
  house: House,
  caller: Caller,
  id: ReplyId,
  { as, outcome, comment }: Handling,
): Promise<Reply> {
  requirePerson(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const reply = await findReply(tx, id)
    if (!reply) throw new Problem('row/unknown', 'No such answer')
    const actor = actorOf(caller)
    if (!(await markHandled(tx, id, actor)))
      throw new Problem('row/stage', 'This answer was handled before; add a comment to its notice instead')
    const { noticeId, tenantId } = reply
    const claimed = outcome ? await takeOutcomes(tx, noticeId, outcome) : []
    const details = {
      replyId: id,
      ...(outcome && { outcome }),
      ...(claimed.length > 0 && { removalClaimed: claimed }),
    }
    await addEvent(tx, { id: noticeId, tenantId }, { kind: as, actor, reason: outcome, comment, details })
    await audit(tx, tenantId, {
      actor,
      action: 'reply.handled',
      subject: `notice:${noticeId}`,
      details: { reply: id, as, outcome: outcome ?? null },
    })
    const handled = await findReply(tx, id)
    if (!handled) throw new Error('a handled answer is not there')
    return handled
  })
}
