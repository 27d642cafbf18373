import { createTypeScriptKernel } from './typescript-kernel.ts'
import { createWasmKernel } from './wasm-kernel.ts'

/**
 * The loops that take nearly all the time of the extraction, over memory of its own. There are two: one in
 * WebAssembly with vector instructions, and its twin in TypeScript for where those are missing. They give the
 * same to the last bit. All numbers are singles (f32); where each thing lies, and how much, is told in layout.ts.
 *
 * A kernel keeps nothing for its callers from one call of theirs to the next: they bring samples and carried
 * rows each time, so that all extractors of a thread share one.
 */
export interface ExtractionKernel {
  readonly name: 'wasm' | 'typescript'
  /** `BLOCK_SAMPLES` samples. */
  readonly samples: Float32Array
  /** `ROWS_MAX` rows of `ROW_CELLS` powers; a row is a frame, a cell a band. */
  readonly cells: Float32Array
  /** The power that is contained in every cell of a row, row by row. */
  readonly floors: Float32Array
  /** What `findPeaks` found: the row above, the band in the lowest `PEAK_BAND_BITS` bits. */
  readonly peaks: Uint32Array
  /** What `rank` works on. */
  readonly ranked: RankedPeaks
  /**
   * Makes samples what they must be, within ±4, and 0 where they are no number, and measures them.
   *
   * @param from a multiple of 4, as is @param to
   */
  measure(from: number, to: number): SampleSums
  /** Writes the `BLOCK_FRAMES` rows of the block in `samples` from `row` on. The guards at its ends have none. */
  analyse(row: number, floor: number): void
  /**
   * Finds the peaks of rows `from` … `to`, which all need a row on either side.
   *
   * @param rows that there are.
   * @returns how many were put into `peaks`.
   */
  findPeaks(from: number, to: number, rows: number): number
  /**
   * Lets the peaks `from` … `to` of `ranked`, and those in reach before them, limit each other's radius: that of
   * the weaker one to their distance. To be called with the last peaks; pairs may be met again.
   */
  rank(from: number, to: number): void
}

/** Peaks as columns of singles, with room for `RANKED_MAX`, in order of time to within a frame. */
export interface RankedPeaks {
  /** In frames, from any start not too far away. */
  readonly times: Float32Array
  readonly bins: Float32Array
  /** In log2 power. */
  readonly levels: Float32Array
  readonly radii: Float32Array
}

/** What `measure` measures; in doubles. */
export interface SampleSums {
  readonly sum: number
  readonly squares: number
  /** Without its sign. */
  readonly largest: number
}

let shared: ExtractionKernel | undefined

/** The kernel of this thread: the one in WebAssembly where it can run, else its twin. */
export function extractionKernel(): ExtractionKernel {
  shared ??= createWasmKernel() ?? createTypeScriptKernel()
  return shared
}
