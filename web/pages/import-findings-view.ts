import { type RowCell, cellNamed } from '../../services/catalog/import/csv/row-cells.ts'
import { CellFix, type ImportError, KEPT_MAX } from '../../services/catalog/import/import.ts'
import { type Html, html } from '../../services/core/html.ts'
import { type Sent, textOf } from '../forms.ts'
import { icon } from '../parts/icons.ts'
import { listHref, numberPager } from '../parts/paging.ts'
import { card } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import type { ImportRead } from './import-data.ts'

/** The name of the field that corrects a cell; `readCellName` is its other half. */
const cellName = (row: number, heading: string): string => `cell:${row}:${heading}`

/** Which cell a field of the form corrects; undefined of any other field. */
export function readCellName(name: string): { row: number; column: string } | undefined {
  const [, row, column] = /^cell:(\d{1,9}):(.+)$/s.exec(name) ?? []
  return row && column ? { row: Number(row), column } : undefined
}

/** A finding with the cell that it speaks of, where there is one that can be corrected here. */
interface MendableFinding {
  readonly finding: ImportError
  readonly cells: readonly RowCell[]
  readonly cell: RowCell | undefined
  /** An earlier finding of the page speaks of the same cell and has its field. */
  readonly isRepeated: boolean
}

function mendable({ findings, cells }: ImportRead): MendableFinding[] {
  const named = new Set<string>()
  return findings.shown.map((finding) => {
    const row = cells.get(finding.row) ?? []
    const cell = cellNamed(row, finding.column)
    const fits =
      cell && CellFix.safeParse({ row: finding.row, column: cell.heading, value: cell.value }).success
    const name = cell && cellName(finding.row, cell.heading)
    const isRepeated = name !== undefined && named.has(name)
    if (name) named.add(name)
    return { finding, cells: row, cell: fits ? cell : undefined, isRepeated }
  })
}

/** What the row is, for who corrects it: its title and artist, without what is wrong with them. */
function rowInWords({ cells }: MendableFinding): string {
  const said = (['title', 'artist'] as const).map(
    (field) => cells.find((cell) => cell.field === field && cell.value.trim() !== '')?.value,
  )
  return said.filter(Boolean).join(' · ')
}

/**
 * The field that corrects a cell. Of several lines where the cell has them, or the browser would join them; it drops the
 * first line end of such a field.
 */
function cellField({ finding, cell }: MendableFinding & { cell: RowCell }, typed: Sent): Html {
  const name = cellName(finding.row, cell.heading)
  const value = Object.hasOwn(typed, name) ? textOf(typed, name) : cell.value
  const shared = html`name="${name}" aria-label="${cell.heading} of row ${finding.row}"
  aria-describedby="finding-${finding.number}" maxlength="${CellFix.shape.value.maxLength}" autocomplete="off"
  spellcheck="false"`
  return /[\r\n]/.test(cell.value)
    ? html`<textarea rows="3" ${shared}>${`\n${value}`}</textarea>`
    : html`<input type="text" value="${value}" ${shared} />`
}

const place = (one: MendableFinding, isTable: boolean): Html => {
  const words = rowInWords(one)
  return html`${isTable ? 'Row' : 'Line'}
  ${one.finding.row}${words && html`<span class="row-detail">${words}</span>`}`
}

const said = ({ finding }: MendableFinding): Html =>
  html`<div id="finding-${finding.number}">
    ${finding.severity === 'error' ? pill('bad', 'cross', 'Error') : pill('attention', 'warning', 'Remark')}
    <p class="breakable">${finding.message}</p>
  </div>`

function inTheFile(one: MendableFinding, typed: Sent): Html | string {
  const { cell, isRepeated } = one
  if (cell && !isRepeated) return cellField({ ...one, cell }, typed)
  if (cell) return 'see above'
  return one.finding.severity === 'error' ? 'to be corrected in the file' : '–'
}

const findingsTable = (rows: readonly MendableFinding[], isTable: boolean, typed: Sent): Html =>
  table(
    'What is wrong with rows of the file: errors first, in the order of the file',
    [
      { name: isTable ? 'Row' : 'Line', kind: 'main', cell: (one) => place(one, isTable) },
      {
        name: isTable ? 'Column' : 'Element',
        cell: ({ finding }) => html`<div class="finding-column">${finding.column || '–'}</div>`,
      },
      { name: 'What is wrong', cell: said },
      ...(isTable ? [{ name: 'In the file', cell: (one: MendableFinding) => inTheFile(one, typed) }] : []),
    ],
    rows,
  )

const saveButtons = ({ about, findings }: ImportRead): Html =>
  html`<p class="row-actions below-table">
    <button class="button button-primary">
      ${icon('retry')}${about.dryRun ? 'Save and check again' : 'Save and import these rows'}
    </button>
    ${
      findings.next !== undefined &&
      html`<button class="button" name="next" value="${findings.next}">
        Save and show the next${icon('arrow')}
      </button>`
    }
  </p>`

/**
 * What is wrong with rows, each finding beside the cell that it speaks of. The cells of a table are corrected in place.
 *
 * @param typed what was typed into them and could not be kept.
 */
export function findingsCard(
  read: ImportRead,
  query: Readonly<Record<string, string>>,
  typed: Sent,
): Html | false {
  const { about, findings } = read
  if (findings.shown.length === 0) return false
  const path = `/recordings/imports/${about.id}`
  const isTable = about.kind === 'csv'
  const rows = mendable(read)
  const canMend = rows.some(({ cell }) => cell !== undefined)
  const body = html`${findingsTable(rows, isTable, typed)}${canMend && saveButtons(read)}`
  return card({
    id: 'findings',
    title: 'Errors and remarks',
    flush: true,
    aside: html`<a class="button button-small" href="/v1/imports/${about.id}/errors.csv" download
      >${icon('download')}Download as CSV</a
    >`,
    body: html` ${canMend ? html`<form method="post" action="${listHref(`${path}/fixes`, query)}">${body}</form>` : body}
    ${numberPager(path, query, { name: 'findings', id: 'findings', label: 'Pages of errors', next: findings.next })}
    ${
      Math.max(about.errors, about.warnings) > KEPT_MAX &&
      html`<p class="hint below-table">The first ${KEPT_MAX.toLocaleString('en')} of each are kept.</p>`
    }`,
  })
}
