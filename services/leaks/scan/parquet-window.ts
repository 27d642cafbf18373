import { parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

import { Problem } from '../../core/problem.ts'
import type { FieldPaths } from '../manifest/fields.ts'
import { bufferOf, columnsOf } from '../manifest/parquet.ts'
import { type RawRow, readRow } from '../manifest/read-row.ts'
import type { RowMatcher } from './row-matcher.ts'

/** Rows of one piece of work: columns of so many are in memory at once, some hundred MB of a wide table. */
const WINDOW_ROWS_MAX = 262_144

/** Rows of a Parquet file that one thread reads, from 0 to before `to`. */
export interface ParquetWindow {
  readonly from: number
  readonly to: number
}

const damaged = (cause: unknown): Problem =>
  cause instanceof Problem
    ? cause
    : new Problem('open/damaged', 'The Parquet file cannot be read, or is none', { cause })

/** Opens a file for the time of some work. @throws {Problem} open/damaged. */
async function withParquet<T>(
  path: string,
  work: (
    file: Awaited<ReturnType<typeof bufferOf>>['buffer'],
    metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>,
  ) => Promise<T>,
): Promise<T> {
  const { buffer, close } = await bufferOf(path)
  try {
    return await work(buffer, await parquetMetadataAsync(buffer))
  } catch (error) {
    throw damaged(error)
  } finally {
    await close()
  }
}

/** The row groups of a file; large ones in several pieces. */
export const parquetWindows = (path: string): Promise<ParquetWindow[]> =>
  withParquet(path, (_file, { row_groups: groups }) => {
    const windows: ParquetWindow[] = []
    let begin = 0
    for (const { num_rows: rows } of groups) {
      const end = begin + Number(rows)
      for (let from = begin; from < end; from += WINDOW_ROWS_MAX)
        windows.push({ from, to: Math.min(end, from + WINDOW_ROWS_MAX) })
      begin = end
    }
    return Promise.resolve(windows)
  })

/** What of a Parquet file is read. */
export interface ParquetShape {
  readonly rows: number
  readonly columns: readonly string[]
  /** Those of plain text that have the codes; undefined where rows have to be read to know. */
  readonly codeColumns: readonly string[] | undefined
}

function shapeOf(
  metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>,
  paths: FieldPaths,
): ParquetShape {
  const columns = columnsOf(
    parquetSchema(metadata).children.map(({ element }) => element.name),
    paths,
  )
  const withCode = paths.isrc.filter(([name]) => name !== undefined && columns.includes(name))
  const isPlain = withCode.length > 0 && withCode.every((path) => path.length === 1)
  return {
    rows: Number(metadata.num_rows),
    columns,
    codeColumns: isPlain ? withCode.flatMap(([name]) => name ?? []) : undefined,
  }
}

/** What of a file is read. @throws {Problem} open/damaged, file/unsupported. */
export const parquetShape = (path: string, paths: FieldPaths): Promise<ParquetShape> =>
  withParquet(path, (_file, metadata) => Promise.resolve(shapeOf(metadata, paths)))

/** The columns of a window, by name; each has a value for every row. */
type Columns = ReadonlyMap<string, unknown[]>

/**
 * Lets the rows of a window pass. The column with the codes is decoded first; of the others only windows in which a row is
 * wanted, and rows are made of those only.
 */
export const scanWindow = (
  path: string,
  { part, from, to }: ParquetWindow & { readonly part: number },
  paths: FieldPaths,
  matcher: RowMatcher,
): Promise<{ rows: number; unread: number }> =>
  withParquet(path, async (file, metadata) => {
    const { columns, codeColumns } = shapeOf(metadata, paths)
    const read = async (wanted: readonly string[]): Promise<Columns> => {
      const values = new Map(wanted.map((name) => [name, Array.from<unknown>({ length: to - from })]))
      await parquetRead({
        file,
        metadata,
        columns: [...wanted],
        rowStart: from,
        rowEnd: to,
        compressors,
        onChunk({ columnName, columnData, rowStart }) {
          const column = values.get(columnName)
          for (let i = 0; i < columnData.length; i++) {
            const at = rowStart + i - from
            if (column && at >= 0 && at < to - from) column[at] = columnData[i]
          }
        },
      })
      return values
    }
    const isFiltered = codeColumns !== undefined
    const codes = await read(codeColumns ?? [])
    const codeOf = (at: number): unknown => {
      for (const column of codes.values()) {
        const value = column[at]
        if (value !== undefined && value !== null && value !== '') return value
      }
      return undefined
    }
    const wanted: number[] = []
    for (let at = 0; at < to - from; at++) if (!isFiltered || matcher.wants(codeOf(at))) wanted.push(at)
    if (wanted.length === 0) return { rows: to - from, unread: 0 }
    const all = new Map([...(await read(columns.filter((name) => !codes.has(name)))), ...codes])
    let unread = 0
    for (const at of wanted) {
      const raw: RawRow = Object.fromEntries([...all].map(([name, column]) => [name, column[at]]))
      const row = readRow(raw, paths, { row: from + at + 1, part })
      if (row) matcher.take(row)
      else unread += 1
    }
    return { rows: to - from, unread }
  })
