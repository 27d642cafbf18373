import type { AlertMail } from '../../services/alerts/store.ts'
import type { Dossier, DossierMatch } from '../../services/case-dossier.ts'
import type { Bar } from '../../services/case-standing.ts'
import { clockTime } from '../../services/core/clock-time.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { Decision } from '../../services/matches/case.ts'
import type { ExceptionsReview } from '../../services/matches/exceptions-store.ts'
import { changeInWords, confidenceInWords } from '../../services/matches/match.ts'
import type { ReportHead } from '../../services/reports/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { clueList } from '../parts/clues.ts'
import type { Filled } from '../parts/fields.ts'
import { besideList, decodedNote, excludedNote, sharedNotes } from '../parts/finds.ts'
import { icon } from '../parts/icons.ts'
import { card, facts, pageHead } from '../parts/pieces.ts'
import { casePill, quarantinedPill, sharedPill } from '../parts/pills.ts'
import { shortcuts } from '../parts/shortcuts.ts'
import { counted, isrcCode, percent, sizeInWords, timeAgo, timeExact } from '../parts/words.ts'
import { type Deciding, assignmentNote, decideForms } from './case-decide-view.ts'
import { exceptionReviews } from './case-exceptions-view.ts'
import { historyItem } from './case-history-view.ts'
import { caseReports } from './case-reports-view.ts'
import { locationText, priorityWords } from './cases-view.ts'
import { fullTitle } from './recordings-view.ts'

const findItem = (
  { match, passages, item, submission, besides }: DossierMatch,
  sharing: Dossier['sharing'],
): Html =>
  html` <article class="finding">
    <div class="finding-head">
      <div>
        <h3 class="breakable"><a href="/matches/${match.id}">${item.name}</a></h3>
        <p class="row-detail">
          ${sizeInWords(item.bytes)}${item.durationMs !== null && html`, ${clockTime(item.durationMs)}`} ·
          handed in <a href="/submissions/${submission.id}">${timeAgo(submission.createdAt)}</a>
        </p>
      </div>
      <p class="figure"><strong>${confidenceInWords(1 - match.confidence)}</strong><span>confidence</span></p>
      <p class="figure"><strong>${percent(match.shareOfRecording)}</strong><span>of the recording</span></p>
    </div>
    <ul class="passages">
      ${passages
        .slice(0, 3)
        .map(
          (passage) =>
            html`<li>
              <span class="time">${clockTime(passage.suspectFromMs)}–${clockTime(passage.suspectToMs)}</span>,
              ${changeInWords(passage)}
            </li>`,
        )}${passages.length > 3 && html`<li>and ${counted(passages.length - 3, 'more passage')}</li>`}
    </ul>
    ${decodedNote(item)} ${sharedNotes(passages, sharing)} ${excludedNote(passages)} ${besideList(besides)}
    ${clueList(item.clues)}
    <p class="row-actions">
      <a class="button button-small" href="/matches/${match.id}" data-key="l"
        >${icon('ear')}Look and listen</a
      >
    </p>
  </article>`

const mailItem = ({ recipient, subject, sentAt, response }: AlertMail): Html =>
  html` <li>
    <span class="history-icon">${icon('mail')}</span>
    <div>
      <p>
        <strong>${subject}</strong>
        <span class="row-detail"
          >to ${recipient}, ${timeExact(sentAt)}; the mail server answered “${response}”</span
        >
      </p>
    </div>
  </li>`

const mailCard = (mails: readonly AlertMail[]): Html | false =>
  mails.length > 0 &&
  card({
    id: 'mails',
    title: 'Mails sent',
    body: html`<ul class="history">
      ${mails.map(mailItem)}
    </ul>`,
  })

const caseFacts = ({ opened, recording }: Dossier): Html =>
  facts([
    {
      label: 'Recording',
      value: html`<a href="/recordings/${recording.id}">${fullTitle(recording)}</a>`,
    },
    { label: 'Artists', value: recording.artists.join(', ') },
    { label: 'ISRC', value: recording.isrc && isrcCode(recording.isrc) },
    { label: 'Rights holder', value: recording.rightsHolder },
    {
      label: 'Location',
      value: html`<span class="code breakable">${locationText(opened.location)}</span>`,
    },
    {
      label: 'On the page',
      value:
        opened.pageUrl !== null && html`<span class="code breakable">${locationText(opened.pageUrl)}</span>`,
    },
    { label: 'Confidence', value: confidenceInWords(1 - opened.confidence) },
    { label: 'Priority', value: priorityWords(opened) },
    { label: 'First seen', value: timeExact(opened.openedAt) },
    { label: 'Last seen', value: timeExact(opened.lastSeenAt) },
  ])

const caseKeys = [
  ['c', 'Confirm: opens the form and goes to its first question'],
  ['d', 'Dismiss: opens the form and goes to its reason'],
  ['Ctrl + Enter', 'In a field: sends its form'],
  ['l', 'Look and listen to the first find'],
  ['n', 'Next case of the queue'],
  ['u', 'Back to the queue'],
  ['?', 'Shows these keys'],
] as const

/** Everything about one case, and what can be done with it now. */
export function caseView(given: {
  dossier: Dossier
  decisions: readonly Decision[]
  mails: readonly AlertMail[]
  reports: readonly ReportHead[]
  /** Its notices, drawn by case-notices.ts. */
  notices: Html | false
  /** The looks at its location, drawn by case-looks.ts. */
  looks: Html | false
  /** Its screenshots, drawn by case-screenshots.ts. */
  screenshots: Html | false
  /** Its evidence capsules, drawn by capsules.ts. */
  evidence: Html | false
  /** Where it is, and what belongs together with it, drawn by case-place-view.ts. */
  place: Html | false
  related: Html
  caller: Caller
  filled: Filled
  bar: Bar | undefined
  reviews: readonly ExceptionsReview[]
  deciding: Deciding
}): Html {
  const { dossier, decisions, mails, reports, notices, looks, screenshots, evidence, caller } = given
  const { filled, bar, reviews, deciding, place, related } = given
  const { opened, recording, matches } = dossier
  return html` ${pageHead({
      above: html`<a class="back" href="/cases" data-key="u">${icon('back')}Cases</a>`,
      title: html`${fullTitle(recording)}`,
      below: html`<span class="below-line"
        >${casePill(opened.state)} ${opened.shared && sharedPill} ${opened.quarantinedAt && quarantinedPill}
        <span class="code">${opened.number}</span>
        <span>opened ${timeAgo(opened.openedAt)}</span>
        ${deciding.before && html`<a href="/cases/${deciding.before}">The case before</a>`}</span
      >`,
      actions: html`${deciding.next && html`<a class="button" href="/cases/${deciding.next}" data-key="n">Next case${icon('arrow')}</a>`}`,
    })}
    ${assignmentNote(opened, caller)}
    <div class="columns">
      <div>
        ${card({
          id: 'decide',
          title: opened.state === 'needs_review' ? 'Your decision' : 'Decision',
          body: html`${decideForms(dossier, deciding, filled, caller)} ${shortcuts(caseKeys)}`,
        })}
        ${card({
          id: 'finds',
          title: 'What was found',
          aside: html`<span class="row-detail">${counted(matches.length, 'find')}</span>`,
          body: html`${matches.map((find) => findItem(find, dossier.sharing))}`,
        })}
        ${
          reviews.length > 0 &&
          card({ id: 'exceptions', title: 'Exceptions of the law', body: exceptionReviews(reviews) })
        }
        ${notices} ${looks} ${screenshots} ${caseReports({ opened, recording, reports, caller, filled, bar })}
        ${evidence} ${related}
        ${card({
          id: 'history',
          title: 'History',
          body: html`<ol class="history">
            ${decisions.map(historyItem)}
          </ol>`,
        })}
        ${mailCard(mails)}
      </div>
      <div>${card({ id: 'facts', title: 'Facts', body: caseFacts(dossier) })} ${place}</div>
    </div>`
}
