import { type Html, html } from '../../services/core/html.ts'
import { counterElements } from '../../services/notices/clocks/counter-notice.ts'
import type { Notice, NoticeLocationRow } from '../../services/notices/notice-row.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, checkField, formFault, selectField, textArea, textField } from '../parts/fields.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { locationText } from './cases-view.ts'
import { registerPath } from './counter-notices-view.ts'
import { counterReasonNames, elementWords } from './counter-words.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

const heading = (notice: Notice): Html =>
  pageHead({
    above: backTo(`${NOTICES_PATH}/${notice.id}`, noticeName(notice)),
    title: 'Register a counter-notice',
    below:
      'What the provider forwarded of an uploader who objects. Nothing more is demanded there from then on.',
  })

const elementBoxes = (filled: Filled): Html =>
  html` <fieldset>
    <legend>What of this does it have?</legend>
    <p class="hint">
      Tick what you find in it. 17 U.S.C. 512(g)(3) asks for all five; one that lacks some is registered too.
    </p>
    ${counterElements.map((element) => {
      const { label, hint } = elementWords[element]
      return checkField({ name: element, label, hint, checked: filled.values[element] === 'on' })
    })}
  </fieldset>`

/**
 * The form by which a counter-notice is registered.
 *
 * @param given.locations those about which there is none yet.
 * @param given.canBeCountered whether the notice is out: nobody objects to what nobody got.
 */
export function registerView(given: {
  notice: Notice
  locations: readonly NoticeLocationRow[]
  canBeCountered: boolean
  filled: Filled
}): Html {
  const { notice, locations, canBeCountered, filled } = given
  if (!canBeCountered)
    return html`${heading(notice)}
    ${noteBox('info', 'The notice was not sent yet, so nobody can object to it.')}`
  if (locations.length === 0)
    return html`${heading(notice)}
    ${noteBox('info', 'About each location of this notice a counter-notice is registered already.')}`
  const options = Object.fromEntries(
    locations.map(({ caseId, caseNumber, url }) => [caseId, `${caseNumber}: ${locationText(url)}`]),
  )
  return html`${heading(notice)}
  ${card({
    id: 'counter-notice',
    title: 'The counter-notice',
    body: html`${formFault(filled)}
      ${faultList(filled, {
        caseId: ['caseId', 'Location'],
        receivedOn: ['receivedOn', 'Day on which the provider received it'],
        sender: ['sender', 'Who sent it'],
        reason: ['reason', 'Their reason'],
        text: ['text', 'What it says'],
      })}
      <form method="post" action="${registerPath(notice.id)}" class="stack">
        ${selectField({ name: 'caseId', label: 'Location', required: true, options, ...(locations.length > 1 && { prompt: 'Choose' }) }, filled)}
        <div class="field-grid">
          ${textField(
            {
              name: 'receivedOn',
              label: 'Day on which the provider received it',
              type: 'date',
              required: true,
              autocomplete: 'off',
              placeholder: '2031-03-06',
              hint: 'Ten to fourteen business days of the United States are counted from it.',
            },
            filled,
          )}
          ${selectField({ name: 'reason', label: 'Their reason', required: true, prompt: 'Choose', options: counterReasonNames }, filled)}
        </div>
        ${textField(
          {
            name: 'sender',
            label: 'Who sent it',
            required: true,
            autocomplete: 'off',
            charactersMax: 500,
            hint: 'As far as it says.',
          },
          filled,
        )}
        ${textArea({ name: 'text', label: 'What it says', required: true, rows: 8, charactersMax: 50_000 }, filled)}
        ${elementBoxes(filled)}
        <p><button class="button button-primary">Register it</button></p>
      </form>`,
  })}`
}
