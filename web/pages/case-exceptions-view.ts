import { type Html, html } from '../../services/core/html.ts'
import type { ExceptionsReview } from '../../services/matches/exceptions-store.ts'
import {
  type DeHint,
  ExceptionKind,
  exceptionQuestions,
  exceptionsInWords,
} from '../../services/matches/exceptions.ts'
import { SHARED_REASON, ownReason } from '../exceptions-form.ts'
import { type Filled, selectField, textArea } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { timeExact } from '../parts/words.ts'

const answers = { no: 'No', yes: 'Yes', unclear: 'Unclear' }

/** What the passages say of the German rule; a hint, which decides nothing. */
const hintOf = ({ presumed, reasons }: DeHint): Html =>
  html`<p class="hint">
    From what was found: ${presumed ? 'it may be presumed permitted' : 'probably not'}
    (${reasons.join('; ')}). Who made it and whether it earns money, only you can see.
  </p>`

/**
 * The questions about the exceptions of the law, each with its answer, and why.
 *
 * @param given.id begins the ids of the fields, where a page has several forms.
 * @param given.required whether the form is worth nothing without them.
 */
export function exceptionFields(given: {
  id: string
  filled: Filled
  required: boolean
  deHint?: DeHint | undefined
}): Html {
  const { id, filled, required, deHint } = given
  const fault = filled.faults['exceptions']
  return html` <fieldset class="exceptions">
    <legend>Does an exception of the law cover it?</legend>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    ${ExceptionKind.options.map((kind) => {
      const { question, hint } = exceptionQuestions[kind]
      const field = { id: `${id}-${kind}`, name: kind, label: question, hint, required }
      return html`${selectField({ ...field, prompt: 'Choose', options: answers }, filled)}
      ${kind === 'de_minor_use' && deHint && hintOf(deHint)}`
    })}
    ${textArea(
      {
        id: `${id}-why`,
        name: SHARED_REASON,
        label: 'Why',
        hint: 'Covers every answer that has no reason of its own below.',
        rows: 2,
        charactersMax: 1_500,
      },
      filled,
    )}
    <details
      class="more"
      ${ExceptionKind.options.some((kind) => filled.values[ownReason(kind)]) && html`open`}
    >
      <summary>A reason for each answer</summary>
      <div class="stack">
        ${ExceptionKind.options.map((kind) =>
          textArea(
            {
              id: `${id}-${kind}-why`,
              name: ownReason(kind),
              label: exceptionQuestions[kind].name,
              rows: 2,
              charactersMax: 1_500,
            },
            filled,
          ),
        )}
      </div>
    </details>
  </fieldset>`
}

/** The reviews of a case, newest first. */
export const exceptionReviews = (reviews: readonly ExceptionsReview[]): Html =>
  html`<ol class="history">
    ${reviews.map(
      ({ outcome, answers: given, reviewerName, at }) =>
        html`<li>
          <span class="history-icon">${icon(outcome === 'not_excepted' ? 'check' : 'dash')}</span>
          <div>
            <p>
              <strong
                >${outcome === 'not_excepted' ? 'No exception applies' : 'An exception applies, or may'}</strong
              >
              <span class="row-detail">${reviewerName}, ${timeExact(at)}</span>
            </p>
            <ul>
              ${exceptionsInWords(given).map((line) => html`<li>${line}</li>`)}
            </ul>
          </div>
        </li>`,
    )}
  </ol>`
