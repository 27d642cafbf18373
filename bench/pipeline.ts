import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { type Client, openClient } from '../bin/client/api-client.ts'
import type { SubmissionView } from '../bin/client/views.ts'
import { hasEnded } from '../bin/client/watch.ts'
import { judge } from '../bin/demo/verdicts.ts'
import { createProgress } from '../bin/progress.ts'
import { type RunningService, startService } from '../bin/service/start.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { readConfig } from '../services/core/config.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import { type Figure, atMost, exactly, percentile, plain } from './figures.ts'
import { cpuSecondsOf, ownChildrenLike, peakMemoryMb, tellsProcesses } from './processes.ts'
import { type Leak, type Leaks, decodeBare, makeLeaks } from './service/leaks.ts'
import { type Newcomer, makeNewcomers } from './service/newcomers.ts'
import { inFolder, serviceEnvironment, startRedis, wholeNumber } from './workplace.ts'

const usage = `
Usage: npm run bench -- pipeline [--json] [options]

Composes music, registers it with a service of its own, hands in copies in five formats and waits for the
verdicts; hands in copies of recordings that were registered a moment before; then compares the CPU time of the
whole service with that of ffmpeg decoding the same files.

  --files N   files to hand in, 75 s each; else 40
  --redis     keep the queue in a Redis of its own (redis-server on PATH) instead of PostgreSQL`

/** Two requests a file and some looks: more would meet the limit of one key, 1200 requests a minute. */
const FILES_MAX = 500

/** Alerts are gathered for so short a time that composing and sending them is part of what is measured. */
const ALERT_MERGE_S = 3
/** Between two looks at what is not done yet: seldom enough to cost the service nothing. */
const LOOK_MS = 400
/** Recordings whose copies are handed in as soon as they are registered, one after the other. */
const NEWCOMERS = 20
/** From the call that registers to the verdict that names the recording, with decoding and all jobs. */
const REGISTERED_TO_FOUND_S_MAX = 5
/** One look at files that are handed in alone, whose end is waited for at once. */
const LOOK_ALONE_MS = 50

/**
 * Decoding is what nobody can save; fingerprints, comparison, rows, jobs, mails and the servers around them cost
 * 2.7 to 3.4 times as much on top. A ratio, because other work on the machine slows both alike.
 */
const COST_RATIO_MAX = 6
/**
 * Peak memory of the worker, as a base and so much for each thread. Measured: 315 MB with one thread; with two
 * 350 after 40 files, 440 after 120, 450 after 240; 415 with four after 30. A third more, because V8 lets garbage grow.
 */
const WORKER_MEMORY_MB_MAX = 400
const THREAD_MEMORY_MB_MAX = 100

/** The parts of the service that are measured, by their processes. */
type Parts = Readonly<Record<string, number>>

/** The processes of a running service: all of them are children of this one. */
const partsOf = async (redisPid: number | undefined): Promise<Parts> => ({
  ...(await ownChildrenLike({
    api: /earwitness\.mjs api$/,
    worker: /earwitness\.mjs worker$/,
    cron: /earwitness\.mjs cron$/,
    postgresql: /^\S*\/postgres /,
  })),
  ...(redisPid !== undefined && { redis: redisPid }),
})

/** Waits for submissions, in their order: they end about in it, so hardly one is asked for in vain. */
async function ended(
  client: Client,
  ids: readonly string[],
  signal: AbortSignal,
  lookMs: number,
  onEnded: (done: number) => void = () => undefined,
): Promise<SubmissionView[]> {
  const all: SubmissionView[] = []
  for (const id of ids) {
    let seen = await client.submission(id)
    while (!hasEnded(seen)) {
      await sleep(lookMs, undefined, { signal })
      seen = await client.submission(id)
    }
    all.push(seen)
    onEnded(all.length)
  }
  return all
}

const handIn = async (client: Client, { path, name }: Pick<Leak, 'path' | 'name'>): Promise<string> =>
  (await client.submitFile(path, { fileName: name })).id

/** From the answer to the hand-in to the verdict, by the database's clock. */
const secondsOf = ({ createdAt, endedAt }: SubmissionView): number =>
  ((endedAt?.getTime() ?? Number.NaN) - createdAt.getTime()) / 1000

/**
 * Registers each and hands its copy in with the next request.
 *
 * @returns seconds from the call that registers to the verdict; infinite when that does not name the recording.
 */
async function registeredToFound(
  client: Client,
  newcomers: readonly Newcomer[],
  signal: AbortSignal,
): Promise<number[]> {
  const seconds: number[] = []
  for (const newcomer of newcomers) {
    const startedAt = Date.now()
    const { id } = await client.register(
      newcomer.recording,
      Buffer.from(newcomer.fingerprint).toString('base64'),
    )
    const [view] = await ended(client, [await handIn(client, newcomer)], signal, LOOK_MS)
    const isFound = view?.items.some(({ matches }) => matches.some(({ recordingId }) => recordingId === id))
    const endedAt = (isFound && view?.endedAt?.getTime()) || Number.POSITIVE_INFINITY
    seconds.push((endedAt - startedAt) / 1000)
  }
  return seconds
}

interface Measured {
  /** Of the files that were handed in together. */
  readonly views: readonly SubmissionView[]
  /** Of those that were handed in when nothing else was to do. */
  readonly alone: readonly SubmissionView[]
  /** Of each newcomer, see `registeredToFound`. */
  readonly foundSeconds: readonly number[]
  readonly wallSeconds: number
  /** CPU seconds by part, where the system tells them. */
  readonly cpuSeconds: Readonly<Record<string, number>> | undefined
  readonly workerMemoryMb: number | undefined
  readonly recordingIds: readonly string[]
}

/** Registers, warms up, hands in one by one and then all together. */
async function measure(
  { terminal, client, redisPid }: { terminal: Terminal; client: Client; redisPid: number | undefined },
  leaks: Leaks,
  newcomers: readonly Newcomer[],
): Promise<Measured> {
  const { signal } = terminal
  const recordingIds: string[] = []
  for (const { recording, fingerprint } of leaks.originals)
    recordingIds.push((await client.register(recording, Buffer.from(fingerprint).toString('base64'))).id)

  const warming = await Promise.all(leaks.warming.map((leak) => handIn(client, leak)))
  await ended(client, warming, signal, LOOK_MS)
  const alone: SubmissionView[] = []
  for (const leak of leaks.alone)
    alone.push(...(await ended(client, [await handIn(client, leak)], signal, LOOK_ALONE_MS)))

  const foundSeconds = await registeredToFound(client, newcomers, signal)

  const parts = tellsProcesses ? await partsOf(redisPid) : undefined
  const before = parts && (await cpuSecondsOf(parts))
  const progress = createProgress(terminal, 'Examining', { unit: 'files' })
  progress.show(0, leaks.leaks.length)
  const startedAt = Date.now()
  const ids: string[] = []
  for (const leak of leaks.leaks) ids.push(await handIn(client, leak))
  const views = await ended(client, ids, signal, LOOK_MS, (done) => progress.show(done, ids.length))
  progress.end()
  const after = parts && (await cpuSecondsOf(parts))
  return {
    views,
    alone,
    recordingIds,
    foundSeconds,
    wallSeconds: (Math.max(...views.map(({ endedAt }) => endedAt?.getTime() ?? 0)) - startedAt) / 1000,
    cpuSeconds:
      before &&
      after &&
      Object.fromEntries(Object.entries(after).map(([name, to]) => [name, to - (before[name] ?? 0)])),
    workerMemoryMb: parts && (await peakMemoryMb(parts['worker'] ?? 0)),
  }
}

/** Runs `work` with a service that has the bench's folder to itself, and ends the service. */
async function withService<T>(
  terminal: Terminal,
  given: { folder: string; redis: boolean },
  work: (service: RunningService, redisPid: number | undefined) => Promise<T>,
): Promise<T> {
  const redis = given.redis ? await startRedis() : undefined
  try {
    const service = await startService(
      serviceEnvironment(terminal.env, {
        DATA_DIR: join(given.folder, 'data'),
        HTTP_PORT: '0',
        ALERT_MERGE_S: String(ALERT_MERGE_S),
        REDIS_URL: redis?.url,
      }),
    )
    try {
      terminal.signal.throwIfAborted()
      return await Promise.race([work(service, redis?.pid), service.broken])
    } finally {
      await service.close()
    }
  } finally {
    await redis?.stop()
  }
}

/** Figures of CPU time and memory; none where the system does not tell them. */
function costFigures(
  { cpuSeconds, workerMemoryMb }: Measured,
  { bareSeconds, hours, threads }: { bareSeconds: number | undefined; hours: number; threads: number },
): Figure[] {
  if (!cpuSeconds || workerMemoryMb === undefined || bareSeconds === undefined) return []
  const total = Object.values(cpuSeconds).reduce((sum, seconds) => sum + seconds, 0)
  const memoryMbMax = WORKER_MEMORY_MB_MAX + threads * THREAD_MEMORY_MB_MAX
  return [
    plain('CPU time per hour of audio, whole service', total / hours, 's'),
    ...Object.entries(cpuSeconds).map(([name, seconds]) =>
      plain(`CPU time per hour of audio, ${name}`, seconds / hours, 's'),
    ),
    plain('CPU time per hour of audio, bare decoding', bareSeconds / hours, 's'),
    atMost('CPU time, whole service against bare decoding', total / bareSeconds, '×', COST_RATIO_MAX),
    atMost('peak memory of the worker', workerMemoryMb, 'MB', memoryMbMax),
  ]
}

function figuresOf(
  { leaks, alone, audioHours }: Leaks,
  measured: Measured,
  { bareSeconds, threads }: { bareSeconds: number | undefined; threads: number },
): Figure[] {
  const views = [...measured.alone, ...measured.views]
  const right = [...alone, ...leaks].filter(({ expected }, index) => {
    const view = views[index]
    return view && judge(expected, measured.recordingIds, view).length === 0
  })
  const waited = measured.views.map(secondsOf)
  return [
    plain('files a minute', (60 * measured.views.length) / measured.wallSeconds, ''),
    ...costFigures(measured, { bareSeconds, threads, hours: audioHours }),
    plain('one file alone, handed in to verdict, p50', percentile(measured.alone.map(secondsOf), 0.5), 's'),
    plain('all at once, handed in to verdict, p50', percentile(waited, 0.5), 's'),
    plain('all at once, handed in to verdict, p95', percentile(waited, 0.95), 's'),
    plain('registered to found, p50', percentile(measured.foundSeconds, 0.5), 's'),
    atMost(
      'registered to found, p99',
      percentile(measured.foundSeconds, 0.99),
      's',
      REGISTERED_TO_FOUND_S_MAX,
    ),
    exactly('right verdicts', right.length, '', views.length),
  ]
}

/** `npm run bench -- pipeline`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {
    files: { type: 'string', default: '40' },
    redis: { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const files = wholeNumber('files', given.values.files, { min: 1, max: FILES_MAX })
  const { redis } = given.values
  const config = readConfig(serviceEnvironment(terminal.env, {}))
  const ffmpeg = await findFfmpeg(config)
  const threads = config.FINGERPRINT_THREADS ?? availableParallelism()
  return inFolder(async (folder) => {
    const progress = createProgress(terminal, 'Composing', { unit: 'parts' })
    const leakFolder = join(folder, 'leaks')
    await mkdir(leakFolder)
    const onProgress = (share: number): void => {
      terminal.signal.throwIfAborted()
      progress.show(share * files, files)
    }
    const leaks = await makeLeaks({ ffmpegPath: ffmpeg.path, folder: leakFolder, files, onProgress })
    const newcomers = await makeNewcomers(ffmpeg.path, leakFolder, NEWCOMERS, terminal.signal)
    progress.show(files, files)
    progress.end()
    const decode = () => (tellsProcesses ? decodeBare(ffmpeg.path, leaks.leaks) : undefined)
    // Before and after: on a machine with other work, each alone may meet a bad moment.
    const bareBefore = await decode()
    const measured = await withService(terminal, { folder, redis }, (service, redisPid) => {
      const client = openClient({ server: service.url, key: service.key }, terminal.signal)
      return measure({ terminal, client, redisPid }, leaks, newcomers)
    })
    const bareAfter = await decode()
    const bareSeconds =
      bareBefore === undefined || bareAfter === undefined ? undefined : (bareBefore + bareAfter) / 2
    return figuresOf(leaks, measured, { bareSeconds, threads })
  })
}
