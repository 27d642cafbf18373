import { createHash } from 'node:crypto'

import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { type NoticeId, type ReplyId, Sha256 } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { readReplyAddress } from '../notices/delivery.ts'
import type { Notice } from '../notices/notice-row.ts'
import { type Classified, type Findings, classify } from '../notices/replies/classify.ts'
import { MAIL_BYTES_MAX, type ReadMail, parseMail } from '../notices/replies/parse-mail.ts'
import {
  type Addressed,
  countRefusedReply,
  deliveryOfMessage,
  keepReply,
  markHandled,
  noticeOfNumber,
  noticeOfThread,
  noticeOfToken,
  repliesLately,
  sameReply,
} from '../notices/reply-store.ts'
import { lockNotice } from '../notices/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { tellReplyWaiting } from './news.ts'
import { applyAnswer } from './reply-effects.ts'

/** Headers in which mail servers leave the address that a mail was for. */
const ADDRESS_HEADERS = ['x-original-to', 'delivered-to', 'envelope-to', 'to', 'cc']
/** Addresses that are looked at in a mail: answers have one of ours. */
const ADDRESSES_MAX = 20

/**
 * Answers to one notice that are taken in a day. More are a loop or an attack, each of megabytes and for a person to read;
 * a host that writes one about every location brings the others the next day, as mail servers do with a 452.
 */
export const REPLIES_A_DAY_MAX = 100

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

/** Whose answer a mail is, and how that was found. */
type Addressee = Addressed & { readonly foundBy: NonNullable<Findings['foundBy']> }

/** Whose answer a mail is: by its address, else by its thread, else perhaps by a number in its subject. */
async function addresseeOf(
  tx: Tx,
  mail: ReadMail,
  { findings }: Classified,
  given: { addresses: readonly string[]; replyDomain: string },
): Promise<Addressee | undefined> {
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

/** A mail that is being taken. */
interface Coming {
  readonly mail: ReadMail
  readonly classified: Classified
  readonly sha256: Sha256
}

/**
 * What is to be done with a mail to a notice: nothing when it is there already, or when more came in a day than are taken,
 * which is counted. Whoever asks holds the notice.
 */
async function admit(
  tx: Tx,
  noticeId: NoticeId,
  { mail, sha256 }: Coming,
): Promise<TakenReply | 'refused' | 'taken'> {
  const known = await sameReply(tx, noticeId, { messageId: mail.messageId, rawSha256: sha256 })
  if (known) return { id: known.id, noticeId, isNew: false, waits: known.handledAt === null }
  if ((await repliesLately(tx, noticeId)) < REPLIES_A_DAY_MAX) return 'taken'
  await countRefusedReply(tx, noticeId)
  return 'refused'
}

/** Keeps an answer that is new, and draws the conclusions from it that need no person. */
async function keepNew(
  tx: Tx,
  notice: Notice,
  { mail, classified, sha256 }: Coming,
  found: Addressee,
  caller: Caller | undefined,
): Promise<TakenReply> {
  const { kind } = classified
  const { foundBy, noticeId, tenantId } = found
  const findings = { ...classified.findings, foundBy }
  const { messageId, sender, subject, text } = mail
  const given = { messageId, sender, subject, text, kind, findings, rawSha256: sha256 }
  const { id, isNew } = await keepReply(tx, found, given)
  if (!isNew) throw new Error('an answer came twice while its notice was held')
  const deliveryId = found.deliveryId ?? undefined
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

/**
 * Takes a mail that answers a notice: keeps it as it came, reads it, and draws the conclusions that need no person.
 * The same mail twice is one answer. Links in it are never followed.
 *
 * @throws {Problem} request/too-large; row/unknown when it answers no notice, or none of the caller's account;
 *   request/too-many above `REPLIES_A_DAY_MAX`, which its notice counts.
 */
export async function takeReply(house: House, raw: Buffer, given: ReplyGiven = {}): Promise<TakenReply> {
  if (raw.length > MAIL_BYTES_MAX)
    throw new Problem('request/too-large', `A mail of more than ${MAIL_BYTES_MAX} bytes is not taken`)
  const { caller, envelopeTo } = given
  const mail = await parseMail(raw)
  const sha256 = Sha256.parse(createHash('sha256').update(raw).digest('hex'))
  const coming: Coming = { mail, classified: classify(mail), sha256 }
  const addressing = {
    addresses: addressesOf(mail, envelopeTo),
    replyDomain: house.config.REPLY_DOMAIN.toLowerCase(),
  }
  const inTransaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    caller ? house.db.tenant(caller.tenantId, work) : house.db.system(work)
  const addressed = async (tx: Tx): Promise<Addressee> => {
    const found = await addresseeOf(tx, mail, coming.classified, addressing)
    if (!found) throw new Problem('row/unknown', 'This mail answers no notice of this account')
    return found
  }

  // Twice: what is not taken leaves no bytes behind, and of two that come at once only one may be the last.
  const before = await inTransaction(async (tx) => {
    const { noticeId } = await addressed(tx)
    await lockNotice(tx, noticeId)
    return admit(tx, noticeId, coming)
  })
  if (before === 'taken') await house.blobs.put(once(raw), { bytesMax: MAIL_BYTES_MAX })
  const taken =
    before !== 'taken'
      ? before
      : await inTransaction(async (tx) => {
          const found = await addressed(tx)
          const notice = await lockNotice(tx, found.noticeId)
          const now = await admit(tx, found.noticeId, coming)
          return now === 'taken' ? keepNew(tx, notice, coming, found, caller) : now
        })
  if (taken === 'refused')
    throw new Problem(
      'request/too-many',
      `No more than ${REPLIES_A_DAY_MAX} answers to one notice are taken in a day; this one was only counted`,
    )
  return taken
}
