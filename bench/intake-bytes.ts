import { mkdir, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { createProgress } from '../bin/progress.ts'
import { type Terminal, readArguments } from '../bin/terminal.ts'
import { decodeFingerprint } from '../services/audio/fingerprint/fingerprint.ts'
import { createFingerprintPool } from '../services/audio/fingerprint/pool.ts'
import { createReferenceIndex } from '../services/audio/index/reference-index.ts'
import { openBlobs } from '../services/core/blobs.ts'
import { readConfig } from '../services/core/config.ts'
import { findFfmpeg } from '../services/core/ffmpeg.ts'
import { openLog } from '../services/core/log.ts'
import { createSafeFetch } from '../services/core/safe-fetch.ts'
import { type Figure, atMost, exactly, plain } from './figures.ts'
import { type Copy, makeCopies } from './intake-bytes/copies.ts'
import { type PacedHost, startPacedHost } from './intake-bytes/paced-host.ts'
import { OWNER, type Verdict, type VerdictTools, judge } from './intake-bytes/verdict.ts'
import { inFolder } from './workplace.ts'

const usage = `
Usage: npm run bench -- intake-bytes [--json]

Composes recordings of four minutes, registers three, and offers whole copies of them in nine forms on a host of its own
that sends as fast as a good line; beside them files that only begin or end as a copy. Each is read in parts and as a
whole: bytes, seconds until the verdict, and whether the verdict is the same.`

/** Of a whole copy, in per cent of its bytes. */
const SHARE_MAX = 15

/** A file judged both ways. */
interface Judged {
  readonly copy: Copy
  readonly inParts: Verdict
  readonly all: Verdict
  /** That the host sent until the verdict, in per cent of the file. */
  readonly share: number
}

async function judgeBoth(
  tools: VerdictTools,
  host: PacedHost,
  copy: Copy,
  signal: AbortSignal,
): Promise<Judged> {
  const url = host.offer(copy.path, encodeURIComponent(copy.name))
  const { size } = await stat(copy.path)
  const before = host.bytesSent()
  const inParts = await judge(tools, url, false, signal)
  const share = (100 * (host.bytesSent() - before)) / size
  return { copy, inParts, all: await judge(tools, url, true, signal), share }
}

function figuresOf(judged: readonly Judged[]): Figure[] {
  const copies = judged.filter(({ copy }) => copy.isWholeCopy)
  const others = judged.filter(({ copy }) => !copy.isWholeCopy)
  const same = judged.filter(({ inParts, all }) => inParts.found === all.found)
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length
  return [
    ...copies.flatMap(({ copy, share, inParts, all }) => [
      atMost(`${copy.name}, bytes read`, share, '%', SHARE_MAX),
      plain(`${copy.name}, until the verdict (all read: ${all.seconds.toFixed(1)} s)`, inParts.seconds, 's'),
    ]),
    plain('whole copies, bytes read on average', mean(copies.map(({ share }) => share)), '%'),
    ...others.map(({ copy, inParts }) =>
      exactly(`${copy.name}, read whole`, Number(inParts.readWhole), '', 1),
    ),
    exactly('the same verdict as reading everything', same.length, '', judged.length),
    exactly(
      'whole copies told to be',
      copies.filter(({ all }) => all.found.endsWith(' whole')).length,
      '',
      copies.length,
    ),
  ]
}

/** `npm run bench -- intake-bytes`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<readonly Figure[] | number> {
  const given = readArguments(terminal, usage, argv, {})
  if (typeof given === 'number') return given
  const { signal } = terminal
  const config = readConfig({ ...terminal.env, CHROMIUM_PATH: undefined })
  const { path: ffmpegPath } = await findFfmpeg(config)
  return inFolder(async (folder) => {
    const progress = createProgress(terminal, 'Composing', { unit: 'files' })
    await mkdir(join(folder, 'music'))
    const set = await makeCopies(ffmpegPath, join(folder, 'music'), (done, total) => {
      signal.throwIfAborted()
      progress.show(done, total)
    })
    progress.end()
    const pool = createFingerprintPool({ threads: Math.min(2, availableParallelism()), ffmpegPath })
    const host = await startPacedHost()
    try {
      const index = createReferenceIndex()
      for (const [number, path] of set.originals.entries()) {
        const { reference } = await pool.fingerprint(path, { signal })
        index.add(`recording ${number + 1}`, OWNER, decodeFingerprint(reference))
      }
      const safeFetch = createSafeFetch({
        bytesMax: config.FETCH_BYTES_MAX,
        timeoutMs: config.FETCH_TIMEOUT_MS,
        idleTimeoutMs: config.FETCH_IDLE_TIMEOUT_MS,
        redirectsMax: 5,
        userAgent: 'Earwitness bench',
        allowAddresses: [host.address],
      })
      const blobs = await openBlobs(join(folder, 'blobs'))
      const tools = { blobs, safeFetch, config, pool, index, log: openLog('bench', 'silent') }
      const judged: Judged[] = []
      const judging = createProgress(terminal, 'Judging', { unit: 'files' })
      for (const copy of set.copies) {
        judged.push(await judgeBoth(tools, host, copy, signal))
        judging.show(judged.length, set.copies.length, copy.name)
      }
      judging.end()
      return figuresOf(judged)
    } finally {
      await host.close()
      await pool.close()
    }
  })
}
