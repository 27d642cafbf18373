import { pipeline } from 'node:stream/promises'

import { type CustomTypesConfig, DatabaseError, Pool, type PoolClient, types } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { z } from 'zod'

import type { TenantId } from './ids.ts'
import type { Logger } from './log.ts'
import { Sql } from './sql.ts'

/** A query may not hold a connection longer than this; imports and exports page instead. */
const STATEMENT_TIMEOUT_MS = 60_000
/** A transaction that nobody finishes (a stuck program) is ended by the server. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 120_000
/** Enough for two cores of API and workers; PostgreSQL's default allows 100 in all. */
const CONNECTIONS_MAX = 12

/** What is sent to COPY at a time. */
const COPY_PIECE_CHARACTERS = 65_536

type Tagged<Answer> = (strings: TemplateStringsArray, ...values: unknown[]) => Promise<Answer>

/** One transaction. Its functions are tags; rows are checked by zod and snake_case becomes camelCase. */
export interface Tx {
  /** Any number of rows. */
  all<T>(schema: z.ZodType<T>): Tagged<T[]>
  /** The first row or undefined. */
  maybe<T>(schema: z.ZodType<T>): Tagged<T | undefined>
  /** Exactly one row. @throws {Error} when there is none: then our own SQL is wrong. */
  one<T>(schema: z.ZodType<T>): Tagged<T>
  /** No rows wanted: answers how many were written. */
  run: Tagged<number>
  /**
   * Writes many rows at once, by COPY in its text format (services/core/copy-text.ts makes it).
   *
   * @param target table and columns, e.g. sql`staged (row, title)`; values cannot be in it.
   */
  copy(target: Sql, lines: Iterable<string> | AsyncIterable<string>): Promise<void>
}

export interface Db {
  /** A transaction in which row-level security shows one tenant's rows only. */
  tenant<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>): Promise<T>
  /** A transaction that sees every tenant: workers, sign-in and the sweeper only. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Answers when the database does. @throws the driver's error when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** `fooBar` for `foo_bar`: the one place where names change their case. */
const camel = (name: string): string =>
  name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

function rowOf(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), value]))
}

/** Lines joined into pieces: a message to the server for each would cost more than the lines. */
async function* inPieces(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < COPY_PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

function transaction(client: PoolClient): Tx {
  const query = async (strings: TemplateStringsArray, values: unknown[]) =>
    client.query<Record<string, unknown>>(new Sql(strings, values).toQuery())
  const all =
    <T>(schema: z.ZodType<T>): Tagged<T[]> =>
    async (strings, ...values) =>
      (await query(strings, values)).rows.map((row) => schema.parse(rowOf(row)))
  return {
    all,
    maybe:
      (schema) =>
      async (strings, ...values) =>
        (await all(schema)(strings, ...values))[0],
    one:
      (schema) =>
      async (strings, ...values) => {
        const [row] = await all(schema)(strings, ...values)
        if (row === undefined) throw new Error('A query that must give a row gave none')
        return row
      },
    run: async (strings, ...values) => (await query(strings, values)).rowCount ?? 0,
    async copy(target, lines) {
      const stream = client.query(copyFrom(`copy ${target.toQuery().text} from stdin`))
      await pipeline(inPieces(lines), stream)
    },
  }
}

/** What PostgreSQL calls values that it cannot keep: classes 22 and 23 of its error codes (appendix A of its manual). */
const DATA_ERROR = /^2[23]/

/** Whether a statement failed because of a value, and not because of the statement or the server. */
export const isDataError = (error: unknown): error is DatabaseError =>
  error instanceof DatabaseError && DATA_ERROR.test(error.code ?? '')

/** bigint columns hold counts and bytes below 2^53 here: numbers are the honest type. */
const parsers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
}

/** A pool on one database, for this module and for a queue that lives in PostgreSQL (core/queue.ts). */
export function openPool(
  databaseUrl: string,
  log: Logger,
  options: { searchPath?: string; connectionsMax?: number } = {},
): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    types: parsers,
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    ...(options.searchPath && { options: `-c search_path=${options.searchPath}` }),
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the program.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'))
  return pool
}

/**
 * Opens one database. The login role must be a member of `earwitness_api` and
 * `earwitness_worker` (migration 0001 sees to it): each transaction takes on the role it needs,
 * so that a forgotten tenant shows nothing instead of everything.
 */
export function openDb(databaseUrl: string, log: Logger): Db {
  const pool = openPool(databaseUrl, log)

  async function within<T>(role: string, tenant: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let broken: Error | undefined
    // Between two statements a connection says by an event that it broke; without a listener that would end the program.
    const noteBroken = (error: Error) => (broken = error)
    client.on('error', noteBroken)
    try {
      await client.query('begin')
      await client.query(`select set_config('role', $1, true), set_config('app.tenant', $2, true)`, [
        role,
        tenant,
      ])
      const answer = await work(transaction(client))
      await client.query('commit')
      return answer
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => (broken = failure))
      throw error
    } finally {
      client.off('error', noteBroken)
      client.release(broken)
    }
  }

  return {
    tenant: (tenant, work) => within('earwitness_api', tenant, work),
    system: (work) => within('earwitness_worker', '', work),
    ping: async () => {
      await pool.query('select 1')
    },
    close: () => pool.end(),
  }
}
