import {
  bodyHeight,
  bodyWidth,
  colors,
  decoration,
  drawLines,
  group,
  heightOf,
  need,
  page,
  rule,
  tagged,
  type Flow,
} from './flow.ts'
import { baseLine, layOut, type TextLine, type TextLook } from './text.ts'

/** A piece of text and how it is set. Addresses and hashes are compared character by character. */
export interface Piece {
  readonly text: string
  readonly style: 'plain' | 'strong' | 'muted' | 'address' | 'hash'
}

/** A table: one list of pieces per cell, each piece on a line of its own. */
export interface Table {
  readonly kind: 'table'
  readonly caption: string
  /** `share` is the width relative to the other columns. */
  readonly columns: readonly { readonly title: string; readonly share: number; readonly align?: 'right' }[]
  readonly rows: readonly (readonly (readonly Piece[])[])[]
}

/** Space between the text of neighbouring columns, and above and below the text of a row, in points. */
const GUTTER = 10
const PADDING = 4

const head: TextLook = { style: 'strong', size: 7.4, color: colors.muted }
const looks: Readonly<Record<Piece['style'], TextLook>> = {
  plain: { style: 'plain', size: 8.6, color: colors.ink },
  strong: { style: 'strong', size: 8.6, color: colors.ink },
  muted: { style: 'plain', size: 7.6, color: colors.muted },
  address: { style: 'mono', size: 7.8, color: colors.ink },
  // Small, so that its 64 digits fit one line of a column.
  hash: { style: 'mono', size: 6.5, color: colors.ink },
}

interface Column {
  readonly title: string
  readonly x: number
  readonly width: number
  readonly right: boolean
}

/** Draws a table over the width of the body; its head is repeated on every page it runs on to. */
export function drawTable(flow: Flow, table: Table): void {
  const columns = columnsOf(table)
  const titles = columns.map(({ title, width }) => layOut(flow.pdf, title, head, width))
  const headHeight = Math.max(...titles.map(heightOf)) + 2 * PADDING
  const rowHeightMax = bodyHeight - headHeight - 4 * PADDING
  const rows = table.rows.flatMap((row) =>
    slices(
      row.map((cell, i) => cellLines(flow, cell, columns[i])),
      rowHeightMax,
    ),
  )
  const [first = []] = rows
  need(flow, headHeight + rowHeight(first))
  group(flow, 'Table', () => {
    drawHead(flow, columns, titles, headHeight)
    for (const row of rows) {
      if (need(flow, rowHeight(row))) drawHead(flow, columns, titles, headHeight)
      drawRow(flow, columns, row)
    }
  })
  flow.y += 10
}

function columnsOf(table: Table): Column[] {
  const shares = table.columns.reduce((sum, { share }) => sum + share, 0)
  const room = bodyWidth - GUTTER * (table.columns.length - 1)
  let x: number = page.left
  return table.columns.map(({ title, share, align }) => {
    const width = (room * share) / shares
    const column = { title, x, width, right: align === 'right' }
    x += width + GUTTER
    return column
  })
}

function cellLines(flow: Flow, cell: readonly Piece[], column: Column | undefined): TextLine[] {
  if (!column) throw new Error('A row has more cells than its table has columns')
  return cell.flatMap(({ text, style }) => layOut(flow.pdf, text, looks[style], column.width))
}

const rowHeight = (cells: readonly (readonly TextLine[])[]): number =>
  Math.max(0, ...cells.map((lines) => drop(cells, lines) + heightOf(lines))) + 2 * PADDING

/** How much lower a cell begins so that the first lines of a row share one base line, whatever their sizes. */
function drop(cells: readonly (readonly TextLine[])[], lines: readonly TextLine[]): number {
  const first = (cell: readonly TextLine[]): number => (cell[0] ? baseLine(cell[0].look) : 0)
  return Math.max(...cells.map(first)) - first(lines)
}

/** A row that is higher than a page (an address of two thousand letters) as several that are not. */
function slices(cells: readonly (readonly TextLine[])[], heightMax: number): TextLine[][][] {
  const parts: TextLine[][][] = []
  for (const [column, lines] of cells.entries()) {
    let [part, height] = [0, 0]
    for (const line of lines) {
      const next = heightOf([line])
      if (height + next > heightMax) {
        part += 1
        height = 0
      }
      parts[part] ??= cells.map(() => [])
      parts[part]?.[column]?.push(line)
      height += next
    }
  }
  return parts.length > 0 ? parts : [cells.map(() => [])]
}

function drawHead(
  flow: Flow,
  columns: readonly Column[],
  titles: readonly TextLine[][],
  height: number,
): void {
  decoration(flow, () => flow.pdf.rect(page.left - 6, flow.y, bodyWidth + 12, height).fill(colors.tint))
  drawCells(flow, 'TH', columns, titles)
  flow.y += height
}

function drawRow(flow: Flow, columns: readonly Column[], cells: readonly TextLine[][]): void {
  drawCells(flow, 'TD', columns, cells)
  flow.y += rowHeight(cells)
  rule(flow)
}

function drawCells(
  flow: Flow,
  type: 'TH' | 'TD',
  columns: readonly Column[],
  cells: readonly TextLine[][],
): void {
  const top = flow.y + PADDING
  group(flow, 'TR', () => {
    for (const [index, { x, width, right }] of columns.entries()) {
      const draw = (): void => {
        let y = top + drop(cells, cells[index] ?? [])
        for (const line of cells[index] ?? [])
          y += drawLines(flow, [line], right ? x + width - line.width : x, y)
      }
      tagged(flow, type, draw, type === 'TH' ? { scope: 'Column' } : {})
    }
  })
}
