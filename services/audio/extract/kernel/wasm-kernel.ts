import { instantiate } from '../../wasm/instance.ts'
import type { ExtractionKernel } from './kernel.ts'
import {
  BLOCK_SAMPLES,
  CELLS_AT,
  FLOORS_AT,
  JOIN_AT,
  MEMORY_BYTES,
  PEAKS_AT,
  PEAKS_MAX,
  PLAN_AT,
  RANKED_BINS_AT,
  RANKED_LEVELS_AT,
  RANKED_MAX,
  RANKED_RADII_AT,
  RANKED_TIMES_AT,
  ROWS_MAX,
  ROW_CELLS,
  SAMPLES_AT,
  SUMS_AT,
  TWIDDLES_AT,
  UNPACK_AT,
  WEIGHTS_AT,
} from './layout.ts'
import { kernelTables } from './tables.ts'
import { WASM_BASE64 } from './wasm-bytes.ts'

/** What the module in assembly/ exports. */
interface KernelExports {
  readonly measure: (from: number, to: number) => void
  readonly analyse: (row: number, floor: number) => void
  readonly findPeaks: (from: number, to: number, rows: number) => number
  readonly rank: (from: number, to: number) => void
}

/** @returns the kernel in WebAssembly; undefined where there is none, or none with vector instructions. */
export function createWasmKernel(): ExtractionKernel | undefined {
  const instance = instantiate<KernelExports>(WASM_BASE64, MEMORY_BYTES)
  if (!instance) return undefined
  const { exports: kernel, buffer } = instance
  const tables = kernelTables()
  new Float32Array(buffer, TWIDDLES_AT).set(tables.twiddles)
  new Float32Array(buffer, JOIN_AT).set(tables.join)
  new Float32Array(buffer, UNPACK_AT).set(tables.unpack)
  new Float32Array(buffer, WEIGHTS_AT).set(tables.weights)
  new Uint32Array(buffer, PLAN_AT).set(tables.plan)
  const sums = new Float64Array(buffer, SUMS_AT, 3)
  return {
    name: 'wasm',
    samples: new Float32Array(buffer, SAMPLES_AT, BLOCK_SAMPLES),
    cells: new Float32Array(buffer, CELLS_AT, ROWS_MAX * ROW_CELLS),
    floors: new Float32Array(buffer, FLOORS_AT, ROWS_MAX),
    peaks: new Uint32Array(buffer, PEAKS_AT, PEAKS_MAX),
    measure(from, to) {
      kernel.measure(from, to)
      return { sum: sums[0]!, squares: sums[1]!, largest: sums[2]! }
    },
    analyse: kernel.analyse,
    findPeaks: kernel.findPeaks,
    ranked: {
      times: new Float32Array(buffer, RANKED_TIMES_AT, RANKED_MAX),
      bins: new Float32Array(buffer, RANKED_BINS_AT, RANKED_MAX),
      levels: new Float32Array(buffer, RANKED_LEVELS_AT, RANKED_MAX),
      radii: new Float32Array(buffer, RANKED_RADII_AT, RANKED_MAX),
    },
    rank: kernel.rank,
  }
}
