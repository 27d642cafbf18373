import type { ImportEntry, RowError } from '../../services/catalog/import/entry.ts'
import { INTEGER_MAX, type ImportKind } from '../../services/catalog/import/import.ts'
import { faultsOf } from '../../services/catalog/import/merge/check.ts'
import { keysOf } from '../../services/catalog/import/merge/keys.ts'
import { openReading } from '../../services/catalog/import/readers.ts'
import { inPieces } from '../../test/support/mutate.ts'

/** What the tables of findings keep of a column's name and of a message (migration 0010). */
const COLUMN_CHARACTERS_MAX = 200
const MESSAGE_CHARACTERS_MAX = 1_000

/** What is wrong with a finding, were it to be kept. */
function faultOfFinding({ row, column, message }: RowError): string | undefined {
  if (!Number.isInteger(row) || row < 1 || row > INTEGER_MAX) return `a finding is of row ${row}`
  if (column.length > COLUMN_CHARACTERS_MAX) return `a column's name has ${column.length} characters`
  if (message === '' || message.length > MESSAGE_CHARACTERS_MAX)
    return `a message has ${message.length} characters`
  return /[\0\p{Cs}]/u.test(column + message) ? 'a finding holds what no database keeps' : undefined
}

/** What is wrong with an entry: readers promise entries that can be kept, or say why not. */
function faultOfEntry(entry: ImportEntry): string | undefined {
  if (entry.kind === 'purge') return undefined
  if (entry.kind === 'error')
    return entry.errors.length > 0
      ? entry.errors.map(faultOfFinding).find(Boolean)
      : 'an error entry without an error'
  const { row, recording, warnings } = entry
  const [fault] = faultsOf(row, recording, keysOf(recording).title)
  return fault
    ? `a recording whose ${fault.column} ${fault.message}`
    : warnings.map(faultOfFinding).find(Boolean)
}

/** What came of reading one file. */
export interface FileRead {
  readonly recordings: number
  readonly refusals: number
  readonly problem: string | undefined
}

/** Reads a file to its end, as an import does. Whatever its bytes are, a reader throws nothing. */
export async function readOnce(kind: ImportKind, bytes: Buffer): Promise<FileRead> {
  let recordings = 0
  let refusals = 0
  let problem: string | undefined
  try {
    const reading = await openReading(kind, inPieces(bytes, 700), { options: {}, fixes: [] })
    for await (const entry of reading.entries) {
      if (entry.kind === 'recording') recordings += 1
      if (entry.kind === 'error') refusals += 1
      problem ??= faultOfEntry(entry)
    }
    problem ??= reading.warnings().map(faultOfFinding).find(Boolean)
  } catch (error) {
    problem = `it threw ${String(error)}`
  }
  return { recordings, refusals, problem }
}
