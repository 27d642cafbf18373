import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { type Config, readConfig } from '../../services/core/config.ts'
import { ffmpegWarning, findFfmpeg } from '../../services/core/ffmpeg.ts'
import { openLog } from '../../services/core/log.ts'
import { openMailer } from '../../services/core/mail.ts'
import { backendOf, openQueues } from '../../services/core/queue.ts'
import { jobs } from '../../services/jobs.ts'
import { type Terminal, readArguments } from '../terminal.ts'
import { databaseFacts } from './database-facts.ts'
import { isFolderHeld } from './lock.ts'
import { findPostgres } from './postgres-binaries.ts'

/** Below this, uploads and the database's log soon fail. */
const DISK_BYTES_MIN = 2_000_000_000
/** A check that takes longer has its answer: not now. */
const CHECK_TIMEOUT_MS = 10_000

/** What one check found. `do` is what to do about it. */
interface Finding {
  readonly name: string
  readonly state: 'fine' | 'note' | 'missing'
  readonly found: string
  readonly do?: string
}

const Note = z.object({ databaseUrl: z.string(), smtpUrl: z.string() })

/** What a running `earwitness start` on the same data folder uses. */
export async function runningHere(config: Config): Promise<z.infer<typeof Note> | undefined> {
  if (!(await isFolderHeld(config.DATA_DIR))) return undefined
  const text = await readFile(join(config.DATA_DIR, 'local.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Note.safeParse(JSON.parse(text)).data
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function checkNode(): Promise<Finding> {
  const [major] = process.versions.node.split('.').map(Number)
  const found = `Node ${process.versions.node}`
  if ((major ?? 0) >= 22) return { name: 'node', state: 'fine', found }
  return {
    name: 'node',
    state: 'note',
    found,
    do: 'works, but Node 20 gets no security fixes any more; Node 22 or 24 is better',
  }
}

async function checkDatabase(config: Config, databaseUrl: string | undefined): Promise<Finding> {
  if (databaseUrl) {
    const facts = await databaseFacts(databaseUrl)
    if (facts.pending.length === 0) return { name: 'postgresql', state: 'fine', found: facts.text }
    return {
      name: 'postgresql',
      state: 'missing',
      found: `${facts.text}, ${facts.pending.length} migrations to apply`,
      do: 'run `earwitness migrate`',
    }
  }
  const { version, origin } = await findPostgres(process.env)
  return {
    name: 'postgresql',
    state: 'fine',
    found: `${version} (${origin}), started by \`earwitness start\` in ${config.DATA_DIR}`,
  }
}

async function checkQueue(config: Config, databaseUrl: string | undefined): Promise<Finding> {
  const name = 'queue'
  if (!databaseUrl)
    return { name, state: 'fine', found: `${config.REDIS_URL ? 'Redis' : 'PostgreSQL'}, not started yet` }
  const store = { databaseUrl, redisUrl: config.REDIS_URL }
  const queues = openQueues(store, openLog('doctor', 'silent'))
  try {
    const counts = await Promise.all(Object.values(jobs).map((job) => queues.counts(job as never)))
    const sum = (state: string): number => counts.reduce((total, each) => total + (each[state] ?? 0), 0)
    const found = `${backendOf(store)}: ${sum('waiting') + sum('delayed')} waiting, ${sum('active')} at work, ${sum('failed')} failed`
    return { name, state: 'fine', found }
  } finally {
    await queues.close()
  }
}

async function checkFfmpeg(config: Config): Promise<Finding> {
  const ffmpeg = await findFfmpeg(config)
  const warning = ffmpegWarning(ffmpeg, new Date())
  const found = `${ffmpeg.version} of ${ffmpeg.year || 'unknown year'} (${ffmpeg.origin}: ${ffmpeg.path})`
  return { name: 'ffmpeg', state: warning ? 'note' : 'fine', found, ...(warning && { do: warning }) }
}

async function checkMail(smtpUrl: string | undefined, caught: boolean): Promise<Finding> {
  if (!smtpUrl)
    return {
      name: 'mail',
      state: 'note',
      found: 'no SMTP_URL',
      do: '`earwitness start` catches mails instead of sending them; set SMTP_URL to send',
    }
  const mailer = openMailer(smtpUrl)
  try {
    await mailer.verify()
  } finally {
    mailer.close()
  }
  if (!caught) return { name: 'mail', state: 'fine', found: 'the mail server answers' }
  return {
    name: 'mail',
    state: 'note',
    found: 'the built-in mail catcher answers',
    do: 'set SMTP_URL to send mails instead of catching them',
  }
}

async function checkDisk(config: Config): Promise<Finding> {
  const { bavail, bsize } = await statfs(config.DATA_DIR).catch(() => statfs('.'))
  const bytes = bavail * bsize
  const found = `${(bytes / 1e9).toFixed(1)} GB free for ${config.DATA_DIR}`
  if (bytes >= DISK_BYTES_MIN) return { name: 'disk', state: 'fine', found }
  return { name: 'disk', state: 'missing', found, do: 'make room or move DATA_DIR' }
}

/** A check's finding; what it throws is its finding too. */
async function finding(name: string, check: () => Promise<Finding>, advice: string): Promise<Finding> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS).unref()
  })
  return Promise.race([check(), late]).catch((error: unknown) => ({
    name,
    state: 'missing' as const,
    found: reason(error),
    do: advice,
  }))
}

const usage = `
Usage: earwitness doctor [--json]

Says what was found on this machine (Node, PostgreSQL, queue, ffmpeg and its age, mail, disk) and what
to do about what is missing. Exit status 1 when something is missing.`

const marks = { fine: '✓', note: '·', missing: '✗' } as const

export async function run(argv: string[], terminal: Terminal): Promise<number> {
  const given = readArguments(terminal, usage, argv, { json: { type: 'boolean', default: false } })
  if (typeof given === 'number') return given
  const config = readConfig(terminal.env)
  const running = await runningHere(config)
  const databaseUrl = config.DATABASE_URL ?? running?.databaseUrl
  const findings = [
    await checkNode(),
    await finding(
      'postgresql',
      () => checkDatabase(config, databaseUrl),
      'is the server up and DATABASE_URL right? `earwitness start` brings its own',
    ),
    await finding(
      'queue',
      () => checkQueue(config, databaseUrl),
      'is REDIS_URL right, and was `earwitness migrate` run?',
    ),
    await finding(
      'ffmpeg',
      () => checkFfmpeg(config),
      'install ffmpeg with your system’s packages, or set FFMPEG_PATH',
    ),
    await finding(
      'mail',
      () => checkMail(config.SMTP_URL ?? running?.smtpUrl, !config.SMTP_URL),
      'is SMTP_URL right?',
    ),
    await finding('disk', () => checkDisk(config), 'is DATA_DIR right?'),
  ]
  const healthy = findings.every(({ state }) => state !== 'missing')
  if (given.values.json) terminal.out.write(`${JSON.stringify({ healthy, findings }, undefined, 2)}\n`)
  else {
    for (const each of findings) {
      terminal.out.write(`${marks[each.state]} ${each.name.padEnd(11)} ${each.found}\n`)
      if (each.do) terminal.out.write(`  ${' '.repeat(11)} → ${each.do}\n`)
    }
  }
  return healthy ? 0 : 1
}
