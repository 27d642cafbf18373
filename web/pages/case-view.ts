import type { AlertMail } from '../../services/alerts/store.ts'
import type { Dossier, DossierMatch } from '../../services/case-dossier.ts'
import type { Bar } from '../../services/case-standing.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type Decision, allowedDecisions } from '../../services/matches/case.ts'
import { changeInWords, clockTime, confidenceInWords } from '../../services/matches/match.ts'
import type { ReportHead } from '../../services/reports/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { type Filled, formFault, selectField, textArea, unfilled } from '../parts/fields.ts'
import { besideList, decodedNote, excludedNote, sharedNotes } from '../parts/finds.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { backTo, card, facts, pageHead } from '../parts/pieces.ts'
import { casePill, dismissReasons, sharedPill } from '../parts/pills.ts'
import { counted, percent, sizeInWords, timeAgo, timeExact } from '../parts/words.ts'
import { allowHere, isAllowForm } from './case-allow-view.ts'
import { caseReports } from './case-reports-view.ts'
import { locationText } from './cases-view.ts'
import { fullTitle } from './recordings-view.ts'

const decisionWords: Readonly<Record<Decision['kind'], readonly [icon: IconName, text: string]>> = {
  opened: ['ear', 'Case opened by a match'],
  joined: ['ear', 'Found again at the same place'],
  confirmed: ['check', 'Confirmed'],
  dismissed: ['dash', 'Dismissed'],
  reopened: ['retry', 'Opened again for review'],
  commented: ['speech', 'Comment'],
  allowed: ['check', 'Allowed: nobody has to look'],
  monitored: ['ear', 'Only monitored: nobody has to look'],
  excluded: ['dash', 'Set aside: only excluded parts were found'],
}

const actorName = ({ actor, actorName: name }: Decision): string => {
  if (actor === 'system') return 'Earwitness'
  return name ?? (actor.startsWith('key:') ? 'a program with an API key' : 'a former member')
}

const historyItem = (decision: Decision): Html => {
  const [iconName, text] = decisionWords[decision.kind]
  return html`<li>
    <span class="history-icon">${icon(iconName)}</span>
    <div>
      <p>
        <strong>${text}</strong>${decision.reason && html`: ${dismissReasons[decision.reason]}`}
        <span class="row-detail">${actorName(decision)}, ${timeExact(decision.at)}</span>
      </p>
      ${decision.comment && html`<p class="quote">${decision.comment}</p>`}
    </div>
  </li>`
}

const commentBox = (id: string, required: boolean, filled: Filled): Html =>
  textArea({ id, name: 'comment', label: 'Comment', required, rows: 2, charactersMax: 5000 }, filled)

/** A decision behind its name: only one form is open at a time (`name` groups them). */
const decisionForm = (given: {
  caseId: string
  kind: string
  title: string
  iconName: IconName
  look: string
  fields: Html
  yes: string
  open: boolean
}): Html =>
  html` <details class="choice" name="decision" ${given.open && html`open`}>
    <summary class="button button-${given.look}">${icon(given.iconName)}${given.title}</summary>
    <form method="post" action="/cases/${given.caseId}/decisions" class="stack">
      <input type="hidden" name="kind" value="${given.kind}" />
      ${given.fields}
      <p><button class="button button-primary">${given.yes}</button></p>
    </form>
  </details>`

function decide(dossier: Dossier, sent: Filled): Html {
  const { id, state } = dossier.opened
  const allowed = allowedDecisions(state)
  const filled = isAllowForm(sent) ? unfilled : sent
  const kind = filled.values['kind']
  const forms = {
    confirmed: {
      title: 'Confirm',
      iconName: 'check',
      look: 'primary',
      yes: 'Confirm the case',
      fields: html`<p>It is your recording, and its use here is not authorised.</p>
        ${commentBox('confirm-comment', false, filled)}`,
    },
    dismissed: {
      title: 'Dismiss',
      iconName: 'dash',
      look: 'plain',
      yes: 'Dismiss the case',
      fields: html`${selectField(
        {
          name: 'reason',
          label: 'Why',
          required: true,
          prompt: 'Choose a reason',
          options: dismissReasons,
        },
        filled,
      )}${commentBox('dismiss-comment', false, filled)}`,
    },
    reopened: {
      title: 'Open again',
      iconName: 'retry',
      look: 'plain',
      yes: 'Open for review',
      fields: commentBox('reopen-comment', false, filled),
    },
    commented: {
      title: 'Comment',
      iconName: 'speech',
      look: 'plain',
      yes: 'Add comment',
      fields: commentBox('comment', true, filled),
    },
  } as const
  const kinds = (Object.keys(forms) as (keyof typeof forms)[]).filter((name) => allowed.includes(name))
  return html`${kind && formFault(filled)}
    <div class="choices">
      ${kinds.map((name) => decisionForm({ caseId: id, kind: name, open: kind === name, ...forms[name] }))}
      ${allowHere(dossier, sent)}
    </div>`
}

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
    <p class="row-actions">
      <a class="button button-small" href="/matches/${match.id}">${icon('ear')}Look and listen</a>
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

const caseFacts = ({ opened, recording }: Dossier): Html =>
  facts([
    {
      label: 'Recording',
      value: html`<a href="/recordings/${recording.id}">${fullTitle(recording)}</a>`,
    },
    { label: 'Artists', value: recording.artists.join(', ') },
    { label: 'ISRC', value: recording.isrc && html`<span class="code">${recording.isrc}</span>` },
    { label: 'Rights holder', value: recording.rightsHolder },
    {
      label: 'Location',
      value: html`<span class="code breakable">${locationText(opened.location)}</span>`,
    },
    { label: 'Confidence', value: confidenceInWords(1 - opened.confidence) },
    { label: 'First seen', value: timeExact(opened.openedAt) },
    { label: 'Last seen', value: timeExact(opened.lastSeenAt) },
  ])

/** Everything about one case, and what can be done with it now. */
export function caseView(given: {
  dossier: Dossier
  decisions: readonly Decision[]
  mails: readonly AlertMail[]
  reports: readonly ReportHead[]
  caller: Caller
  filled: Filled
  bar: Bar | undefined
}): Html {
  const { dossier, decisions, mails, reports, caller, filled, bar } = given
  const { opened, recording, matches } = dossier
  return html` ${pageHead({
      above: backTo('/cases', 'Cases'),
      title: html`${fullTitle(recording)}`,
      below: html`<span class="below-line"
        >${casePill(opened.state)} ${opened.shared && sharedPill} <span class="code">${opened.number}</span>
        <span>opened ${timeAgo(opened.openedAt)}</span></span
      >`,
    })}
    <div class="columns">
      <div>
        ${card({
          id: 'decide',
          title: opened.state === 'needs_review' ? 'Your decision' : 'Decision',
          body: decide(dossier, filled),
        })}
        ${card({
          id: 'finds',
          title: 'What was found',
          aside: html`<span class="row-detail">${counted(matches.length, 'find')}</span>`,
          body: html`${matches.map((find) => findItem(find, dossier.sharing))}`,
        })}
        ${caseReports({ opened, recording, reports, caller, filled, bar })}
        ${card({
          id: 'history',
          title: 'History',
          body: html`<ol class="history">
            ${decisions.map(historyItem)}
          </ol>`,
        })}
        ${
          mails.length > 0 &&
          card({
            id: 'mails',
            title: 'Mails sent',
            body: html`<ul class="history">
              ${mails.map(mailItem)}
            </ul>`,
          })
        }
      </div>
      ${card({ id: 'facts', title: 'Facts', body: caseFacts(dossier) })}
    </div>`
}
