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
import type { ExtractionKernel } from './kernel/kernel.ts'
import { RANKED_MAX } from './kernel/layout.ts'

/** The unit of distance between peaks, in frames: 116 ms. In pitch it is a sixth of an octave; kernel/ measures it. */
const FRAMES_PER_RADIUS = 10

const REACH_FRAMES = RADIUS_MAX * FRAMES_PER_RADIUS

/** log2 power that is kept as level 0: about that of the quietest peak there can be, given the floor. */
const LEVEL_LOWEST_LOG2 = -13

const REFERENCE_BIN_MIN = Math.ceil(bandOfHz(REFERENCE_LOWEST_HZ) * BIN_UNITS_PER_BAND)
const REFERENCE_BIN_MAX = Math.floor(bandOfHz(REFERENCE_HIGHEST_HZ) * BIN_UNITS_PER_BAND)

/** Whether a reference may use a peak of this bin (1/16 bands). */
export const isReferenceBin = (bin: number): boolean => bin >= REFERENCE_BIN_MIN && bin <= REFERENCE_BIN_MAX

/** Ranks a stream of peaks by importance and keeps the best of every two seconds. */
export interface Thinner {
  /** @param time in frames; @param bin in bands, both with fractions; @param level in log2 power. */
  add(time: number, bin: number, level: number): void
  /** Says that no peak before this frame will come any more. */
  settle(frame: number): void
  /** Ends the stream. */
  finish(): { reference: PeakList; suspect: PeakList }
}

/**
 * The importance of a peak is its radius: the distance to the nearest clearly stronger peak, in time and
 * frequency alike. Keeping the largest radii spreads the peaks evenly and holds on to those that stand alone.
 *
 * Source: Brown, Szeliski, Winder, "Multi-image matching using multi-scale oriented patches", CVPR 2005,
 * section 3.2 (adaptive non-maximal suppression), carried over to spectrograms.
 */
export function createThinner(kernel: ExtractionKernel): Thinner {
  const pending = createPending(kernel)
  const span = createPeakListBuilder()
  const reference = createPeakListBuilder()
  const suspect = createPeakListBuilder()

  const closeSpan = () => {
    const peaks = span.build()
    const { bin } = peaks
    const best = thinPeaks(peaks, REFERENCE_PEAKS_PER_SPAN, (index) => isReferenceBin(bin[index]!))
    appendAll(reference, { ...best, level: new Uint8Array(best.count) })
    appendAll(suspect, thinPeaks(peaks, SUSPECT_PEAKS_PER_SPAN))
    span.clear()
  }
  let spanNow = 0
  const releaseBefore = (frame: number) => {
    pending.release(frame * TIME_UNITS_PER_FRAME, (time, bin, radius, level) => {
      for (; spanNow < spanOf(time); spanNow++) closeSpan()
      span.append(time, bin, radius, level)
    })
  }

  return {
    add: (time, bin, level) => pending.add(time, bin, level),
    settle: (frame) => releaseBefore(frame - REACH_FRAMES - 1),
    finish() {
      releaseBefore(Infinity)
      closeSpan()
      return { reference: reference.build(), suspect: suspect.build() }
    },
  }
}

/** Peaks whose radius is not settled yet, in the order of a fingerprint. */
interface Pending {
  add(time: number, bin: number, level: number): void
  /** Ranks all, hands out, rounded, the peaks before a time (in units), and forgets those. */
  release(before: number, take: (time: number, bin: number, radius: number, level: number) => void): void
}

/** The kernel needs some peaks behind the last that count for nothing. */
const BEHIND = 3

/** Columns of numbers: an object for each peak would cost more than all that is done with it. */
function createPending({ ranked, rank }: Pick<ExtractionKernel, 'ranked' | 'rank'>): Pending {
  const [times, bins, levels, radii, timeUnits, binUnits] = [0, 1, 2, 3, 4, 5].map(
    () => new Float64Array(RANKED_MAX),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
  const columns = [times, bins, levels, radii, timeUnits, binUnits]
  let count = 0
  // The first that is not ranked yet.
  let fresh = 0

  const rankFresh = () => {
    const start = Math.floor(times[0]!)
    for (let at = 0; at < count; at++) ranked.times[at] = times[at]! - start
    ranked.bins.set(bins.subarray(0, count))
    ranked.levels.set(levels.subarray(0, count))
    ranked.radii.set(radii.subarray(0, count))
    ranked.levels.fill(Number.NaN, count, count + BEHIND)
    rank(fresh, count)
    radii.set(ranked.radii.subarray(0, count))
  }

  return {
    add(time, bin, level) {
      if (count + BEHIND === RANKED_MAX) throw new Error('There are more peaks than cells')
      const time8 = Math.round(time * TIME_UNITS_PER_FRAME)
      const bin16 = Math.round(bin * BIN_UNITS_PER_BAND)
      // In order of rounded time, then bin: the fractions may have swapped peaks of neighbouring frames.
      let at = count++
      for (; at > 0; at--) {
        const before = timeUnits[at - 1]!
        if (before < time8 || (before === time8 && binUnits[at - 1]! <= bin16)) break
        for (const column of columns) column[at] = column[at - 1]!
      }
      times[at] = time
      bins[at] = bin
      levels[at] = level
      radii[at] = RADIUS_MAX
      timeUnits[at] = time8
      binUnits[at] = bin16
      fresh = Math.min(fresh, at)
    },
    release(before, take) {
      rankFresh()
      let done = 0
      for (; done < count && timeUnits[done]! < before; done++) {
        const level = Math.round((levels[done]! - LEVEL_LOWEST_LOG2) * LEVEL_UNITS)
        const radius = Math.round(radii[done]! * RADIUS_UNITS)
        take(timeUnits[done]!, binUnits[done]!, radius, Math.min(255, Math.max(0, level)))
      }
      for (const column of columns) column.copyWithin(0, done, count)
      count -= done
      fresh = count
    },
  }
}

function appendAll(list: PeakListBuilder, peaks: PeakList): void {
  for (let index = 0; index < peaks.count; index++) {
    list.append(peaks.time[index]!, peaks.bin[index]!, peaks.radius[index]!, peaks.level[index]!)
  }
}
