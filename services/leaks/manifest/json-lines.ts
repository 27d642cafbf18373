import type { ManifestBatch, ManifestCursor } from './batch.ts'
import { openBytes, shareOf } from './bytes.ts'
import type { FieldPaths } from './fields.ts'
import { Gathering } from './gathering.ts'
import { LineSplitter } from './line-splitter.ts'
import type { RawRow } from './read-row.ts'

/** A track of a dump has a kilobyte, one with its analysis a megabyte. */
export const LINE_BYTES_MAX = 16 * 2 ** 20

const OPENING_BRACE = 123
/** The first of its three bytes. */
const BYTE_ORDER_MARK = 0xef

/** The object of a line; of a container line what is inside `metadata`. Undefined when it is none. */
export function objectOf(text: string): RawRow | undefined {
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

/**
 * The rows of a file of JSON lines, plain or packed, also of container lines with the row in `metadata`. Lines that are
 * no object are faults; empty ones count and are none.
 *
 * @param after of a reading that was broken off: rows up to it are passed over; a plain file is read from there.
 * @throws {Problem} open/damaged at the end of a file that is cut off; what came before was given.
 */
export async function* readJsonLines(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
): AsyncGenerator<ManifestBatch> {
  const bytes = await openBytes(path, { from: after?.byte ?? 0 })
  const gathering = new Gathering(part, paths, after, () => shareOf(bytes))
  // Rows before that byte are not even passed over.
  if (after?.byte !== undefined) gathering.row = after.row
  let pushedTo = after?.byte ?? 0
  const splitter = new LineSplitter(
    LINE_BYTES_MAX,
    (buffer, from, to) => {
      gathering.row += 1
      if (!gathering.isWanted || from === to) return
      const begin = gathering.row === 1 && buffer[from] === BYTE_ORDER_MARK ? from + 3 : from
      const object =
        buffer[begin] === OPENING_BRACE ? objectOf(buffer.toString('utf8', begin, to)) : undefined
      if (object) gathering.take(object)
      else gathering.fault('The line is no JSON object')
    },
    () => {
      gathering.row += 1
      if (gathering.isWanted) gathering.fault(`The line is longer than ${LINE_BYTES_MAX} bytes`)
    },
  )
  const nextRowAt = (): number | undefined =>
    bytes.packing === 'none' ? pushedTo - splitter.openBytes : undefined
  try {
    for await (const chunk of bytes.chunks) {
      splitter.push(chunk)
      pushedTo += chunk.length
      if (gathering.isFull) yield gathering.batch(nextRowAt())
    }
  } catch (error) {
    yield gathering.batch() // The last line is not whole; those before it are.
    throw error
  }
  splitter.end()
  yield gathering.batch()
}
