import { BANDS, PEAK_BAND_BITS, REACH_BANDS, REACH_FRAMES, ROW_CELLS } from './layout.ts'

/* The twin of assembly/peaks.ts. */

/** A peak must carry at least as much power as the floor added to it; below that, rounding decides what is a peak. */
const LEAST_OVER_FLOOR = 2

/**
 * A peak must stand 0.5 dB above the lowest cell of its band in reach: in a steady tone the maxima are where
 * the rounding noise puts them, and the next copy has them elsewhere.
 */
const LEAST_PROMINENCE = Math.fround(1.122)

/** As `findPeaks` of a kernel. @returns how many were put into `peaks`. */
export function findPeaks(
  cells: Float32Array,
  floors: Float32Array,
  peaks: Uint32Array,
  from: number,
  to: number,
  rows: number,
): number {
  let count = 0
  for (let row = from; row < to; row++) {
    const least = floors[row]! * LEAST_OVER_FLOOR
    for (let band = 1; band < BANDS - 1; band++) {
      const at = row * ROW_CELLS + band
      const power = cells[at]!
      if (power < least || !topsNeighbours(cells, at, power)) continue
      if (!topsRectangle(cells, rows, row, band, power)) continue
      if (power < Math.fround(LEAST_PROMINENCE * lowestInReach(cells, rows, row, band))) continue
      peaks[count++] = (row << PEAK_BAND_BITS) | band
    }
  }
  return count
}

/** Of equal neighbours the first in time and frequency is the peak. */
function topsNeighbours(cells: Float32Array, at: number, power: number): boolean {
  const before = at - ROW_CELLS
  const after = at + ROW_CELLS
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
  const highest = Math.min(BANDS - 1, band + REACH_BANDS)
  if (!topsRow(cells, row, lowest, highest, power)) return false
  // From the inside out: a stronger cell is most often near.
  for (let distance = 1; distance <= REACH_FRAMES; distance++) {
    if (row >= distance && !topsRow(cells, row - distance, lowest, highest, power)) return false
    if (row + distance < rows && !topsRow(cells, row + distance, lowest, highest, power)) return false
  }
  return true
}

function topsRow(cells: Float32Array, row: number, lowest: number, highest: number, power: number): boolean {
  const start = row * ROW_CELLS
  for (let at = start + lowest; at <= start + highest; at++) if (cells[at]! > power) return false
  return true
}

function lowestInReach(cells: Float32Array, rows: number, row: number, band: number): number {
  const from = Math.max(0, row - REACH_FRAMES)
  const to = Math.min(rows - 1, row + REACH_FRAMES)
  let lowest = Infinity
  for (let other = from; other <= to; other++) {
    lowest = Math.min(lowest, cells[other * ROW_CELLS + band]!)
  }
  return lowest
}
