import type { ImportEntry, PurgeEntry, RowError } from '../entry.ts'
import type { Reading } from '../reading.ts'
import { faultsOf } from './check.ts'
import { keysOf } from './keys.ts'
import { SeenRows, namesHashOf } from './seen.ts'
import type { StagedRow } from './staged-row.ts'

/** Rows of one transaction: enough that its fixed cost is small, few enough that others wait for parts of a second. */
export const BATCH_ROWS = 10_000

/** Entries that are written together: rows, or purges, never both. */
export interface Batch {
  /** How many entries of the file are dealt with when it is written. */
  readonly until: number
  /** How many of them are in this batch, whatever they are. */
  readonly entries: number
  readonly rows: readonly StagedRow[]
  readonly purges: readonly PurgeEntry[]
  readonly errors: readonly RowError[]
  readonly warnings: readonly RowError[]
  /** Rows that are wrong in themselves. */
  readonly failed: number
  /** Rows that only say once more what an earlier one said. */
  readonly passed: number
}

/** A batch while entries are put into it. */
class OpenBatch implements Batch {
  until: number
  entries = 0
  readonly rows: StagedRow[] = []
  readonly purges: PurgeEntry[] = []
  readonly errors: RowError[] = []
  readonly warnings: RowError[] = []
  failed = 0
  passed = 0
  /** Names of rows that have no ISRC, and of those that have one: such two may be one recording. */
  readonly #bare = new Set<string>()
  readonly #coded = new Set<string>()

  constructor(until: number) {
    this.until = until
  }

  /** Whether an entry must wait until this is written, because both may speak of the same recording. */
  mayMeet(entry: ImportEntry, row: StagedRow | undefined): boolean {
    if (entry.kind === 'purge') return this.rows.length > 0
    if (this.purges.length > 0) return true
    if (!row) return false
    const others = row.entry.recording.isrc === undefined ? this.#coded : this.#bare
    return others.size > 0 && others.has(row.keys.name)
  }

  add(entry: ImportEntry, row: StagedRow | undefined, seen: SeenRows): void {
    if (row) return this.#addRow(row, seen)
    if (entry.kind === 'purge') this.purges.push(entry)
    else if (entry.kind === 'error') this.#fail(entry.errors)
  }

  #fail(errors: readonly RowError[]): void {
    this.errors.push(...errors)
    this.failed += 1
  }

  /** Takes a row, or what keeps it out. */
  #addRow(row: StagedRow, seen: SeenRows): void {
    const { entry, keys } = row
    const { recording, row: line } = entry
    const { isrc } = recording
    const faults = faultsOf(line, recording, keys.title)
    if (faults.length > 0) return this.#fail(faults)
    const namesHash = isrc === undefined ? 0 : namesHashOf(wordsOf(row))
    const earlier = seen.note(isrc ?? keys.name, { row: Math.max(1, line), namesHash })
    if (!earlier) {
      this.rows.push(row)
      const names = isrc === undefined ? this.#bare : this.#coded
      names.add(keys.name)
      return
    }
    if (earlier.namesHash !== namesHash) {
      // Nobody can tell which of the two is wrong; the first stands.
      const message = `${isrc} has another title or artist in line ${earlier.row}`
      return this.#fail([{ row: line, column: 'isrc', code: 'contradiction', message }])
    }
    const message = `the same recording is in line ${earlier.row}; this one was left out`
    this.warnings.push(...entry.warnings, { row: line, column: '', code: 'duplicate', message })
    this.passed += 1
  }
}

/** All words of a row's names, as keys. */
const wordsOf = ({ entry: { recording }, keys }: StagedRow): string =>
  recording.featured
    ? keysOf({ ...recording, artists: [...recording.artists, ...recording.featured] }).search
    : keys.search

/**
 * Cuts the entries of a file into batches. Of rows that name a recording again, by its ISRC or without one by its names,
 * the first counts.
 *
 * @param written entries that an earlier run has dealt with: they are only remembered.
 */
export async function* batchesOf(
  { entries, warnings }: Pick<Reading, 'entries' | 'warnings'>,
  written: number,
): AsyncGenerator<Batch> {
  const seen = new SeenRows()
  let position = 0
  let batch = new OpenBatch(written)
  for await (const entry of entries) {
    position += 1
    const row = entry.kind === 'recording' ? { entry, keys: keysOf(entry.recording) } : undefined
    if (position <= written) {
      new OpenBatch(0).add(entry, row, seen)
      continue
    }
    if (position === 1) batch.warnings.push(...warnings())
    if (batch.entries >= BATCH_ROWS || batch.mayMeet(entry, row)) {
      yield batch
      batch = new OpenBatch(batch.until)
    }
    batch.until = position
    batch.entries += 1
    batch.add(entry, row, seen)
  }
  if (batch.entries > 0) yield batch
}
