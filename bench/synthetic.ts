import {
  BIN_UNITS_PER_BAND,
  ENGINE_VERSION,
  REFERENCE_PEAKS_PER_SPAN,
  TIME_UNITS_PER_FRAME,
  framesToMs,
} from '../services/audio/constants.ts'
import { isReferenceBin } from '../services/audio/extract/thinning.ts'
import type { Fingerprint } from '../services/audio/fingerprint/fingerprint.ts'
import { type PeakList, createPeakListBuilder, spanOf, thinPeaks } from '../services/audio/peak-list.ts'

/** A piece of a source that is taken over in one go, in peaks: two to ten seconds, a phrase of music. */
const PIECE_PEAKS_MIN = 15
const PIECE_PEAKS_MAX = 75
/** How far a piece may be moved, in bands, and how much it may be stretched. */
const SHIFT_BANDS_MAX = 40
const STRETCH_MIN = 0.75
const STRETCH_MAX = 1.35
/** Between two pieces, in frames: about what lies between two peaks. */
const PAUSE_FRAMES = 12

/** Random numbers that are the same on every machine. Source: Marsaglia, "Xorshift RNGs", 2003. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}

/**
 * A fingerprint with the statistics of music and none of its passages: pieces of real fingerprints, turned
 * backwards, moved in pitch, stretched in time and put one after the other. To fill an index with
 * a million recordings without having a million recordings.
 *
 * @param sources peaks of real references, at least one with some hundred peaks.
 * @param durationMs about how long it lasts; a piece that has begun is finished.
 */
export function syntheticFingerprint(
  sources: readonly PeakList[],
  durationMs: number,
  random: () => number,
): Fingerprint {
  const peaks = createPeakListBuilder()
  const piece: { time: number; bin: number; radius: number }[] = []
  let end = 0
  while (framesToMs(end / TIME_UNITS_PER_FRAME) < durationMs) {
    takePiece(sources, random, piece)
    const from = end + PAUSE_FRAMES * TIME_UNITS_PER_FRAME
    for (const { time, bin, radius } of piece) peaks.append(from + time, bin, radius, 0)
    end = from + (piece.at(-1)?.time ?? 0)
  }
  const thinned = thinPeaks(peaks.build(), REFERENCE_PEAKS_PER_SPAN)
  return {
    kind: 'reference',
    engineVersion: ENGINE_VERSION,
    durationMs: Math.ceil(framesToMs(end / TIME_UNITS_PER_FRAME)),
    peaks: thinned,
  }
}

function takePiece(
  sources: readonly PeakList[],
  random: () => number,
  piece: { time: number; bin: number; radius: number }[],
): void {
  const source = sources[Math.floor(random() * sources.length)]!
  const length = PIECE_PEAKS_MIN + Math.floor(random() * (PIECE_PEAKS_MAX - PIECE_PEAKS_MIN))
  const first = Math.floor(random() * Math.max(1, source.count - length))
  const last = Math.min(source.count, first + length) - 1
  const shift = Math.round((2 * random() - 1) * SHIFT_BANDS_MAX * BIN_UNITS_PER_BAND)
  const stretch = STRETCH_MIN + random() * (STRETCH_MAX - STRETCH_MIN)
  piece.length = 0
  for (let index = last; index >= first; index--) {
    const bin = source.bin[index]! + shift
    if (!isReferenceBin(bin)) continue
    const time = Math.round((source.time[last]! - source.time[index]!) * stretch)
    piece.push({ time, bin, radius: source.radius[index]! })
  }
  piece.sort((a, b) => a.time - b.time || a.bin - b.bin)
}

/** Peaks a second of a fingerprint, to compare a synthetic one with a real one. */
export const peaksPerSpan = ({ peaks }: Fingerprint): number =>
  peaks.count / (spanOf(peaks.time[peaks.count - 1] ?? 0) + 1)
