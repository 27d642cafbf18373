import { type Html, html } from '../../services/core/html.ts'
import { type Recipient, freshUntil, isGuess } from '../../services/recipients/recipient.ts'
import { type Filled, formFault, textField } from '../parts/fields.ts'
import { backTo, card, confirmButton, facts, noteBox, pageHead } from '../parts/pieces.ts'
import { timeAgo } from '../parts/words.ts'
import { recipientFields } from './recipient-form.ts'
import {
  RECIPIENTS_PATH,
  classWords,
  contactWords,
  recipientPill,
  roleNames,
  sourceNames,
} from './recipient-words.ts'

/** A button by which a person takes a contact for right; a guess says what that means. */
export function confirmContact(recipient: Recipient): Html {
  const { id, email, name } = recipient
  const guess = isGuess(recipient)
  return confirmButton({
    id: `confirm-${id}`,
    button: guess ? 'Confirm this guess' : 'Confirm as of today',
    look: guess ? 'danger' : 'plain',
    question: guess ? `Send notices to ${email}?` : `Is the contact of “${name}” right?`,
    text: guess
      ? 'No source names this address; it was made up from the domain. A notice holds your name and address: if somebody else reads this mailbox, they get it. Confirm only if you found out that it is the right one.'
      : 'Look at where it is from first. Your name and today’s date are noted with it.',
    action: `${RECIPIENTS_PATH}/${id}/confirm`,
    yes: 'I looked: it is right',
  })
}

const warning = (recipient: Recipient): Html | false => {
  if (isGuess(recipient))
    return noteBox(
      'attention',
      'This address is a guess. Nothing is sent to it before a person has confirmed it.',
    )
  return (
    freshUntil(recipient) < new Date() &&
    noteBox(
      'attention',
      'What is known of this recipient is too old to be used: look it up again, or confirm it.',
    )
  )
}

const pauseForm = ({ id, pausedAt, pausedWhy }: Recipient, filled: Filled): Html =>
  pausedAt === null
    ? html`<form method="post" action="${RECIPIENTS_PATH}/${id}/pause" class="stack">
        ${textField({ name: 'why', label: 'Why', required: true, autocomplete: 'off', charactersMax: 500 }, filled)}
        <p><button class="button">Pause</button></p>
      </form>`
    : html`<p>Paused ${timeAgo(pausedAt)}: ${pausedWhy}</p>
        <form method="post" action="${RECIPIENTS_PATH}/${id}/resume">
          <p><button class="button">Resume</button></p>
        </form>`

const valuesOf = (recipient: Recipient): Record<string, string> => ({
  name: recipient.name,
  email: recipient.email ?? '',
  formUrl: recipient.formUrl ?? '',
  country: recipient.country ?? '',
  languages: recipient.languages.join(', '),
  formats: recipient.formats.join(', '),
  urlsMax: String(recipient.urlsMax),
  mailsPerHour: String(recipient.mailsPerHour),
  acknowledgeH: String(recipient.acknowledgeH),
  removeH: String(recipient.removeH),
  sameHost: recipient.sameHost ? 'on' : '',
  class: recipient.class ?? '',
  note: recipient.note ?? '',
})

const changeForm = (recipient: Recipient, filled: Filled | undefined): Html => {
  const shown = filled ?? { values: valuesOf(recipient), faults: {} }
  return html` <form method="post" action="${RECIPIENTS_PATH}/${recipient.id}" class="stack">
    ${formFault(shown)}
    <p class="hint">
      Whoever changes how it is reached vouches for it: later look-ups leave the entry alone then.
    </p>
    ${recipientFields(shown)}
    <p><button class="button button-primary">Save</button></p>
  </form>`
}

/** One recipient: what is known and since when, and what a person may do about it. */
export function recipientView(given: {
  recipient: Recipient
  canChange: boolean
  filled: Filled | undefined
  pauseFilled: Filled
}): Html {
  const { recipient, canChange, filled, pauseFilled } = given
  const { name, role, key, country, languages, source, resolvedAt, confirmedBy, note } = recipient
  return html` ${pageHead({
    above: backTo(RECIPIENTS_PATH, 'Recipients'),
    title: name,
    below: recipientPill(recipient),
    ...(canChange && { actions: confirmContact(recipient) }),
  })}
  ${warning(recipient)}
  ${card({
    id: 'facts',
    title: 'What is known',
    body: facts([
      { label: 'Role', value: roleNames[role] },
      { label: 'Known by', value: key },
      { label: 'Contact', value: contactWords(recipient) },
      { label: 'Country', value: country },
      { label: 'Languages', value: languages.join(', ') },
      { label: 'Known from', value: sourceNames[source] },
      { label: 'As of', value: timeAgo(resolvedAt) },
      { label: 'Use until', value: freshUntil(recipient).toISOString().slice(0, 10) },
      { label: 'Confirmed', value: confirmedBy === null ? 'by nobody' : 'by a member' },
      { label: 'Class', value: classWords(recipient.class) },
      { label: 'Note', value: note },
    ]),
  })}
  ${canChange && card({ id: 'pause', title: 'Hold back', body: pauseForm(recipient, pauseFilled) })}
  ${canChange && card({ id: 'change', title: 'Change', body: changeForm(recipient, filled) })}`
}
