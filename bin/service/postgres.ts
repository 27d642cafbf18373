import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { Client } from 'pg'

import { freePort } from './ports.ts'
import {
  type PostgresBinaries,
  type RunAs,
  closedFolder,
  findPostgres,
  reachableBinaries,
  runAsUser,
} from './postgres-binaries.ts'

/** Recovery after a hard stop replays the log; a start that takes longer than this is stuck. */
const START_TIMEOUT_MS = 90_000
/** A fast shutdown rolls back and writes a checkpoint; after this long the machine is in trouble. */
const STOP_TIMEOUT_MS = 30_000
const DATABASE = 'earwitness'

/** A PostgreSQL of our own on 127.0.0.1, its files in one folder. */
export interface RunningPostgres {
  readonly url: string
  readonly binaries: PostgresBinaries
  /** Resolves when the server ends, whoever ended it. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** Runs a program to its end. @throws {Error} with what it wrote when it fails. */
async function runToEnd(program: string, args: string[], runAs: RunAs | undefined): Promise<void> {
  const child = spawn(program, args, { ...runAs, stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${program} failed (${String(code)}): ${said.trim().slice(-2000)}`)
}

/** Makes the cluster: UTF-8, sorted by code point, checked pages, a random password. Half-made ones are made anew. */
async function ensureCluster(
  folder: string,
  binaries: PostgresBinaries,
  runAs: RunAs | undefined,
): Promise<string> {
  const passwordFile = join(folder, 'password')
  const clusterFolder = join(folder, 'cluster')
  await mkdir(folder, { recursive: true })
  const known = await readFile(passwordFile, 'utf8').catch(() => undefined)
  if (known) return known
  const password = randomBytes(24).toString('base64url')
  const forInitdb = join(folder, 'password.new')
  await rm(clusterFolder, { recursive: true, force: true })
  await mkdir(clusterFolder, { mode: 0o700 })
  await writeFile(forInitdb, password, { mode: 0o600 })
  if (runAs) {
    await chown(clusterFolder, runAs.uid, runAs.gid)
    await chown(forInitdb, runAs.uid, runAs.gid)
  }
  const options = [
    '-U',
    'earwitness',
    '-E',
    'UTF8',
    '--locale=C',
    '--auth=scram-sha-256',
    '--data-checksums',
    `--pwfile=${forInitdb}`,
  ]
  await runToEnd(join(binaries.folder, 'initdb'), ['-D', clusterFolder, ...options], runAs)
  await rm(forInitdb)
  // Written last: it is the sign that the cluster is whole.
  const file = await open(passwordFile, 'w', 0o600)
  await file.writeFile(password)
  await file.sync()
  await file.close()
  return password
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends a server that outlived a killed program. The caller holds the data folder's lock, so it is ours. */
async function stopOrphan(clusterFolder: string): Promise<void> {
  const text = await readFile(join(clusterFolder, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres')
  if (!command.includes('postgres')) return // The number was given to another program since.
  process.kill(pid, 'SIGINT')
  const until = Date.now() + STOP_TIMEOUT_MS
  while (isAlive(pid)) {
    if (Date.now() > until)
      throw new Error(`The PostgreSQL of an earlier start (process ${pid}) does not end; end it by hand`)
    await pause(50)
  }
}

/** Waits until the server answers and makes the database. @throws {Error} when it ends or stays silent. */
async function waitUntilReady(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const until = Date.now() + START_TIMEOUT_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`PostgreSQL ended at its start: ${said()}`)
    const client = new Client({
      connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).href,
    })
    client.on('error', () => {}) // A server that is still starting may close the connection.
    try {
      await client.connect()
      const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE])
      if (rowCount === 0) await client.query(`create database ${DATABASE}`)
      await client.end()
      return
    } catch (error) {
      await client.end().catch(() => {})
      if (Date.now() > until) throw new Error(`PostgreSQL did not answer: ${said()}`, { cause: error })
      await pause(100)
    }
  }
}

/**
 * Starts PostgreSQL on a free port of 127.0.0.1, making its files on the first start.
 * The caller must hold the lock of the data folder (bin/service/lock.ts).
 *
 * @param folder  for the cluster and its password; below no folder that is closed to others when run as root.
 * @param options.durable  false skips waiting for the disk: for tests, whose data may be lost.
 */
export async function startPostgres(
  folder: string,
  env: NodeJS.ProcessEnv,
  options: { durable?: boolean } = {},
): Promise<RunningPostgres> {
  const runAs = await runAsUser()
  const closed = runAs && (await closedFolder(folder))
  if (closed) {
    throw new Error(
      `PostgreSQL cannot run as root, and its user may not enter ${closed}. Set DATA_DIR to a folder that others may enter, e.g. /var/lib/earwitness, or start as another user.`,
    )
  }
  const binaries = await reachableBinaries(await findPostgres(env), runAs)
  const password = await ensureCluster(folder, binaries, runAs)
  const clusterFolder = join(folder, 'cluster')
  await chmod(clusterFolder, 0o700)
  await stopOrphan(clusterFolder)
  const port = await freePort()
  const durable = options.durable ?? true
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '128MB',
    ...(!durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // A group of its own: Ctrl-C at the terminal reaches us, and we end the server after its clients.
  const child = spawn(join(binaries.folder, 'postgres'), ['-D', clusterFolder, ...args], {
    ...runAs,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-4000)))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = `postgresql://earwitness:${password}@127.0.0.1:${port}/${DATABASE}`
  try {
    await waitUntilReady(url, child, () => said)
  } catch (error) {
    child.kill('SIGQUIT')
    throw error
  }
  return {
    url,
    binaries,
    ended,
    async stop() {
      child.kill('SIGINT')
      const late = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(late)
    },
  }
}
