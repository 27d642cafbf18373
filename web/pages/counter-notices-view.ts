import { type Html, html } from '../../services/core/html.ts'
import {
  type CounterAnswer,
  type CounterNotice,
  missingElements,
} from '../../services/notices/clocks/counter-notice.ts'
import type { PlacedCounterNotice } from '../../services/notices/counter-store.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, formFault, textArea, textField, unfilled } from '../parts/fields.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { backTo, card, empty, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { counted, dayExact, timeExact } from '../parts/words.ts'
import { locationText } from './cases-view.ts'
import {
  counterAnswerNames,
  counterReasonNames,
  missingWords,
  putBackWords,
  timeLeftPill,
  todayUtc,
} from './counter-words.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

export const COUNTERS_PATH = '/counter-notices'

/** The page on which a counter-notice to a notice is registered. */
export const registerPath = (noticeId: string): string => `${NOTICES_PATH}/${noticeId}/counter-notice`

const noticeOf = ({ noticeNumber, noticeVersion }: PlacedCounterNotice): string =>
  noticeName({ number: noticeNumber, version: noticeVersion })

/** The counter-notices that wait for an answer, the most urgent first. */
export function countersView(waiting: readonly PlacedCounterNotice[], isCut: boolean): Html {
  return html` ${pageHead({
    title: 'Counter-notices',
    below:
      waiting.length > 0
        ? `${counted(waiting.length, 'counter-notice')} to answer, the most urgent first.`
        : 'What uploaders object to the removal of their copies.',
  })}
  ${isCut && noteBox('attention', 'There are more. They appear when some of these are answered.')}
  ${card({
    id: 'waiting',
    title: 'To answer',
    flush: true,
    body:
      waiting.length === 0
        ? empty({
            name: 'check',
            title: 'No counter-notice waits for you',
            text: 'When a provider forwards one, register it on the page of its notice. Its clock starts then.',
            action: html`<a class="button" href="${NOTICES_PATH}">${icon('pen')}Notices</a>`,
          })
        : table(
            'Counter-notices that wait for an answer, the most urgent first',
            [
              {
                name: 'Location',
                kind: 'main',
                cell: ({ id, caseNumber, url }) =>
                  mainCell(`${COUNTERS_PATH}/${id}`, caseNumber, locationText(url)),
              },
              {
                name: 'Notice',
                cell: (counter) =>
                  html`<a class="code" href="${NOTICES_PATH}/${counter.noticeId}">${noticeOf(counter)}</a>`,
              },
              { name: 'From', cell: ({ sender }) => html`<span class="breakable">${sender}</span>` },
              { name: 'Time', kind: 'state', cell: (counter) => timeLeftPill(counter) },
              { name: 'Put back', cell: putBackWords },
            ],
            waiting,
          ),
  })}`
}

interface AnswerForm {
  readonly title: string
  readonly iconName: IconName
  readonly look: 'plain' | 'danger'
  readonly yes: string
  /** What the answer brings about, said before it is given. */
  readonly consequences: (counter: CounterNotice) => Html
}

const answerForms: Readonly<Record<CounterAnswer, AnswerForm>> = {
  retracted: {
    title: 'They are right: take it back',
    iconName: 'back',
    look: 'danger',
    yes: 'Take it back everywhere',
    consequences: () =>
      html`This location is taken back from every notice that demands it, and everybody who got one is told
      why. The case is dismissed as an authorised use. Who knows that a notice is wrong and upholds it is
      liable for damages (17 U.S.C. 512(f)).`,
  },
  accepted: {
    title: 'Let it be',
    iconName: 'dash',
    look: 'plain',
    yes: 'Let it be',
    consequences: ({ putBackFrom, putBackLatest }) =>
      html`Nothing is taken back, and nothing more is done: the provider puts the copy back, at the earliest
      on ${dayExact(putBackFrom)} and at the latest on ${dayExact(putBackLatest)}. The case is closed.`,
  },
  action_filed: {
    title: 'An action was filed',
    iconName: 'report',
    look: 'plain',
    yes: 'Record the action',
    consequences: ({ putBackLatest }) =>
      html`You went to court against the uploader. The copy stays down if the provider hears of it before it
      puts the copy back, at the latest on ${dayExact(putBackLatest)}. Earwitness does not tell the provider:
      send it the docket number yourself. No new notice is sent for the case: close it when the court is done.`,
  },
}

function answerForm(counter: CounterNotice, answer: CounterAnswer, sent: Filled): Html {
  const { title, iconName, look, yes, consequences } = answerForms[answer]
  const isOpen = sent.values['answer'] === answer
  const filled = isOpen ? sent : unfilled
  const id = (name: string): string => `${answer}-${name}`
  return html` <details class="choice" name="answer" ${isOpen && html`open`}>
    <summary class="button button-${look}">${icon(iconName)}${title}</summary>
    <form method="post" action="${COUNTERS_PATH}/${counter.id}" class="stack">
      <input type="hidden" name="answer" value="${answer}" />
      ${faultList(filled, { docket: [id('docket'), 'Docket number'], filedOn: [id('filed-on'), 'Filed on'], comment: [id('comment'), 'Why'] })}
      <p>${consequences(counter)}</p>
      ${
        answer === 'action_filed' &&
        textField(
          {
            id: id('docket'),
            name: 'docket',
            label: 'Docket number',
            required: true,
            autocomplete: 'off',
            charactersMax: 200,
            hint: 'Of the court, as it stands on its papers.',
          },
          filled,
        )
      }
      ${
        answer === 'action_filed' &&
        textField(
          {
            id: id('filed-on'),
            name: 'filedOn',
            label: 'Filed on',
            autocomplete: 'off',
            charactersMax: 10,
            placeholder: counter.putBackFrom,
            hint: `At the latest ${counter.putBackLatest}. Empty: today.`,
          },
          filled,
        )
      }
      ${textArea(
        {
          id: id('comment'),
          name: 'comment',
          label: 'Why',
          required: true,
          rows: 2,
          charactersMax: 1000,
          hint: answer === 'retracted' ? 'The recipients of the notices read this.' : 'Kept with the notice.',
        },
        filled,
      )}
      <p>
        <button class="button ${look === 'danger' ? 'button-danger-solid' : 'button-primary'}">${yes}</button>
      </p>
    </form>
  </details>`
}

const answerBody = (counter: PlacedCounterNotice, canSign: boolean, filled: Filled): Html => {
  if (!canSign) return noteBox('info', 'Only a member with the role ‘signer’ can answer a counter-notice.')
  const isLate = todayUtc() > counter.putBackLatest
  return html`${formFault(filled)}
    ${isLate && noteBox('attention', html`The provider could put it back until ${dayExact(counter.putBackLatest)}. Look whether it did.`)}
    <div class="choices">
      ${(['retracted', 'accepted', 'action_filed'] as const).map((answer) => answerForm(counter, answer, filled))}
    </div>`
}

const answeredBody = ({ answer, answeredAt, docket, filedOn }: CounterNotice): Html =>
  html`<p>
    <strong>${answer && counterAnswerNames[answer]}</strong
    >${docket !== null && html`, docket number ${docket}`}${filedOn !== null && html`, filed on ${dayExact(filedOn)}`}.
    <span class="row-detail"
      >${answeredAt && timeExact(answeredAt)}. What followed stands in the history of the notice.</span
    >
  </p>`

const elementsPill = ({ checks }: CounterNotice): Html =>
  missingElements(checks).length > 0
    ? pill('attention', 'warning', 'Incomplete')
    : pill('neutral', 'check', 'Complete')

/** One counter-notice: what it says, what it lacks, its clock, and the answers with what each brings about. */
export function counterView(given: { counter: PlacedCounterNotice; canSign: boolean; filled: Filled }): Html {
  const { counter, canSign, filled } = given
  const isOpen = counter.answer === null
  return html` ${pageHead({
      above: backTo(COUNTERS_PATH, 'Counter-notices'),
      title: html`Counter-notice about <span class="code">${counter.caseNumber}</span>`,
      below: html`<span class="below-line"
        >${isOpen ? timeLeftPill(counter) : pill('good', 'check', 'Answered')} ${elementsPill(counter)}
        <span>received by the provider on ${dayExact(counter.receivedOn)}</span></span
      >`,
    })}
    <div class="columns">
      <div>
        ${card({
          id: 'answer',
          title: isOpen ? 'Your answer' : 'The answer',
          body: isOpen ? answerBody(counter, canSign, filled) : answeredBody(counter),
        })}
        ${card({ id: 'elements', title: 'What the law asks of it', body: missingWords(counter) })}
        ${card({
          id: 'text',
          title: 'What it says',
          body: html`<p class="hint">As it was entered. Links in it are text.</p>
            <pre class="mail-text" tabindex="0" aria-label="Text of the counter-notice">
${counter.text}</pre>`,
        })}
      </div>
      ${card({
        id: 'facts',
        title: 'Facts',
        body: facts([
          { label: 'From', value: html`<span class="breakable">${counter.sender}</span>` },
          { label: 'Their reason', value: counterReasonNames[counter.reason] },
          {
            label: 'Location',
            value: html`<a class="breakable" href="/cases/${counter.caseId}"
              >${locationText(counter.url)}</a
            >`,
          },
          {
            label: 'Notice',
            value: html`<a href="${NOTICES_PATH}/${counter.noticeId}">${noticeOf(counter)}</a>`,
          },
          { label: 'Received', value: dayExact(counter.receivedOn) },
          { label: 'Put back', value: putBackWords(counter) },
          { label: 'Registered', value: timeExact(counter.createdAt) },
        ]),
      })}
    </div>`
}

/** The counter-notices to a notice, on its page; and the way to register one, where that can be. */
export function noticeCountersCard(
  notice: Pick<Notice, 'id'>,
  counters: readonly PlacedCounterNotice[],
  canRegister: boolean,
): Html | false {
  if (counters.length === 0 && !canRegister) return false
  return card({
    id: 'counter-notices',
    title: 'Counter-notices',
    flush: counters.length > 0,
    body: html`${
      counters.length > 0
        ? table(
            'Counter-notices to this notice, the most urgent first',
            [
              {
                name: 'Location',
                kind: 'main',
                cell: ({ id, caseNumber, sender }) => mainCell(`${COUNTERS_PATH}/${id}`, caseNumber, sender),
              },
              {
                name: 'State',
                kind: 'state',
                cell: (counter) =>
                  counter.answer === null
                    ? timeLeftPill(counter)
                    : pill('good', 'check', counterAnswerNames[counter.answer]),
              },
              { name: 'Put back', cell: putBackWords },
            ],
            counters,
          )
        : html`<p>None is registered. Enter one here when the provider forwards it: then its clock runs.</p>`
    }
    ${
      canRegister &&
      html`<p class="${counters.length > 0 ? 'below-table' : 'row-actions'}">
        <a class="button" href="${registerPath(notice.id)}">${icon('plus')}Register a counter-notice</a>
      </p>`
    }`,
  })
}
