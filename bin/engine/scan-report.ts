import { csvText } from '../../services/core/csv.ts'
import type { Finding } from '../../services/leaks/scan/findings.ts'
import type { ScanCatalogue, ScanResult } from '../../services/leaks/scan/scan.ts'
import { codecWords, statusWords } from '../../services/leaks/words.ts'
import { formatIsrc } from '../../services/metadata/identifiers/identifiers.ts'
import { lengthOfTime } from '../progress.ts'
import { type Terminal, paint, printable, table } from '../terminal.ts'

/** Recordings that are shown; all of them are in the table and the JSON. */
const SHOWN_MAX = 40
/** Rows that could not be read and are named. */
const FAULTS_SHOWN_MAX = 10
/** Rows of the largest dump that is known: what one asks how long it takes. */
const LARGEST_ROWS = 256_000_000

/** A scan that ended, with what it found. */
export interface Scanned {
  readonly files: readonly string[]
  readonly catalogue: ScanCatalogue
  readonly findings: readonly Finding[]
  readonly result: ScanResult
}

const day = (ms: number | undefined): string =>
  ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10)

/** One finding, by the names of its columns. */
function lineOf({ best, rows }: Finding, { files, catalogue }: Scanned) {
  const { recording, by, probability, row } = best
  const { title = '', version, artists = [], isrc } = catalogue[recording] ?? {}
  return {
    isrc: isrc ?? '',
    title: version === undefined ? title : `${title} (${version})`,
    artists: artists.join(' | '),
    found_by: by,
    probability: Number(probability.toFixed(4)),
    how: statusWords[row.status],
    quality: codecWords[row.codec],
    popularity: row.popularity ?? null,
    taken: day(row.takenAtMs),
    rows,
    file: files[row.locator.part] ?? '',
    row: row.locator.row,
    row_isrc: row.isrc ?? '',
    row_title: row.title ?? row.fileName ?? '',
    row_artists: row.artists.join(' | '),
    track_id: row.trackId ?? '',
    sha256: row.sha256[0] ?? '',
  }
}

/** What was found as a table (RFC 4180): a line for each recording. */
export function scanCsv(scanned: Scanned): string {
  const lines = scanned.findings.map((finding) => lineOf(finding, scanned))
  const columns = Object.keys(lines[0] ?? { isrc: '', title: '', artists: '', found_by: '', how: '' })
  return csvText([columns, ...lines.map((line) => Object.values(line))])
}

/** Rows a second. */
const rateOf = ({ rows, seconds }: ScanResult): number => (seconds > 0 ? rows / seconds : 0)

/** Seconds that so many rows take at the rate of a scan. */
const projectedSeconds = (result: ScanResult): number | null =>
  rateOf(result) > 0 ? LARGEST_ROWS / rateOf(result) : null

/** What was found and how it went, for programs. */
export function scanJson(scanned: Scanned): string {
  const { result, files } = scanned
  const findings = scanned.findings.map((finding) => lineOf(finding, scanned))
  const projected = { rows: LARGEST_ROWS, seconds: projectedSeconds(result) }
  const summary = { ...result, recordings: findings.length, rowsPerSecond: rateOf(result), projected }
  return `${JSON.stringify({ files, summary, findings }, undefined, 2)}\n`
}

/** The findings that say most, as a table on the screen. */
export function scanTable(scanned: Scanned): string {
  if (scanned.findings.length === 0) return ''
  const rows = scanned.findings.slice(0, SHOWN_MAX).map((finding) => {
    const { isrc, title, artists, found_by, how, quality, popularity, rows } = lineOf(finding, scanned)
    const code = isrc === '' ? '' : formatIsrc(isrc)
    return [code, title, artists, found_by, how, quality, String(popularity ?? ''), String(rows)]
  })
  const titles = ['ISRC', 'title', 'artists', 'by', 'how', 'quality'].map((title) => ({ title }))
  const numbers = ['popularity', 'rows'].map((title) => ({ title, align: 'right' as const }))
  const more = scanned.findings.length - rows.length
  return table(rows, [...titles, ...numbers]) + (more > 0 ? `and ${more} more; --csv has all\n` : '')
}

/** A rate as people read it: `1.62 million`. */
const inWords = (rate: number): string =>
  rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} million` : Math.round(rate).toLocaleString('en')

/** How it went, in a few lines. */
export function tellScan(terminal: Terminal, scanned: Scanned): void {
  const { result, findings, catalogue, files } = scanned
  const say = (line: string): boolean => terminal.err.write(`${line}\n`)
  const warn = (line: string): boolean => say(paint(terminal, 'yellow', printable(line)))
  for (const { part, detail } of result.broken) warn(`${files[part]}: ${detail}`)
  for (const { locator, detail } of result.faultSample.slice(0, FAULTS_SHOWN_MAX))
    warn(`${files[locator.part]}, row ${locator.row}: ${detail}`)
  if (result.faults > FAULTS_SHOWN_MAX) warn(`${result.faults} rows could not be read`)
  const found = `${findings.length} of ${catalogue.length} recordings are in ${result.rows.toLocaleString('en')} rows`
  say(findings.length > 0 ? paint(terminal, 'red', found) : found)
  if (result.contradicted > 0)
    say(
      `${result.contradicted} ${result.contradicted === 1 ? 'row has' : 'rows have'} the ISRC of a recording on another song`,
    )
  const seconds = projectedSeconds(result)
  if (seconds === null) return
  const rate = `${inWords(rateOf(result))} rows a second on ${result.threads} ${result.threads === 1 ? 'thread' : 'threads'}`
  say(`${rate}; at this rate ${LARGEST_ROWS / 1e6} million rows take ${lengthOfTime(seconds)}`)
}
