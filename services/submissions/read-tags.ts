import { setTimeout as pause } from 'node:timers/promises'

import { type IAudioMetadata, parseFile } from 'music-metadata'

import { parseIsrc } from '../metadata/identifiers/identifiers.ts'
import type { SuspectTags } from './submission.ts'

/** Tags are a courtesy beside the audio: a file that keeps the parser busy for longer is left without. */
const TIMEOUT_MS = 10_000
const TEXT_LENGTH_MAX = 500
const LIST_LENGTH_MAX = 20
/** Names of tags in one file, and characters of a name: taggers of large collections write a hundred. */
const NAMES_MAX = 300
const NAME_LENGTH_MAX = 100

/** Text of a stranger's file as one line of bounded length, without control characters. */
const clean = (text: string): string =>
  text
    .slice(0, 2 * TEXT_LENGTH_MAX) // Before anything else: a tag may be as long as the file.
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, TEXT_LENGTH_MAX)

const list = (texts: readonly string[] | undefined): string[] =>
  (texts ?? []).slice(0, LIST_LENGTH_MAX).map(clean).filter(Boolean)

/** Only what is there: absent tags leave no keys behind. */
function tagsOf({ common, format }: IAudioMetadata): SuspectTags {
  const artists = list(common.artists ?? (common.artist ? [common.artist] : []))
  const isrc = list(common.isrc)
    .map(parseIsrc)
    .filter((code) => code !== undefined)
  return {
    ...(common.title && { title: clean(common.title) }),
    ...(artists.length > 0 && { artists }),
    ...(common.album && { album: clean(common.album) }),
    ...(isrc.length > 0 && { isrc }),
    ...(format.codec && { codec: clean(format.codec) }),
    ...(format.container && { container: clean(format.container) }),
    ...(format.bitrate && { bitRate: Math.round(format.bitrate) }),
  }
}

/** Frames of ID3v2 whose names say the same as those of other formats do. */
const plainNames: Readonly<Record<string, string>> = {
  TSRC: 'ISRC',
  COMM: 'COMMENT',
  WOAF: 'URL',
  WOAS: 'URL',
  WXXX: 'URL',
  '©CMT': 'COMMENT',
}

/** The name of a tag without what its format puts before it: `TXXX:UPC`, `----:com.apple.iTunes:ISRC`. */
function plainName(id: string): string {
  const name = id
    .slice(0, 2 * NAME_LENGTH_MAX)
    .replace(/^(?:TXXX:|----:[^:]*:|WXXX(?=:))/, '')
    .toUpperCase()
  return plainNames[name] ?? plainNames[name.replace(/:.*$/, '')] ?? clean(name).slice(0, NAME_LENGTH_MAX)
}

/** A tag's value as a line of text; undefined of pictures and other bytes. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return clean(value)
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  if ('text' in value && typeof value.text === 'string') return clean(value.text)
  return 'url' in value && typeof value.url === 'string' ? clean(value.url) : undefined
}

/** Every tag as it was written, of all tag formats in the file, within the limits. */
function writtenOf({ native }: IAudioMetadata): Map<string, string[]> {
  const written = new Map<string, string[]>()
  for (const { id, value } of Object.values(native).flat()) {
    const name = plainName(id)
    const text = textOf(value)
    const values = written.get(name) ?? []
    if (!text || name === '' || values.length >= LIST_LENGTH_MAX) continue
    if (values.length === 0 && written.size >= NAMES_MAX) continue
    written.set(name, [...values, text])
  }
  return written
}

/** What a file says of itself. */
export interface ReadTags {
  /** What is shown, and compared by names. */
  readonly tags: SuspectTags
  /** Every tag as it was written, names in upper case; more than is kept. */
  readonly written: ReadonlyMap<string, readonly string[]>
}

/**
 * The names and identifiers that a media file carries inside.
 *
 * @returns nothing but the container for a file without tags, and for one whose tags cannot be read: what
 *   matters is what it sounds like.
 */
export async function readTags(path: string, mediaType: string): Promise<ReadTags> {
  const late = pause(TIMEOUT_MS, undefined, { ref: false })
  // The name of a blob says nothing about its type, so the parser is told.
  const parsed = parseFile(path, { duration: false, skipCovers: true })
  const read = parsed.then(
    (found) => ({ tags: tagsOf(found), written: writtenOf(found) }),
    () => undefined,
  )
  const { tags, written } = (await Promise.race([read, late])) ?? { tags: {}, written: new Map() }
  return { tags: { ...tags, ...(tags.container === undefined && { container: mediaType }) }, written }
}
