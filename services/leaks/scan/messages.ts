import type { RowFault } from '../manifest/batch.ts'
import type { ManifestMapping } from '../manifest/fields.ts'
import type { CatalogueMemory } from './catalogue-memory.ts'
import type { ScanHit } from './row-matcher.ts'

/** A piece of work for one thread. */
export type Unit =
  /** Whole lines of a plain file of JSON lines, from one byte to before another; the first is `order` among them. */
  | {
      readonly kind: 'range'
      readonly part: number
      readonly order: number
      readonly path: string
      readonly from: number
      readonly to: number
    }
  /** Whole lines that were unpacked elsewhere. */
  | { readonly kind: 'block'; readonly part: number; readonly order: number; readonly bytes: ArrayBuffer }
  /** A whole file; of two databases the second has files only. */
  | {
      readonly kind: 'file'
      readonly part: number
      readonly paths: readonly string[]
      /** JSON lines whose codes are looked for before they are read. */
      readonly byteScan: boolean
    }
  /** A whole Parquet file, by DuckDB and so many threads of its own. */
  | { readonly kind: 'parquet'; readonly part: number; readonly path: string; readonly threads: number }
  /** Rows of a Parquet file, from 0. */
  | {
      readonly kind: 'window'
      readonly part: number
      readonly path: string
      readonly from: number
      readonly to: number
    }

/** What a thread is given when it begins. */
export interface ThreadStart {
  readonly catalogue: CatalogueMemory
  readonly names: boolean
  readonly mapping: ManifestMapping
}

/** What was done of a unit since it was last told. Rows of a range or block count from 1 in each. */
export interface UnitNews {
  readonly rows: number
  /** Share of the unit, 0 to 1. */
  readonly share: number
  readonly hits: readonly ScanHit[]
  readonly contradicted: number
  readonly faults: readonly RowFault[]
  readonly faultCount: number
}

export type FromScanThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'news'; readonly news: UnitNews }
  /** `broken`: what could not be read of it, in words. */
  | { readonly kind: 'done'; readonly news: UnitNews; readonly broken: string | undefined }
  | { readonly kind: 'error'; readonly error: unknown }
