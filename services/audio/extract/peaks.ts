import { BAND_COUNT } from '../constants.ts'
import { BLOCK_FRAMES } from './spectrum.ts'

/** A local maximum of the spectrogram. `time` in frames, `bin` in bands, both with fractions; `level` in log2 power. */
export interface Peak {
  readonly time: number
  readonly bin: number
  readonly level: number
}

/** A peak is the maximum of a rectangle that reaches so far from it: 94 ms and 1.7 semitones. */
const REACH_FRAMES = 8
const REACH_BANDS = 5

/** A peak must carry at least as much power as the floor added to it; below that, rounding decides what is a peak. */
const LEAST_OVER_FLOOR = 2

/**
 * A peak must stand 0.5 dB above the lowest cell of its row in reach: in a steady tone the maxima are where
 * the rounding noise puts them, and the next copy has them elsewhere.
 */
const LEAST_PROMINENCE = 1.122

const CARRIED_FRAMES = 2 * REACH_FRAMES

/** Finds the peaks of a spectrogram that arrives block by block. */
export interface PeakPicker {
  /** Where the next block's powers go, and from which index on. */
  readonly cells: Float32Array
  readonly offset: number
  /**
   * Examines what can be examined once `frames` rows were written at `offset`.
   *
   * @param floor that is contained in every power of these rows.
   * @param last  no more rows will come.
   */
  advance(frames: number, floor: number, last: boolean): void
  /** Frames that are examined; later peaks have a time of at least this minus one. */
  readonly examined: number
}

/** @param onPeak receives every peak, in order of its frame. */
export function createPeakPicker(onPeak: (peak: Peak) => void): PeakPicker {
  const cells = new Float32Array((CARRIED_FRAMES + BLOCK_FRAMES) * BAND_COUNT)
  const floors = new Float32Array(CARRIED_FRAMES + BLOCK_FRAMES)
  let rows = 0
  let firstFrame = 0
  let next = 1 // the first and the last frame have no neighbour on one side

  return {
    cells,
    get offset() {
      return rows * BAND_COUNT
    },
    get examined() {
      return firstFrame + next
    },
    advance(frames, floor, last) {
      floors.fill(floor, rows, rows + frames)
      rows += frames
      const end = last ? rows - 1 : rows - REACH_FRAMES
      for (; next < end; next++) examineRow(cells, rows, next, floors[next]!, firstFrame, onPeak)
      const dropped = Math.max(0, rows - CARRIED_FRAMES)
      cells.copyWithin(0, dropped * BAND_COUNT, rows * BAND_COUNT)
      floors.copyWithin(0, dropped, rows)
      rows -= dropped
      next -= dropped
      firstFrame += dropped
    },
  }
}

function examineRow(
  cells: Float32Array,
  rows: number,
  row: number,
  floor: number,
  firstFrame: number,
  onPeak: (peak: Peak) => void,
): void {
  const start = row * BAND_COUNT
  const least = floor * LEAST_OVER_FLOOR
  for (let band = 1; band < BAND_COUNT - 1; band++) {
    const at = start + band
    const power = cells[at]!
    if (power < least || !topsNeighbours(cells, at, power)) continue
    if (!topsRectangle(cells, rows, row, band, power)) continue
    if (power < LEAST_PROMINENCE * lowestInReach(cells, rows, row, band)) continue
    const level = Math.log2(power)
    onPeak({
      time: firstFrame + row + summit(cells[at - BAND_COUNT]!, level, cells[at + BAND_COUNT]!),
      bin: band + summit(cells[at - 1]!, level, cells[at + 1]!),
      level,
    })
  }
}

/** Of equal neighbours the first in time and frequency is the peak. */
function topsNeighbours(cells: Float32Array, at: number, power: number): boolean {
  const before = at - BAND_COUNT
  const after = at + BAND_COUNT
  return (
    power > cells[at - 1]! &&
    power >= cells[at + 1]! &&
    power > cells[before]! &&
    power >= cells[after]! &&
    power >= cells[before - 1]! &&
    power >= cells[before + 1]! &&
    power >= cells[after - 1]! &&
    power >= cells[after + 1]!
  )
}

function topsRectangle(cells: Float32Array, rows: number, row: number, band: number, power: number): boolean {
  const lowest = Math.max(0, band - REACH_BANDS)
  const highest = Math.min(BAND_COUNT - 1, band + REACH_BANDS)
  if (!topsRow(cells, row, lowest, highest, power)) return false
  // From the inside out: a stronger cell is most often near.
  for (let distance = 1; distance <= REACH_FRAMES; distance++) {
    if (row >= distance && !topsRow(cells, row - distance, lowest, highest, power)) return false
    if (row + distance < rows && !topsRow(cells, row + distance, lowest, highest, power)) return false
  }
  return true
}

function topsRow(cells: Float32Array, row: number, lowest: number, highest: number, power: number): boolean {
  const start = row * BAND_COUNT
  for (let at = start + lowest; at <= start + highest; at++) if (cells[at]! > power) return false
  return true
}

function lowestInReach(cells: Float32Array, rows: number, row: number, band: number): number {
  const from = Math.max(0, row - REACH_FRAMES)
  const to = Math.min(rows - 1, row + REACH_FRAMES)
  let lowest = Infinity
  for (let other = from; other <= to; other++) lowest = Math.min(lowest, cells[other * BAND_COUNT + band]!)
  return lowest
}

/** Top of the parabola through three logarithmic powers, −0.5 … 0.5 from the middle one. */
function summit(powerBefore: number, level: number, powerAfter: number): number {
  const before = Math.log2(powerBefore)
  const after = Math.log2(powerAfter)
  const curvature = before - 2 * level + after
  return curvature < 0 ? (0.5 * (before - after)) / curvature : 0
}
