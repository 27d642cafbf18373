import { basename, extname } from 'node:path'

import { type IAudioMetadata, parseFile } from 'music-metadata'

import { NewRecording, type NewRecordingInput } from '../../services/catalog/recording.ts'
import { Problem } from '../../services/core/problem.ts'
import { parseIsrc, parseUpc } from '../../services/metadata/identifiers.ts'

/** What the command line says about all files; tags say the rest. */
export interface Known {
  readonly rightsHolder?: string | undefined
  readonly label?: string | undefined
  /** The artist of files that name none. */
  readonly artist?: string | undefined
}

/** A recording as its file describes it, and what of the description could not be used. */
export interface Description {
  readonly recording: NewRecordingInput
  readonly warnings: readonly string[]
}

/** The tags that are read, in no container's own words. */
export type Tags = Pick<
  IAudioMetadata['common'],
  'title' | 'artist' | 'artists' | 'album' | 'isrc' | 'barcode' | 'label' | 'releasedate' | 'date'
>

/** Only the head and tail of a file are read, but a broken one may hold endless loops of small pieces. */
const TAGS_TIMEOUT_MS = 20_000

/**
 * Artist and title from a file name: `Artist - Title`, `07 - Artist - Title`, `07. Title`, `07 Title`. A number
 * in front is a track number when a separator or a zero says so: `99 Luftballons` keeps its own.
 */
export function namesFromFile(path: string): { artist?: string; title: string } {
  const name = basename(path, extname(path)).replaceAll('_', ' ').replaceAll(/\s+/g, ' ').trim()
  const plain = name.replace(/^(?:\d{1,2}-)?(?:\d{1,3}(?:\.| -)|0\d{1,2}) +(?=\S)/, '')
  const [artist, ...title] = plain.split(/ [-–—] /)
  if (artist === undefined || title.length === 0) return { title: plain }
  return { artist: artist.trim(), title: title.join(' - ').trim() }
}

/** The first code that is one, and a warning for those that are none. */
function identifier(
  name: string,
  written: readonly string[],
  parse: (text: string) => string | undefined,
  warnings: string[],
): string | undefined {
  const codes = written.flatMap((text) => text.split(/[;,/]\s*/)).filter((text) => text.trim() !== '')
  for (const text of codes)
    if (parse(text) === undefined) warnings.push(`“${text}” in its tags is not ${name}; left out`)
  return codes.map(parse).find((code) => code !== undefined)
}

const texts = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(values.map((text) => text?.trim() ?? '').filter((text) => text !== '')),
]

/**
 * The recording that a file's tags and name describe.
 *
 * @throws {Problem} request/invalid when nobody says who the artist is, or a name is too long to be one.
 */
export function describe(path: string, tags: Tags, known: Known): Description {
  const warnings: string[] = []
  const fromName = namesFromFile(path)
  const artists = texts(tags.artists ?? [tags.artist])
  const [title] = texts([tags.title, fromName.title])
  const fallback = texts([tags.title ? undefined : fromName.artist, fromName.artist, known.artist])[0]
  if (artists.length === 0 && fallback === undefined)
    throw new Problem('request/invalid', 'Neither its tags nor its name say who the artist is; give --artist')
  const isrc = identifier('an ISRC', tags.isrc ?? [], parseIsrc, warnings)
  const upc = identifier('a UPC or EAN', texts([tags.barcode]), parseUpc, warnings)
  const [album] = texts([tags.album])
  const [label] = texts([known.label, ...(tags.label ?? [])])
  const releaseDate = texts([tags.releasedate, tags.date]).find((date) => /^\d{4}-\d{2}-\d{2}$/.test(date))
  const recording: NewRecordingInput = {
    title: title ?? '',
    artists: artists.length > 0 ? artists : [fallback ?? ''],
    ...(isrc && { isrc }),
    ...(known.rightsHolder && { rightsHolder: known.rightsHolder }),
    ...(album && {
      release: {
        title: album,
        ...(upc && { upc }),
        ...(label && { label }),
        ...(releaseDate && { releaseDate }),
      },
    }),
  }
  // The service's own schema, so that what it would refuse is told before anything is fingerprinted.
  const checked = NewRecording.safeParse(recording)
  if (checked.success) return { recording, warnings }
  const faults = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new Problem('request/invalid', faults.join('; '))
}

/**
 * Reads a file's tags and describes the recording. A file whose tags cannot be read is described by its name:
 * whether it is audio at all is for the decoder to say.
 *
 * @throws {Problem} as `describe`
 */
export async function describeFile(path: string, known: Known): Promise<Description> {
  const reading = parseFile(path, { skipCovers: true })
  const timeout = new Promise<'too slow'>((resolve) => {
    setTimeout(resolve, TAGS_TIMEOUT_MS, 'too slow').unref()
  })
  const read = await Promise.race([reading, timeout]).catch((error: unknown) => {
    if (error instanceof Error && 'syscall' in error) throw error
    return 'unreadable' as const
  })
  if (typeof read === 'object') return describe(path, read.common, known)
  const { recording, warnings } = describe(path, {}, known)
  return { recording, warnings: [...warnings, `its tags are ${read}; named after the file`] }
}
