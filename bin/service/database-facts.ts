import { z } from 'zod'

import { openPool } from '../../services/core/db.ts'
import { openLog } from '../../services/core/log.ts'
import { migrationNames } from '../../services/core/migrate.ts'

const Version = z.object({ server_version: z.string() })
const Applied = z.array(z.object({ name: z.string() }))

/**
 * The version of a database's server and the migrations that it still lacks.
 *
 * @throws the driver's error when the server does not answer.
 */
export async function databaseFacts(databaseUrl: string): Promise<{ text: string; pending: string[] }> {
  const pool = openPool(databaseUrl, openLog('doctor', 'silent'))
  try {
    const version = Version.parse((await pool.query('show server_version')).rows[0])
    const there = await pool.query(
      `select from pg_tables where tablename = 'migration' and schemaname = current_schema()`,
    )
    const applied =
      there.rowCount === 0 ? [] : Applied.parse((await pool.query('select name from migration')).rows)
    const names = new Set(applied.map(({ name }) => name))
    const pending = (await migrationNames()).filter((name) => !names.has(name))
    return { text: `${version.server_version} at ${new URL(databaseUrl).host}`, pending }
  } finally {
    await pool.end()
  }
}
