import { spawn } from 'node:child_process'

import { createProgress } from '../../bin/progress.ts'
import { decodingArguments } from '../../services/audio/decode/decode.ts'
import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import type { EngineMaterial } from '../engine.ts'
import { type Figure, atLeast, atMost, percentile, plain } from '../figures.ts'
import { endedChildrenSeconds, tellsProcesses } from '../processes.ts'

/**
 * Share of the speed of bare decoding that is left when fingerprints are made too. MP3 is the hardest: ffmpeg
 * decodes an hour of it in two seconds.
 */
const SHARE_OF_DECODING_MIN = 0.7

/** Resident memory of a process that fingerprints, whatever the length; half of it is Node itself. Measured: 130. */
const MEMORY_MB_MAX = 250

/** Longer than any file: fpcalc looks at the first two minutes unless it is told more. */
const FPCALC_SECONDS_MAX = 86_400
/** Seen at the end of files whose last frame does not decode: the fingerprint is printed all the same. */
const FPCALC_PRINTED = new Set([0, 3])

/** What was measured of all files together in one round, in CPU seconds. */
interface Round {
  readonly decoding: number
  readonly fingerprinting: number
  readonly fpcalc: number | undefined
}

/** Runs a program to its end and throws its output away. @returns its exit code; undefined when it is not there. */
async function runSilently(program: string, args: readonly string[]): Promise<number | undefined> {
  const child = spawn(program, args, { stdio: 'ignore' })
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve(undefined) : reject(error),
    )
    child.once('exit', (code, signal) =>
      signal === null ? resolve(code ?? 0) : reject(new Error(`${program} was ended by ${signal}`)),
    )
  })
}

/** CPU seconds of some work, of this process and of the children that ended in it. */
async function cpuSecondsOf(work: () => Promise<void>): Promise<number> {
  const childrenBefore = await endedChildrenSeconds()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 + (await endedChildrenSeconds()) - childrenBefore
}

/** @returns undefined when there is no fpcalc. @throws {Error} when it can do nothing with a file. */
async function fpcalcSeconds(files: readonly string[]): Promise<number | undefined> {
  if ((await runSilently('fpcalc', ['-version'])) === undefined) return undefined
  return cpuSecondsOf(async () => {
    for (const path of files) {
      const code = await runSilently('fpcalc', ['-length', String(FPCALC_SECONDS_MAX), path])
      if (!FPCALC_PRINTED.has(code ?? -1)) throw new Error(`fpcalc ${path}: status ${code}`)
    }
  })
}

async function measureRound({ terminal, ffmpegPath, files }: EngineMaterial): Promise<Round> {
  terminal.signal.throwIfAborted()
  const decoding = await cpuSecondsOf(async () => {
    for (const path of files) await runSilently(ffmpegPath, decodingArguments(path))
  })
  const fingerprinting = await cpuSecondsOf(async () => {
    for (const path of files) await fingerprintFile(path, { ffmpegPath, signal: terminal.signal })
  })
  return { decoding, fingerprinting, fpcalc: await fpcalcSeconds(files) }
}

/**
 * From file to fingerprint: the least it can cost, what it costs, and what fpcalc takes for its own.
 * Ratios are of the same round, since other work on the machine slows both alike.
 */
export async function fileFigures(material: EngineMaterial): Promise<readonly Figure[]> {
  const { terminal, files, rounds, ffmpegPath } = material
  if (!tellsProcesses) {
    terminal.err.write('This system does not tell the CPU time of ffmpeg: extraction alone is measured\n')
    return []
  }
  let seconds = 0
  let memoryMb = 0
  // Also warms up: what is compiled while it runs is not measured.
  for (const path of files) {
    seconds += (await fingerprintFile(path, { ffmpegPath, signal: terminal.signal })).durationMs / 1000
    memoryMb = Math.max(memoryMb, process.memoryUsage.rss() / 1e6)
  }
  const progress = createProgress(terminal, 'Decoding and fingerprinting', { unit: 'rounds' })
  const all: Round[] = []
  for (let round = 0; round < rounds; round++) {
    progress.show(round, rounds)
    all.push(await measureRound(material))
    memoryMb = Math.max(memoryMb, process.memoryUsage.rss() / 1e6)
  }
  progress.end()
  const speed = (pick: (round: Round) => number) => seconds / percentile(all.map(pick), 0.5)
  const shares = all.map(({ decoding, fingerprinting }) => decoding / fingerprinting)
  if (all[0]?.fpcalc === undefined) terminal.err.write('There is no fpcalc on PATH to compare with\n')
  return [
    plain('audio that was measured', seconds / 60, 'min'),
    plain(
      'bare decoding',
      speed(({ decoding }) => decoding),
      '× real time',
    ),
    plain(
      'decoding and fingerprinting',
      speed(({ fingerprinting }) => fingerprinting),
      '× real time',
    ),
    atLeast('the same as a share of bare decoding', percentile(shares, 0.5), '', SHARE_OF_DECODING_MIN),
    ...(all[0]?.fpcalc === undefined
      ? []
      : [
          plain(
            'fpcalc, decoding and fingerprinting',
            speed(({ fpcalc }) => fpcalc ?? 0),
            '× real time',
          ),
        ]),
    atMost('memory of this process while it fingerprints', memoryMb, 'MB', MEMORY_MB_MAX),
  ]
}
