import { csvText } from '../../core/csv.ts'
import type { RowError } from './entry.ts'

/** Characters that are gathered before they are handed on: a write for each line would cost more than its text. */
const PIECE_CHARACTERS = 65_536

/**
 * What was wrong with the rows of a file, as a file: CSV in UTF-8 with the columns `row,column,code,message`, to be sent as
 * it is made.
 */
export async function* errorFile(
  errors: AsyncIterable<RowError> | Iterable<RowError>,
): AsyncGenerator<string> {
  let piece = 'row,column,code,message\r\n'
  for await (const { row, column, code, message } of errors) {
    piece += csvText([[row, column, code, message]])
    if (piece.length < PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
