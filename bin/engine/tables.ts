import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { UsageError } from '../terminal.ts'

/** Read as a whole; a row takes about 150 bytes, so there is room for more than `ROWS_MAX` of them. */
const TABLE_BYTES_MAX = 256 * 1024 * 1024
/** More than the largest catalogues; beyond it somebody named the wrong file. */
const ROWS_MAX = 1_000_000
/** Long enough for any identifier in use, short enough to be read in a table. */
export const ID_LENGTH_MAX = 255

/** Stands for the folder of the table at the beginning of a path, with or without a slash behind it. */
const FOLDER_MARK = '@SET@'

/** One row below the header. */
export interface TableRow {
  /** As editors count: the header is line 1. */
  readonly line: number
  /** By the name of its column; columns beyond the end of a short row are empty. */
  readonly cells: Readonly<Record<string, string>>
}

/** A file that a table names. */
export interface ListedFile {
  readonly id: string
  /** Absolute. */
  readonly path: string
  readonly line: number
}

/**
 * Reads tab-separated values with a header line, UTF-8, without quoting. Empty lines are passed over.
 *
 * @param needed columns that must be there; all others are read as well.
 * @throws {UsageError} when the file is not there, too large, or lacks a column.
 */
export async function readTable(path: string, needed: readonly string[]): Promise<readonly TableRow[]> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  if (facts.size > TABLE_BYTES_MAX) throw new UsageError(`${path}: more than ${TABLE_BYTES_MAX} bytes`)
  // Spreadsheets begin their exports with a byte order mark.
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  const [header = '', ...lines] = text.split(/\r?\n/)
  const columns = header.split('\t')
  const missing = needed.filter((column) => !columns.includes(column))
  if (missing.length > 0) throw new UsageError(`${path}: its first line does not name ${missing.join(', ')}`)
  const rows = lines.flatMap((line, index) => {
    if (line === '') return []
    const values = line.split('\t')
    const cells = Object.fromEntries(columns.map((column, place) => [column, values[place] ?? '']))
    return [{ line: index + 2, cells }]
  })
  if (rows.length > ROWS_MAX) throw new UsageError(`${path}: more than ${ROWS_MAX} rows`)
  return rows
}

/** A path of a table as an absolute one: relative paths begin at the table's folder, as does `@SET@`. */
export function pathBeside(table: string, path: string): string {
  const inside = path.startsWith(FOLDER_MARK) ? path.slice(FOLDER_MARK.length).replace(/^\/+/, '') : path
  return resolve(dirname(table), inside)
}

/** Whether text can be an identifier: it must survive a table, and `NONE` says that there is none. */
export const isId = (text: string): boolean =>
  text !== '' && text !== 'NONE' && text.length <= ID_LENGTH_MAX && !/[\p{Cc}\p{Cs}]/u.test(text)

/**
 * The files that a table names, in its order.
 *
 * @param idColumn the column with the identifiers; the paths are in `path`.
 * @throws {UsageError} as `readTable`; when an id or path is missing or unusable, or an id is there twice, with
 *   the lines.
 */
export async function readFileList(table: string, idColumn: string): Promise<readonly ListedFile[]> {
  const lineOf = new Map<string, number>()
  return (await readTable(table, [idColumn, 'path'])).map(({ line, cells }) => {
    const { [idColumn]: id = '', path = '' } = cells
    if (!isId(id))
      throw new UsageError(`${table}, line ${line}: ${JSON.stringify(id)} cannot be a ${idColumn}`)
    if (path === '' || path.includes('\0'))
      throw new UsageError(`${table}, line ${line}: the path is missing`)
    const before = lineOf.get(id)
    if (before !== undefined)
      throw new UsageError(`${table}: ${idColumn} ${id} is there twice, on lines ${before} and ${line}`)
    lineOf.set(id, line)
    return { id, path: pathBeside(table, path), line }
  })
}
