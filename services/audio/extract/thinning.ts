import {
  BIN_UNITS_PER_BAND,
  LEVEL_UNITS,
  RADIUS_MAX,
  RADIUS_UNITS,
  REFERENCE_HIGHEST_HZ,
  REFERENCE_LOWEST_HZ,
  REFERENCE_PEAKS_PER_SPAN,
  SUSPECT_PEAKS_PER_SPAN,
  TIME_UNITS_PER_FRAME,
  bandOfHz,
} from '../constants.ts'
import { createPeakListBuilder, spanOf, thinPeaks } from '../peak-list.ts'
import type { PeakList, PeakListBuilder } from '../peak-list.ts'
import type { Peak } from './peaks.ts'

/** The unit of distance between peaks: a sixth of an octave is as far as 116 ms. */
const BANDS_PER_RADIUS = 6
const FRAMES_PER_RADIUS = 10

/**
 * Only a peak that is 3 dB stronger limits another's radius. Without the margin, which of two equals
 * dominates is up to chance, and in noise a tenth fewer of the peaks are found again.
 */
const MARGIN_LOG2 = 1

const REACH_FRAMES = RADIUS_MAX * FRAMES_PER_RADIUS

/** log2 power that is kept as level 0: about that of the quietest peak there can be, given the floor. */
const LEVEL_LOWEST_LOG2 = -13

const REFERENCE_BIN_MIN = Math.ceil(bandOfHz(REFERENCE_LOWEST_HZ) * BIN_UNITS_PER_BAND)
const REFERENCE_BIN_MAX = Math.floor(bandOfHz(REFERENCE_HIGHEST_HZ) * BIN_UNITS_PER_BAND)

/** Whether a reference may use a peak of this bin (1/16 bands). */
export const isReferenceBin = (bin: number): boolean => bin >= REFERENCE_BIN_MIN && bin <= REFERENCE_BIN_MAX

/** Ranks a stream of peaks by importance and keeps the best of every two seconds. */
export interface Thinner {
  add(peak: Peak): void
  /** Says that no peak before this frame will come any more. */
  settle(frame: number): void
  /** Ends the stream. */
  finish(): { reference: PeakList; suspect: PeakList }
}

interface Ranked extends Peak {
  radius: number
}

/**
 * The importance of a peak is its radius: the distance to the nearest clearly stronger peak, in time and
 * frequency alike. Keeping the largest radii spreads the peaks evenly and holds on to those that stand alone.
 *
 * Source: Brown, Szeliski, Winder, "Multi-image matching using multi-scale oriented patches", CVPR 2005,
 * section 3.2 (adaptive non-maximal suppression), carried over to spectrograms.
 */
export function createThinner(): Thinner {
  const pending: Ranked[] = []
  const span = createPeakListBuilder()
  const reference = createPeakListBuilder()
  const suspect = createPeakListBuilder()

  const closeSpan = () => {
    const peaks = sorted(span.build())
    const { bin } = peaks
    const best = thinPeaks(peaks, REFERENCE_PEAKS_PER_SPAN, (index) => isReferenceBin(bin[index]!))
    appendAll(reference, { ...best, level: new Uint8Array(best.count) })
    appendAll(suspect, thinPeaks(peaks, SUSPECT_PEAKS_PER_SPAN))
    span.clear()
  }
  let spanNow = 0
  const release = (peak: Ranked) => {
    const time = Math.round(peak.time * TIME_UNITS_PER_FRAME)
    for (; spanNow < spanOf(time); spanNow++) closeSpan()
    span.append(
      time,
      Math.round(peak.bin * BIN_UNITS_PER_BAND),
      Math.round(peak.radius * RADIUS_UNITS),
      Math.min(255, Math.max(0, Math.round((peak.level - LEVEL_LOWEST_LOG2) * LEVEL_UNITS))),
    )
  }
  const releaseBefore = (frame: number) => {
    // In order of time: the fractions may have swapped peaks of neighbouring frames.
    pending.sort((a, b) => a.time - b.time || a.bin - b.bin)
    let done = 0
    while (done < pending.length && pending[done]!.time < frame) release(pending[done++]!)
    pending.splice(0, done)
  }

  return {
    add({ time, bin, level }) {
      const ranked: Ranked = { time, bin, level, radius: RADIUS_MAX }
      // Back in time; peaks come in order but for the fraction of a frame.
      for (let index = pending.length - 1; index >= 0; index--) {
        const other = pending[index]!
        if (ranked.time - other.time > REACH_FRAMES + 1) break
        limitEachOther(ranked, other)
      }
      pending.push(ranked)
    },
    settle: (frame) => releaseBefore(frame - REACH_FRAMES - 1),
    finish() {
      releaseBefore(Infinity)
      closeSpan()
      return { reference: reference.build(), suspect: suspect.build() }
    },
  }
}

function limitEachOther(a: Ranked, b: Ranked): void {
  const distance = Math.max(
    Math.abs(a.bin - b.bin) / BANDS_PER_RADIUS,
    Math.abs(a.time - b.time) / FRAMES_PER_RADIUS,
  )
  if (distance >= RADIUS_MAX) return
  if (a.level > b.level + MARGIN_LOG2) b.radius = Math.min(b.radius, distance)
  else if (b.level > a.level + MARGIN_LOG2) a.radius = Math.min(a.radius, distance)
}

/** Rounded times may be equal where the exact ones were not: order those by bin. */
function sorted(peaks: PeakList): PeakList {
  const order = Array.from({ length: peaks.count }, (_, index) => index)
  order.sort((a, b) => peaks.time[a]! - peaks.time[b]! || peaks.bin[a]! - peaks.bin[b]!)
  return {
    count: peaks.count,
    time: Uint32Array.from(order, (index) => peaks.time[index]!),
    bin: Uint16Array.from(order, (index) => peaks.bin[index]!),
    radius: Uint8Array.from(order, (index) => peaks.radius[index]!),
    level: Uint8Array.from(order, (index) => peaks.level[index]!),
  }
}

function appendAll(list: PeakListBuilder, peaks: PeakList): void {
  for (let index = 0; index < peaks.count; index++) {
    list.append(peaks.time[index]!, peaks.bin[index]!, peaks.radius[index]!, peaks.level[index]!)
  }
}
