import { isAscii, nameKey } from '../../../metadata/normalise.ts'
import { remembered } from '../remembered.ts'

/** `nameKey` for the many: most names are plain ASCII, which needs no Unicode tables. */
const keyOf = (text: string): string =>
  isAscii(text)
    ? text
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, ' ')
        .trim()
    : nameKey(text)

/** Of names that recur in a catalogue: artists and versions. */
const recurringKeyOf = remembered(keyOf)

/** The keys of a recording by its names: what `recordingNameKey` and `searchKey` make, in one go. */
export interface ImportKeys {
  readonly title: string
  readonly name: string
  readonly search: string
}

/** Computes the keys of a recording; see services/catalog/recording.ts for what they are. */
export function keysOf(recording: {
  readonly title: string
  readonly version?: string | null | undefined
  readonly artists: readonly string[]
  readonly isrc?: string | null | undefined
}): ImportKeys {
  const title = keyOf(recording.title)
  const version = recording.version ? recurringKeyOf(recording.version) : ''
  const artists = recording.artists.map(recurringKeyOf)
  const name = `${title}|${version}|${artists.length > 1 ? artists.toSorted().join('; ') : (artists[0] ?? '')}`
  const words = [title, version, ...artists, recording.isrc?.toLowerCase() ?? '']
  return { title, name, search: words.filter((each) => each !== '').join(' ') }
}
