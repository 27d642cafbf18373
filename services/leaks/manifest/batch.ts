import type { ManifestRow, RowLocator } from '../manifest-row.ts'

/** A row that could not be read, and why; the others are. */
export interface RowFault {
  readonly locator: RowLocator
  readonly detail: string
}

/** Where reading goes on after it was broken off: behind this row of this part. */
export interface ManifestCursor {
  readonly part: number
  readonly row: number
  /** Where the next row begins, in files that can be read from anywhere. */
  readonly byte?: number | undefined
}

/** Rows that were read together. */
export interface ManifestBatch {
  readonly rows: readonly ManifestRow[]
  /** The first `BATCH_FAULTS_MAX` of them. */
  readonly faults: readonly RowFault[]
  /** All faults; a row that can be read but for its names is among the rows, too. */
  readonly faultCount: number
  /** Rows that were looked at, those that could not be read among them. */
  readonly seen: number
  readonly cursor: ManifestCursor
  /** Share of the part that was read, 0 to 1. */
  readonly share: number
}

/** Rows of a batch: enough that a batch costs nothing by itself, few enough for memory. */
export const BATCH_ROWS = 2_000
/** A batch tells of so many faults; a file that is another kind of thing is one fault a line. */
export const BATCH_FAULTS_MAX = 100
