import { basename, join, resolve } from 'node:path'

import { readConfig } from '../../services/core/config.ts'
import { findFfmpeg } from '../../services/core/ffmpeg.ts'
import { type Client, openClient } from '../client/api-client.ts'
import { reporting } from '../client/failure.ts'
import { watch } from '../client/watch.ts'
import { createProgress } from '../progress.ts'
import { type RunningService, startService } from '../service/start.ts'
import { type Terminal, UsageError, exitCode, readArguments } from '../terminal.ts'
import { type Conclusion, conclude, judgeAll, printConclusion } from './conclusion.ts'
import { type LeakFiles, makeLeakFiles } from './leak/dump-files.ts'
import { openLeakClient } from './leak/leak-client.ts'
import { noteLeak } from './leak/operator.ts'
import { playLeak } from './leak/play.ts'
import { type DemoMusic, composedMusic, ownMusic, stageFolder } from './music-source.ts'
import { registerTracks } from './registering.ts'
import { type SuspectHost, startSuspectHost } from './suspect-host.ts'
import { type Suspect, makeSuspects } from './suspects.ts'

const usage = `
Usage: earwitness demo [options]

The main job from beginning to end, on this machine: starts a service of its own, composes music, registers it,
hands in disguised copies, shows what was found, the alert mail and the report, and checks every verdict.
Beside that it invents a leak of a million rows, reads it, and asks which of the recordings are in it.

  --music FOLDER   use this music instead; of three files or more the last one is not registered
  --data FOLDER    where the demo keeps its data; else ./var/demo
  --leak-rows N    rows of the invented leak; else 1000000
  --keep           leave the service running until Ctrl-C, to look at it in a browser
  --json           print one JSON document on standard output`

/** Alerts gather this long before they are mailed: two minutes in daily use, seconds in a demo. */
const ALERT_MERGE_S = 3

/** Fewer rows have no room for those of the catalogue; the codes of an invented leak are not enough for more. */
const LEAK_ROWS_MIN = 1_000
const LEAK_ROWS_MAX = 5_000_000

/** Settings that would lead the demo into somebody's real data, mail or network; it brings its own. */
const notForDemos: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'SMTP_URL',
  'PUBLIC_URL',
  'TRUST_PROXY',
  'HTTP_HOST',
  'METRICS_TOKEN',
])

/** A run of the demo, with everything it opened. */
interface Stage {
  readonly terminal: Terminal
  readonly client: Client
  readonly service: RunningService
  readonly host: SuspectHost
}

function demoEnvironment(env: NodeJS.ProcessEnv, dataDir: string, host: SuspectHost): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !notForDemos.has(name)))
  return {
    ...own,
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    FETCH_ALLOW_ADDRESSES: host.address,
    ALERT_MERGE_S: String(ALERT_MERGE_S),
    PRIVATE_CHECK: 'public',
  }
}

/** What a run plays with, and where its service keeps its data. */
interface Prepared {
  readonly music: DemoMusic
  readonly suspects: readonly Suspect[]
  readonly leak: LeakFiles
  readonly dataDir: string
}

async function prepare(
  terminal: Terminal,
  dataFolder: string,
  { folder, leakRows: rows }: { readonly folder: string | undefined; readonly leakRows: number },
): Promise<Prepared> {
  const ffmpeg = await findFfmpeg(readConfig(terminal.env))
  const composedFolder = join(dataFolder, 'music')
  const music =
    folder === undefined
      ? await composedMusic(terminal, composedFolder)
      : await ownMusic(terminal, { folder, composedFolder, ffmpegPath: ffmpeg.path })
  const dataDir = stageFolder(music, dataFolder, folder !== undefined)
  const progress = createProgress(terminal, 'Disguising', { unit: 'suspects' })
  const suspects = await makeSuspects({
    ffmpegPath: ffmpeg.path,
    catalogue: music.tracks,
    strangers: music.strangers,
    folder: join(dataDir, 'suspects'),
    onProgress(done, total, name) {
      terminal.signal.throwIfAborted()
      progress.show(done, total, name)
    },
  })
  progress.end()
  const leak = await makeLeakFiles(terminal, join(dataDir, 'leak'), { tracks: music.tracks, rows })
  return { music, suspects, leak, dataDir }
}

/** Registers, hands in, follows, and gathers what came of it. */
async function play(
  { terminal, client, service, host }: Stage,
  { music, suspects, leak: leakFiles }: Prepared,
): Promise<Conclusion> {
  // Noted first: it is read while music is registered and examined.
  const leakId = await noteLeak(service.databaseUrl, leakFiles)
  const registered = await registerTracks(terminal, client, music.tracks)
  const ids: string[] = []
  for (const { path, deliver, name, description } of suspects) {
    terminal.err.write(
      `Handing in ${name} (${deliver === 'url' ? 'by address' : 'as a file'}): ${description}\n`,
    )
    const { id } =
      deliver === 'url'
        ? await client.submitUrl(host.offer(path))
        : await client.submitFile(path, { fileName: basename(path) })
    ids.push(id)
  }
  const ended = await watch(terminal, client, ids)
  const judged = judgeAll(suspects, registered, ended)
  const folder = join(service.dataDir, 'reports')
  const leakClient = openLeakClient({ server: service.url, key: service.key }, terminal.signal)
  const asked = { terminal, client: leakClient, service, folder, leakId, tracks: music.tracks, registered }
  const leak = await playLeak(asked)
  return conclude({ terminal, client, service, folder, registered, judged, leak })
}

/** Does some work while all parts of the service are well; if one breaks for good, the work is given up. */
async function whileWell<T>(
  terminal: Terminal,
  service: RunningService,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const signal = AbortSignal.any([terminal.signal, ended.signal])
  try {
    return await Promise.race([work({ ...terminal, signal }), service.broken])
  } finally {
    ended.abort()
  }
}

/** Resolves at Ctrl-C. */
async function untilStopped({ signal }: Terminal): Promise<void> {
  await new Promise<void>((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

async function demo(
  terminal: Terminal,
  options: { data: string; music: string | undefined; leakRows: number; keep: boolean; json: boolean },
): Promise<number> {
  const prepared = await prepare(terminal, resolve(options.data), {
    folder: options.music,
    leakRows: options.leakRows,
  })
  const host = await startSuspectHost()
  try {
    terminal.err.write('Starting the service …\n')
    const service = await startService(demoEnvironment(terminal.env, prepared.dataDir, host))
    try {
      terminal.signal.throwIfAborted()
      const conclusion = await whileWell(terminal, service, (terminal) => {
        const client = openClient({ server: service.url, key: service.key }, terminal.signal)
        return play({ terminal, client, service, host }, prepared)
      })
      printConclusion(terminal, conclusion, options.json)
      if (options.keep) {
        terminal.err.write(`\nThe service stays up until Ctrl-C. Sign in at ${service.signInUrl}\n`)
        await whileWell(terminal, service, untilStopped)
      }
      return conclusion.wrong.length === 0 ? exitCode.done : exitCode.someFailed
    } finally {
      await service.close()
    }
  } finally {
    await host.close()
  }
}

/** `earwitness demo`. @returns 0 only when every verdict is right, the mail came and the reports are there. */
export function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  return reporting(terminal, async () => {
    const given = readArguments(terminal, usage, argv, {
      music: { type: 'string' },
      data: { type: 'string', default: './var/demo' },
      'leak-rows': { type: 'string', default: '1000000' },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    })
    if (typeof given === 'number') return given
    const { values, positionals } = given
    if (positionals.length > 0)
      throw new UsageError(`What is “${positionals[0]}”? Music is given with --music`)
    const { music, data, keep, json } = values
    const leakRows = Number(values['leak-rows'])
    if (!Number.isInteger(leakRows) || leakRows < LEAK_ROWS_MIN || leakRows > LEAK_ROWS_MAX)
      throw new UsageError(`--leak-rows: give a whole number from ${LEAK_ROWS_MIN} to ${LEAK_ROWS_MAX}`)
    return demo(terminal, { data, music, leakRows, keep, json })
  })
}
