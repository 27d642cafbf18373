import { decodeText } from '../decode-text.ts'
import type { CellFix, ImportOptions } from '../import.ts'
import { type CsvField, fieldOf } from './fields.ts'
import { type Sheet, openSheet } from './sheet.ts'

/** A cell of a row, as the file writes it or as a person corrected it. */
export interface RowCell {
  readonly heading: string
  /** What the column is taken for; absent of one that is not read. */
  readonly field?: CsvField
  readonly value: string
}

/** The cells of some rows by the line of the file where each begins, in the order of the columns. */
export type RowCells = ReadonlyMap<number, readonly RowCell[]>

/**
 * Reads some rows of a table, for a person to look at. The file is read up to the last of them and no further, in the
 * memory of a piece of it. A row that cannot be cut into cells is left out, and so is a line where no row begins.
 *
 * @param lines where the rows begin, from 1, as errors name them: a page of them.
 * @param options those that the table was read with, or the rows are cut elsewhere.
 * @param fixes what counts instead of the cells of the file.
 * @throws {Problem} request/invalid for an encoding that is not known.
 */
export async function rowCells(
  bytes: AsyncIterable<Uint8Array>,
  lines: readonly number[],
  { encoding, separator }: ImportOptions,
  fixes: readonly CellFix[] = [],
): Promise<RowCells> {
  const found = new Map<number, readonly RowCell[]>()
  const wanted = new Set(lines)
  const lastLine = Math.max(0, ...lines)
  const fixed = new Map(fixes.map(({ row, column, value }) => [`${row} ${column}`, value]))

  /** Takes the wanted ones of the rows that have come. @returns whether there can be more of them. */
  function gather({ rows, plan }: Sheet): boolean {
    for (let row = rows.next(); row !== undefined; row = rows.next()) {
      if (row.line > lastLine) return false
      if (row.fault || !wanted.has(row.line)) continue
      const { line, cells } = row
      found.set(
        line,
        plan.columns.map(({ heading, field }, column) => ({
          heading,
          ...(field && { field }),
          value: fixed.get(`${line} ${heading}`) ?? cells[column] ?? '',
        })),
      )
    }
    return found.size < wanted.size
  }

  let sheet: Sheet | undefined
  for await (const text of decodeText(bytes, encoding).text) {
    if (sheet) sheet.rows.push(text)
    else sheet = openSheet(text, false, {}, separator)
    if (!sheet || !gather(sheet)) return found
  }
  if (!sheet) return found
  sheet.rows.end()
  gather(sheet)
  return found
}

/**
 * The cell that an error speaks of: by the heading of the file, or by what the catalogue calls it where the error was
 * found there. Undefined when it speaks of the whole row, or of a column that the file does not have.
 */
export function cellNamed(cells: readonly RowCell[], column: string): RowCell | undefined {
  if (column === '') return undefined
  const field = fieldOf(column)
  return (
    cells.find(({ heading }) => heading === column) ??
    (field && cells.find((cell) => cell.field === field && cell.value.trim() !== '')) ??
    (field && cells.find((cell) => cell.field === field))
  )
}
