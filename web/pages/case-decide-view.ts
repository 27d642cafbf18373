import type { Dossier } from '../../services/case-dossier.ts'
import { type Html, html } from '../../services/core/html.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { type Effective, allowedDecisions } from '../../services/matches/case-machine.ts'
import type { Case, DecisionKind } from '../../services/matches/case.ts'
import type { ExceptionsReview } from '../../services/matches/exceptions-store.ts'
import { dePresumedPermitted } from '../../services/matches/exceptions.ts'
import { type Caller, hasRole } from '../../services/tenants/tenant.ts'
import { type Filled, formFault, selectField, textArea, unfilled } from '../parts/fields.ts'
import { type IconName, icon } from '../parts/icons.ts'
import { noteBox } from '../parts/pieces.ts'
import { dismissReasons } from '../parts/pills.ts'
import { timeExact } from '../parts/words.ts'
import { allowHere, isAllowForm } from './case-allow-view.ts'
import { exceptionFields } from './case-exceptions-view.ts'
import { decisionWords } from './case-history-view.ts'

/** What a decision about a case depends on, and where one goes on after it. */
export interface Deciding {
  /** The review that a confirmation can rest on: none applies, and nothing was found since. */
  readonly review: ExceptionsReview | undefined
  /** The decision that can be taken back now. */
  readonly undoable: Effective | undefined
  /** The next case of the queue, and the one that was decided just before. */
  readonly next: CaseId | undefined
  readonly before: CaseId | undefined
}

/** The exceptions of the law beside a confirmation: to be answered, or to be answered anew. */
function reviewFields({ matches, recording }: Dossier, { review }: Deciding, filled: Filled): Html {
  const deHint = dePresumedPermitted(matches, recording.territories)
  if (!review) return exceptionFields({ id: 'confirm', filled, required: true, deHint })
  return html`<p>${review.reviewerName} reviewed the exceptions, ${timeExact(review.at)}: none applies.</p>
    <details class="more">
      <summary>Review them again</summary>
      ${exceptionFields({ id: 'confirm', filled, required: false, deHint })}
    </details>`
}

/** Who looks at a case now: the reader, so that nobody else can decide, or somebody else. */
export function assignmentNote(opened: Case, caller: Caller): Html | false {
  if (!opened.assignedTo || !opened.assignedUntil) return false
  if (caller.kind !== 'member' || opened.assignedTo !== caller.member.id)
    return noteBox(
      'attention',
      html`<strong>${opened.assignedName} is looking at this case</strong>, at the latest until
        ${timeExact(opened.assignedUntil)}. You can comment, and decide when it is free.`,
    )
  return html`<form
    class="assignment"
    method="post"
    action="/cases/${opened.id}/release"
    data-hold="/cases/${opened.id}/hold"
  >
    <p>
      You look at this case: until ${timeExact(opened.assignedUntil)} nobody else can decide it.
      <button class="button button-small">Give it back</button>
    </p>
  </form>`
}

const commentBox = (id: string, required: boolean, filled: Filled): Html =>
  textArea({ id, name: 'comment', label: 'Comment', required, rows: 2, charactersMax: 5000 }, filled)

/** What a decision's form is made of. */
interface DecisionForm {
  readonly title: string
  readonly iconName: IconName
  readonly look: 'primary' | 'plain'
  readonly key?: string
  readonly yes: string
  readonly fields: Html
}

/** A decision behind its name: only one form is open at a time (`name` groups them). */
const decisionForm = (
  given: DecisionForm & { readonly caseId: string; readonly kind: string; readonly open: boolean },
): Html =>
  html` <details class="choice" name="decision" ${given.open && html`open`}>
    <summary class="button button-${given.look}" ${given.key && html`data-key="${given.key}"`}>
      ${icon(given.iconName)}${given.title}
    </summary>
    <form method="post" action="/cases/${given.caseId}/decisions" class="stack">
      <input type="hidden" name="kind" value="${given.kind}" />
      ${given.fields}
      <p><button class="button button-primary">${given.yes}</button></p>
    </form>
  </details>`

/** The forms of those decisions that end a review. */
const reviewForms = (dossier: Dossier, deciding: Deciding, filled: Filled) =>
  ({
    confirmed: {
      title: 'Confirm',
      iconName: 'check',
      look: 'primary',
      yes: 'Confirm the case',
      key: 'c',
      fields: html`<p>It is your recording, and its use here is not authorised.</p>
        ${reviewFields(dossier, deciding, filled)} ${commentBox('confirm-comment', false, filled)}`,
    },
    dismissed: {
      title: 'Dismiss',
      iconName: 'dash',
      look: 'plain',
      yes: 'Dismiss the case',
      key: 'd',
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
  }) as const satisfies Partial<Record<DecisionKind, DecisionForm>>

/** The forms of all others, but for those that take more than a comment. */
const furtherForms = (filled: Filled) =>
  ({
    reopened: {
      title: 'Open again',
      iconName: 'retry',
      look: 'plain',
      yes: 'Open for review',
      fields: commentBox('reopen-comment', false, filled),
    },
    removed: {
      title: 'It is removed',
      iconName: 'check',
      look: 'plain',
      yes: 'Note it as removed',
      fields: commentBox('removed-comment', false, filled),
    },
    closed: {
      title: 'Close',
      iconName: 'dash',
      look: 'plain',
      yes: 'Close the case',
      fields: html`<p>Nothing more is demanded here. A closed case is over.</p>
        ${commentBox('closed-comment', false, filled)}`,
    },
    commented: {
      title: 'Comment',
      iconName: 'speech',
      look: 'plain',
      yes: 'Add comment',
      fields: commentBox('comment', true, filled),
    },
  }) as const satisfies Partial<Record<DecisionKind, DecisionForm>>

const undoForm = (undoable: Effective, filled: Filled): DecisionForm => ({
  title: 'Take back the last decision',
  iconName: 'back',
  look: 'plain',
  yes: 'Take it back',
  fields: html`<input type="hidden" name="supersedes" value="${undoable.number}" />
    <p>${decisionWords[undoable.kind][1]}: this no longer holds.</p>
    ${commentBox('undone-comment', false, filled)}`,
})

/** What can be decided about a case now: a form for each decision, one open at a time. */
export function decideForms(dossier: Dossier, deciding: Deciding, sent: Filled, caller: Caller): Html {
  const { id, state } = dossier.opened
  const filled = isAllowForm(sent) ? unfilled : sent
  const sentKind = filled.values['kind']
  const { undoable } = deciding
  const all = { ...reviewForms(dossier, deciding, filled), ...furtherForms(filled) }
  const allowed = allowedDecisions(state)
  const forms: [string, DecisionForm][] = Object.entries(all).filter(([kind]) =>
    allowed.some((each) => each === kind),
  )
  if (undoable) forms.push(['undone', undoForm(undoable, filled)])
  return html`${sentKind && formFault(filled)}
    <div class="choices">
      ${forms.map(([kind, form]) => decisionForm({ caseId: id, kind, open: sentKind === kind, ...form }))}
      ${(hasRole(caller, 'owner') || hasRole(caller, 'reviewer')) && allowHere(dossier, sent)}
    </div>`
}
