import { randomBytes } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type MemberId, NoticeId, type RecipientId, type TenantId, newId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Sql, join, sql } from '../core/sql.ts'
import type { NoticeFormat } from '../recipients/recipient.ts'
import { type NewNoticeLocation, keepLocations, setLive } from './locations-store.ts'
import { Notice, SignedNotice } from './notice-row.ts'
import {
  NoticeEvent,
  type NoticeEventKind,
  type NoticeState,
  afterEvent,
  allowedEvents,
  isEnd,
} from './notice-state.ts'
import {
  type Language,
  type NoticeDetails,
  type NoticeDocument,
  type OpenPoint,
  type Regime,
  freezeNotice,
} from './notice.ts'

/** 120 random bits: nobody guesses an address that answers to somebody else’s notice go to. */
const REPLY_TOKEN_BYTES = 15

const columns = sql`n.id, n.tenant_id, n.number, n.version, n.supersedes, n.recipient_id, r.name as recipient_name, n.host,
  n.regimes, n.language, n.format, n.details, n.state, n.checked_at, n.open_points, n.document_sha256, n.signed_by,
  n.signed_at, n.approval_needed, n.approved_by, n.approved_at, n.reply_token, n.sent_at, n.acknowledged_at, n.ended_at,
  n.due_at, n.reminders, n.replies_refused, (select count(*) from notice_location l where l.notice_id = n.id) as locations,
  n.created_by, n.created_at`
const tables = sql`notice n join recipient r on r.id = n.recipient_id`

export const findNotice = (tx: Tx, id: NoticeId): Promise<Notice | undefined> =>
  tx.maybe(Notice)`select ${columns} from ${tables} where n.id = ${id}`

/** A notice with what was signed; undefined when there is none, or nobody has signed it. */
export const findSigned = (tx: Tx, id: NoticeId): Promise<SignedNotice | undefined> =>
  tx.maybe(SignedNotice)`
    select ${columns}, n.document, n.document_text from ${tables} where n.id = ${id} and n.signed_at is not null`

/** Which notices are asked for. */
export interface NoticesAsked {
  readonly state?: NoticeState | undefined
  readonly recipientId?: RecipientId | undefined
  readonly host?: string | undefined
  readonly after?: { readonly at: Date; readonly id: string } | undefined
  readonly limit: number
}

/** Notices, newest first; of those that were drafted together the highest number. */
export async function listNotices(tx: Tx, asked: NoticesAsked): Promise<Notice[]> {
  const conditions: Sql[] = [
    sql`true`,
    ...(asked.state ? [sql`n.state = ${asked.state}`] : []),
    ...(asked.recipientId ? [sql`n.recipient_id = ${asked.recipientId}`] : []),
    ...(asked.host ? [sql`n.host = ${asked.host}`] : []),
    ...(asked.after
      ? [
          sql`(n.created_at, n.number, n.version) <
              (select ${asked.after.at}::timestamptz, a.number, a.version from notice a where a.id = ${asked.after.id})`,
        ]
      : []),
  ]
  return tx.all(Notice)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')}
     order by n.created_at desc, n.number desc, n.version desc limit ${asked.limit}`
}

/** The versions of a notice, the latest first. */
export const versionsOf = (tx: Tx, number: string): Promise<Notice[]> =>
  tx.all(Notice)`select ${columns} from ${tables} where n.number = ${number} order by n.version desc`

/** A notice before it has an id. Without `replaces` it gets the next number of the account. */
export interface NewNotice {
  readonly recipientId: RecipientId
  readonly host: string
  readonly regimes: readonly Regime[]
  readonly language: Language
  readonly format: NoticeFormat
  readonly details: NoticeDetails
  readonly createdBy: string
  readonly locations: readonly NewNoticeLocation[]
  readonly replaces?: { readonly id: NoticeId; readonly number: string; readonly version: number } | undefined
}

/** The next number of an account: one after the other, whoever asks at the same time. */
async function nextNumber(tx: Tx, tenantId: TenantId): Promise<string> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    update tenant set notice_count = notice_count + 1 where id = ${tenantId} returning notice_count as count`
  return `EN-${new Date().getUTCFullYear()}-${String(count).padStart(6, '0')}`
}

/** Letters and digits that no mail program changes: base32 (RFC 4648, section 6) in lower case. */
function newReplyToken(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return [...randomBytes(REPLY_TOKEN_BYTES * 2)]
    .map((byte) => alphabet[byte % 32])
    .join('')
    .slice(0, 24)
}

/** Makes a draft, with its locations in their order. Nothing is demanded by it yet. */
export async function createNotice(tx: Tx, tenantId: TenantId, given: NewNotice): Promise<NoticeId> {
  const id = newId(NoticeId)
  const { replaces } = given
  const number = replaces?.number ?? (await nextNumber(tx, tenantId))
  await tx.run`
    insert into notice (id, tenant_id, number, version, supersedes, recipient_id, host, regimes, language, format, details,
                        state, reply_token, created_by)
    values (${id}, ${tenantId}, ${number}, ${replaces ? replaces.version + 1 : 1}, ${replaces?.id ?? null},
            ${given.recipientId}, ${given.host}, ${[...given.regimes]}, ${given.language}, ${given.format},
            ${JSON.stringify(given.details)}, 'draft', ${newReplyToken()}, ${given.createdBy})`
  await keepLocations(tx, { id, tenantId, recipientId: given.recipientId }, given.locations)
  const details = replaces && { supersedes: replaces.id }
  await keepEvent(tx, { id, tenantId }, { kind: 'created', actor: given.createdBy, details }, 'draft')
  return id
}

/** A notice that nobody else changes until the transaction ends. @throws {Problem} row/unknown. */
export async function lockNotice(tx: Tx, id: NoticeId): Promise<Notice> {
  // By a statement of its own: one that locks and joins sees what it joins as it was before the wait.
  await tx.run`select from notice where id = ${id} for update`
  const notice = await findNotice(tx, id)
  if (!notice) throw new Problem('row/unknown', 'No such notice')
  return notice
}

/** Events that end a version and begin the next. */
const handsOver: ReadonlySet<NoticeEventKind> = new Set(['supplemented', 'rerouted'])

/** An event before it is numbered. */
export interface NewNoticeEvent {
  readonly kind: NoticeEventKind
  readonly actor: string
  readonly reason?: string | undefined
  readonly comment?: string | undefined
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Which notice an event belongs to. */
export interface NoticeKey {
  readonly id: NoticeId
  readonly tenantId: TenantId
}

async function keepEvent(
  tx: Tx,
  { id, tenantId }: NoticeKey,
  { kind, actor, reason, comment, details }: NewNoticeEvent,
  state: NoticeState,
): Promise<void> {
  await tx.run`
    insert into notice_event (notice_id, number, tenant_id, kind, state, actor, reason, comment, details)
    select ${id}, coalesce(max(number), 0) + 1, ${tenantId}, ${kind}, ${state}, ${actor}, ${reason ?? null},
           ${comment ?? null}, ${details ? JSON.stringify(details) : null}::jsonb
      from notice_event where notice_id = ${id}`
}

/** What a caller is told who asks for an event that cannot be now; it names those that can. */
export function notNow(
  notice: Pick<Notice, 'number' | 'state' | 'signedAt'>,
  wanted: NoticeEventKind,
): Problem {
  const allowed = allowedEvents(notice.state, notice.signedAt !== null)
  return new Problem(
    'row/stage',
    `Notice ${notice.number} is ${notice.state.replaceAll('_', ' ')}, so “${wanted}” cannot be; ` +
      `now there can be: ${allowed.length > 0 ? allowed.join(', ') : 'nothing more'}`,
  )
}

/**
 * Adds an event, and with it moves the notice on: event and state are written together. Of two who add one at once the
 * second meets the state that the first left. First times of sending, acknowledgement and end are noted with them; a
 * notice that ends without another version demands nothing any more.
 *
 * @returns the state after it.
 * @throws {Problem} row/unknown, or row/stage with the events that are allowed now.
 */
export async function addEvent(tx: Tx, notice: NoticeKey, event: NewNoticeEvent): Promise<NoticeState> {
  const locked = await lockNotice(tx, notice.id)
  const next = afterEvent(locked.state, event.kind)
  const isUnsaid = event.kind === 'retracted' && locked.signedAt === null
  if (!next || isUnsaid) throw notNow(locked, event.kind)
  await keepEvent(tx, notice, event, next)
  await tx.run`
    update notice set state = ${next},
           sent_at = case when ${event.kind} = 'sent' then coalesce(sent_at, now()) else sent_at end,
           acknowledged_at = case when ${event.kind} = 'acknowledged' then coalesce(acknowledged_at, now())
                                  else acknowledged_at end,
           ended_at = case when ${isEnd(next)} then coalesce(ended_at, now()) else ended_at end
     where id = ${notice.id}`
  // What another version takes over is demanded until that one is signed.
  if (isEnd(next) && !handsOver.has(event.kind)) await setLive(tx, notice.id, false)
  return next
}

/** Adds an event where the state allows it, and nothing where it does not: what is said twice, or late, is no mistake. */
export async function tryEvent(tx: Tx, notice: NoticeKey, event: NewNoticeEvent): Promise<boolean> {
  const { state } = await lockNotice(tx, notice.id)
  if (afterEvent(state, event.kind) === undefined) return false
  await addEvent(tx, notice, event)
  return true
}

/** What happened to a notice, oldest first, with the names of the people who did it. */
export const eventsOf = (tx: Tx, id: NoticeId): Promise<NoticeEvent[]> =>
  tx.all(NoticeEvent)`
    select e.number, e.kind, e.state, e.actor, m.name as actor_name, e.reason, e.comment, e.details, e.at
      from notice_event e left join member m on e.actor = 'member:' || m.id
     where e.notice_id = ${id} order by e.number`

/** What of a draft can be changed. */
export interface NoticeChange {
  readonly recipientId?: RecipientId | undefined
  readonly regimes?: readonly Regime[] | undefined
  readonly language?: Language | undefined
  readonly format?: NoticeFormat | undefined
  readonly details?: NoticeDetails | undefined
}

/** Changes what is given of a notice that is not signed; the database refuses any other. */
export async function changeNotice(tx: Tx, id: NoticeId, change: NoticeChange): Promise<void> {
  const { recipientId, regimes, language, format, details } = change
  await tx.run`
    update notice set recipient_id = coalesce(${recipientId ?? null}, recipient_id),
           regimes = coalesce(${regimes ? [...regimes] : null}::text[], regimes),
           language = coalesce(${language ?? null}, language), format = coalesce(${format ?? null}, format),
           details = coalesce(${details ? JSON.stringify(details) : null}::jsonb, details)
     where id = ${id}`
  if (recipientId)
    await tx.run`update notice_location set recipient_id = ${recipientId} where notice_id = ${id}`
}

/** Notes what a readiness check found, and when. */
export const keepCheck = (
  tx: Tx,
  id: NoticeId,
  openPoints: readonly OpenPoint[],
  checkedAt: Date,
): Promise<number> =>
  tx.run`update notice set open_points = ${JSON.stringify(openPoints)}, checked_at = ${checkedAt} where id = ${id}`

/** What is kept with a signature. */
export interface Signing {
  readonly document: NoticeDocument
  readonly signedBy: MemberId
  readonly signedAt: Date
  readonly approvalNeeded: boolean
}

/**
 * Freezes the document of a notice with its signature; from then on the database refuses to change either.
 *
 * @returns the SHA-256 that was signed. @throws {z.ZodError} when the document does not fit its schema.
 */
export async function keepSigned(tx: Tx, id: NoticeId, signing: Signing): Promise<string> {
  const { text, sha256 } = freezeNotice(signing.document)
  const written = await tx.run`
    update notice set document = ${text}, document_text = ${text}, document_sha256 = ${sha256},
           signed_by = ${signing.signedBy}, signed_at = ${signing.signedAt}, approval_needed = ${signing.approvalNeeded}
     where id = ${id} and signed_at is null`
  if (written !== 1) throw new Error('a notice was signed twice')
  return sha256
}

/** Notes who approved a signed notice. */
export const keepApproval = (tx: Tx, id: NoticeId, by: MemberId): Promise<number> =>
  tx.run`update notice set approved_by = ${by}, approved_at = now() where id = ${id} and approved_at is null`
