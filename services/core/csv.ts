/**
 * What makes a spreadsheet take a cell for a formula: its first character, also in full width, where a program folds it;
 * white space before it is dropped by some.
 */
const FORMULA_START = /^[\s\u200B\uFEFF]*[=+\-@＝＋－＠\t\r\n]/u

/** A value of a table; null and undefined leave the cell empty. */
export type CsvValue = string | number | null | undefined

/** A cell as text, whoever opens it: an apostrophe before what would be run, quotes where RFC 4180 wants them. */
function cellOf(value: CsvValue): string {
  if (value === null || value === undefined) return ''
  // A number is no formula, also when it begins with a minus.
  if (typeof value === 'number') return String(value)
  const guarded = FORMULA_START.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/** Rows as CSV (RFC 4180), each with its line end; safe to open in a spreadsheet, whoever wrote the texts. */
export const csvText = (rows: readonly (readonly CsvValue[])[]): string =>
  rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')
