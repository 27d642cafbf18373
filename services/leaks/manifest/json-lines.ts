import type { ManifestRow } from '../manifest-row.ts'
import {
  BATCH_FAULTS_MAX,
  BATCH_ROWS,
  type ManifestBatch,
  type ManifestCursor,
  type RowFault,
} from './batch.ts'
import { openBytes } from './bytes.ts'
import type { FieldPaths } from './fields.ts'
import { LineSplitter } from './line-splitter.ts'
import { type RawRow, readRow } from './read-row.ts'

/** A track of a dump has a kilobyte, one with its analysis a megabyte. */
export const LINE_BYTES_MAX = 16 * 2 ** 20

const OPENING_BRACE = 123

/** The object of a line; of a container line what is inside `metadata`. Undefined when it is none. */
function objectOf(text: string): RawRow | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const { metadata } = value as RawRow
    const isContainer = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
    return isContainer ? (metadata as RawRow) : (value as RawRow)
  } catch {
    return undefined
  }
}

/** Gathers what lines say until a batch is full. */
class Gathering {
  rows: ManifestRow[] = []
  faults: RowFault[] = []
  row = 0

  take(): Pick<ManifestBatch, 'rows' | 'faults'> {
    const { rows, faults } = this
    this.rows = []
    this.faults = []
    return { rows, faults }
  }
}

/**
 * The rows of a file of JSON lines, plain or packed, also of container lines with the row in `metadata`. Lines that are
 * no object are faults; empty ones count and are none.
 *
 * @param after of a reading that was broken off: rows up to it are passed over.
 * @throws {Problem} open/damaged at the end of a file that is cut off.
 */
export async function* readJsonLines(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
): AsyncGenerator<ManifestBatch> {
  const skipped = after?.row ?? 0
  const bytes = await openBytes(path)
  const at = new Gathering()
  const onFault = (detail: string): void => {
    if (at.faults.length < BATCH_FAULTS_MAX) at.faults.push({ locator: { row: at.row, part }, detail })
  }
  const splitter = new LineSplitter(
    LINE_BYTES_MAX,
    (buffer, from, to) => {
      at.row += 1
      if (at.row <= skipped || from === to) return
      const object = buffer[from] === OPENING_BRACE ? objectOf(buffer.toString('utf8', from, to)) : undefined
      if (!object) return onFault('The line is no JSON object')
      const row = readRow(object, paths, { row: at.row, part })
      if (row) at.rows.push(row)
      else onFault('Nothing in it names a recording')
    },
    () => {
      at.row += 1
      if (at.row > skipped) onFault(`The line is longer than ${LINE_BYTES_MAX} bytes`)
    },
  )
  const batch = (): ManifestBatch => ({
    ...at.take(),
    cursor: { part, row: at.row },
    share: bytes.totalBytes === 0 ? 1 : bytes.readBytes() / bytes.totalBytes,
  })
  try {
    for await (const chunk of bytes.chunks) {
      splitter.push(chunk)
      if (at.rows.length >= BATCH_ROWS || at.faults.length >= BATCH_FAULTS_MAX) yield batch()
    }
    splitter.end()
  } catch (error) {
    // What came before is kept; the last line is not whole.
    if (at.row > skipped) yield batch()
    throw error
  }
  yield batch()
}
