import { setTimeout as pause } from 'node:timers/promises'

import { parseFile } from 'music-metadata'

import { parseIsrc } from '../metadata/identifiers/identifiers.ts'
import type { SuspectTags } from './submission.ts'

/** Tags are a courtesy beside the audio: a file that keeps the parser busy for longer is left without. */
const TIMEOUT_MS = 10_000
const TEXT_LENGTH_MAX = 500
const LIST_LENGTH_MAX = 20

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
function tagsOf({ common, format }: Awaited<ReturnType<typeof parseFile>>): SuspectTags {
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

/**
 * The names and identifiers that a media file carries inside.
 *
 * @returns an empty object for a file without tags, and for one whose tags cannot be read: what
 *   matters is what it sounds like.
 */
export async function readTags(path: string, mediaType: string): Promise<SuspectTags> {
  const late = pause(TIMEOUT_MS, undefined, { ref: false })
  // The name of a blob says nothing about its type, so the parser is told.
  const read = parseFile(path, { duration: false, skipCovers: true }).then(tagsOf, () => undefined)
  const tags = await Promise.race([read, late])
  return { ...tags, ...(tags?.container === undefined && { container: mediaType }) }
}
