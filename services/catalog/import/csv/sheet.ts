import type { RowError } from '../entry.ts'
import { countFields, missingFields, planSheet, type ColumnChoice, type SheetPlan } from './columns.ts'
import { RowSplitter, type CellsRow } from './rows.ts'

/** What stands between two cells. Where several fit, an earlier one is taken. */
const csvSeparators = [',', ';', '\t', '|'] as const
export type CsvSeparator = (typeof csvSeparators)[number]

/** Rows in which the headings are looked for: above them sheets have a title, a date, a logo. */
const ROWS_ABOVE_MAX = 20

/** What spreadsheets write into a first line to name the separator: `sep=;`. */
const SEPARATOR_LINE = /^"?sep=([,;|\t])"?[ \t]*(?:\r\n|\r|\n|$)/i

/** A table of which the headings are found: how it is written and what its columns are. */
export interface Sheet {
  readonly separator: CsvSeparator
  /** Line of the file where the headings are. */
  readonly line: number
  readonly headings: readonly string[]
  readonly plan: SheetPlan
  /** Gives the rows after the headings. */
  readonly rows: RowSplitter
  /** Why it cannot be read; the rest then is what was understood of it. */
  readonly errors: readonly RowError[]
}

interface Heading {
  readonly separator: CsvSeparator
  readonly row: CellsRow
  /** Known fields, or 0. */
  readonly fields: number
}

const splitterOf = (separator: CsvSeparator, text: string, last: boolean): RowSplitter => {
  const rows = new RowSplitter(separator)
  rows.push(text)
  if (last) rows.end()
  return rows
}

/** The first row with the headings that are needed, if the text is separated so; the first with any text when none has. */
function findHeading(
  separator: CsvSeparator,
  text: string,
  last: boolean,
  choice: ColumnChoice,
): Heading | undefined {
  const rows = splitterOf(separator, text, last)
  let first: Heading | undefined
  for (let count = 0; count < ROWS_ABOVE_MAX; count++) {
    const row = rows.next()
    if (row === undefined) break
    if (row.fault || row.cells.every((cell) => cell.trim() === '')) continue
    const fields = countFields(row.cells, choice)
    first ??= { separator, row, fields }
    if (fields > 0) return { separator, row, fields }
  }
  return first
}

/** A text without headings that are known: what is missing, or that it is no text at all. */
function errorsOf({ row, fields }: Heading, text: string, choice: ColumnChoice): readonly RowError[] {
  if (fields > 0) return []
  if (text.includes('\0'))
    return [{ row: row.line, column: '', code: 'syntax', message: 'this is no text; save the sheet as CSV' }]
  return missingFields(row.cells, choice).map((field) => ({
    row: row.line,
    column: field,
    code: 'missing',
    message: `no heading is known to mean ${field}; name the column that does`,
  }))
}

/**
 * Finds out how a table is written: the separator is that with which the most columns are known.
 *
 * @param text the beginning of the file, at least its headings.
 * @param last whether this is the whole file.
 * @param separator when it is known; else a line `sep=;` names it, else it is found out.
 * @returns undefined of a text without any row.
 */
export function openSheet(
  text: string,
  last: boolean,
  choice: ColumnChoice,
  separator?: CsvSeparator,
): Sheet | undefined {
  const named = SEPARATOR_LINE.exec(text)
  // Its line is kept as an empty one, so that line numbers stay those of the file.
  const body = named ? `\n${text.slice(named[0].length)}` : text
  const told = separator ?? (named?.[1] as CsvSeparator | undefined)
  const [heading] = (told === undefined ? csvSeparators : [told])
    .flatMap((candidate) => findHeading(candidate, body, last, choice) ?? [])
    .toSorted((a, b) => b.fields - a.fields || b.row.cells.length - a.row.cells.length)
  if (heading === undefined) return undefined
  const rows = splitterOf(heading.separator, body, last)
  while (rows.next()?.line !== heading.row.line);
  const { cells, line } = heading.row
  const plan = planSheet(cells, choice, line)
  rows.expect({ min: plan.cellsMin, max: cells.length })
  return {
    separator: heading.separator,
    line,
    headings: cells,
    plan,
    rows,
    errors: errorsOf(heading, text, choice),
  }
}
