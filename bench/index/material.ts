import { join } from 'node:path'

import { eachOf } from '../../bin/client/walk.ts'
import { compose } from '../../bin/demo/compose.ts'
import { writeWav } from '../../bin/demo/wav.ts'
import { readFileList } from '../../bin/engine/tables.ts'
import { UsageError } from '../../bin/terminal.ts'
import {
  ENGINE_VERSION,
  SUSPECT_PEAKS_PER_SPAN,
  TIME_UNITS_PER_FRAME,
  msToFrames,
} from '../../services/audio/constants.ts'
import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import type { FingerprintPool } from '../../services/audio/fingerprint/pool.ts'
import { type PeakList, createPeakListBuilder, thinPeaks } from '../../services/audio/peak-list.ts'
import { syntheticFingerprint } from '../synthetic.ts'

/** Composed music that recordings and strangers are cut from: forty minutes. */
const PIECES = 30
const PIECE_SECONDS = 75

/** Real music that they are cut from: more makes it no more varied, and takes long to read. */
const FILES_MAX = 250
/** One piece of so many is kept for the strangers. */
const STRANGERS_EVERY = 5

/** How references are made for the bench. */
export interface Making {
  readonly pool: FingerprintPool
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

/** Music that invented recordings are cut from. */
export interface Material {
  readonly sources: readonly PeakList[]
  /**
   * Other music, that only strangers are cut from: what is cut from one piece is no stranger to anything else that is, not
   * even backwards, as a note that is repeated is the same then.
   */
  readonly strangers: readonly PeakList[]
}

/** Keeps some pieces for the strangers. @throws {UsageError} for a single piece. */
export function apart(pieces: readonly PeakList[]): Material {
  if (pieces.length < 2) throw new UsageError('Recordings and strangers need a piece of music each')
  const every = Math.min(STRANGERS_EVERY, pieces.length)
  const isStranger = (place: number): boolean => place % every === every - 1
  return {
    sources: pieces.filter((_, place) => !isStranger(place)),
    strangers: pieces.filter((_, place) => isStranger(place)),
  }
}

const peaksOf = async ({ pool, signal }: Making, path: string): Promise<PeakList> =>
  decodeFingerprint((await pool.fingerprint(path, { signal })).reference).peaks

/** Music made by code, through the real decoder and extractor. */
export async function composedMaterial(making: Making, folder: string): Promise<Material> {
  const pieces: PeakList[] = []
  const path = join(folder, 'piece.wav')
  for (let number = 1; number <= PIECES; number++) {
    making.onProgress(number - 1, PIECES)
    await writeWav(path, compose(number, { seconds: PIECE_SECONDS }))
    pieces.push(await peaksOf(making, path))
  }
  return apart(pieces)
}

/** The music of a table (ref_id, path), as `earwitness index` reads it. @throws {UsageError} */
export async function tableMaterial(making: Making, table: string): Promise<Material> {
  const files = (await readFileList(table, 'ref_id')).slice(0, FILES_MAX)
  const pieces: PeakList[] = []
  await eachOf(files, making.pool.threads, async ({ path }) => {
    pieces.push(await peaksOf(making, path))
    making.onProgress(pieces.length, files.length)
  })
  return apart(pieces)
}

/** Share of a reference's peaks that a good copy has too, and how far they move: a frame, a third of a band. */
const KEPT_SHARE = 0.8
const TIME_JITTER_UNITS = 4
const BIN_JITTER_UNITS = 3

/** What a suspect has beside the reference's peaks: five times as many, that matter less. */
const CHANCE_LAYERS = 5
const CHANCE_RADIUS_SHARE = 0.6

/** A suspect that is a copy of a stretch of a reference, as an encoder and an extractor would leave it. */
export function suspectOf(
  reference: Fingerprint,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  sources: readonly PeakList[],
  random: () => number,
): Fingerprint {
  const from = Math.round(msToFrames(fromMs) * TIME_UNITS_PER_FRAME)
  const to = Math.round(msToFrames(toMs) * TIME_UNITS_PER_FRAME)
  const rows: [time: number, bin: number, radius: number][] = []
  const jitter = (units: number): number => Math.round((random() + random() - 1) * units)
  const { time, bin, radius, count } = reference.peaks
  for (let index = 0; index < count; index++) {
    if (random() > KEPT_SHARE) continue
    const moved = time[index]! - from + jitter(TIME_JITTER_UNITS)
    if (moved < 0 || moved > to - from) continue
    rows.push([moved, Math.max(0, bin[index]! + jitter(BIN_JITTER_UNITS)), radius[index]!])
  }
  for (let layer = 0; layer < CHANCE_LAYERS; layer++) {
    const { peaks } = syntheticFingerprint(sources, toMs - fromMs, random)
    for (let index = 0; index < peaks.count; index++) {
      if (peaks.time[index]! > to - from) continue
      rows.push([
        peaks.time[index]!,
        peaks.bin[index]!,
        Math.round(CHANCE_RADIUS_SHARE * peaks.radius[index]!),
      ])
    }
  }
  return suspectFrom(rows, toMs - fromMs)
}

function suspectFrom(
  rows: readonly (readonly [time: number, bin: number, radius: number])[],
  durationMs: number,
): Fingerprint {
  const peaks = createPeakListBuilder()
  let last: readonly [time: number, bin: number, radius: number] | undefined
  for (const row of rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    // Two peaks at one place are one.
    if (last?.[0] !== row[0] || last[1] !== row[1]) peaks.append(...row, 0)
    last = row
  }
  return {
    kind: 'suspect',
    engineVersion: ENGINE_VERSION,
    durationMs,
    peaks: thinPeaks(peaks.build(), SUSPECT_PEAKS_PER_SPAN),
  }
}
