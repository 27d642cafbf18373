import type { CheckedNotice } from '../../services/actions/notices.ts'
import { unsignedFormats } from '../../services/actions/render-notice.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { Delivery } from '../../services/notices/delivery.ts'
import type { Notice, NoticeLocationRow } from '../../services/notices/notice-row.ts'
import { type NoticeEvent, isUnsigned } from '../../services/notices/notice-state.ts'
import type { NoticeDocument } from '../../services/notices/notice.ts'
import { renderFormats } from '../../services/notices/render/render.ts'
import type { Reply } from '../../services/notices/reply-store.ts'
import { wordingNote } from '../../services/notices/statements/statements.ts'
import { type Recipient, isMailFormat } from '../../services/recipients/recipient.ts'
import { formFault } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import {
  languageNames,
  noticeFormatNames,
  noticePill,
  outcomeNames,
  regimeNames,
  renderFormatNames,
  statementNames,
  waitsForApproval,
} from '../parts/notice-words.ts'
import { backTo, card, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, shortHash, timeAgo, timeExact } from '../parts/words.ts'
import { locationText } from './cases-view.ts'
import { checklistCard, gateCard, nextStep } from './notice-checklist-view.ts'
import { type FilledForm, editCard, stateForms } from './notice-forms-view.ts'
import { clocksCard, clocksOf, deliveriesCard, historyCard, repliesCard } from './notice-history-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

/** Everything that is known of a notice. */
export interface NoticeRead {
  readonly notice: Notice
  /** What is open of it now; undefined once it is signed or dropped. */
  readonly checked: Omit<CheckedNotice, 'notice'> | undefined
  /** What was signed, or would be now; undefined of one that was dropped. */
  readonly document: NoticeDocument | undefined
  readonly locations: readonly NoticeLocationRow[]
  readonly events: readonly NoticeEvent[]
  readonly deliveries: readonly Delivery[]
  readonly replies: readonly Reply[]
  readonly versions: readonly Notice[]
  /** Why nobody can approve of it, where that is so. */
  readonly approvalObstacle: string | undefined
  readonly recipient: Recipient
  /** Who else may be asked about its host. */
  readonly candidates: readonly Recipient[]
}

const go = (href: string, text: Html | string, look = 'plain'): Html =>
  html`<a class="button button-${look}" href="${href}">${text}</a>`

const press = (action: string, text: Html | string, look = 'plain'): Html =>
  html`<form method="post" action="${action}"><button class="button button-${look}">${text}</button></form>`

/** The buttons for what can be done at once; what needs words has forms beside them. */
function buttons({ notice, checked }: NoticeRead, canSign: boolean): Html {
  const { id, state } = notice
  const path = `${NOTICES_PATH}/${id}`
  const isReady = state === 'ready' && checked?.openPoints.length === 0
  const mayBeSent = state === 'signed' && !waitsForApproval(notice)
  return html`${isUnsigned(state) && press(`${path}/check`, html`${icon('check')}Check`, isReady ? 'plain' : 'primary')}
  ${isReady && canSign && go(`${NOTICES_PATH}/sign?ids=${id}`, html`${icon('pen')}Sign`, 'primary')}
  ${canSign && waitsForApproval(notice) && go(`${path}/approve`, html`${icon('check')}Read and approve`, 'primary')}
  ${canSign && mayBeSent && isMailFormat(notice.format) && press(`${path}/send`, html`${icon('mail')}Send now`, 'primary')}
  ${checked && go(`${path}/preview`, html`${icon('eye')}What would be sent`)}
  ${!checked && notice.signedAt && go(`${path}/preview`, html`${icon('eye')}${mayBeSent ? 'What will be sent' : 'What it says'}`)}`
}

const nowCard = (read: NoticeRead, canSign: boolean, sent: FilledForm): Html => {
  const { notice, checked, recipient, candidates } = read
  return card({
    id: 'now',
    title: 'What can be done now',
    body: html`${checked && nextStep(notice.state === 'ready' && checked.openPoints.length === 0, checked.openPoints.length)}
      ${read.approvalObstacle !== undefined && noteBox('attention', read.approvalObstacle)}
      ${!canSign && noteBox('info', 'Only a member with the role ‘signer’ can sign, approve, send and retract.')}
      <div class="choices">
        ${buttons(read, canSign)}
        ${stateForms(notice, { recipients: candidates, formUrl: recipient.formUrl, canSign, sent })}
      </div>`,
  })
}

/** Takes a location out of a draft; the last one goes with the draft itself. */
const leaveOut = ({ noticeId, caseId, caseNumber }: NoticeLocationRow): Html =>
  html`<form method="post" action="${NOTICES_PATH}/${noticeId}/leave-out">
    <input type="hidden" name="caseId" value="${caseId}" />
    <button class="button button-small row-tick">
      ${icon('cross')}Leave out<span class="unseen"> case ${caseNumber}</span>
    </button>
  </form>`

const locationsCard = (locations: readonly NoticeLocationRow[], canChange: boolean): Html =>
  card({
    id: 'locations',
    title: 'Locations',
    flush: true,
    aside: html`<span class="row-detail">${counted(locations.length, 'case')}</span>`,
    body: table(
      'Locations of this notice, in its order',
      [
        {
          name: 'Address',
          kind: 'main',
          cell: ({ caseId, caseNumber, url }) => mainCell(`/cases/${caseId}`, caseNumber, locationText(url)),
        },
        {
          name: 'Demanded',
          cell: ({ besideId, live }) => (besideId ? 'with the case above' : live ? 'yes' : 'no'),
        },
        {
          name: 'Outcome',
          cell: ({ outcome, outcomeAt }) =>
            outcome && outcomeAt
              ? html`${outcomeNames[outcome]} <span class="row-detail">${timeAgo(outcomeAt)}</span>`
              : 'none yet',
        },
        ...(canChange && locations.length > 1 ? [{ name: 'Change', cell: leaveOut }] : []),
      ],
      locations,
    ),
  })

/** The statements as they stand in a document: made, or open. */
export function statementsCard({ statements, language }: NoticeDocument): Html {
  const { status, texts, templates } = statements
  return card({
    id: 'statements',
    title: status === 'made' ? 'Statements' : 'Statements that will be made',
    aside: html`<span class="row-detail">${templates}</span>`,
    body: html`<dl class="statements-list">
        ${texts.map(
          ({ code, text }) =>
            html`<div>
              <dt>${statementNames[code]}</dt>
              <dd lang="${language}">${text}</dd>
            </div>`,
        )}
      </dl>
      ${
        status === 'made'
          ? html`<p>
              <strong>${statements.signatory.signatureText}</strong>
              <span class="row-detail"
                >${statements.signatory.title}${statements.signatory.title && ', '}${timeExact(new Date(statements.signatory.signedAt))}</span
              >
            </p>`
          : html`<p class="hint" lang="${language}">${wordingNote(language)}</p>`
      }`,
  })
}

const rendersCard = (notice: Notice): Html => {
  const shown = renderFormats.filter((format) => notice.signedAt !== null || unsignedFormats.has(format))
  return card({
    id: 'renders',
    title: 'In every form',
    body: html`<p class="row-actions">
        ${shown.map(
          (format) =>
            html`<a
              class="button button-small"
              href="/v1/notices/${notice.id}/render?format=${format}"
              download
              >${icon('download')}${renderFormatNames[format]}</a
            >`,
        )}
      </p>
      ${notice.signedAt === null && html`<p class="hint">What machines read can be had once it is signed.</p>`}`,
  })
}

const factsCard = ({ notice, recipient, versions }: NoticeRead): Html =>
  card({
    id: 'facts',
    title: 'Facts',
    body: html`${facts([
      { label: 'Recipient', value: html`<a href="/recipients/${recipient.id}">${recipient.name}</a>` },
      { label: 'Host', value: notice.host },
      {
        label: 'By which law',
        value: html`${notice.regimes.map((regime) => html`${regimeNames[regime]}<br />`)}`,
      },
      { label: 'Language', value: languageNames[notice.language] },
      { label: 'Form', value: noticeFormatNames[notice.format] },
      { label: 'Drafted', value: timeExact(notice.createdAt) },
      { label: 'Last checked', value: notice.checkedAt && timeExact(notice.checkedAt) },
      { label: 'Signed', value: notice.signedAt && timeExact(notice.signedAt) },
      { label: 'Approved', value: notice.approvedAt && timeExact(notice.approvedAt) },
      { label: 'Sent', value: notice.sentAt && timeExact(notice.sentAt) },
      { label: 'Acknowledged', value: notice.acknowledgedAt && timeExact(notice.acknowledgedAt) },
      { label: 'Reminders', value: notice.reminders > 0 && notice.reminders },
      { label: 'Document', value: notice.documentSha256 && shortHash(notice.documentSha256) },
      {
        label: 'Versions',
        value:
          versions.length > 1 &&
          html`${versions.map(
            (each) =>
              html`<a href="${NOTICES_PATH}/${each.id}" ${each.id === notice.id && html`aria-current="page"`}
                >${each.version}</a
              > `,
          )}`,
      },
    ])}`,
  })

const explanationCard = ({ details }: Notice): Html | false =>
  Object.keys(details).length > 0 &&
  card({
    id: 'details',
    title: 'In your words',
    body: facts([
      { label: 'Why the copies are unlawful', value: details.illegalityExplanation },
      { label: 'Where the copies are kept', value: details.storage },
      { label: 'Anything else', value: details.notes },
    ]),
  })

/** Everything about one notice, and what can be done with it now. */
export function noticeView(
  read: NoticeRead,
  given: {
    canSign: boolean
    sent: FilledForm
    /** Its counter-notices and its evidence capsules, drawn by counter-notices.ts and capsules.ts. */
    counters: Html | false
    evidence: Html | undefined
  },
): Html {
  const { notice, checked, document, recipient, events, deliveries } = read
  const { canSign, sent, counters, evidence } = given
  const at = document && { noticeId: notice.id, recipientId: recipient.id, document }
  return html` ${pageHead({
      above: backTo(NOTICES_PATH, 'Notices'),
      title: html`<span class="code">${noticeName(notice)}</span> to ${recipient.name}`,
      below: html`<span class="below-line"
        >${noticePill(notice)} <span>${counted(read.locations.length, 'location')} at ${notice.host}</span>
        <span>drafted ${timeAgo(notice.createdAt)}</span></span
      >`,
    })}
    ${formFault(sent.filled)}
    <div class="columns">
      <div>
        ${nowCard(read, canSign, sent)}
        ${checked && at && checklistCard(notice.regimes, checked.openPoints, at)}
        ${checked && at && gateCard(checked.gate, at)}
        ${locationsCard(read.locations, isUnsigned(notice.state))} ${document && statementsCard(document)}
        ${deliveriesCard(notice.id, deliveries, { canSign, sent })} ${repliesCard(read.replies, notice)}
        ${counters} ${checked && editCard(notice, read.candidates, sent)} ${evidence} ${historyCard(events)}
      </div>
      <div>
        ${factsCard(read)} ${clocksCard(clocksOf(notice, recipient, { events, deliveries }))}
        ${!checked && explanationCard(notice)} ${document && rendersCard(notice)}
      </div>
    </div>`
}
