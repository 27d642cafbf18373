import { readCsv, type CsvFacts, type CsvOptions } from '../../services/catalog/import/csv/csv.ts'
import type { ImportedRecording, ImportEntry, RowError } from '../../services/catalog/import/entry.ts'

/** A file as it may come: in chunks of any size. */
export async function* chunksOf(file: string | Uint8Array, bytesEach = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file as string)
  for (let at = 0; at < bytes.length; at += bytesEach) yield bytes.subarray(at, at + bytesEach)
}

/** What a table was read as. */
export interface ReadTable {
  readonly entries: readonly ImportEntry[]
  readonly facts: CsvFacts | undefined
  readonly recordings: readonly ImportedRecording[]
  readonly errors: readonly RowError[]
  readonly warnings: readonly RowError[]
}

/** Reads a table to its end. */
export async function readTable(
  file: string | Uint8Array,
  options: CsvOptions & { readonly bytesEach?: number } = {},
): Promise<ReadTable> {
  const reading = readCsv(chunksOf(file, options.bytesEach), options)
  const entries: ImportEntry[] = []
  for await (const entry of reading) entries.push(entry)
  return {
    entries,
    facts: reading.facts(),
    recordings: entries.flatMap((entry) => (entry.kind === 'recording' ? [entry.recording] : [])),
    errors: entries.flatMap((entry) => (entry.kind === 'error' ? entry.errors : [])),
    warnings: entries.flatMap((entry) => (entry.kind === 'recording' ? entry.warnings : [])),
  }
}

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** What one row was read as. */
export interface ReadValues {
  readonly recording: ImportedRecording | undefined
  readonly errors: readonly RowError[]
  readonly warnings: readonly RowError[]
}

/** One row with a title, an artist, and these columns. */
export async function readColumns(
  columns: Readonly<Record<string, string>>,
  options: CsvOptions = {},
): Promise<ReadValues> {
  const row = { title: 'Song', artist: 'Band', ...columns }
  const text = `${Object.keys(row).map(cell).join(',')}\n${Object.values(row).map(cell).join(',')}\n`
  const { recordings, errors, warnings } = await readTable(text, { separator: ',', ...options })
  return { recording: recordings[0], errors, warnings }
}

/** What was wrong, short. */
export const codesOf = (errors: readonly RowError[]): string[] =>
  errors.map(({ column, code }) => `${column}: ${code}`)
