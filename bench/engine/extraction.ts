import { createProgress } from '../../bin/progress.ts'
import { DURATION_MS_MAX } from '../../services/audio/constants.ts'
import { SAMPLE_RATE } from '../../services/audio/constants.ts'
import { decodeAudio } from '../../services/audio/decode/decode.ts'
import { createExtractor } from '../../services/audio/extract/extract.ts'
import { type ExtractionKernel, extractionKernel } from '../../services/audio/extract/kernel/kernel.ts'
import {
  BLOCK_FRAMES,
  BLOCK_SAMPLES,
  BLOCK_STEP_SAMPLES,
} from '../../services/audio/extract/kernel/layout.ts'
import { createTypeScriptKernel } from '../../services/audio/extract/kernel/typescript-kernel.ts'
import { createPeakPicker } from '../../services/audio/extract/peaks.ts'
import { floorOf } from '../../services/audio/extract/spectrum.ts'
import { createThinner } from '../../services/audio/extract/thinning.ts'
import { landmarksOf } from '../../services/audio/index/landmarks.ts'
import type { EngineMaterial } from '../engine.ts'
import { type Figure, atLeast, percentile, plain } from '../figures.ts'

/** The whole way from samples to both fingerprints, in one thread. Measured: twice that. */
const EXTRACTION_SPEED_MIN = 2_000

/** Decoded audio that is held in memory, 44 kB a second: beyond an hour, more files tell nothing new. */
const SECONDS_MAX = 3_600
/** The twin is ten times slower; this much of the audio tells its speed. */
const TWIN_SECONDS_MAX = 120

const DECODE_TIMEOUT_MS = 600_000

/** As much of the files' audio as is held, file by file. */
async function decoded({ terminal, ffmpegPath, files }: EngineMaterial): Promise<Float32Array[]> {
  const all: Float32Array[] = []
  let left = SECONDS_MAX * SAMPLE_RATE
  for (const path of files) {
    const pieces: Float32Array[] = []
    await decodeAudio(path, {
      ffmpegPath,
      timeoutMs: DECODE_TIMEOUT_MS,
      durationMaxMs: DURATION_MS_MAX,
      signal: terminal.signal,
      onPcm: (pcm) => pieces.push(pcm.slice()),
    })
    const pcm = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      pcm.set(piece, at)
      at += piece.length
    }
    all.push(pcm.subarray(0, left))
    left -= all.at(-1)?.length ?? 0
    if (left <= 0) break
  }
  return all
}

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

const extractAll = (all: readonly Float32Array[], kernel: ExtractionKernel): void => {
  for (const pcm of all) {
    const extractor = createExtractor(kernel)
    extractor.push(pcm)
    extractor.finish()
  }
}

/** The spectrum of all blocks of a recording; `withRows` is called when the kernel holds those of a block. */
function eachBlock(
  kernel: ExtractionKernel,
  pcm: Float32Array,
  firstRow: () => number,
  withRows: (floor: number) => void = () => undefined,
): void {
  for (let from = 0; from + BLOCK_SAMPLES <= pcm.length; from += BLOCK_STEP_SAMPLES) {
    kernel.samples.set(pcm.subarray(from, from + BLOCK_SAMPLES))
    const { squares } = kernel.measure(0, BLOCK_SAMPLES)
    const floor = floorOf(squares / BLOCK_SAMPLES)
    kernel.analyse(firstRow(), floor)
    withRows(floor)
  }
}

type Found = readonly [time: number, bin: number, level: number]

function peaksOf(kernel: ExtractionKernel, pcm: Float32Array): Found[] {
  const found: Found[] = []
  const picker = createPeakPicker(kernel, (...peak) => found.push(peak))
  eachBlock(
    kernel,
    pcm,
    () => picker.open(),
    (floor) => picker.advance(BLOCK_FRAMES, floor, false),
  )
  return found
}

/** As the extractor does: what cannot change any more is settled block by block. */
function thinned(kernel: ExtractionKernel, found: readonly Found[]) {
  const thinner = createThinner(kernel)
  let settled = BLOCK_FRAMES
  for (const [time, bin, level] of found) {
    if (time > settled + BLOCK_FRAMES) {
      thinner.settle(settled)
      settled += BLOCK_FRAMES
    }
    thinner.add(time, bin, level)
  }
  return thinner.finish()
}

/** CPU seconds of the parts, one after the other. */
function measureParts(kernel: ExtractionKernel, all: readonly Float32Array[]) {
  const spectrum = cpuSecondsOf(() => {
    for (const pcm of all) eachBlock(kernel, pcm, () => 0)
  })
  let peaks: Found[][] = []
  const both = cpuSecondsOf(() => {
    peaks = all.map((pcm) => peaksOf(kernel, pcm))
  })
  let lists: ReturnType<typeof thinned>[] = []
  const ranking = cpuSecondsOf(() => {
    lists = peaks.map((found) => thinned(kernel, found))
  })
  const landmarks = cpuSecondsOf(() => {
    for (const { reference } of lists) landmarksOf(reference)
  })
  return { spectrum, peaks: both - spectrum, ranking, landmarks }
}

/** From samples to fingerprints, in CPU time of this thread: as a whole, by parts, and with the twin of the kernel. */
export async function extractionFigures(material: EngineMaterial): Promise<readonly Figure[]> {
  const { terminal, rounds } = material
  const all = await decoded(material)
  const kernel = extractionKernel()
  const twin = createTypeScriptKernel()
  const few = [(all[0] ?? new Float32Array(0)).subarray(0, TWIN_SECONDS_MAX * SAMPLE_RATE)]
  const secondsIn = (some: readonly Float32Array[]) =>
    some.reduce((sum, { length }) => sum + length, 0) / SAMPLE_RATE
  const seconds = secondsIn(all)
  const progress = createProgress(terminal, 'Extracting', { unit: 'rounds' })
  extractAll(all, kernel)
  const measured = Array.from({ length: rounds }, (_, round) => {
    terminal.signal.throwIfAborted()
    progress.show(round, rounds)
    return {
      whole: cpuSecondsOf(() => extractAll(all, kernel)),
      twin: cpuSecondsOf(() => extractAll(few, twin)),
      ...measureParts(kernel, all),
    }
  })
  progress.end()
  const speeds = measured.map(({ whole }) => seconds / whole)
  const part = (name: keyof (typeof measured)[number]): number =>
    percentile(
      measured.map((round) => round[name]),
      0.5,
    )
  const share = (name: 'spectrum' | 'peaks' | 'ranking' | 'landmarks', title: string): Figure =>
    plain(`… ${title} alone`, seconds / Math.max(part(name), 1e-6), '× real time')
  return [
    atLeast(`extraction (${kernel.name}), best`, Math.max(...speeds), '× real time', EXTRACTION_SPEED_MIN),
    atLeast(
      `extraction (${kernel.name}), median`,
      percentile(speeds, 0.5),
      '× real time',
      EXTRACTION_SPEED_MIN,
    ),
    share('spectrum', 'spectrum'),
    share('peaks', 'peaks'),
    share('ranking', 'ranking and thinning'),
    share('landmarks', 'landmarks of the reference'),
    plain('extraction with the twin in TypeScript', secondsIn(few) / part('twin'), '× real time'),
  ]
}
