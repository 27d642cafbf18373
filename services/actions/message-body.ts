import type { Tx } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { retractionOf } from '../notices/delivery-store.ts'
import type { Delivery } from '../notices/delivery.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { Notice, SignedNotice } from '../notices/notice-row.ts'
import { type MailBody, type MailFacts, mailBodyOf } from '../notices/render/mail-body.ts'
import { ticketsOf } from '../notices/reply-store.ts'
import { type MailFormat, isMailFormat } from '../recipients/recipient.ts'
import { barOfNotice, stillDemanded, unanswered } from './still-demanded.ts'

/** Whether a message is the one by which the recipient hears of the notice. */
export const isOpening = ({ kind, part }: Delivery): boolean => kind === 'notice' && part === 1

/** What a message says, and how many messages its notice takes in this form. */
export interface MessageBody {
  readonly body: MailBody
  readonly mails: number
}

const formatOf = ({ format }: Delivery): MailFormat => (isMailFormat(format) ? format : 'mail')

const barred = (bar: string): Problem =>
  new Problem('notice/barred', `Nothing may be demanded here any more: ${bar}`)

const nothingLeft = ({ number }: Notice, bar: string | undefined): Problem =>
  bar === undefined
    ? new Problem('row/stage', `What this message of notice ${number} demands was answered or taken back`)
    : barred(bar)

/** The locations at these addresses, as the document names them. */
const idsAt = ({ document }: SignedNotice, addresses: ReadonlySet<string>): string[] =>
  document.locations
    .filter(({ canonicalUrl }) => addresses.has(canonicalUrl))
    .map(({ locationId }) => locationId)

/** The facts of a message beside the notice. @returns a Problem when a reminder has nothing left to remind of. */
async function factsOf(tx: Tx, delivery: Delivery, notice: SignedNotice): Promise<MailFacts | Problem> {
  const facts: MailFacts = {
    caseNumbers: await ticketsOf(tx, notice.id),
    ...(notice.sentAt && { firstSentAt: notice.sentAt }),
  }
  if (delivery.kind === 'retraction') return { ...facts, ...(await retractionOf(tx, notice.id, delivery.id)) }
  if (delivery.kind === 'notice') return facts
  const { addresses, bar } = await unanswered(tx, notice)
  if (addresses.size === 0) return nothingLeft(notice, bar)
  return { ...facts, reminder: delivery.number, locationIds: idsAt(notice, addresses) }
}

/**
 * What a message says now. Hours may lie between a person's click and a free place for the recipient, and a notice in
 * many messages takes hours itself: each demands only what may still be demanded.
 *
 * @returns a Problem when nothing is left.
 */
export async function messageBody(
  tx: Tx,
  delivery: Delivery,
  notice: SignedNotice,
): Promise<MessageBody | Problem> {
  const bar = isOpening(delivery) ? await barOfNotice(tx, notice) : undefined
  if (bar !== undefined) return barred(bar)
  const facts = await factsOf(tx, delivery, notice)
  if (facts instanceof Problem) return facts
  const bodies = mailBodyOf(notice.document, formatOf(delivery), delivery.kind, facts)
  const body = bodies[delivery.part - 1]
  if (!body) throw new Error(`a notice has no message ${delivery.part}`)
  const mails = bodies.length
  if (delivery.kind !== 'notice' || delivery.part === 1) return { body, mails }
  const asked = new Set(body.locationIds)
  const there = notice.document.locations.filter(({ locationId }) => asked.has(locationId))
  const left = await stillDemanded(tx, notice, new Set(there.map(({ canonicalUrl }) => canonicalUrl)))
  if (left.addresses.size === there.length) return { body, mails }
  if (left.addresses.size === 0) return nothingLeft(notice, left.bar)
  const locationIds = idsAt(notice, left.addresses)
  const [rest] = mailBodyOf(notice.document, formatOf(delivery), 'notice', { ...facts, locationIds })
  if (!rest) throw new Error('locations without a message')
  return { body: rest, mails }
}

/** Whether something that a message demands was taken back since its body was made. */
export async function isTakenBack(
  tx: Tx,
  { delivery, notice, body }: { delivery: Delivery; notice: SignedNotice; body: MailBody },
): Promise<boolean> {
  if (delivery.kind === 'retraction') return false
  const rows = await locationsOf(tx, notice.id)
  const taken = rows.filter(({ outcome }) => outcome === 'retracted').map(({ canonicalUrl }) => canonicalUrl)
  return idsAt(notice, new Set(taken)).some((locationId) => body.locationIds.includes(locationId))
}
