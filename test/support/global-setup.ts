import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client } from 'pg'
import type { TestProject } from 'vitest/node'

import { freePort } from '../../bin/service/ports.ts'
import { startPostgres } from '../../bin/service/postgres.ts'
import { openLog } from '../../services/core/log.ts'
import { migrate } from '../../services/core/migrate.ts'
import { migrateQueue } from '../../services/core/queue.ts'
import { findPrograms } from './programs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server's address without a database. */
    postgresUrl: string
    /** Undefined when there is no Redis program on this machine. */
    redisUrl: string | undefined
  }
}

/** Copied for every test that asks for a database. */
export const TEMPLATE = 'earwitness_template'

/** The PostgreSQL that DATABASE_URL names, or one of our own that forgets on purpose. */
async function postgres(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = process.env['DATABASE_URL']
  if (given) return { url: given, stop: async () => {} }
  return startPostgres(join(folder, 'postgres'), process.env, { durable: false })
}

async function startRedis(program: string): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort()
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--databases', '64']
  const child = spawn(program, ['--port', String(port), ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('redis-server ended at its start')))
    child.stdout.on('data', (data: Buffer) => data.includes('Ready to accept connections') && resolve())
  })
  return { url: `redis://127.0.0.1:${port}`, child }
}

/** Starts what the tests need, once for all of them: real servers, on free ports of 127.0.0.1. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-test-'))
  await chmod(folder, 0o755) // As root, PostgreSQL runs as another user, who must get in.
  const server = await postgres(folder)
  const log = openLog('test', 'warn')
  const admin = new Client({ connectionString: server.url })
  await admin.connect()
  await admin.query(`drop database if exists ${TEMPLATE} with (force)`)
  await admin.query(`create database ${TEMPLATE}`)
  await admin.end()
  const templateUrl = Object.assign(new URL(server.url), { pathname: `/${TEMPLATE}` }).href
  await migrate(templateUrl, log)
  await migrateQueue({ databaseUrl: templateUrl }, log)

  const { redis, missing } = await findPrograms()
  const redisServer = redis ? await startRedis(redis) : undefined
  for (const { name, needs } of missing) console.warn(`No ${name} on this machine: ${needs} is skipped.`)
  project.provide('postgresUrl', server.url)
  project.provide('redisUrl', redisServer?.url)
  return async () => {
    redisServer?.child.kill()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
