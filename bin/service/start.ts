import { mkdir, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { renewAddressKeys } from '../../services/address-keys.ts'
import { type Config, readConfig } from '../../services/core/config.ts'
import { openDb } from '../../services/core/db.ts'
import { type Ffmpeg, ffmpegWarning, findFfmpeg } from '../../services/core/ffmpeg.ts'
import { type Logger, openLog } from '../../services/core/log.ts'
import { startMailCatcher } from '../../services/core/mail-catcher.ts'
import { migrate } from '../../services/core/migrate.ts'
import { backendOf, migrateQueue } from '../../services/core/queue.ts'
import { type Terminal, readArguments } from '../terminal.ts'
import { type Child, startChild } from './children.ts'
import { openFirstAccount } from './first-account.ts'
import { lockFolder } from './lock.ts'
import { awaitPort, freePort } from './ports.ts'
import { startPostgres } from './postgres.ts'

/** A log file larger than this is put aside at the next start; one earlier file is kept. */
const LOG_BYTES_MAX = 20_000_000

/** A whole service that runs here: database, queue, API, workers, cron, mail catcher. */
export interface RunningService {
  readonly url: string
  readonly signInUrl: string
  readonly key: string
  readonly owner: { readonly email: string }
  readonly dataDir: string
  /** Where caught mails are, when no SMTP_URL was given. */
  readonly mailFolder: string | undefined
  readonly databaseUrl: string
  readonly queue: 'redis' | 'postgresql'
  readonly ffmpeg: Ffmpeg
  /** Rejects when a part has ended and cannot be started again. */
  readonly broken: Promise<never>
  close(): Promise<void>
}

/** What has been opened, closed in the opposite order. */
type Closers = (() => Promise<unknown>)[]

async function closeAll(closers: Closers): Promise<void> {
  for (const close of closers.toReversed()) await close()
}

/** The log of all parts: one file, so that what happened stands in the order in which it happened. */
async function openLogFile(dataDir: string): Promise<{ fd: number; close: () => Promise<void> }> {
  const path = join(dataDir, 'earwitness.log')
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
  if (bytes > LOG_BYTES_MAX) await rename(path, `${path}.1`)
  const file = await open(path, 'a', 0o600)
  return { fd: file.fd, close: () => file.close() }
}

/** The database that DATABASE_URL names, or our own in the data folder. */
async function openDatabase(config: Config, closers: Closers): Promise<string> {
  if (config.DATABASE_URL) return config.DATABASE_URL
  const postgres = await startPostgres(join(config.DATA_DIR, 'postgres'), process.env)
  closers.push(() => postgres.stop())
  return postgres.url
}

async function openMail(
  config: Config,
  closers: Closers,
): Promise<{ smtpUrl: string; folder: string | undefined }> {
  if (config.SMTP_URL) return { smtpUrl: config.SMTP_URL, folder: undefined }
  const folder = join(config.DATA_DIR, 'mail')
  const catcher = await startMailCatcher(folder)
  closers.push(() => catcher.close())
  return { smtpUrl: catcher.url, folder }
}

/** Starts the parts together and waits until each is up. */
async function startParts(
  env: NodeJS.ProcessEnv,
  logFd: number,
  log: Logger,
  closers: Closers,
): Promise<Child[]> {
  const children = ['api', 'worker', 'cron'].map((name) => startChild(name, env, logFd, log))
  closers.push(() => Promise.all(children.map((child) => child.stop())))
  await Promise.all(children.map(({ ready }) => ready))
  return children
}

/** The environment of the parts: the given one, with what was found or started in its place. */
function partsEnvironment(
  given: NodeJS.ProcessEnv,
  found: Record<string, string | undefined>,
): NodeJS.ProcessEnv {
  return { ...given, ...Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) }
}

/**
 * Starts everything on this machine and answers when it can be used.
 *
 * @param env  the environment as for any program; HTTP_PORT=0 takes a free port.
 * @throws {Error} saying what to do, after closing what had been opened.
 */
export async function startService(env: NodeJS.ProcessEnv = process.env): Promise<RunningService> {
  const config = readConfig(env)
  await mkdir(config.DATA_DIR, { recursive: true })
  const closers: Closers = []
  try {
    closers.push(await lockFolder(config.DATA_DIR))
    const port = config.HTTP_PORT === 0 ? await freePort() : config.HTTP_PORT
    await awaitPort(port, config.HTTP_HOST)
    const logFile = await openLogFile(config.DATA_DIR)
    closers.push(logFile.close)
    const log = openLog('start', 'silent')
    const ffmpeg = await findFfmpeg(config)
    const databaseUrl = await openDatabase(config, closers)
    await migrate(databaseUrl, log)
    await migrateQueue({ databaseUrl, redisUrl: config.REDIS_URL }, log)
    const mail = await openMail(config, closers)

    const url = env['PUBLIC_URL'] ? config.publicUrl : `http://${config.HTTP_HOST}:${port}`
    const db = openDb(databaseUrl, log)
    const localFile = join(config.DATA_DIR, 'local.json')
    const told = { server: url, databaseUrl, smtpUrl: mail.smtpUrl }
    await renewAddressKeys(db)
    const first = await openFirstAccount(db, localFile, told)
    await db.close()

    const parts = partsEnvironment(env, {
      DATA_DIR: config.DATA_DIR,
      DATABASE_URL: databaseUrl,
      HTTP_PORT: String(port),
      PUBLIC_URL: url,
      SMTP_URL: mail.smtpUrl,
      MAIL_CATCHER_DIR: mail.folder,
      FFMPEG_PATH: ffmpeg.path,
    })
    const children = await startParts(parts, logFile.fd, log, closers)
    return {
      url,
      signInUrl: `${url}${first.signInPath}`,
      key: first.key,
      owner: first.owner,
      dataDir: config.DATA_DIR,
      mailFolder: mail.folder,
      databaseUrl,
      queue: backendOf({ databaseUrl, redisUrl: config.REDIS_URL }),
      ffmpeg,
      broken: Promise.race(children.map(({ broken }) => broken)),
      close: () => closeAll(closers),
    }
  } catch (error) {
    await closeAll(closers)
    throw error
  }
}

/** The short block that a start prints. */
function welcome(service: RunningService): string {
  const warning = ffmpegWarning(service.ffmpeg, new Date())
  const lines = [
    `Earwitness is running at ${service.url}`,
    ``,
    `  sign in     ${service.signInUrl}`,
    `              (once, within a day; afterwards with the password that you choose)`,
    `  data        ${service.dataDir}`,
    `  queue       ${service.queue === 'redis' ? 'Redis' : 'PostgreSQL (set REDIS_URL to use Redis)'}`,
    `  mail        ${service.mailFolder ? `caught, see ${service.url}/inbox (set SMTP_URL to send)` : 'sent through SMTP_URL'}`,
    ...(warning ? [`  warning     ${warning}`] : []),
    ``,
    `Ctrl-C stops it.`,
  ]
  return `${lines.join('\n')}\n`
}

const usage = `
Usage: earwitness start

Runs the whole service on this machine: PostgreSQL (or DATABASE_URL), the queue (or REDIS_URL), API,
dashboard, workers, cron, and without SMTP_URL a mail catcher. Settings come from the environment or
a file .env; .env.example lists them.`

export async function run(argv: string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, {})
  if (typeof given === 'number') return given
  terminal.err.write('Starting …\n')
  const service = await startService(terminal.env)
  terminal.out.write(welcome(service))
  const stopped = new Promise<void>((resolve) => {
    if (terminal.signal.aborted) resolve() // Ctrl-C while it was starting.
    terminal.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  try {
    await Promise.race([stopped, service.broken])
    return 0
  } finally {
    terminal.err.write('Stopping …\n')
    await service.close()
  }
}
