import { gs1CheckDigit } from '../../metadata/identifiers/check-digits.ts'
import { parseIsrc } from '../../metadata/identifiers/identifiers.ts'
import type { ManifestRow, RowLocator, TrackCodec, TrackStatus } from '../manifest-row.ts'
import type { FieldPaths, ManifestField } from './fields.ts'

/** Names in a stranger's list; longer ones are cut. */
const TEXT_CHARACTERS_MAX = 500
const ARTISTS_MAX = 50
const ALTERNATIVES_MAX = 20
/** Nothing that is sung lasts longer than a week; a larger number is in another unit, or none. */
const DURATION_MAX_MS = 7 * 24 * 3_600_000

/** A row as its format gives it: text, numbers, or what JSON has. */
export type RawRow = Readonly<Record<string, unknown>>

function valueAt(row: RawRow, path: readonly string[]): unknown {
  let value: unknown = row
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, key) ? (value as RawRow)[key] : undefined
  }
  return value === null || value === '' ? undefined : value
}

function first(row: RawRow, paths: FieldPaths, field: ManifestField): unknown {
  for (const path of paths[field]) {
    const value = valueAt(row, path)
    if (value !== undefined) return value
  }
  return undefined
}

/** Most texts have nothing that would be taken out of them, and are told by a look. */
const PLAIN_TEXT = /^[!-~](?:[ -~]*[!-~])?$/

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length <= TEXT_CHARACTERS_MAX && PLAIN_TEXT.test(value)) return value
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const text = String(value)
    .slice(0, 2 * TEXT_CHARACTERS_MAX)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .trim()
  return text === '' ? undefined : text.slice(0, TEXT_CHARACTERS_MAX)
}

/** Numbers are written as text in many a list. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || !/^\s*-?\d{1,18}(?:\.\d{1,9})?\s*$/.test(value)) return undefined
  return Number(value)
}

const PLAIN_ISRC = /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/

function isrcOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  return PLAIN_ISRC.test(value) ? value : value.length <= 40 ? parseIsrc(value) : undefined
}

/** Leading zeros are lost where numbers were text once; the check digit tells whether what is left is one. */
function upcOf(value: unknown): string | undefined {
  const digits = textOf(value)?.replaceAll(/[\s-]/g, '')
  if (digits === undefined || !/^\d{8,14}$/.test(digits)) return undefined
  return digits.endsWith(gs1CheckDigit(digits.slice(0, -1))) ? digits : undefined
}

/** Artists are a text, a list of texts, or a list of objects with names. */
function artistsOf(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value.slice(0, ARTISTS_MAX) : [value]
  return list.flatMap((each) => {
    const named = typeof each === 'object' && each !== null ? (each as RawRow)['name'] : each
    return textOf(named) ?? []
  })
}

/** The statuses of the schema published in December 2025, and words that other lists have for the same. */
const statuses: Readonly<Record<string, TrackStatus>> = {
  success: 'audio',
  downloaded: 'audio',
  audio: 'audio',
  error_has_replacement: 'sibling',
  skipped_isrc_has_download: 'sibling',
  sibling: 'sibling',
  skipped_low_priority: 'planned',
  todo_unk: 'planned',
  todo: 'planned',
  planned: 'planned',
  error_not_available: 'failed',
  error_no_ogg160: 'failed',
  error_zero_duration: 'failed',
  failed: 'failed',
  metadata: 'metadata',
}

/** In the published schema a file that was not encoded again has an empty bit rate. */
const saysNotReencoded = (row: RawRow, paths: FieldPaths): boolean =>
  paths.bitRateKbit.some(([name]) => name !== undefined && Object.hasOwn(row, name))

function codecOf(row: RawRow, paths: FieldPaths, status: TrackStatus): TrackCodec {
  const reencodedKbit = numberOf(first(row, paths, 'bitRateKbit'))
  if (reencodedKbit !== undefined) return reencodedKbit === 75 ? 'opus-75' : 'other'
  const text = textOf(first(row, paths, 'codec'))?.toLowerCase()
  if (text === undefined) return status === 'audio' && saysNotReencoded(row, paths) ? 'vorbis-160' : 'unknown'
  if (text.includes('opus')) return 'opus-75'
  return text.includes('vorbis') || text.includes('ogg') ? 'vorbis-160' : 'other'
}

function takenAtOf(value: unknown): number | undefined {
  const number = numberOf(value)
  // Seconds until the year 5138, milliseconds from 1973 on.
  if (number !== undefined) return number > 0 ? (number < 1e11 ? number * 1000 : number) : undefined
  const text = textOf(value)
  const parsed = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isNaN(parsed) ? undefined : parsed
}

function durationOf(row: RawRow, paths: FieldPaths): number | undefined {
  const ms = numberOf(first(row, paths, 'durationMs'))
  const s = ms === undefined ? numberOf(first(row, paths, 'durationS')) : undefined
  const found = ms ?? (s === undefined ? undefined : s * 1000)
  return found !== undefined && found > 0 && found <= DURATION_MAX_MS ? Math.round(found) : undefined
}

function hashesOf(row: RawRow, paths: FieldPaths): string[] {
  const found: string[] = []
  for (const path of paths.sha256) {
    const value = valueAt(row, path)
    if (typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value)) continue
    const hash = value.toLowerCase()
    if (!found.includes(hash)) found.push(hash)
  }
  return found
}

/** Alternatives are a list of ids, or such a list as a text of JSON. */
function alternativesOf(value: unknown): string[] {
  let list = value
  if (typeof value === 'string')
    try {
      list = JSON.parse(value)
    } catch {
      list = value.split(/[\s,;]+/)
    }
  return Array.isArray(list) ? list.slice(0, ALTERNATIVES_MAX).flatMap((each) => textOf(each) ?? []) : []
}

/**
 * What is kept of a row. Everything that no field asks for is dropped here.
 *
 * @returns undefined for a row by which nothing could be recognised.
 */
export function readRow(raw: RawRow, paths: FieldPaths, locator: RowLocator): ManifestRow | undefined {
  const sha256 = hashesOf(raw, paths)
  const fileName = textOf(first(raw, paths, 'fileName'))
  const told = textOf(first(raw, paths, 'status'))?.toLowerCase()
  const status =
    told === undefined ? (sha256.length > 0 ? 'audio' : 'metadata') : (statuses[told] ?? 'unknown')
  const row: ManifestRow = {
    locator,
    isrc: isrcOf(first(raw, paths, 'isrc')),
    upc: upcOf(first(raw, paths, 'upc')),
    trackId: textOf(first(raw, paths, 'trackId')),
    alternatives: alternativesOf(first(raw, paths, 'alternatives')),
    title: textOf(first(raw, paths, 'title')),
    artists: artistsOf(first(raw, paths, 'artists')),
    album: textOf(first(raw, paths, 'album')),
    durationMs: durationOf(raw, paths),
    popularity: popularityOf(first(raw, paths, 'popularity')) ?? popularityOfFolder(fileName),
    status,
    codec: codecOf(raw, paths, status),
    takenAtMs: takenAtOf(first(raw, paths, 'takenAt')),
    sha256,
    fileName,
    address: textOf(first(raw, paths, 'address')),
  }
  const isNamed = row.title !== undefined || fileName !== undefined || row.address !== undefined
  return row.isrc !== undefined || row.upc !== undefined || sha256.length > 0 || isNamed ? row : undefined
}

function popularityOf(value: unknown): number | undefined {
  const number = numberOf(value)
  return number !== undefined && number >= 0 && number <= 100 ? number : undefined
}

/** Files lie in folders by popularity: `track-popularity-41/…`, and packed in `…_pop_41__…`. */
const FOLDER_OF_POPULARITY = /(?:\btrack-popularity-(\d{1,3})[/\\]|(?:^|[/\\_.-])pop_(\d{1,3})(?!\d))/i

/** What is told by the folder that a file lies in. */
function popularityOfFolder(fileName: string | undefined): number | undefined {
  const found = fileName === undefined ? undefined : FOLDER_OF_POPULARITY.exec(fileName)
  return found ? popularityOf(found[1] ?? found[2]) : undefined
}
