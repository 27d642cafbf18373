import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'

import { z } from 'zod'

import { type Tx, openPool } from './db.ts'
import type { Logger } from './log.ts'

/** Any fixed number: two programs that start together migrate one after the other. */
const ADVISORY_LOCK = 7_308_332_045
const FOLDER = new URL('../../migrations/', import.meta.url)

/** All migrations of this version, in the order in which they are applied. */
export const migrationNames = async (): Promise<string[]> =>
  (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).toSorted()

/** The migrations that this version brings and the database has not had; the `migration` table must be there. */
export async function pendingMigrations(tx: Tx): Promise<string[]> {
  const applied = await tx.all(z.object({ name: z.string() }))`select name from migration`
  const names = new Set(applied.map(({ name }) => name))
  return (await migrationNames()).filter((name) => !names.has(name))
}

/**
 * Applies the migrations that are missing, in the order of their names, each in one transaction.
 *
 * @returns the names that were applied now.
 * @throws {Error} when an applied migration's text has changed: forward only, mend it with a new one.
 */
export async function migrate(databaseUrl: string, log: Logger): Promise<string[]> {
  const pool = openPool(databaseUrl, log)
  const client = await pool.connect()
  const applied: string[] = []
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    await client.query(`
      create table if not exists migration (
        name text primary key, sha256 text not null, applied_at timestamptz not null default now())`)
    const known = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration')
    const hashes = new Map(known.rows.map(({ name, sha256 }) => [name, sha256]))
    for (const name of await migrationNames()) {
      const text = await readFile(new URL(name, FOLDER), 'utf8')
      const sha256 = createHash('sha256').update(text).digest('hex')
      const before = hashes.get(name)
      if (before === sha256) continue
      if (before)
        throw new Error(`Migration ${name} was changed after it was applied; write a new one instead`)
      await client.query('begin')
      await client.query(text)
      await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256])
      await client.query('commit')
      applied.push(name)
      log.info({ migration: name }, 'migrated')
    }
    return applied
  } finally {
    client.release(true) // ends the session, and with it the lock and an unfinished transaction
    await pool.end()
  }
}
