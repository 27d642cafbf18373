import { fork } from 'node:child_process'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { startChild } from '../../bin/service/children.ts'
import { freePort } from '../../bin/service/ports.ts'
import { startPostgres } from '../../bin/service/postgres.ts'
import { openDb, openPool } from '../../services/core/db.ts'
import type { TenantId } from '../../services/core/ids.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate } from '../../services/core/migrate.ts'
import { migrateQueue } from '../../services/core/queue.ts'
import { createApiKey, createTenant } from '../../services/tenants/store.ts'
import { fillCatalogue } from '../catalogue.ts'
import { ownChildrenLike, tellsProcesses } from '../processes.ts'
import { serviceEnvironment, startRedis } from '../workplace.ts'

/**
 * Clients of the account, each with a key of its own: one key may ask 20 times a second, and it is not the
 * limit that is measured.
 */
const KEYS = 300

/** What has been opened, closed in the opposite order. */
type Closers = (() => Promise<unknown>)[]

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

/** The API part of the service on a database of its own, without workers and without the clock. */
export interface ApiTarget {
  readonly url: string
  readonly keys: readonly string[]
  /** The processes that work for its answers, `api` among them; undefined where the system does not tell. */
  readonly parts: Readonly<Record<string, number>> | undefined
  close(): Promise<void>
}

export interface ApiTargetOptions {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly recordings: number
  readonly redis: boolean
  /** Told how many recordings are written; throw to stop. */
  readonly onProgress: (done: number) => void
}

async function makeKeys(databaseUrl: string): Promise<{ tenantId: TenantId; keys: string[] }> {
  const db = openDb(databaseUrl, openLog('bench', 'silent'))
  try {
    return await db.system(async (tx) => {
      const tenant = await createTenant(tx, 'Sample Records')
      const keys: string[] = []
      for (let number = 1; number <= KEYS; number++)
        keys.push((await createApiKey(tx, tenant.id, { name: `client ${number}` })).secret)
      return { tenantId: tenant.id, keys }
    })
  } finally {
    await db.close()
  }
}

/** Registers the recordings and tidies up after them, as PostgreSQL does by itself within some minutes. */
async function fill(databaseUrl: string, tenantId: TenantId, options: ApiTargetOptions): Promise<void> {
  const log = openLog('bench', 'silent')
  const db = openDb(databaseUrl, log)
  const pool = openPool(databaseUrl, log)
  try {
    await fillCatalogue((work) => db.system(work), tenantId, options.recordings, options.onProgress)
    await pool.query('vacuum analyze')
  } finally {
    await Promise.all([db.close(), pool.end()])
  }
}

/** Starts the API with a filled catalogue. Nothing that is submitted to it is ever fetched. */
export async function startApiTarget(options: ApiTargetOptions): Promise<ApiTarget> {
  const { folder, env, redis } = options
  const closers: Closers = []
  try {
    const postgres = await startPostgres(join(folder, 'postgres'), env)
    closers.push(() => postgres.stop())
    const log = openLog('bench', 'silent')
    await migrate(postgres.url, log)
    const queue = redis ? await startRedis() : undefined
    if (queue) closers.push(() => queue.stop())
    await migrateQueue({ databaseUrl: postgres.url, redisUrl: queue?.url }, log)
    const { tenantId, keys } = await makeKeys(postgres.url)
    await fill(postgres.url, tenantId, options)

    const port = await freePort()
    const settings = serviceEnvironment(env, {
      DATA_DIR: join(folder, 'data'),
      DATABASE_URL: postgres.url,
      HTTP_PORT: String(port),
      REDIS_URL: queue?.url,
    })
    const logFile = await open(join(folder, 'api.log'), 'a')
    closers.push(() => logFile.close())
    const api = startChild('api', settings, logFile.fd, log)
    closers.push(() => api.stop())
    await api.ready
    const patterns = { api: /earwitness\.mjs api$/, postgresql: /^\S*\/postgres / }
    const parts = tellsProcesses
      ? { ...(await ownChildrenLike(patterns)), ...(queue && { redis: queue.pid }) }
      : undefined
    return { url: `http://127.0.0.1:${port}`, keys, parts, close: () => closeAll(closers) }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** Starts the bare Express server with what it answers, in a process of its own as the API is. */
export async function startBareExpress(answers: {
  get: unknown
  post: unknown
}): Promise<{ url: string; pid: number; close(): Promise<void> }> {
  const program = fileURLToPath(new URL('bare-express.mjs', import.meta.url))
  const child = fork(program, { execArgv: [], detached: true })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port))
    child.once('exit', () => reject(new Error('the bare server ended at its start')))
    child.send(answers)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async close() {
      child.disconnect()
      await ended
    },
  }
}
