import type { CaseOutcome } from '../../services/actions/case-batches.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { CaseId } from '../../services/core/ids.ts'
import type { decisionsOfBatch } from '../../services/matches/case-batch-store.ts'
import type { Sent } from '../forms.ts'
import { type Filled, formFault, selectField, textArea } from '../parts/fields.ts'
import { backTo, card, noteBox, pageHead } from '../parts/pieces.ts'
import { casePill, dismissReasons } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { counted } from '../parts/words.ts'
import { exceptionFields } from './case-exceptions-view.ts'

const kinds = { confirmed: 'Confirm', dismissed: 'Dismiss', reopened: 'Open again for review' }

const head = (title: string, below: string): Html =>
  pageHead({ above: backTo('/cases', 'Cases'), title, below })

const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`

/** What is decided about the cases that were marked. */
export function batchView(given: { caseIds: readonly CaseId[]; filled: Filled }): Html {
  const { caseIds, filled } = given
  const isConfirming = filled.values['kind'] === 'confirmed'
  return html`${head('Decide together', `${counted(caseIds.length, 'case')} marked. You see what would happen before it does.`)}
  ${card({
    id: 'decision',
    title: 'The decision',
    body: html`${formFault(filled)}
      <form method="post" action="/cases/batch" class="stack">
        ${hidden('step', 'preview')} ${caseIds.map((id) => hidden('case', id))}
        ${selectField({ name: 'kind', label: 'Decision', required: true, prompt: 'Choose', options: kinds }, filled)}
        ${selectField(
          {
            name: 'reason',
            label: 'Why',
            hint: 'Needed to dismiss them.',
            prompt: 'Choose a reason',
            options: dismissReasons,
          },
          filled,
        )}
        <details class="more" ${isConfirming && html`open`}>
          <summary>To confirm them: the exceptions of the law</summary>
          <p class="hint">One answer for all of them. Cases that differ are better decided one by one.</p>
          ${exceptionFields({ id: 'batch', filled, required: false })}
        </details>
        ${textArea({ name: 'comment', label: 'Comment', rows: 2, charactersMax: 5000 }, filled)}
        <p><button class="button button-primary">Show what would happen</button></p>
      </form>`,
  })}`
}

/** What would happen to each case, and the button that does it. */
export function batchPreviewView(given: { sent: Sent; kind: string; cases: readonly CaseOutcome[] }): Html {
  const { sent, kind, cases } = given
  const decided = cases.filter(({ refused }) => !refused).length
  const fields = Object.entries(sent).flatMap(([name, value]) =>
    name === 'step' ? [] : [value].flat().map((each) => hidden(name, each)),
  )
  return html`${head('What would happen', `${decided} of ${counted(cases.length, 'case')} would be ${kind}.`)}
  ${card({
    id: 'preview',
    title: 'Case by case',
    flush: true,
    body: html`${table(
        'What would happen to each case',
        [
          {
            name: 'Case',
            kind: 'main',
            cell: ({ id, number }) => html`<a href="/cases/${id}">${number ?? 'This case'}</a>`,
          },
          { name: 'Now', cell: ({ from }) => (from ? casePill(from) : '') },
          {
            name: 'Then',
            cell: ({ to, refused }) =>
              html`${to && casePill(to)}${refused && html`Stays: ${refused.detail}`}`,
          },
        ],
        cases,
      )}
      <form method="post" action="/cases/batch" class="below-table">
        ${hidden('step', 'decide')} ${fields}
        ${
          decided > 0
            ? html`<button class="button button-primary" autofocus>
                Decide ${counted(decided, 'case')}
              </button>`
            : noteBox('attention', 'None of them allows this decision now.')
        }
        <a class="button" href="/cases">Cancel</a>
      </form>`,
  })}`
}

/** What was decided together, how it stands now, and the way back. */
export function batchDoneView(given: {
  batchId: string
  cases: Awaited<ReturnType<typeof decisionsOfBatch>>
}): Html {
  const { batchId, cases } = given
  return html`${head('Decided together', `${counted(cases.length, 'case')}, as they stand now.`)}
  ${card({
    id: 'batch',
    title: 'Case by case',
    flush: true,
    body: html`${table(
        'Cases that were decided together',
        [
          {
            name: 'Case',
            kind: 'main',
            cell: ({ caseId, caseNumber }) => html`<a href="/cases/${caseId}">${caseNumber}</a>`,
          },
          { name: 'Now', kind: 'state', cell: ({ state }) => casePill(state) },
        ],
        cases,
      )}
      <form method="post" action="/cases/batches/${batchId}/undo" class="below-table">
        <button class="button">Take all of it back</button>
        <span class="hint"
          >Where somebody decided since, or a notice rests on it, a case stays as it is.</span
        >
      </form>`,
  })}`
}
