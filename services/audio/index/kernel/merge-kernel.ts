import { instantiate } from '../../wasm/instance.ts'
import {
  BATCH_ROWS,
  FIRST_ROWS_AT,
  MEMORY_BYTES,
  MERGED_ORDERS_AT,
  MERGED_POSITIONS_AT,
  MERGED_ROWS_AT,
  ORDERS_AT,
  POSITIONS_AT,
  POSTINGS_ROOM,
  SECOND_ROWS_AT,
} from './layout.ts'
import { WASM_BASE64 } from './wasm-bytes.ts'

/**
 * Merges the postings of two segments in memory of its own, a batch of buckets at a time; its sizes are in layout.ts.
 * It keeps nothing from one batch to the next.
 */
export interface MergeKernel {
  /** Postings of the first segment lie from 0 on, those of the second from `SECOND_FROM` on. */
  readonly order: Uint16Array
  readonly positions: Uint32Array
  /** Rows of the directories, as they are in the segments: those of the batch, and one more. */
  readonly firstRows: Uint32Array
  readonly secondRows: Uint32Array
  readonly mergedOrder: Uint16Array
  readonly mergedPositions: Uint32Array
  readonly mergedRows: Uint32Array
  /** Adds `by`, modulo 2^32, to positions `from` … `to`, and maybe to three behind them. */
  shift(from: number, to: number, by: number): void
  /**
   * Merges so many buckets, which begin here at `first` and `second`, to `at`; each has `1 << …Bits` rows.
   *
   * @param base is added to where postings begin here, for the merged rows.
   * @returns where they end.
   */
  merge(
    buckets: number,
    first: number,
    firstBits: number,
    second: number,
    secondBits: number,
    at: number,
    mergedBits: number,
    base: number,
  ): number
}

type KernelExports = Pick<MergeKernel, 'shift' | 'merge'>

let shared: MergeKernel | undefined

/** The kernel of this thread; undefined where there is no WebAssembly, or none with vector instructions. */
export function mergeKernel(): MergeKernel | undefined {
  if (shared) return shared
  const instance = instantiate<KernelExports>(WASM_BASE64, MEMORY_BYTES)
  if (!instance) return undefined
  const { buffer, exports } = instance
  shared = {
    order: new Uint16Array(buffer, ORDERS_AT, POSTINGS_ROOM),
    positions: new Uint32Array(buffer, POSITIONS_AT, POSTINGS_ROOM),
    firstRows: new Uint32Array(buffer, FIRST_ROWS_AT, BATCH_ROWS + 1),
    secondRows: new Uint32Array(buffer, SECOND_ROWS_AT, BATCH_ROWS + 1),
    mergedOrder: new Uint16Array(buffer, MERGED_ORDERS_AT, POSTINGS_ROOM),
    mergedPositions: new Uint32Array(buffer, MERGED_POSITIONS_AT, POSTINGS_ROOM),
    mergedRows: new Uint32Array(buffer, MERGED_ROWS_AT, BATCH_ROWS),
    shift: exports.shift,
    merge: exports.merge,
  }
  return shared
}
