import {
  BANDS,
  CELLS_AT,
  FLOORS_AT,
  PEAKS_AT,
  PEAK_BAND_BITS,
  REACH_BANDS,
  REACH_FRAMES,
  ROW_CELLS,
} from '../layout'

/** A peak must carry at least as much power as the floor added to it; below that, rounding decides what is a peak. */
const LEAST_OVER_FLOOR: f32 = 2

/** A peak must stand 0.5 dB above the lowest cell of its band in reach. */
const LEAST_PROMINENCE: f32 = 1.122

const ROW_BYTES: i32 = 4 * ROW_CELLS

/**
 * Looks for peaks in rows `from` … `to` of `rows` that there are; those need a row on either side. Leaves them
 * at `PEAKS_AT` in order of row and band, and returns how many they are.
 */
export function findPeaks(from: i32, to: i32, rows: i32): i32 {
  let found: i32 = PEAKS_AT
  for (let row = from; row < to; row++) {
    const least = f32x4.splat(load<f32>(FLOORS_AT + 4 * row) * LEAST_OVER_FLOOR)
    for (let band = 0; band < BANDS; band += 4) {
      let lanes = summits(cellAt(row, band), least)
      // The lowest and the highest band have a neighbour on one side only, and after it comes the spare one.
      if (band === 0) lanes &= 0b1110
      if (band + 4 > BANDS) lanes &= 0b0011
      for (; lanes !== 0; lanes &= lanes - 1) {
        const one = band + ctz(lanes)
        if (!isPeak(row, one, rows)) continue
        store<u32>(found, (row << PEAK_BAND_BITS) | one)
        found += 4
      }
    }
  }
  return (found - PEAKS_AT) >> 2
}

@inline
function cellAt(row: i32, band: i32): i32 {
  return CELLS_AT + row * ROW_BYTES + 4 * band
}

/** Which of four cells top their eight neighbours, as bits; of equal ones the first in time and frequency does. */
@inline
function summits(at: i32, least: v128): i32 {
  const power = v128.load(at)
  const before = at - ROW_BYTES
  const after = at + ROW_BYTES
  const exceeded = f32x4.pmax(v128.load(at - 4), v128.load(before))
  const reached = f32x4.pmax(
    f32x4.pmax(f32x4.pmax(least, v128.load(at, 4)), f32x4.pmax(v128.load(before - 4), v128.load(before, 4))),
    f32x4.pmax(f32x4.pmax(v128.load(after), v128.load(after - 4)), v128.load(after, 4)),
  )
  return i32x4.bitmask(v128.and(f32x4.gt(power, exceeded), f32x4.ge(power, reached)))
}

/** Whether no cell of the rectangle exceeds it, and the lowest of its band is clearly lower. */
function isPeak(row: i32, band: i32, rows: i32): bool {
  const power = load<f32>(cellAt(row, band))
  const powers = f32x4.splat(power)
  const lowest = max(0, band - REACH_BANDS)
  const highest = min(BANDS - 1, band + REACH_BANDS)
  if (exceeds(row, lowest, highest, powers)) return false
  // From the inside out: a stronger cell is most often near.
  for (let distance = 1; distance <= REACH_FRAMES; distance++) {
    if (row >= distance && exceeds(row - distance, lowest, highest, powers)) return false
    if (row + distance < rows && exceeds(row + distance, lowest, highest, powers)) return false
  }
  let least = power
  for (let other = max(0, row - REACH_FRAMES); other <= min(rows - 1, row + REACH_FRAMES); other++) {
    least = min(least, load<f32>(cellAt(other, band)))
  }
  return power >= LEAST_PROMINENCE * least
}

/** Whether one of 6 to 11 neighbouring cells is larger: three vectors that overlap. */
@inline
function exceeds(row: i32, lowest: i32, highest: i32, powers: v128): bool {
  const from = cellAt(row, lowest)
  const last = cellAt(row, highest - 3)
  const middle = min(from + 16, last)
  const largest = f32x4.pmax(f32x4.pmax(v128.load(from), v128.load(middle)), v128.load(last))
  return v128.any_true(f32x4.gt(largest, powers))
}
