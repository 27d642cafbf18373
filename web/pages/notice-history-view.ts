import { type Html, html } from '../../services/core/html.ts'
import { type Timer, timersOf } from '../../services/notices/clocks/timers.ts'
import type { Delivery } from '../../services/notices/delivery.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import type { NoticeEvent } from '../../services/notices/notice-state.ts'
import type { Reply } from '../../services/notices/reply-store.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import { icon } from '../parts/icons.ts'
import {
  deliveryKindNames,
  deliveryPill,
  eventWords,
  replyKindNames,
  timerNames,
  until,
} from '../parts/notice-words.ts'
import { card } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, shortHash, timeAgo, timeExact } from '../parts/words.ts'
import { type FilledForm, resolveForm } from './notice-forms-view.ts'

/** Who did something, as a reader calls them. */
const actorWords = ({ actor, actorName }: Pick<NoticeEvent, 'actor' | 'actorName'>): string => {
  if (actor === 'system') return 'Earwitness'
  return actorName ?? (actor.startsWith('key:') ? 'a program with an API key' : 'a former member')
}

const eventItem = (event: NoticeEvent): Html => {
  const [iconName, text] = eventWords[event.kind]
  return html`<li>
    <span class="history-icon">${icon(iconName)}</span>
    <div>
      <p>
        <strong>${text}</strong>${event.reason !== null && html`: ${event.reason.replaceAll('_', ' ')}`}
        <span class="row-detail">${actorWords(event)}, ${timeExact(event.at)}</span>
      </p>
      ${event.comment !== null && html`<p class="quote">${event.comment}</p>`}
    </div>
  </li>`
}

/** What happened to a notice, oldest first. */
export const historyCard = (events: readonly NoticeEvent[]): Html =>
  card({
    id: 'history',
    title: 'History',
    body: html`<ol class="history">
      ${events.map(eventItem)}
    </ol>`,
  })

/** Messages that only a person can move on. */
const needsPerson = ({ stage, way }: Delivery): boolean =>
  stage === 'unclear' || (stage === 'send' && way === 'hand')

const sentWords = ({ sentAt, response, problem, attemptedAt }: Delivery): Html | string => {
  if (problem) return html`<span class="breakable">${problem.detail}</span>`
  if (sentAt)
    return html`${timeExact(sentAt)}
    ${response !== null && html`<span class="row-detail breakable">${response}</span>`}`
  return attemptedAt
    ? html`attempted ${timeExact(attemptedAt)}; nobody knows whether the mail server took it`
    : 'not yet'
}

/** The messages of a notice, oldest first. */
export const deliveriesCard = (
  noticeId: string,
  deliveries: readonly Delivery[],
  { canSign, sent }: { canSign: boolean; sent: FilledForm },
): Html | false =>
  deliveries.length > 0 &&
  card({
    id: 'deliveries',
    title: 'Messages',
    flush: true,
    body: html`${table(
      'Messages to the recipient, oldest first',
      [
        {
          name: 'Message',
          kind: 'main',
          cell: ({ kind, number, part, address, way }) =>
            html`<strong
                >${deliveryKindNames[kind]}${kind === 'reminder' && html` ${number}`}${part > 1 && html`, part ${part}`}</strong
              >
              <span class="row-detail breakable"
                >${way === 'mail' ? 'by mail to' : 'by hand at'}
                ${address ?? 'an address that is not known'}</span
              >`,
        },
        { name: 'State', kind: 'state', cell: ({ stage }) => deliveryPill(stage) },
        { name: 'Sent', cell: sentWords },
        { name: 'As sent', cell: ({ sha256 }) => (sha256 === null ? '–' : shortHash(sha256)) },
      ],
      deliveries,
    )}
    ${
      canSign &&
      deliveries.some(needsPerson) &&
      html`<div class="below-table">
        ${deliveries.filter(needsPerson).map(
          (delivery) =>
            html`<p>
                ${deliveryKindNames[delivery.kind]} to
                <span class="breakable">${delivery.address ?? 'the recipient'}</span>
                ${delivery.stage === 'unclear' ? 'may have been sent or not.' : 'has to be given in by hand.'}
              </p>
              <div class="choices">${resolveForm(noticeId, delivery, sent)}</div>`,
        )}
      </div>`
    }`,
  })

/** The answers to a notice. */
export const repliesCard = (
  replies: readonly Reply[],
  { repliesRefused }: Pick<Notice, 'repliesRefused'>,
): Html | false =>
  replies.length > 0 &&
  card({
    id: 'replies',
    title: 'Replies',
    flush: true,
    body: html`${replyTable('Replies to this notice, oldest first', replies)}
    ${
      repliesRefused > 0 &&
      html`<p class="below-table">
        ${counted(repliesRefused, 'more reply', 'more replies')} came above the number that is taken in a day,
        and ${repliesRefused === 1 ? 'was' : 'were'} refused for the time being.
      </p>`
    }`,
  })

/** Replies as lists show them. */
export const replyTable = (caption: string, replies: readonly Reply[]): Html =>
  table(
    caption,
    [
      {
        name: 'Reply',
        kind: 'main',
        cell: ({ id, subject, sender, noticeNumber }) =>
          mainCell(
            `/replies/${id}`,
            subject === '' ? 'Without a subject' : subject,
            `${sender} · ${noticeNumber}`,
          ),
      },
      { name: 'Kind', cell: ({ kind }) => replyKindNames[kind] },
      {
        name: 'State',
        kind: 'state',
        cell: ({ handledAt }) =>
          handledAt === null ? pill('attention', 'eye', 'To be read') : pill('good', 'check', 'Handled'),
      },
      { name: 'Came', kind: 'number', cell: ({ receivedAt }) => timeAgo(receivedAt) },
    ],
    replies,
  )

/** Events by which a recipient told what it decided. */
const decisions: ReadonlySet<NoticeEvent['kind']> = new Set(['some_gone', 'all_gone', 'rejected'])

/** The clocks that run for a notice, told by what happened to it. */
export function clocksOf(
  notice: Notice,
  recipient: Pick<Recipient, 'acknowledgeH' | 'removeH'>,
  told: { events: readonly NoticeEvent[]; deliveries: readonly Delivery[] },
): Timer[] {
  const sent = told.deliveries.flatMap(({ kind, sentAt }) =>
    kind !== 'retraction' && sentAt ? [sentAt.getTime()] : [],
  )
  return timersOf({
    ...notice,
    acknowledgeH: recipient.acknowledgeH,
    removeH: recipient.removeH,
    lastSentAt: sent.length > 0 ? new Date(Math.max(...sent)) : notice.sentAt,
    decidedAt: told.events.findLast(({ kind }) => decisions.has(kind))?.at ?? null,
  })
}

/** The clocks of a notice, the soonest first. */
export const clocksCard = (timers: readonly Timer[]): Html | false =>
  timers.length > 0 &&
  card({
    id: 'clocks',
    title: 'Clocks',
    body: html`<ul class="points">
      ${timers.map(
        ({ kind, at }) =>
          html`<li>
            <strong>${until(at)}</strong>: ${timerNames[kind]}
            <span class="row-detail">${timeExact(at)}</span>
          </li>`,
      )}
    </ul>`,
  })
