import type { Bar } from '../../services/case-standing.ts'
import type { Recording } from '../../services/catalog/recording.ts'
import { type Html, html, nothing } from '../../services/core/html.ts'
import { type Case, isSetAside } from '../../services/matches/case.ts'
import { statementTexts, wordingNote } from '../../services/reports/statements.ts'
import type { ReportHead } from '../../services/reports/store.ts'
import { type Caller, hasRole } from '../../services/tenants/tenant.ts'
import { type Filled, checkField, formFault } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { card, noteBox } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { signatureField } from '../parts/signature.ts'
import { shortHash, timeExact } from '../parts/words.ts'

/** Whether a person has made the statements in it. */
export const statementsPill = (statements: ReportHead['statements']): Html =>
  statements === 'made' ? pill('good', 'pen', 'Signed') : pill('attention', 'dots', 'Statements open')

/** The three forms in which a report can be had. */
export const downloads = ({ id, number, version }: ReportHead): Html =>
  html` <span class="downloads">
    ${(['pdf', 'json', 'text'] as const).map(
      (format) =>
        html`<a
          class="button button-small"
          href="/v1/reports/${id}/download?format=${format}"
          download
          aria-label="Download ${number} version ${version} as ${format}"
          >${icon('download')}${format.toUpperCase()}</a
        >`,
    )}
  </span>`

const version = (report: ReportHead): Html =>
  html` <li class="report">
    <div>
      <p><strong>Version ${report.version}</strong> ${statementsPill(report.statements)}</p>
      <p class="row-detail">Issued ${timeExact(report.issuedAt)} · ${shortHash(report.documentSha256)}</p>
    </div>
    ${downloads(report)}
  </li>`

/** Each statement is shown in full beside its own tick: nothing is made by pressing one button. */
function signingForm(caseId: string, rightsHolder: string, memberName: string, filled: Filled): Html {
  const texts = statementTexts(rightsHolder)
  const statement = (name: keyof typeof texts): Html =>
    html` ${checkField({
      id: `statement-${name}`,
      name,
      label: texts[name],
      checked: filled.values[name] === 'on',
      required: true,
    })}
    ${filled.faults[name] && html`<p class="fault">${filled.faults[name]}</p>`}`
  const wasRefused = filled.values['signing'] !== undefined
  return html` <details class="choice" ${wasRefused && html`open`}>
    <summary class="button button-plain">${icon('pen')}Sign and issue</summary>
    <form method="post" action="/cases/${caseId}/reports" class="stack statements">
      <input type="hidden" name="signing" value="yes" />
      ${wasRefused && formFault(filled)}
      ${statement('goodFaith')}${statement('accuracy')}${statement('authority')}
      <p class="hint">${wordingNote}</p>
      ${signatureField(memberName, filled)}
      <p><button class="button button-primary">${icon('pen')}Sign and issue the report</button></p>
    </form>
  </details>`
}

/** The reports of a case: issuing one, signing one, and every version that was issued. */
export function caseReports(given: {
  opened: Case
  recording: Recording
  reports: readonly ReportHead[]
  caller: Caller
  filled: Filled
  bar: Bar | undefined
}): Html {
  const { opened, recording, reports, caller, filled, bar } = given
  const latest = reports[0]
  const canSign = caller.kind === 'member' && hasRole(caller, 'signer')
  const issue = html` <form method="post" action="/cases/${opened.id}/reports">
    <button class="button ${latest ? 'button-plain' : 'button-primary'}">
      ${icon('report')}${latest ? `Issue version ${latest.version + 1}` : 'Issue report'}
    </button>
  </form>`
  const advice = bar
    ? noteBox('attention', `Nothing may be demanded here at present. ${bar.words}.`)
    : opened.state === 'needs_review'
      ? noteBox(
          'attention',
          'This case is not confirmed yet. A report of it would be a draft for your own review.',
        )
      : nothing
  return card({
    id: 'reports',
    title: 'Takedown report',
    body: html` ${
      opened.state === 'dismissed' || isSetAside(opened.state)
        ? html`<p>
            This case was closed without a claim, so it has no report to issue. Open it again first.
          </p>`
        : html`${advice}
            <p>
              A frozen document with the evidence, ready for the host: who, what, where, when, and how sure.
              ${!canSign && html`The legal statements stay open until a member with the role ‘signer’ makes them.`}
            </p>
            <div class="choices">
              ${issue}${canSign && caller.kind === 'member' && signingForm(opened.id, recording.rightsHolder, caller.member.name, filled)}
            </div>`
    }
    ${
      reports.length > 0 &&
      html`<ul class="reports" aria-label="Versions, latest first">
        ${reports.map(version)}
      </ul>`
    }`,
  })
}
