import { type CsvRow, RowSplitter } from '../../catalog/import/csv/rows.ts'
import { Problem } from '../../core/problem.ts'
import type { ManifestBatch, ManifestCursor } from './batch.ts'
import { openBytes, shareOf } from './bytes.ts'
import { type FieldPaths, manifestFields } from './fields.ts'
import { Gathering } from './gathering.ts'

const separators = ['\t', ',', ';', '|'] as const
/** Headings stand in the first line; one that is longer is no table's. */
const HEADING_CHARACTERS_MAX = 100_000
const BYTE_ORDER_MARK = /^\u{FEFF}/u

/** Fields that a heading row has under some separator. */
function fieldsOf(headings: readonly string[], paths: FieldPaths): number {
  const known = new Set(headings)
  return manifestFields.filter((field) => paths[field].some(([name]) => known.has(name ?? ''))).length
}

interface Heading {
  readonly separator: string
  readonly names: readonly string[]
}

/** The separator under which most columns are known. @throws {Problem} file/unsupported when none are. */
function headingOf(line: string, paths: FieldPaths): Heading {
  const [best] = separators
    .map((separator) => {
      const rows = new RowSplitter(separator)
      rows.push(`${line}\n`)
      rows.end()
      const row = rows.next()
      const names = row?.fault === undefined ? (row?.cells ?? []).map((cell) => cell.trim()) : []
      return { separator, names, fields: fieldsOf(names, paths) }
    })
    .toSorted((a, b) => b.fields - a.fields || b.names.length - a.names.length)
  if (!best || best.fields === 0)
    throw new Problem(
      'file/unsupported',
      'None of its columns is known; a mapping file says which columns to read',
    )
  return best
}

const rawOf = (names: readonly string[], cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, at) => [name, cells[at]?.trim() ?? '']))

/**
 * The rows of a table with separators, plain or packed, as UTF-8 with headings in its first line. Rows that are written
 * wrongly are faults and cost no other row.
 *
 * @throws {Problem} file/unsupported when no heading is known, open/damaged at the end of a file that is cut off.
 */
export async function* readDelimited(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
): AsyncGenerator<ManifestBatch> {
  const bytes = await openBytes(path)
  const gathering = new Gathering(part, paths, after, () => shareOf(bytes))
  const decoder = new TextDecoder('utf-8')
  let opening = ''
  let rows: RowSplitter | undefined
  let names: readonly string[] = []
  const open = (): void => {
    const end = opening.search(/[\r\n]/)
    if (end === -1 && opening.length < HEADING_CHARACTERS_MAX) return
    const line = (end === -1 ? opening : opening.slice(0, end)).replace(BYTE_ORDER_MARK, '')
    const heading = headingOf(line, paths)
    names = heading.names
    rows = new RowSplitter(heading.separator)
    rows.push(end === -1 ? '' : opening.slice(end))
  }
  const takeRow = (row: CsvRow): void => {
    gathering.row += 1
    if (!gathering.isWanted) return
    if (row.fault) gathering.fault(row.fault.message)
    else gathering.take(rawOf(names, row.cells))
  }
  function* full(): Generator<ManifestBatch> {
    for (let row = rows?.next(); row; row = rows?.next()) {
      takeRow(row)
      if (gathering.isFull) yield gathering.batch()
    }
  }
  try {
    for await (const chunk of bytes.chunks) {
      const text = decoder.decode(chunk, { stream: true })
      if (rows) rows.push(text)
      else {
        opening += text
        open()
      }
      yield* full()
    }
  } catch (error) {
    yield gathering.batch()
    throw error
  }
  if (!rows) {
    opening += '\n'
    open()
  }
  rows?.end()
  yield* full()
  yield gathering.batch()
}
