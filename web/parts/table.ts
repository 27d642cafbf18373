import { type Html, html } from '../../services/core/html.ts'

/** A column; its name is repeated beside each value where a phone shows rows as cards. */
export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => Html | string | number
  readonly kind?: 'main' | 'number' | 'state'
}

/**
 * A table that becomes a list of cards on narrow screens. Roles are written out because browsers drop
 * a table's own when its parts are laid out as blocks.
 *
 * @param caption read to those who cannot see the heading.
 */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const kind = (column: Column<Row>): string => (column.kind ? `cell-${column.kind}` : '')
  return html` <table class="table" role="table">
    <caption class="unseen">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map((column) => html`<th role="columnheader" scope="col" class="${kind(column)}">${column.name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr role="row">
            ${columns.map(
              (column) =>
                html`<td role="cell" class="${kind(column)}" data-label="${column.name}">
                  <div>${column.cell(row)}</div>
                </td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The first cell of a row: what it is, as the link to it, and a line of detail. */
export const mainCell = (href: string, title: string, detail?: Html | string | false): Html =>
  html`<a class="row-link" href="${href}">${title}</a
    >${detail && html`<span class="row-detail">${detail}</span>`}`
