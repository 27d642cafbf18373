import { type CsvValue, csvText } from '../../core/csv.ts'
import type { NumberedLine } from './lines.ts'
import { locatorWords } from './words.ts'

/** Lines of a table that are written at once. */
const CHUNK_LINES = 200

const columns: readonly (readonly [name: string, value: (line: NumberedLine) => CsvValue])[] = [
  ['rank', ({ number }) => number],
  ['exposure', ({ score }) => Number(score.toFixed(4))],
  ['isrc', ({ isrc }) => isrc],
  ['title', ({ title }) => title],
  ['artists', ({ artists }) => artists.join('; ')],
  ['release', ({ releaseTitle }) => releaseTitle],
  ['label', ({ label }) => label],
  ['leak', ({ leakName }) => leakName],
  ['in_it', ({ status }) => status],
  ['quality', ({ codec }) => (codec === 'unknown' ? null : codec)],
  ['popularity', ({ popularity }) => popularity],
  ['batch', ({ batch }) => (batch === 0 ? null : batch)],
  ['batch_name', ({ batchName }) => batchName],
  ['published_on', ({ publishedOn }) => publishedOn],
  ['first_taken', ({ takenAt }) => takenAt?.toISOString()],
  ['found_by', ({ foundBy }) => foundBy],
  ['probability', ({ probability }) => Number(probability.toFixed(4))],
  ['rows_found', ({ rowsFound }) => rowsFound],
  ['evidence_manifest', ({ rows: [row] }) => row?.manifestId],
  ['evidence_row', ({ rows: [row] }) => row && locatorWords(row)],
  ['evidence_isrc', ({ rows: [row] }) => row?.isrc],
  ['evidence_title', ({ rows: [row] }) => row?.title],
  ['evidence_artists', ({ rows: [row] }) => row?.artists.join('; ')],
  ['evidence_track_id', ({ rows: [row] }) => row?.trackId],
  ['evidence_file', ({ rows: [row] }) => row?.fileName],
  ['evidence_sha256_begins', ({ rows: [row] }) => row?.sha256.join(' ')],
  ['advice', ({ advice }) => advice],
  ['recording_id', ({ recordingId }) => recordingId],
  ['leak_id', ({ leakId }) => leakId],
]

/** The lines of an audit as a table (CSV), piece by piece: safe to open in a spreadsheet, whoever wrote the names. */
export async function* linesCsv(lines: AsyncIterable<NumberedLine>): AsyncGenerator<string> {
  let rows: CsvValue[][] = [columns.map(([name]) => name)]
  for await (const line of lines) {
    rows.push(columns.map(([, value]) => value(line)))
    if (rows.length < CHUNK_LINES) continue
    yield csvText(rows)
    rows = []
  }
  yield csvText(rows)
}
