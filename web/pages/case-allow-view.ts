import { offersFor } from '../../services/allowlist/entry.ts'
import { kindNames } from '../../services/allowlist/leave.ts'
import type { Dossier } from '../../services/case-dossier.ts'
import { placesOfCase } from '../../services/case-standing.ts'
import { type Html, html } from '../../services/core/html.ts'
import { allowedDecisions } from '../../services/matches/case-machine.ts'
import { type Filled, formFault, selectField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { entryFields, scopeField } from './allow-list-view.ts'

/** The name under which the form comes back when it was refused. */
const FORM = 'allow-here'

/** Whether what was sent and refused is this form. */
export const isAllowForm = (filled: Filled): boolean => filled.values['form'] === FORM

/** Puts the place of a case on the allow-list and closes the case; nothing where no place can be allowed. */
export function allowHere(dossier: Dossier, filled: Filled): Html | false {
  const { opened, recording } = dossier
  const offers = placesOfCase(dossier).flatMap(offersFor)
  if (!allowedDecisions(opened.state).includes('allowed') || offers.length === 0) return false
  const isOpen = isAllowForm(filled)
  const own = isOpen ? filled : unfilled
  const options = Object.fromEntries(
    offers.map(({ kind, value }) => [`${kind} ${value}`, `${value} (${kindNames[kind]})`]),
  )
  return html` <details class="choice" name="decision" ${isOpen && html`open`}>
    <summary class="button button-plain">${icon('check')}This is allowed here…</summary>
    <form method="post" action="/cases/${opened.id}/allow" class="stack">
      <input type="hidden" name="form" value="${FORM}" />
      ${formFault(own)}
      <p>Finds at this place are kept from now on, but open nothing to review and send no mail.</p>
      ${selectField({ name: 'value', label: 'Where', required: true, options }, own)}
      ${scopeField(recording, own)} ${entryFields(own)}
      <p><button class="button button-primary">Allow and close the case</button></p>
    </form>
  </details>`
}
