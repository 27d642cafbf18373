import { parseIsrc, parseUpc } from '../identifiers/identifiers.ts'

/** What is known of all files at once; tags say the rest. */
export interface Known {
  readonly rightsHolder?: string | undefined
  readonly label?: string | undefined
  /** The artist of files that name none. */
  readonly artist?: string | undefined
}

/** The tags of a file that tell which recording it is, in no container's own words. */
export interface RecordingTags {
  readonly title?: string | undefined
  readonly artist?: string | undefined
  readonly artists?: readonly string[] | undefined
  readonly album?: string | undefined
  readonly isrc?: readonly string[] | undefined
  readonly barcode?: string | undefined
  readonly label?: readonly string[] | undefined
  readonly releasedate?: string | undefined
  readonly date?: string | undefined
}

/** A recording as its file describes it; identifiers have their form and their check digits. */
export interface DescribedRecording {
  readonly title: string
  /** Empty when neither tags nor name say who it is. */
  readonly artists: string[]
  readonly isrc?: string
  readonly rightsHolder?: string
  readonly release?: {
    readonly title: string
    readonly upc?: string
    readonly label?: string
    readonly releaseDate?: string
  }
}

/** A recording, and what of its file's description could not be used. */
export interface FileDescription {
  readonly recording: DescribedRecording
  readonly warnings: readonly string[]
}

/**
 * Artist and title from a file name: `Artist - Title`, `07 - Artist - Title`, `07. Title`, `07 Title`. A number
 * in front is a track number when a separator or a zero says so: `99 Luftballons` keeps its own.
 */
export function namesFromFile(path: string): { artist?: string; title: string } {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const name = file
    .replace(/(?<=.)\.[^.]*$/, '')
    .replaceAll('_', ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
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

/** The recording that a file's tags and name describe. Nothing is thrown: what is missing is missing. */
export function describeFile(path: string, tags: RecordingTags, known: Known): FileDescription {
  const warnings: string[] = []
  const fromName = namesFromFile(path)
  const artists = texts(tags.artists ?? [tags.artist])
  const [title = ''] = texts([tags.title, fromName.title])
  const [fallback] = texts([fromName.artist, known.artist])
  const isrc = identifier('an ISRC', tags.isrc ?? [], parseIsrc, warnings)
  const upc = identifier('a UPC or EAN', texts([tags.barcode]), parseUpc, warnings)
  const [album] = texts([tags.album])
  const [label] = texts([known.label, ...(tags.label ?? [])])
  const releaseDate = texts([tags.releasedate, tags.date]).find((date) => /^\d{4}-\d{2}-\d{2}$/.test(date))
  const recording: DescribedRecording = {
    title,
    artists: artists.length === 0 && fallback !== undefined ? [fallback] : artists,
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
  return { recording, warnings }
}
