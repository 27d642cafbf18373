import type { DemoTrack } from '../music-source.ts'
import { Random } from '../music/random.ts'
import type { DumpTrack } from './dump-track.ts'

/**
 * What the invented leak has of a recording: its audio; its audio by another track with its ISRC; that there is such a
 * song; a row without an ISRC; its ISRC on another song; nothing.
 */
export type Place = 'audio' | 'sibling' | 'metadata' | 'names' | 'wrong-isrc' | 'absent'

/** Places of the first recordings, in turn; all that follow are absent. */
const places: readonly Place[] = ['audio', 'sibling', 'metadata', 'names', 'wrong-isrc']

/** The place of each recording. One without an ISRC can only be there by its names. */
export const placesOf = (tracks: readonly DemoTrack[]): readonly Place[] =>
  tracks.map(({ recording }, number) => {
    const place = places[number] ?? 'absent'
    return recording.isrc === undefined && place !== 'absent' ? 'names' : place
  })

/** Parts in which the leak is published: the loudest first, as its makers say. */
export const demoBatches = [
  { number: 1, name: 'Popular', popularityFrom: 50, popularityTo: 100, publishedOn: '2026-01-15' },
  { number: 2, name: 'Middle', popularityFrom: 20, popularityTo: 49, publishedOn: null },
  { number: 3, name: 'Rest', popularityFrom: 0, popularityTo: 19, publishedOn: null },
] as const
const PUBLISHED_POPULARITY = 62
const NEXT_POPULARITY = 35

const TAKEN_FROM = Date.UTC(2025, 5, 1)
const DAY_MS = 24 * 3_600_000
const TAKEN_DAYS = 30
/** ISRCs of the prefix of IFPI's made-up examples, of years that no piece of the demo is of; five million. */
const YEAR_FROM = 30
const DESIGNATIONS = 100_000
/** Songs of one artist, as they follow each other in a dump. */
const SONGS = 8

const syllables = ['ka', 'lo', 'mi', 'ran', 'su', 'te', 'vo', 'shi', 'ber', 'na', 'dur', 'el', 'fa', 'gor']
const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

/** Words that nobody says. */
function inventWords(random: Random): readonly string[] {
  const words = new Set<string>()
  while (words.size < 2_000)
    words.add(capital(Array.from({ length: random.whole(2, 4) }, () => random.pick(syllables)).join('')))
  return [...words]
}

function hash(random: Random): string {
  let text = ''
  while (text.length < 64) text += (2 ** 32 + Math.floor(random.unit() * 2 ** 32)).toString(16).slice(1)
  return text
}

/** What is decided of a row beforehand; the rest is drawn. */
interface Decided {
  readonly name: string
  readonly artists: readonly string[]
  readonly album: string
  readonly isrc: string | null
  readonly durationMs: number
  readonly popularity: number
  readonly status: string | undefined
}

function rowOf(random: Random, number: number, decided: Decided): DumpTrack {
  const { name, artists, album, isrc, durationMs, popularity, status } = decided
  const taken = status === 'success'
  return {
    track_id: `sample${String(number).padStart(16, '0')}`,
    name,
    artists: artists.map((artist) => ({ name: artist })),
    external_id_isrc: isrc,
    external_id_upc: null,
    album_name: album,
    duration_ms: durationMs,
    popularity,
    fetched_at: TAKEN_FROM + random.whole(0, TAKEN_DAYS) * DAY_MS,
    owner_display_name: `person ${number % 1_000}`,
    added_by_id: `id-${number % 1_000}`,
    ...(status === undefined ? {} : { status, reencoded_kbit_vbr: taken && popularity === 0 ? 75 : null }),
    ...(taken ? { sha256_original: hash(random) } : {}),
  }
}

/** Songs of nobody, artist by artist. */
class Strangers {
  readonly #random = new Random('leak strangers')
  readonly #words = inventWords(this.#random)
  #artist = ''
  #album = ''

  #some(count: number): string {
    return Array.from({ length: count }, () => this.#random.pick(this.#words)).join(' ')
  }

  next(number: number): Decided {
    if (number % SONGS === 0) [this.#artist, this.#album] = [this.#some(2), this.#some(2)]
    const random = this.#random
    const popularity = Math.min(100, Math.floor(-8 * Math.log(1 - random.unit())))
    const year = YEAR_FROM + Math.floor(number / DESIGNATIONS)
    return {
      name: this.#some(random.whole(2, 3)),
      artists: [this.#artist],
      album: this.#album,
      isrc: random.chance(0.05) ? null : `AA6Q7${year}${String(number % DESIGNATIONS).padStart(5, '0')}`,
      durationMs: random.whole(120_000, 300_000),
      popularity,
      status: popularity > 12 || random.chance(0.25) ? 'success' : 'skipped_low_priority',
    }
  }
}

/** The rows of one recording of the demo. */
function rowsOf({ recording, seconds }: DemoTrack, place: Place, stranger: Decided): Decided[] {
  const own: Decided = {
    name: recording.title,
    artists: recording.artists,
    album: 'Sample Album',
    isrc: recording.isrc ?? null,
    durationMs: Math.round(seconds * 1000),
    popularity: PUBLISHED_POPULARITY,
    status: 'success',
  }
  const next = { ...own, popularity: NEXT_POPULARITY }
  if (place === 'audio') return [own]
  if (place === 'sibling')
    return [
      { ...next, status: 'skipped_isrc_has_download' },
      { ...next, album: 'Best of the Samples' },
    ]
  if (place === 'metadata') return [{ ...next, status: undefined }]
  if (place === 'names') return [{ ...next, isrc: null }]
  if (place === 'wrong-isrc') return [{ ...stranger, isrc: own.isrc, durationMs: own.durationMs + 45_000 }]
  return []
}

/**
 * An invented leak: just so many rows, of nobody but for those that the places of the demo's recordings ask for. These
 * stand in its first tenth, so that a beginning has them too. The same for the same recordings.
 */
export function* inventLeak(tracks: readonly DemoTrack[], rows: number): Generator<DumpTrack> {
  const random = new Random('leak rows')
  const strangers = new Strangers()
  const every = Math.max(1, Math.floor(rows / 20 / Math.max(1, tracks.length)))
  const waiting: Decided[] = []
  const all = placesOf(tracks)
  for (let number = 0; number < rows; number++) {
    const stranger = strangers.next(number)
    const at = number / every
    const track = Number.isInteger(at) ? tracks[at] : undefined
    if (track) waiting.push(...rowsOf(track, all[at] ?? 'absent', stranger))
    yield rowOf(random, number, waiting.shift() ?? stranger)
  }
}
