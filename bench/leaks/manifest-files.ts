import { ParquetWriter, fileWriter } from 'hyparquet-writer'

import { DumpDatabase } from '../../bin/demo/leak/dump-database.ts'
import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import { type LinePacking, writeLines } from '../../bin/demo/leak/line-file.ts'

/** What an invented manifest can be written as, by the end of its file's name. */
export const manifestEndings = [
  '.container.jsonl',
  '.jsonl',
  '.jsonl.zst',
  '.csv',
  '.sqlite3',
  '.parquet',
] as const
export type ManifestEnding = (typeof manifestEndings)[number]

/** Rows of one group of a Parquet file: they are in memory together. */
const GROUP_ROWS = 50_000

/** Columns of a table, with the type that they have in Parquet. */
const columns = {
  track_id: 'STRING',
  name: 'STRING',
  artists: 'STRING',
  external_id_isrc: 'STRING',
  external_id_upc: 'STRING',
  album_name: 'STRING',
  duration_ms: 'INT32',
  popularity: 'INT32',
  fetched_at: 'INT64',
  status: 'STRING',
  reencoded_kbit_vbr: 'INT32',
  sha256_original: 'STRING',
  sha256_with_embedded_meta: 'STRING',
  alternatives: 'STRING',
  owner_display_name: 'STRING',
  added_by_id: 'STRING',
} as const satisfies Readonly<Record<keyof DumpTrack, string>>
const columnNames = Object.keys(columns) as (keyof typeof columns)[]

/** Between artists where they share a cell. */
export const ARTISTS_JOIN = '; '

function cellOf(track: DumpTrack, name: keyof DumpTrack): string | number | null {
  const value = track[name]
  if (name === 'artists') return track.artists.map((artist) => artist.name).join(ARTISTS_JOIN)
  if (name === 'alternatives') return value === undefined ? null : JSON.stringify(value)
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

const csvCell = (value: string | number | null): string =>
  typeof value === 'string' && /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value ?? '')

function* csvLines(tracks: Iterable<DumpTrack>): Generator<string> {
  yield columnNames.join(',')
  for (const track of tracks) yield columnNames.map((name) => csvCell(cellOf(track, name))).join(',')
}

function* jsonLines(tracks: Iterable<DumpTrack>, isContainer: boolean): Generator<string> {
  for (const track of tracks)
    yield isContainer
      ? `{"aacid":"aacid__sample__20250701T000000Z__${track.track_id}","metadata":${JSON.stringify(track)}}`
      : JSON.stringify(track)
}

function writeParquet(path: string, tracks: Iterable<DumpTrack>): void {
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: [
      { name: 'root', num_children: columnNames.length },
      ...columnNames.map((name) => {
        const type = columns[name]
        return type === 'STRING'
          ? ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } as const)
          : ({ name, type, repetition_type: 'OPTIONAL' } as const)
      }),
    ],
  })
  let group: DumpTrack[] = []
  const flush = (): void => {
    const columnData = columnNames.map((name) => ({
      name,
      data: group.map((track) => {
        const cell = cellOf(track, name)
        return columns[name] === 'INT64' && typeof cell === 'number' ? BigInt(cell) : cell
      }),
    }))
    void writer.write({ columnData, rowGroupSize: GROUP_ROWS }) // A promise only where its writer has a flush.
    group = []
  }
  for (const track of tracks) if (group.push(track) === GROUP_ROWS) flush()
  if (group.length > 0) flush()
  void writer.finish()
}

function writeDatabase(path: string, tracks: Iterable<DumpTrack>): void {
  const database = new DumpDatabase(path)
  for (const track of tracks) database.add(track)
  database.close()
}

/** What the end of a name says; undefined for any other. */
export const endingOf = (path: string): ManifestEnding | undefined =>
  manifestEndings.find((ending) => path.endsWith(ending))

/** Writes a manifest as the end of its name says, holding no more than some thousand rows. */
export async function writeManifest(
  path: string,
  tracks: Iterable<DumpTrack>,
  packing: LinePacking = 'zstd',
): Promise<void> {
  const ending = endingOf(path)
  if (ending === undefined) throw new RangeError(`${path} ends with none of ${manifestEndings.join(' ')}`)
  if (ending === '.parquet') writeParquet(path, tracks)
  else if (ending === '.sqlite3') writeDatabase(path, tracks)
  else if (ending === '.csv') await writeLines(path, csvLines(tracks))
  else
    await writeLines(path, jsonLines(tracks, ending === '.container.jsonl'), {
      packing: ending === '.jsonl.zst' ? packing : 'none',
    })
}
