import { log2 } from './kernel/elementary.ts'
import type { ExtractionKernel } from './kernel/kernel.ts'
import { CARRIED_FRAMES, PEAK_BAND_BITS, REACH_FRAMES, ROW_CELLS } from './kernel/layout.ts'

/** Receives a local maximum of the spectrogram: `time` in frames, `bin` in bands, both with fractions; `level` in log2 power. */
export type OnPeak = (time: number, bin: number, level: number) => void

/** Finds the peaks of a spectrogram that arrives block by block. */
export interface PeakPicker {
  /** Puts the rows that are still needed into the kernel. @returns the row from which on the next block goes. */
  open(): number
  /**
   * Examines what can be examined once the kernel has analysed a block. Between `open` and this nobody else
   * may use the kernel.
   *
   * @param frames of the block that count.
   * @param floor  that is contained in every power of these rows.
   * @param last   no more rows will come.
   */
  advance(frames: number, floor: number, last: boolean): void
  /** Frames that are examined; later peaks have a time of at least this minus one. */
  readonly examined: number
}

const BAND_MASK = (1 << PEAK_BAND_BITS) - 1

/**
 * A peak is the maximum of the rectangle in reach (kernel/layout.ts), at least twice the floor, and clearly
 * above the lowest cell of its band.
 *
 * @param onPeak receives every peak, in order of its frame.
 */
export function createPeakPicker(kernel: ExtractionKernel, onPeak: OnPeak): PeakPicker {
  const { cells, floors, peaks } = kernel
  const carried = new Float32Array(CARRIED_FRAMES * ROW_CELLS)
  const carriedFloors = new Float32Array(CARRIED_FRAMES)
  let rows = 0
  let firstFrame = 0
  let next = 1 // the first and the last frame have no neighbour on one side

  const tell = (packed: number) => {
    const row = packed >>> PEAK_BAND_BITS
    const band = packed & BAND_MASK
    const at = row * ROW_CELLS + band
    const level = log2(cells[at]!)
    const time = row + summit(cells[at - ROW_CELLS]!, level, cells[at + ROW_CELLS]!)
    onPeak(firstFrame + time, band + summit(cells[at - 1]!, level, cells[at + 1]!), level)
  }

  return {
    get examined() {
      return firstFrame + next
    },
    open() {
      cells.set(carried.subarray(0, rows * ROW_CELLS))
      floors.set(carriedFloors.subarray(0, rows))
      return rows
    },
    advance(frames, floor, last) {
      floors.fill(floor, rows, rows + frames)
      rows += frames
      const end = last ? rows - 1 : rows - REACH_FRAMES
      if (end > next) {
        const count = kernel.findPeaks(next, end, rows)
        for (let index = 0; index < count; index++) tell(peaks[index]!)
        next = end
      }
      const dropped = Math.max(0, rows - CARRIED_FRAMES)
      carried.set(cells.subarray(dropped * ROW_CELLS, rows * ROW_CELLS))
      carriedFloors.set(floors.subarray(dropped, rows))
      rows -= dropped
      next -= dropped
      firstFrame += dropped
    },
  }
}

/** Top of the parabola through three logarithmic powers, −0.5 … 0.5 from the middle one. */
function summit(powerBefore: number, level: number, powerAfter: number): number {
  const before = log2(powerBefore)
  const after = log2(powerAfter)
  const curvature = before - 2 * level + after
  return curvature < 0 ? (0.5 * (before - after)) / curvature : 0
}
