import { BAND_COUNT, BIN_UNITS_PER_BAND, TIME_UNITS_PER_FRAME } from '../constants.ts'
import type { PeakList } from '../peak-list.ts'

/** A suspect peak explains a reference peak that lies within so many frames and bands of it. */
export const NEAR_FRAMES = 2.5
export const NEAR_BANDS = 1.2

/** Peaks as the search computes with them: `time` in frames, `bin` in bands, both with fractions. */
export interface PeakView {
  readonly count: number
  readonly time: Float64Array
  readonly bin: Float64Array
  /** Length of the audio. */
  readonly frames: number
}

/** A suspect's peaks, with ways to find those near a place fast. */
export interface SuspectView extends PeakView {
  /** How important each peak is; see peak-list.ts. */
  readonly radius: Uint8Array
  /** Number of the first peak at or after a frame; any number may be asked for. */
  firstFrom(frame: number): number
  /** How many peaks lie in the rows around `bin` (± `NEAR_BANDS`) from one frame to another, estimated. */
  countInRows(bin: number, fromFrame: number, toFrame: number): number
}

/** Frames between two marks of the table that `firstFrom` begins at. */
const MARK_FRAMES = 4

/** @param frames length of the audio, in frames. */
export function suspectViewOf(peaks: PeakList, frames: number): SuspectView {
  const { count, radius } = peaks
  const time = new Float64Array(count)
  const bin = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    time[index] = peaks.time[index]! / TIME_UNITS_PER_FRAME
    bin[index] = peaks.bin[index]! / BIN_UNITS_PER_BAND
  }
  const view: PeakView = { count, time, bin, frames }
  const marks = new Uint32Array(Math.ceil(frames / MARK_FRAMES) + 2)
  for (let mark = 0, index = 0; mark < marks.length; mark++) {
    while (index < count && time[index]! < mark * MARK_FRAMES) index++
    marks[mark] = index
  }
  const rows = rowsOf(view)
  return {
    ...view,
    radius,
    firstFrom(frame) {
      let index = marks[Math.min(marks.length - 1, Math.max(0, Math.floor(frame / MARK_FRAMES)))]!
      while (index < count && time[index]! < frame) index++
      return index
    },
    countInRows(bin, fromFrame, toFrame) {
      const middle = Math.round(bin)
      let found = 0
      for (let row = Math.max(0, middle - 1); row <= Math.min(BAND_COUNT - 1, middle + 1); row++) {
        found += countBetween(rows.time, rows.offsets[row]!, rows.offsets[row + 1]!, fromFrame, toFrame)
      }
      return (found * 2 * NEAR_BANDS) / 3
    },
  }
}

/** The times of the peaks, sorted by rounded band and then by time. */
function rowsOf({ count, time, bin }: PeakView): { offsets: Uint32Array; time: Float64Array } {
  const rowAt = (index: number) => Math.min(BAND_COUNT - 1, Math.max(0, Math.round(bin[index]!)))
  const offsets = new Uint32Array(BAND_COUNT + 1)
  for (let index = 0; index < count; index++) offsets[rowAt(index) + 1] = offsets[rowAt(index) + 1]! + 1
  for (let row = 0; row < BAND_COUNT; row++) offsets[row + 1] = offsets[row + 1]! + offsets[row]!
  const places = offsets.slice()
  const sorted = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    const row = rowAt(index)
    sorted[places[row]!] = time[index]!
    places[row] = places[row]! + 1
  }
  return { offsets, time: sorted }
}

function countBetween(column: Float64Array, from: number, to: number, least: number, most: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (column[middle]! < least) low = middle + 1
    else high = middle
  }
  const first = low
  while (low < to && column[low]! <= most) low++
  return low - first
}
