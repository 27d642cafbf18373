import { nameKey } from '../../../metadata/normalise.ts'
import type { DateOrder } from '../../../metadata/values/dates.ts'
import { parseDuration } from '../../../metadata/values/durations.ts'
import { readLanguage } from '../../../metadata/values/languages.ts'
import { entryLimits } from '../entry-limits.ts'
import type { ImportedRecording, ImportedRelease, RecordingEntry, RowErrorEntry } from '../entry.ts'
import { remembered } from '../remembered.ts'
import { quoted } from '../row-checks.ts'
import { CsvCells } from './cells.ts'
import type { SheetPlan } from './columns.ts'
import { readDate } from './dates.ts'
import type { CsvField } from './fields.ts'
import { readAuthorised, readPolicy, readRights } from './rights.ts'
import { explicitWords } from './words.ts'

/** How the values of a sheet are read. */
export interface SheetReading {
  readonly plan: SheetPlan
  /** How the sheet writes `05/06/2020`; undefined when that is not known: such a date is then none. */
  readonly dateOrder: DateOrder | undefined
  /** Separator of the columns: a `;` within a cell of a sheet with others may separate artists. */
  readonly separator: string
  /** What counts where a row says nothing, as a cell would say it. */
  readonly defaults: ReadonlyMap<CsvField, string>
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] }

/** Fields of a release other than its title. */
type ReleaseDraft = Partial<Draft<ImportedRelease>>

/** Each text once, without empty ones. */
const distinct = (texts: readonly string[]): string[] => [
  ...new Set(texts.map((text) => text.trim()).filter((text) => text !== '')),
]

/**
 * Artists of a cell. Cut only at `|` and `;`: commas and ampersands are parts of names, and who cuts them makes two artists
 * of one.
 */
function readArtists(cells: CsvCells, field: 'artist' | 'featured', separator: string): string[] {
  const text = cells.text(field)
  if (text === undefined) return []
  const artists = distinct(text.split(separator === ';' ? '|' : /[|;]/))
  if (artists.length > entryLimits.artists)
    cells.error(field, 'too-many', `${artists.length} artists; at most ${entryLimits.artists} are kept`)
  const long = artists.find((artist) => artist.length > entryLimits.artistCharacters)
  if (long !== undefined)
    cells.error(
      field,
      'too-long',
      `${quoted(long)} is longer than ${entryLimits.artistCharacters} characters`,
    )
  return artists
}

function readMainArtists(cells: CsvCells, separator: string): string[] {
  const before = cells.errors.length
  const artists = readArtists(cells, 'artist', separator)
  if (artists.length === 0 && cells.errors.length === before)
    cells.error('artist', 'missing', 'a recording needs an artist')
  return artists
}

/** The version, or who remixed it. Too long is an error: without its version a remix would be taken for the original. */
function readVersion(cells: CsvCells, title: string): string | undefined {
  const version = cells.limited('error', 'version', entryLimits.versionCharacters)
  const remixer = cells.limited('error', 'remixer', entryLimits.versionCharacters - ' Remix'.length)
  if (version !== undefined || remixer === undefined) return version
  return nameKey(title).includes(nameKey(remixer)) ? undefined : `${remixer} Remix`
}

/** Durations in seconds repeat themselves. */
const durationOf = remembered(parseDuration)
const languageOf = remembered(readLanguage)
const explicitOf = remembered((text) => explicitWords.get(nameKey(text)))

function readDuration(cells: CsvCells): number | undefined {
  const field = cells.text('duration') === undefined ? 'duration_ms' : 'duration'
  const text = cells.text(field)
  if (text === undefined) return undefined
  const durationMs = durationOf(field === 'duration_ms' && /^\d+$/.test(text) ? `${text} ms` : text)
  if (durationMs === undefined)
    cells.warn(
      field,
      'malformed',
      `${quoted(text)} is no duration such as 3:45, PT3M45S or 225, and is left out`,
    )
  return durationMs
}

/** `2020 Example Records` of a year and a line, which may already begin with the year and its sign. */
function readLine(cells: CsvCells, letter: 'p' | 'c'): string | undefined {
  const yearText = cells.text(`${letter}_year`)
  const year = yearText !== undefined && /^(?:19|20)\d\d$/.test(yearText) ? yearText : undefined
  if (yearText !== undefined && year === undefined)
    cells.warn(`${letter}_year`, 'malformed', `${quoted(yearText)} is no year, and is left out`)
  const text = cells.limited('warning', `${letter}_line`, entryLimits.lineCharacters - ' 2020'.length)
  const line = text?.replace(/^(?:℗|©|\([pc]\))\s*/i, '')
  if (line === undefined || line === '') return undefined
  return year === undefined || line.startsWith(year) ? line : `${year} ${line}`
}

/** A value of a list of words; one that is not among them is a warning, and left out. */
function readWord<Value>(
  cells: CsvCells,
  field: CsvField,
  read: (text: string) => Value | undefined,
): Value | undefined {
  const text = cells.text(field)
  const value = text === undefined ? undefined : read(text)
  if (text !== undefined && value === undefined)
    cells.warn(field, 'unknown-value', `${quoted(text)} is not known, and is left out`)
  return value
}

/** The release, if the row names one. Of a single the sheet often gives no title: then it has that of the recording. */
function readRelease(
  cells: CsvCells,
  dateOrder: DateOrder | undefined,
  recordingTitle: string,
): ImportedRelease | undefined {
  const release: ReleaseDraft = {}
  const title = cells.limited('warning', 'release_title', entryLimits.titleCharacters)
  const upc = cells.identifier('upc')
  if (upc !== undefined) release.upc = upc
  const grid = cells.identifier('grid')
  if (grid !== undefined) release.grid = grid
  const catalogNumber = cells.limited('warning', 'catalog_number', entryLimits.catalogNumberCharacters)
  if (catalogNumber !== undefined) release.catalogNumber = catalogNumber
  const label = cells.limited('warning', 'label', entryLimits.labelCharacters)
  if (label !== undefined) release.label = label
  const { date, fault } = readDate(cells, 'release_date', dateOrder)
  if (fault !== undefined) cells.warn('release_date', 'malformed', `${fault}, and is left out`)
  if (date !== undefined) release.releaseDate = date
  const cLine = readLine(cells, 'c')
  if (cLine !== undefined) release.cLine = cLine
  if (title !== undefined) return { title, ...release }
  if (Object.keys(release).length === 0) return undefined
  // A sheet without the column would have the warning in each row.
  if (cells.has('release_title'))
    cells.warn('release_title', 'missing', 'the release has no title, and is given that of the recording')
  return { title: recordingTitle, ...release }
}

/** A file beside the sheet. Its path must stay below the folder of the sheet, whoever opens it. */
function readReference(cells: CsvCells): ImportedRecording['reference'] {
  const path = cells.limited('error', 'reference_file', entryLimits.pathCharacters)?.replaceAll('\\', '/')
  const sha256 = cells.text('reference_sha256')?.toLowerCase()
  if (path !== undefined && (/^\/|^[a-z]:/i.test(path) || path.split('/').includes('..')))
    cells.error('reference_file', 'malformed', `${quoted(path)} is no path within the folder of this file`)
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    cells.error('reference_sha256', 'malformed', `${quoted(sha256)} is not 64 hexadecimal digits`)
  if (path === undefined && sha256 === undefined) return undefined
  return { ...(path !== undefined && { file: path }), ...(sha256 !== undefined && { sha256 }) }
}

function readRecording(cells: CsvCells, { dateOrder, separator }: SheetReading): ImportedRecording {
  const title = cells.title()
  const recording: Draft<ImportedRecording> = { title, artists: readMainArtists(cells, separator) }
  const keep = <Key extends keyof ImportedRecording>(key: Key, value: ImportedRecording[Key] | undefined) => {
    if (value !== undefined) recording[key] = value
  }
  const featured = readArtists(cells, 'featured', separator)
  if (featured.length > 0) recording.featured = featured
  keep('version', readVersion(cells, title))
  keep('isrc', cells.identifier('isrc'))
  keep('iswc', cells.identifier('iswc'))
  keep('durationMs', readDuration(cells))
  keep('rightsHolder', cells.limited('error', 'rights_holder', entryLimits.rightsHolderCharacters))
  keep('pLine', readLine(cells, 'p'))
  keep('language', readWord(cells, 'language', languageOf))
  keep('genre', cells.limited('warning', 'genre', entryLimits.genreCharacters))
  keep('explicit', readWord(cells, 'explicit', explicitOf))
  keep('ownId', cells.limited('error', 'custom_id', entryLimits.ownIdCharacters))
  keep('release', readRelease(cells, dateOrder, title))
  keep('rights', readRights(cells, dateOrder))
  keep('policy', readPolicy(cells))
  keep('authorised', readAuthorised(cells))
  keep('reference', readReference(cells))
  return recording
}

/**
 * A row as a recording, or everything that is wrong with it. What may be left out without saying anything else is a
 * warning (a duration, a language, the date of a release); title, artist, identifiers and everything about rights must be
 * right.
 *
 * @param row line of the file.
 * @returns undefined of a row without any value.
 */
export function readRow(
  row: number,
  values: readonly string[],
  reading: SheetReading,
): RecordingEntry | RowErrorEntry | undefined {
  if (values.every((value) => value === '' || value.trim() === '')) return undefined
  const cells = new CsvCells(row, values, reading.plan, reading.defaults)
  const recording = readRecording(cells, reading)
  return cells.errors.length > 0
    ? { kind: 'error', row, errors: cells.errors }
    : { kind: 'recording', row, recording, warnings: cells.warnings }
}
