import type { ManifestRow } from '../manifest-row.ts'
import {
  BATCH_FAULTS_MAX,
  BATCH_ROWS,
  type ManifestBatch,
  type ManifestCursor,
  type RowFault,
} from './batch.ts'
import type { FieldPaths } from './fields.ts'
import { type RawRow, readRow } from './read-row.ts'

/** Gathers the rows of one part until there are enough for a batch. */
export class Gathering {
  readonly #part: number
  readonly #paths: FieldPaths
  readonly #skipped: number
  readonly #share: (row: number) => number
  #rows: ManifestRow[] = []
  #faults: RowFault[] = []
  /** Rows so far, those that were passed over among them. */
  row = 0

  /**
   * @param after where a reading was broken off: rows up to there are passed over.
   * @param share of the part that was read, 0 to 1.
   */
  constructor(
    part: number,
    paths: FieldPaths,
    after: ManifestCursor | undefined,
    share: (row: number) => number,
  ) {
    this.#part = part
    this.#paths = paths
    this.#skipped = after?.row ?? 0
    this.#share = share
  }

  /** Whether the row that is counted now is to be read. */
  get isWanted(): boolean {
    return this.row > this.#skipped
  }

  get isFull(): boolean {
    return this.#rows.length >= BATCH_ROWS || this.#faults.length >= BATCH_FAULTS_MAX
  }

  /** Takes the row that is counted now. */
  take(raw: RawRow): void {
    const row = readRow(raw, this.#paths, { row: this.row, part: this.#part })
    if (row) this.#rows.push(row)
    else this.fault('Nothing in it names a recording')
  }

  /** Says what is wrong with the row that is counted now. */
  fault(detail: string): void {
    if (this.#faults.length < BATCH_FAULTS_MAX)
      this.#faults.push({ locator: { row: this.row, part: this.#part }, detail })
  }

  /** What was gathered; begins anew. */
  batch(): ManifestBatch {
    const [rows, faults] = [this.#rows, this.#faults]
    this.#rows = []
    this.#faults = []
    return { rows, faults, cursor: { part: this.#part, row: this.row }, share: this.#share(this.row) }
  }
}
