import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../bin/service/ports.ts'
import { UsageError } from '../bin/terminal.ts'

/** An option that is a whole number within bounds. @throws {UsageError} */
export function wholeNumber(name: string, given: string, { min, max }: { min: number; max: number }): number {
  const value = Number(given)
  if (!Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`--${name} ${given}: give a whole number from ${min} to ${max}`)
  return value
}

/** Does some work in a new folder and removes the folder, however the work ends. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'earwitness-bench-'))
  try {
    await chmod(folder, 0o755) // As root, PostgreSQL runs as another user, who must get in.
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** How programs are found, and nothing that leads to somebody's database, mail server or queue. */
const inherited = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'FFMPEG_PATH', 'FINGERPRINT_THREADS', 'SEARCH_THREADS']

/** The environment of a bench's service: what is inherited, and what the bench says. */
export const serviceEnvironment = (
  env: NodeJS.ProcessEnv,
  own: Readonly<Record<string, string | undefined>>,
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(inherited.map((name) => [name, env[name]])),
  ...own,
})

/** A Redis of the bench's own, which keeps nothing. */
export interface RunningRedis {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** Starts the `redis-server` on PATH on a free port of 127.0.0.1. @throws {UsageError} when there is none. */
export async function startRedis(): Promise<RunningRedis> {
  const port = await freePort()
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  // A group of its own: Ctrl-C at the terminal must not end it before those who use it.
  const child = spawn('redis-server', ['--port', String(port), ...settings], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new UsageError('--redis needs a redis-server on PATH', { cause })))
    child.once('exit', () => reject(new Error('redis-server ended at its start')))
    child.stdout.on('data', (data: Buffer) => data.includes('Ready to accept connections') && resolve())
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill()
      await ended
    },
  }
}
