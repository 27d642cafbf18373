import type { FileFacts, ImportEntry, RowError } from './entry.ts'

/** A file that is being read, whatever its kind. */
export interface Reading {
  /** Known before the first entry, because they decide what is done with the entries. */
  readonly facts: FileFacts
  readonly entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>
  /** What is worth knowing about the file as a whole; complete when an entry was read. */
  readonly warnings: () => readonly RowError[]
}

/** A file that is one transaction of its sender, read to its end: what it says about itself is known before what it holds. */
export interface WholeReading {
  readonly facts: FileFacts
  /** In the order of the file. */
  readonly entries: readonly ImportEntry[]
}
