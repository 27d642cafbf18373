import { readCsv } from './csv/csv.ts'
import { readErn } from './ddex/ern.ts'
import type { FileFacts } from './entry.ts'
import type { CellFix, ImportKind, ImportOptions } from './import.ts'
import { readMusicBrainz } from './musicbrainz/musicbrainz.ts'
import type { Reading } from './reading.ts'

/** What a person says about the file. */
export interface Said {
  readonly options: ImportOptions
  readonly fixes: readonly CellFix[]
}

/** Corrections by line, then by heading, as the reader of tables takes them. */
function byLine(fixes: readonly CellFix[]): Map<number, Map<string, string>> {
  const lines = new Map<number, Map<string, string>>()
  for (const { row, column, value } of fixes) {
    const cells = lines.get(row) ?? new Map<string, string>()
    lines.set(row, cells.set(column, value))
  }
  return lines
}

const noFacts: FileFacts = { test: false }

/**
 * Begins to read a catalogue. Tables are read as they come; a message is one transaction of its sender and is read to
 * its end first.
 *
 * @throws {Problem} request/invalid for options that the file cannot be read with.
 */
export async function openReading(
  kind: ImportKind,
  bytes: AsyncIterable<Uint8Array>,
  { options, fixes }: Said,
): Promise<Reading> {
  switch (kind) {
    case 'csv': {
      const entries = readCsv(bytes, { ...options, fixes: byLine(fixes) })
      return { facts: noFacts, entries, warnings: () => entries.facts()?.warnings ?? [] }
    }
    case 'ern':
      return { ...(await readErn(bytes)), warnings: () => [] }
    case 'musicbrainz':
      return { ...(await readMusicBrainz(bytes)), warnings: () => [] }
  }
}
