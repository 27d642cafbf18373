import { mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import sqlite from 'node-sqlite3-wasm'

import { Problem } from '../../core/problem.ts'
import { BATCH_ROWS, type ManifestBatch, type ManifestCursor } from './batch.ts'
import { type FieldPaths, manifestFields } from './fields.ts'
import { Gathering } from './gathering.ts'
import { type SqliteTables, describeTables, isPublishedSchema, publishedQuery } from './sqlite-schema.ts'

type Database = InstanceType<typeof sqlite.Database>

/** Between artists in one text; no name has it. */
export const UNIT_SEPARATOR = '\u001F'

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** What is asked of a database, page by page, and the number of its last row. */
interface Reading {
  readonly query: string
  readonly total: number
}

/** The table with the most columns that are known. @throws {Problem} file/unsupported when none has any. */
function otherSchema(tables: SqliteTables, paths: FieldPaths): { table: string; query: string } {
  const [best] = [...tables]
    .map(([table, columns]) => {
      const wanted = new Set(manifestFields.flatMap((field) => paths[field].map(([name]) => name ?? '')))
      return { table, columns: [...columns].filter((column) => wanted.has(column)) }
    })
    .toSorted((a, b) => b.columns.length - a.columns.length)
  if (!best || best.columns.length === 0)
    throw new Problem(
      'file/unsupported',
      'None of its tables has a column that is known; a mapping says which to read',
    )
  const columns = best.columns.map((column) => quoted(column)).join(', ')
  return { table: best.table, query: `select rowid as "row number", ${columns} from ${quoted(best.table)}` }
}

/** What a database says, as a problem of ours. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem('open/damaged', 'The database cannot be read, or is none', { cause: error })
}

/** @throws {Problem} file/unsupported when rows of it lie in a log beside it, where they would not be read. */
async function requireClosed(path: string): Promise<void> {
  const log = await stat(`${path}-wal`).catch(() => undefined) // None, as for nearly all.
  if (log !== undefined && log.size > 0)
    throw new Problem(
      'file/unsupported',
      'The database is in use, or was not closed: its write-ahead log lies beside it. Have it written back first',
    )
}

/**
 * Opens a database by a link to it: what it is locked with lies beside the link, in a folder of this reading. Where the
 * file is, nothing may be writable, and a reader that was killed would have left its lock for ever.
 */
async function open(path: string, files: string | undefined, folder: string): Promise<Database> {
  const linked = async (target: string, name: string): Promise<string> => {
    await requireClosed(target)
    await symlink(resolve(target), join(folder, name))
    return join(folder, name)
  }
  const database = new sqlite.Database(await linked(path, 'main'), { readOnly: true })
  // With a lock of its own a write-ahead log, which many a database was left with, needs no memory shared with others.
  database.exec('pragma locking_mode = exclusive')
  // Views, triggers and functions in a stranger's schema do nothing.
  database.exec('pragma trusted_schema = off; pragma query_only = on; pragma cell_size_check = on')
  if (files !== undefined) {
    const second = await linked(files, 'files')
    database.exec(`attach database '${second.replaceAll("'", "''")}' as files`)
  }
  return database
}

function plan(database: Database, withFiles: boolean, paths: FieldPaths): Reading {
  const tables = describeTables(database, 'main')
  const files = withFiles ? describeTables(database, 'files') : tables
  const { table, query } = isPublishedSchema(tables)
    ? { table: 'tracks', query: publishedQuery(tables, files, withFiles ? 'files' : 'main') }
    : otherSchema(tables, paths)
  // The end of its index is looked at, not the table.
  const last = database.get(`select max(rowid) as last from ${quoted(table)}`)
  const total = Number((last as { last?: unknown } | null)?.last ?? 0)
  return { query, total }
}

/** A row of the published schema has its artists in one text. */
const rawOf = ({ artists, ...row }: Record<string, unknown>): Record<string, unknown> =>
  typeof artists === 'string' ? { ...row, artists: artists.split(UNIT_SEPARATOR) } : { ...row, artists }

/**
 * The rows of an SQLite database, read page by page from its file: by the schema published in December 2025 (tracks with
 * albums, artists and files), or the table whose columns are known best.
 *
 * @param files a second database, with the table `track_files`.
 * @throws {Problem} open/damaged, file/unsupported.
 */
export async function* readSqlite(
  path: string,
  part: number,
  paths: FieldPaths,
  after?: ManifestCursor,
  files?: string,
): AsyncGenerator<ManifestBatch> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-manifest-'))
  let database: Database | undefined
  try {
    database = await open(path, files, folder)
    const { query, total } = plan(database, files !== undefined, paths)
    const gathering = new Gathering(part, paths, undefined, (row) => (total === 0 ? 1 : row / total))
    gathering.row = after?.row ?? 0
    const page = database.prepare(
      `select * from (${query}) where "row number" > ? order by "row number" limit ${BATCH_ROWS}`,
    )
    try {
      for (;;) {
        const rows = page.all([gathering.row]) as Record<string, unknown>[]
        for (const { 'row number': number, ...row } of rows) {
          gathering.row = Number(number)
          gathering.take(rawOf(row))
        }
        if (rows.length > 0) yield gathering.batch()
        if (rows.length < BATCH_ROWS) return
      }
    } finally {
      page.finalize()
    }
  } catch (error) {
    throw asProblem(error)
  } finally {
    database?.close()
    await rm(folder, { recursive: true, force: true })
  }
}
