import type { RowError } from './entry.ts'

/** Characters that are gathered before they are handed on: a write for each line would cost more than its text. */
const PIECE_CHARACTERS = 65_536

/**
 * What makes a spreadsheet take a cell for a formula: its first character, also in full width, where a program folds it; a
 * tab or line end before it is dropped by some.
 */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/

/** A cell as text, whoever opens it: an apostrophe before what would be run as a formula, quotes where RFC 4180 wants them. */
function cellOf(value: string | number): string {
  const text = String(value)
  const guarded = FORMULA_START.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

/**
 * What was wrong with the rows of a file, as a file: CSV in UTF-8 with the columns `row,column,code,message`, to be sent as
 * it is made.
 */
export async function* errorFile(
  errors: AsyncIterable<RowError> | Iterable<RowError>,
): AsyncGenerator<string> {
  let piece = 'row,column,code,message\r\n'
  for await (const { row, column, code, message } of errors) {
    piece += `${[row, column, code, message].map(cellOf).join(',')}\r\n`
    if (piece.length < PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
