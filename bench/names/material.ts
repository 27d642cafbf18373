import type { Names } from '../../services/metadata/compare/name-keys.ts'
import { gs1CheckDigit } from '../../services/metadata/identifiers/check-digits.ts'
import type { Wording } from './words.ts'

/** A recording of an invented catalogue. Every name is put together by chance; nobody is meant. */
export interface InventedRecording extends Names {
  readonly title: string
  readonly artists: readonly string[]
  readonly isrc: string
  readonly upc: string
  readonly releaseTitle: string
  readonly year: number
  readonly durationMs: number
  /** Title and artists as people write them in Latin letters; undefined where they are. */
  readonly latin: { readonly title: string; readonly artists: readonly string[] } | undefined
}

export type Random = () => number

export const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!

const integer = (random: Random, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1))

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** A text in its own script and in Latin letters. */
interface Written {
  readonly native: string
  readonly latin: string
}

function syllables(random: Random, { onsets, vowels, codas }: Wording): string {
  const count = integer(random, 1, 3)
  let word = ''
  for (let at = 0; at < count; at++) word += pick(random, onsets) + pick(random, vowels)
  return word + pick(random, codas)
}

/** Words of a song's title: some are everybody's words, the others rare. */
const COMMON_SHARE = 0.55

function latinWord(random: Random, wording: Wording): string {
  return capital(random() < COMMON_SHARE ? pick(random, wording.words) : syllables(random, wording))
}

function scriptWords(random: Random, script: Wording['scripts'][number], count: number): Written {
  const words = Array.from({ length: count }, () => {
    const sounds = Array.from({ length: integer(random, ...script.lengths) }, () =>
      pick(random, script.sounds),
    )
    return {
      native: sounds.map(([native]) => native).join(''),
      latin: sounds.map(([, latin]) => latin).join(''),
    }
  })
  return {
    native: words.map(({ native }) => native).join(' '),
    latin: words.map(({ latin }) => capital(latin)).join(' '),
  }
}

function latinTitle(random: Random, wording: Wording): string {
  const word = (): string => latinWord(random, wording)
  const shape = random()
  if (shape < 0.15) return word()
  if (shape < 0.5) return `${word()} ${word()}`
  if (shape < 0.62) return `The ${word()} of ${word()}`
  if (shape < 0.7) return `${word()} & ${word()}`
  if (shape < 0.74) return `${word()}, Pt. ${integer(random, 1, 3)}`
  if (shape < 0.78) return `${word()} ${word()} (${word()} ${word()})`
  if (shape < 0.92) return `${word()} ${word()} ${word()}`
  return `${word()} in the ${word()} ${word()}`
}

function latinArtist(random: Random, wording: Wording): string {
  const name = (): string => capital(syllables(random, wording))
  const shape = random()
  if (shape < 0.15) return name()
  if (shape < 0.55) return `${name()} ${name()}`
  if (shape < 0.7) return `The ${latinWord(random, wording)}s`
  if (shape < 0.78) return `DJ ${name()}`
  if (shape < 0.86) return `${name()} & The ${capital(pick(random, wording.words))}s`
  if (shape < 0.92) return `${name()}, The ${name()}`
  return `${latinWord(random, wording)} ${name()}`
}

/** One artist in five writes another script. */
const SCRIPT_SHARE = 0.2
const SONGS_MEAN = 8
/** Shares of songs that the catalogue has in another version, or that another artist took over. */
const OTHER_VERSION_SHARE = 0.15
const COVERED_SHARE = 0.05

interface Artist extends Written {
  readonly script: Wording['scripts'][number] | undefined
}

function inventArtist(random: Random, wording: Wording): Artist {
  if (random() >= SCRIPT_SHARE) {
    const native = latinArtist(random, wording)
    return { native, latin: native, script: undefined }
  }
  const script = pick(random, wording.scripts)
  return { ...scriptWords(random, script, integer(random, 1, 2)), script }
}

/** What all recordings of one release share. */
interface Release {
  readonly upc: string
  readonly releaseTitle: string
  readonly year: number
}

class Inventor {
  readonly random: Random
  readonly wording: Wording
  #codes = 0

  constructor(random: Random, wording: Wording) {
    this.random = random
    this.wording = wording
  }

  release(): Release {
    const digits = `0${String(90_000_000_000 + this.#codes++ * 7).slice(-11)}`.slice(-12)
    return {
      upc: digits + gs1CheckDigit(digits),
      releaseTitle: latinTitle(this.random, this.wording),
      year: integer(this.random, 1965, 2024),
    }
  }

  title(artist: Artist): Written {
    if (!artist.script) {
      const native = latinTitle(this.random, this.wording)
      return { native, latin: native }
    }
    return scriptWords(this.random, artist.script, integer(this.random, 1, 3))
  }

  recording(
    title: Written,
    artists: readonly Artist[],
    release: Release,
    version?: string,
  ): InventedRecording {
    const isLatin = title.native === title.latin && artists.every(({ native, latin }) => native === latin)
    const number = this.#codes++
    return {
      title: title.native,
      version,
      artists: artists.map(({ native }) => native),
      latin: isLatin ? undefined : { title: title.latin, artists: artists.map(({ latin }) => latin) },
      isrc: `Q${'MXZT'[number % 4]!}${Math.floor(number / 1e7)
        .toString(36)
        .padStart(3, 'A')
        .toUpperCase()}${String(number % 1e7).padStart(7, '0')}`,
      durationMs: Math.round(120_000 + 90_000 * (this.random() + this.random())),
      ...release,
    }
  }
}

/**
 * Invents a catalogue: artists with some songs each on releases, other versions of some songs, and the same titles by
 * other artists.
 *
 * @param count of recordings, kept exactly.
 */
export function* inventCatalogue(
  random: Random,
  wording: Wording,
  count: number,
): Generator<InventedRecording> {
  const inventor = new Inventor(random, wording)
  let left = count
  let lastTitle: Written | undefined
  for (;;) {
    // Of the artist before: nobody covers their own song.
    let covered = lastTitle
    const artist = inventArtist(random, wording)
    const songs = 1 + Math.floor(-Math.log(1 - random()) * SONGS_MEAN)
    let release = inventor.release()
    for (let song = 0; song < songs; song++) {
      if (song % 10 === 9) release = inventor.release()
      const isCover = covered !== undefined && random() < COVERED_SHARE
      const title = isCover ? covered! : inventor.title(artist)
      if (isCover) covered = undefined
      const artists = random() < 0.1 ? [artist, inventArtist(random, wording)] : [artist]
      if (left-- === 0) return
      yield inventor.recording(title, artists, release)
      if (!artist.script) lastTitle = title
      if (random() >= OTHER_VERSION_SHARE) continue
      if (left-- === 0) return
      yield inventor.recording(title, artists, inventor.release(), versionName(random, wording))
    }
  }
}

/** The name of another version; `@` stands for whoever made the remix. */
export const versionName = (random: Random, wording: Wording): string =>
  pick(random, wording.otherVersions).replace('@', capital(syllables(random, wording)))

/** A name that the catalogue does not have but by chance. */
export const inventName = (random: Random, wording: Wording): string => latinArtist(random, wording)
