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

/** Stands where bytes were no character. */
const REPLACEMENT = '\uFFFD'

const isGarbled = ({ title, artists, album, fileName }: ManifestRow): boolean =>
  title?.includes(REPLACEMENT) === true ||
  album?.includes(REPLACEMENT) === true ||
  fileName?.includes(REPLACEMENT) === true ||
  artists.some((artist) => artist.includes(REPLACEMENT))

/** Gathers the rows of one part until there are enough for a batch. */
export class Gathering {
  readonly #part: number
  readonly #paths: FieldPaths
  readonly #skipped: number
  readonly #share: (row: number) => number
  #rows: ManifestRow[] = []
  #faults: RowFault[] = []
  #faultCount = 0
  #seen = 0
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
    this.#seen += 1
    const row = readRow(raw, this.#paths, { row: this.row, part: this.#part })
    if (!row) return this.#tell('Nothing in it names a recording')
    this.#rows.push(row)
    if (isGarbled(row)) this.#tell('It has characters that are not UTF-8; its names are not as they were')
  }

  /** Says what is wrong with the row that is counted now, which cannot be read. */
  fault(detail: string): void {
    this.#seen += 1
    this.#tell(detail)
  }

  #tell(detail: string): void {
    this.#faultCount += 1
    if (this.#faults.length < BATCH_FAULTS_MAX)
      this.#faults.push({ locator: { row: this.row, part: this.#part }, detail })
  }

  /**
   * What was gathered; begins anew.
   *
   * @param byte where the next row begins, of a file that can be read from there.
   */
  batch(byte?: number): ManifestBatch {
    const gathered = {
      rows: this.#rows,
      faults: this.#faults,
      faultCount: this.#faultCount,
      seen: this.#seen,
    }
    this.#rows = []
    this.#faults = []
    this.#faultCount = this.#seen = 0
    const row = Math.max(this.row, this.#skipped)
    return { ...gathered, cursor: { part: this.#part, row, byte }, share: this.#share(this.row) }
  }
}
