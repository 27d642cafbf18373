import type { IntakeSettings } from '../../services/actions/intake.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { IntakeMail, IntakeOutcome } from '../../services/intake/intake.ts'
import type { IntakeSender } from '../../services/intake/store.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { pager } from '../parts/paging.ts'
import { card, confirmButton, empty, noteBox } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'

export const INTAKE_PATH = '/settings/intake'

const addressLine = (address: string): Html =>
  html`<p class="secret-line">
      <code id="intake-address" class="breakable" tabindex="0">${address}</code>
      <button type="button" class="button button-small" data-copy="intake-address" hidden>Copy</button>
    </p>
    <p class="hint">
      Forward a mail here, or send files and links. Attachments are examined and links are followed, like
      anything that is handed in. Who knows the address can try to write to it: renew it when it has come into
      wrong hands.
    </p>`

const renewButton = (address: string | null): Html =>
  address === null
    ? html`<form method="post" action="${INTAKE_PATH}/address">
        <button class="button button-primary">${icon('mail')}Switch it on</button>
      </form>`
    : html`${confirmButton({
        id: 'renew-intake',
        look: 'plain',
        button: 'Renew the address',
        question: 'Make another address?',
        text: 'Mails to the present one are refused from then on. Tell everybody who uses it.',
        action: `${INTAKE_PATH}/address`,
        yes: 'Renew',
      })}
      ${confirmButton({
        id: 'switch-intake-off',
        button: 'Switch off',
        question: 'Take no mails any more?',
        text: 'Mails to the address are refused. When you switch it on again it has another address.',
        action: `${INTAKE_PATH}/off`,
        yes: 'Switch off',
      })}`

const addressCard = ({ address, listens }: IntakeSettings, canChange: boolean): Html =>
  card({
    id: 'address',
    title: 'Address for mails',
    body: html`${
      !listens &&
      noteBox('attention', 'This installation takes no mails: its operator has to set MAIL_IN_PORT first.')
    }
    ${address === null ? html`<p>Switched off: nothing can be handed in by mail.</p>` : addressLine(address)}
    ${canChange && html`<div class="row-actions">${renewButton(address)}</div>`}`,
  })

const senderTable = (senders: readonly IntakeSender[], canChange: boolean): Html =>
  table(
    'Who may hand in by mail',
    [
      {
        name: 'Sender',
        kind: 'main',
        cell: ({ pattern }) =>
          html`<strong class="breakable">${pattern}</strong>${
              pattern.startsWith('@') && html`<span class="row-detail">everybody at this domain</span>`
            }`,
      },
      {
        name: 'Allowed by',
        cell: ({ addedBy, addedAt }) => html`${addedBy} <span class="row-detail">${timeAgo(addedAt)}</span>`,
      },
      {
        name: 'Action',
        cell: ({ pattern }) =>
          canChange
            ? html`<form method="post" action="${INTAKE_PATH}/senders/remove">
                <input type="hidden" name="pattern" value="${pattern}" />
                <button class="button button-small" aria-label="Remove ${pattern}">Remove</button>
              </form>`
            : '–',
      },
    ],
    senders,
  )

const senderForm = (filled: Filled): Html =>
  html`<form method="post" action="${INTAKE_PATH}/senders" class="stack">
    ${formFault(filled)}
    ${textField(
      {
        name: 'pattern',
        label: 'Address or domain',
        required: true,
        autocomplete: 'off',
        charactersMax: 320,
        placeholder: '@records.example',
        hint: 'One address, or everybody at a domain with @ before it.',
      },
      filled,
    )}
    <p><button class="button">${icon('check')}Allow</button></p>
  </form>`

const sendersCard = ({ senders }: IntakeSettings, canChange: boolean, filled: Filled): Html =>
  card({
    id: 'senders',
    title: 'Who may hand in by mail',
    body: html`${noteBox(
      'info',
      'A sender’s address can be forged, so this list keeps out what goes astray, not somebody who wants in. All that ' +
        'such a mail can do is to have something examined: its sender is never answered, and what is found is for you ' +
        'to decide.',
    )}
    ${
      senders.length > 0
        ? senderTable(senders, canChange)
        : empty({
            name: 'person',
            title: 'Nobody yet',
            text: 'Until somebody is allowed here, every mail is left unopened.',
          })
    }
    ${canChange && senderForm(filled)}`,
  })

const outcomePills: Readonly<Record<IntakeOutcome, Html>> = {
  taken: pill('good', 'check', 'Handed in'),
  repeated: pill('neutral', 'dash', 'Came before'),
  sender: pill('bad', 'cross', 'Sender not allowed'),
  automatic: pill('neutral', 'dash', 'Sent by a program or list'),
  empty: pill('neutral', 'dash', 'Nothing in it'),
}

const mailTable = (mails: readonly IntakeMail[]): Html =>
  table(
    'Mails that came, newest first',
    [
      {
        name: 'Mail',
        kind: 'main',
        cell: ({ subject, sender, submissionId }) => {
          const title = subject || 'without a subject'
          return html`${
              submissionId
                ? html`<a class="row-link breakable" href="/submissions/${submissionId}">${title}</a>`
                : html`<strong class="breakable">${title}</strong>`
            }<span class="row-detail">says to be from ${sender || 'nobody'}</span>`
        },
      },
      { name: 'Outcome', kind: 'state', cell: ({ outcome }) => outcomePills[outcome] },
      { name: 'Came', kind: 'number', cell: ({ receivedAt }) => timeAgo(receivedAt) },
    ],
    mails,
  )

/** Intake by mail: the address, who may write to it, and what came. */
export const intakeView = (given: {
  settings: IntakeSettings
  mails: readonly IntakeMail[]
  last: IntakeMail | undefined
  query: Readonly<Record<string, string>>
  canChange: boolean
  filled: Filled
}): Html => {
  const { settings, mails, last, query, canChange, filled } = given
  return html`${addressCard(settings, canChange)} ${sendersCard(settings, canChange, filled)}
  ${card({
    id: 'mails',
    title: 'Mails that came',
    flush: mails.length > 0,
    body:
      mails.length > 0
        ? html`${mailTable(mails)}${pager(INTAKE_PATH, query, last && { at: last.receivedAt, id: last.id })}`
        : empty({
            name: 'mail',
            title: 'No mails yet',
            text: 'What comes to the address is listed here, also what was not taken, and why.',
          }),
  })}`
}
