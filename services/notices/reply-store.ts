import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { DeliveryId, NoticeId, ReplyId, type Sha256, TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { Findings, ReplyKind } from './replies/classify.ts'

/** A list of answers to one notice is read as a whole; a recipient that writes more often is a loop. */
const REPLIES_MAX = 500

/** A mail that came in answer to a notice. */
export const Reply = z.object({
  id: ReplyId,
  tenantId: TenantId,
  noticeId: NoticeId,
  noticeNumber: z.string(),
  deliveryId: DeliveryId.nullable(),
  /** Without angle brackets. */
  messageId: z.string(),
  sender: z.string(),
  subject: z.string(),
  kind: ReplyKind,
  text: z.string(),
  findings: Findings,
  /** Of the mail as it came; kept in the blob store. */
  rawSha256: z.string(),
  receivedAt: z.date(),
  /** null: a person has to read it. */
  handledAt: z.date().nullable(),
  handledBy: z.string().nullable(),
})
export type Reply = z.infer<typeof Reply>

const columns = sql`y.id, y.tenant_id, y.notice_id, n.number as notice_number, y.delivery_id, y.message_id, y.sender,
  y.subject, y.kind, y.text, y.findings, y.raw_sha256, y.received_at, y.handled_at, y.handled_by`
const tables = sql`reply y join notice n on n.id = y.notice_id`

export const findReply = (tx: Tx, id: ReplyId): Promise<Reply | undefined> =>
  tx.maybe(Reply)`select ${columns} from ${tables} where y.id = ${id}`

/** The answers to a notice, oldest first. */
export const repliesOf = (tx: Tx, noticeId: NoticeId): Promise<Reply[]> =>
  tx.all(Reply)`
    select ${columns} from ${tables} where y.notice_id = ${noticeId} order by y.received_at limit ${REPLIES_MAX}`

/** Answers of an account, newest first. @param asked.waiting only those that a person has to read. */
export const listReplies = (
  tx: Tx,
  asked: { waiting: boolean; after?: { at: Date; id: string } | undefined; limit: number },
): Promise<Reply[]> =>
  tx.all(Reply)`
    select ${columns} from ${tables}
     where (not ${asked.waiting} or y.handled_at is null)
       and ${asked.after ? sql`(y.received_at, y.id) < (${asked.after.at}, ${asked.after.id})` : sql`true`}
     order by y.received_at desc, y.id desc limit ${asked.limit}`

/** Which notice an answer belongs to, and which message it answers where that is known. */
export const Addressed = z.object({
  noticeId: NoticeId,
  tenantId: TenantId,
  deliveryId: DeliveryId.nullable(),
})
export type Addressed = z.infer<typeof Addressed>

const ByToken = Addressed.extend({ replyDomain: z.string().nullable() })

/** The notice of a token, with the domain of its account if it has one of its own. */
export const noticeOfToken = (tx: Tx, token: string): Promise<z.infer<typeof ByToken> | undefined> =>
  tx.maybe(ByToken)`
    select n.id as notice_id, n.tenant_id, null as delivery_id, t.reply_domain
      from notice n join tenant t on t.id = n.tenant_id
     where n.reply_token = ${token} and n.signed_at is not null`

/** The notice in whose thread a mail stands. @param messageIds of the messages that it answers. */
export const noticeOfThread = (tx: Tx, messageIds: readonly string[]): Promise<Addressed | undefined> =>
  tx.maybe(Addressed)`
    select notice_id, tenant_id, id as delivery_id from delivery
     where message_id = any(${[...messageIds]}::text[]) order by created_at desc limit 1`

/** The message of a notice with this id. */
export async function deliveryOfMessage(
  tx: Tx,
  noticeId: NoticeId,
  messageIds: readonly string[],
): Promise<DeliveryId | undefined> {
  const row = await tx.maybe(z.object({ id: DeliveryId }))`
    select id from delivery where notice_id = ${noticeId} and message_id = any(${[...messageIds]}::text[])
     order by created_at desc limit 1`
  return row?.id
}

/**
 * The latest version of a notice that has one of these numbers and was sent to somebody at the domain. Anybody can
 * write a number and a domain: only a person may draw conclusions from what is found in this way.
 */
export const noticeOfNumber = (
  tx: Tx,
  numbers: readonly string[],
  senderDomain: string,
): Promise<Addressed | undefined> =>
  tx.maybe(Addressed)`
    select n.id as notice_id, n.tenant_id, null as delivery_id from notice n join recipient r on r.id = n.recipient_id
     where n.number = any(${[...numbers]}::text[]) and n.sent_at is not null
       and (lower(split_part(r.email, '@', 2)) = ${senderDomain} or r.key = ${senderDomain})
     order by n.version desc limit 1`

/** A mail as it is told apart from others: by its id and by its bytes, since an id can be used twice, or forged. */
interface MailKey {
  readonly messageId: string
  readonly rawSha256: Sha256
}

const Known = z.object({ id: ReplyId, handledAt: z.date().nullable() })

/** The answer to a notice that is this very mail; undefined when it did not come before. */
export const sameReply = (
  tx: Tx,
  noticeId: NoticeId,
  { messageId, rawSha256 }: MailKey,
): Promise<z.infer<typeof Known> | undefined> =>
  tx.maybe(Known)`
    select id, handled_at from reply
     where notice_id = ${noticeId} and message_id = ${messageId} and raw_sha256 = ${rawSha256}`

/** How many answers to a notice came in the last day. */
export async function repliesLately(tx: Tx, noticeId: NoticeId): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from reply where notice_id = ${noticeId} and received_at > now() - interval '1 day'`
  return count
}

/** Counts an answer that was not taken because too many came. */
export async function countRefusedReply(tx: Tx, noticeId: NoticeId): Promise<void> {
  await tx.run`update notice set replies_refused = replies_refused + 1 where id = ${noticeId}`
}

/** Keeps an answer. @returns its id, and whether it is new: the same mail to the same notice is kept once. */
export async function keepReply(
  tx: Tx,
  about: Addressed,
  given: Pick<Reply, 'messageId' | 'sender' | 'subject' | 'kind' | 'text' | 'findings'> & {
    readonly rawSha256: Sha256
  },
): Promise<{ id: ReplyId; isNew: boolean }> {
  const row = await tx.maybe(z.object({ id: ReplyId }))`
    insert into reply (id, tenant_id, notice_id, delivery_id, message_id, sender, subject, kind, text, findings, raw_sha256)
    values (${newId(ReplyId)}, ${about.tenantId}, ${about.noticeId}, ${about.deliveryId}, ${given.messageId},
            ${given.sender}, ${given.subject}, ${given.kind}, ${given.text}, ${JSON.stringify(given.findings)},
            ${given.rawSha256})
    on conflict (notice_id, message_id, raw_sha256) do nothing returning id`
  if (row) return { id: row.id, isNew: true }
  const kept = await sameReply(tx, about.noticeId, given)
  if (!kept) throw new Error('an answer that is kept is not there')
  return { id: kept.id, isNew: false }
}

/** Notes who has drawn the conclusions from an answer. @returns false when that was done before. */
export const markHandled = async (tx: Tx, id: ReplyId, by: string): Promise<boolean> =>
  (await tx.run`
    update reply set handled_at = now(), handled_by = ${by} where id = ${id} and handled_at is null`) === 1

/** Numbers under which the recipient of a notice keeps it, as its answers gave them. */
export async function ticketsOf(tx: Tx, noticeId: NoticeId): Promise<string[]> {
  const rows = await tx.all(z.object({ ticket: z.string() }))`
    select distinct findings -> 'autoReply' ->> 'ticket' as ticket from reply
     where notice_id = ${noticeId} and findings -> 'autoReply' ->> 'ticket' is not null
       and findings ->> 'foundBy' <> 'subject' limit 20`
  return rows.map(({ ticket }) => ticket)
}
