import { type Html, html } from '../../services/core/html.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { afterEvent } from '../../services/notices/notice-state.ts'
import { isGuess, isMailFormat } from '../../services/recipients/recipient.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import { faultList } from '../parts/fault-list.ts'
import { type Filled, checkField, selectField, textArea, textField, unfilled } from '../parts/fields.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { languageNames, noticeFormatNames } from '../parts/notice-words.ts'
import { card } from '../parts/pieces.ts'
import { dismissReasons } from '../parts/pills.ts'
import { detailFields, regimeBoxes } from './notice-new-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'
import { roleNames } from './recipient-words.ts'

/** A refused form on a page that has several: which it was, and how it was filled. */
export interface FilledForm {
  readonly form: string
  readonly filled: Filled
}

export const noForm: FilledForm = { form: '', filled: unfilled }

/** A form behind its name; only one is open at a time. */
const choice = (given: {
  action: string
  title: string
  iconName: IconName
  look?: string
  fields: Html
  yes: string
  danger?: boolean
  open: boolean
}): Html =>
  html` <details class="choice" name="notice-form" ${given.open && html`open`}>
    <summary class="button button-${given.look ?? 'plain'}">${icon(given.iconName)}${given.title}</summary>
    <form method="post" action="${given.action}" class="stack">
      ${given.fields}
      <p>
        <button class="button ${given.danger ? 'button-danger-solid' : 'button-primary'}">
          ${given.yes}
        </button>
      </p>
    </form>
  </details>`

const recipientOptions = (recipients: readonly Recipient[]): Record<string, string> =>
  Object.fromEntries(
    recipients
      // A guess stands in no list before a person has confirmed it.
      .filter((recipient) => !isGuess(recipient))
      .map(({ id, name, role }) => [id, `${name} (${roleNames[role]})`]),
  )

const valuesOf = (notice: Notice): Record<string, string> => ({
  recipientId: notice.recipientId,
  regimes: notice.regimes.join(', '),
  language: notice.language,
  format: notice.format,
  illegalityExplanation: notice.details.illegalityExplanation ?? '',
  storage: notice.details.storage ?? '',
  notes: notice.details.notes ?? '',
})

/** Who is asked; a guess that a draft was made with stands as it is, because it can be chosen nowhere. */
function recipientChoice({ recipientId }: Notice, recipients: readonly Recipient[], filled: Filled): Html {
  const options = recipientOptions(recipients)
  const isOffered = Object.hasOwn(options, recipientId)
  return selectField(
    {
      name: 'recipientId',
      label: 'Who is asked',
      ...(isOffered ? { required: true } : { prompt: 'As it is now: a guess that nobody confirmed' }),
      options,
    },
    filled,
  )
}

/** Everything of a draft that can be changed. */
export function editCard(
  notice: Notice,
  recipients: readonly Recipient[],
  { form, filled }: FilledForm,
): Html {
  const shown: Filled = form === 'edit' ? filled : { values: valuesOf(notice), faults: {} }
  return card({
    id: 'edit',
    title: 'Change this notice',
    body: html` ${faultList(shown, {
        recipientId: ['recipientId', 'Who is asked'],
        regimes: ['regimes', 'By which law'],
        illegalityExplanation: ['illegalityExplanation', 'Why the copies are unlawful'],
        storage: ['storage', 'Where the copies are kept'],
        notes: ['notes', 'Anything else for the recipient'],
      })}
      <form method="post" action="${NOTICES_PATH}/${notice.id}" class="stack">
        <div class="field-grid">
          ${recipientChoice(notice, recipients, shown)}
          ${selectField({ name: 'language', label: 'Language', required: true, options: languageNames }, shown)}
          ${selectField({ name: 'format', label: 'Form', required: true, options: noticeFormatNames }, shown)}
        </div>
        ${regimeBoxes(shown)} ${detailFields(shown)}
        <p class="hint">It has to be checked again afterwards.</p>
        <p><button class="button button-primary">Save</button></p>
      </form>`,
  })
}

/** What a person notes who gave a notice in at a form. */
export const byHandForm = (notice: Notice, formUrl: string | null, { form, filled }: FilledForm): Html => {
  const shown = form === 'by-hand' ? filled : { values: { formUrl: formUrl ?? '' }, faults: {} }
  return choice({
    action: `${NOTICES_PATH}/${notice.id}/by-hand`,
    title: 'I sent it by hand',
    iconName: 'check',
    look: 'primary',
    open: form === 'by-hand',
    yes: 'Record it as sent',
    fields: html`${faultList(shown, {
      formUrl: ['formUrl', 'Address of the form'],
      at: ['at', 'When'],
      reference: ['reference', 'Their number'],
    })}
    ${textField({ name: 'formUrl', label: 'Address of the form', type: 'url', required: true, autocomplete: 'off', charactersMax: 2048 }, shown)}
    ${textField({ name: 'at', label: 'When', autocomplete: 'off', placeholder: '2031-03-06 14:30', hint: 'In UTC. Empty: just now.' }, shown)}
    ${textField({ name: 'reference', label: 'Their number', autocomplete: 'off', charactersMax: 200, hint: 'What the form answered with.' }, shown)}`,
  })
}

/** How a person takes something back: why, and what becomes of the cases. */
export const retractFields = (filled: Filled, what: string): Html =>
  html`${faultList(filled, { reason: ['retract-reason', 'Why'], dismissReason: ['dismissReason', 'Dismissed because'] })}
    <p>${what}</p>
    ${textArea(
      {
        id: 'retract-reason',
        name: 'reason',
        label: 'Why',
        required: true,
        rows: 2,
        charactersMax: 1000,
        hint: 'The recipient may read this.',
      },
      filled,
    )}
    ${selectField(
      {
        name: 'to',
        label: 'What becomes of the cases',
        required: true,
        options: { needs_review: 'They are looked at again', dismissed: 'They are dismissed' },
      },
      filled,
    )}
    ${selectField(
      {
        name: 'dismissReason',
        label: 'Dismissed because',
        prompt: 'Only where they are dismissed',
        options: dismissReasons,
      },
      filled,
    )}`

const retractForm = (notice: Notice, { form, filled }: FilledForm): Html =>
  choice({
    action: `${NOTICES_PATH}/${notice.id}/retract`,
    title: 'Retract',
    iconName: 'back',
    look: 'danger',
    open: form === 'retract',
    yes: 'Retract it everywhere',
    danger: true,
    fields: retractFields(
      form === 'retract' ? filled : unfilled,
      'Everybody who got this notice or a copy of it is told that it is taken back. Nothing of it is demanded any more.',
    ),
  })

const supplementForm = (
  notice: Notice,
  recipients: readonly Recipient[],
  { form, filled }: FilledForm,
): Html =>
  choice({
    action: `${NOTICES_PATH}/${notice.id}/supplement`,
    title: notice.state === 'delivery_failed' ? 'Send it to somebody else' : 'Make the next version',
    iconName: 'arrow',
    look: 'primary',
    open: form === 'supplement',
    yes: 'Draft the next version',
    fields: html`${faultList(form === 'supplement' ? filled : unfilled, { recipientId: ['next-recipient', 'Who is asked'] })}
      <p>
        A draft about what is still open of it. This version ends, and its locations stay demanded meanwhile.
      </p>
      ${selectField(
        {
          id: 'next-recipient',
          name: 'recipientId',
          label: 'Who is asked',
          prompt: 'The same as before',
          options: recipientOptions(recipients),
        },
        form === 'supplement' ? filled : unfilled,
      )}`,
  })

const dropForm = (notice: Notice, { form, filled }: FilledForm): Html =>
  choice({
    action: `${NOTICES_PATH}/${notice.id}/drop`,
    title: 'Drop',
    iconName: 'cross',
    open: form === 'drop',
    yes: `Drop ${noticeName(notice)}`,
    danger: true,
    fields: html`<p>
        Nobody has heard of it. It stays in the list as closed, and its cases can be noticed anew.
      </p>
      ${textArea({ id: 'drop-comment', name: 'comment', label: 'Comment', rows: 2, charactersMax: 5000 }, form === 'drop' ? filled : unfilled)}`,
  })

/** The forms for what the state of a notice allows, each behind its name. */
export function stateForms(
  notice: Notice,
  given: { recipients: readonly Recipient[]; formUrl: string | null; canSign: boolean; sent: FilledForm },
): Html {
  const { recipients, formUrl, canSign, sent } = given
  const allows = (kind: Parameters<typeof afterEvent>[1]): boolean =>
    afterEvent(notice.state, kind) !== undefined
  const isUnsigned = notice.signedAt === null
  const canBeSent = notice.state === 'signed' && (!notice.approvalNeeded || notice.approvedAt !== null)
  return html`${canSign && canBeSent && !isMailFormat(notice.format) && byHandForm(notice, formUrl, sent)}
  ${(allows('supplemented') || allows('rerouted')) && supplementForm(notice, recipients, sent)}
  ${canSign && !isUnsigned && allows('retracted') && retractForm(notice, sent)}
  ${isUnsigned && notice.state !== 'closed' && dropForm(notice, sent)}`
}

/** A message of which nobody knows whether it was sent, or one by hand: a person says what became of it. */
export const resolveForm = (
  noticeId: string,
  delivery: { id: string; way: string },
  { form, filled }: FilledForm,
): Html => {
  const name = `resolve-${delivery.id}`
  const shown = form === name ? filled : unfilled
  return choice({
    action: `${NOTICES_PATH}/${noticeId}/deliveries/${delivery.id}`,
    title: 'Say what became of it',
    iconName: 'pen',
    open: form === name,
    yes: 'Record it',
    fields: html`${faultList(shown, { note: [`${name}-note`, 'How you know'] })}
    ${
      delivery.way === 'mail' &&
      checkField({
        id: `${name}-unsent`,
        name: 'unsent',
        label: 'It was not sent: send it once more',
        checked: shown.values['unsent'] === 'on',
      })
    }
    ${textField({ id: `${name}-note`, name: 'note', label: 'How you know', required: true, autocomplete: 'off', charactersMax: 500 }, shown)}`,
  })
}
