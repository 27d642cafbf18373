import type * as DuckDb from '@duckdb/node-api'

import { Problem } from '../../core/problem.ts'
import type { IsrcSet } from '../isrc-set.ts'
import type { RawRow } from '../manifest/read-row.ts'
import { isrcOfValue } from '../packed/word.ts'

/*
 * DuckDB reads Parquet some fifteen times as fast as JavaScript does. It is 70 MB, so that whoever reads much Parquet
 * installs it (`npm install @duckdb/node-api`); everything works without.
 */

type Library = typeof DuckDb

/** What it may take beside the catalogue; what is larger spills to the disk, or fails. */
const MEMORY_LIMIT = '2GB'

/** The library where it is installed; undefined where it is not. */
export async function loadDuckDb(): Promise<Library | undefined> {
  try {
    return await import('@duckdb/node-api')
  } catch {
    // Not installed, or not for this machine: what it would do is done without it.
    return undefined
  }
}

/** A connection to a database of its own in memory, that loads nothing from anywhere. */
async function connect({ DuckDBInstance }: Library, threads: number): Promise<DuckDb.DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: MEMORY_LIMIT,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  })
  return instance.connect()
}

async function putCodes(connection: DuckDb.DuckDBConnection, codes: IsrcSet): Promise<void> {
  await connection.run('create table code (isrc varchar)')
  const appender = await connection.createAppender('code')
  for (const value of codes.values()) {
    appender.appendVarchar(isrcOfValue(value))
    appender.endRow()
  }
  appender.closeSync()
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A row of a Parquet file, with its number from 1. */
export interface NumberedRow {
  readonly number: number
  readonly raw: RawRow
}

/** Of 64 bits, as a number where it is one; lists and structures as JavaScript has them. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  return value
}

/**
 * The rows of a Parquet file whose code a catalogue has, or is written otherwise than plainly; in no particular order.
 *
 * @param asked `codeColumns`: of plain text, of which the first that has a value counts. `withoutCode`: whether rows without
 *   any are wanted, too. `threads` of DuckDB's own.
 * @throws {Problem} open/damaged.
 */
export async function* parquetRows(
  library: Library,
  path: string,
  asked: {
    readonly codes: IsrcSet
    readonly columns: readonly string[]
    readonly codeColumns: readonly string[]
    readonly withoutCode: boolean
    readonly threads: number
  },
): AsyncGenerator<NumberedRow[]> {
  const connection = await connect(library, asked.threads)
  try {
    await putCodes(connection, asked.codes)
    const code = `coalesce(${asked.codeColumns.map((name) => `nullif(${quoted(name)}, '')`).join(', ')})`
    const withoutCode = asked.withoutCode ? `or ${code} is null` : ''
    const result = await connection.stream(
      `select file_row_number, ${asked.columns.map(quoted).join(', ')}
         from read_parquet($path, file_row_number = true)
        where upper(${code}) in (select isrc from code) or length(${code}) <> 12 ${withoutCode}`,
      { path },
    )
    for await (const rows of result.yieldRowObjectJs())
      yield rows.map(({ file_row_number: number, ...row }) => ({
        number: Number(number) + 1,
        raw: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
      }))
  } catch (error) {
    if (error instanceof Error && !(error instanceof TypeError))
      throw new Problem('open/damaged', 'The Parquet file cannot be read, or is none', { cause: error })
    throw error
  } finally {
    connection.closeSync()
  }
}
