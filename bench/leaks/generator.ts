import type { DumpTrack } from '../../bin/demo/leak/dump-track.ts'
import { Random as Chance } from '../../bin/demo/music/random.ts'
import { type InventedRecording, type Random, inventCatalogue, pick } from '../names/material.ts'
import { mistyped } from '../names/spoiling.ts'
import { testWording } from '../names/words.ts'

/** How a row of an invented dump came about. */
export const rowKinds = [
  /** Of no recording of the catalogue. */
  'stranger',
  /** With the catalogue's ISRC and its names. */
  'identifier',
  /** One of two rows of the same ISRC; the audio was taken with the second. */
  'sibling',
  /** One of two rows: the first was not taken and names the second, which has another ISRC, as its alternative. */
  'alternative',
  /** With the catalogue's names and no ISRC. */
  'name-only',
  /** With the catalogue's ISRC on another song. */
  'wrong-isrc',
] as const
export type RowKind = (typeof rowKinds)[number]

/** A row of an invented dump and the truth about it. */
export interface InventedRow {
  readonly kind: RowKind
  /** The recording that it is of, by its number in the catalogue; of a wrong ISRC the one whose code it has. */
  readonly of: number | undefined
  /** Whether the dump has audio of the song of this row, by itself or by the row that belongs to it. */
  readonly hasAudio: boolean
  readonly track: DumpTrack
}

export interface DumpOptions {
  readonly seed: number
  readonly rows: number
  /** The catalogue that some rows are of; each recording at most once, those with two rows aside. */
  readonly catalogue: readonly InventedRecording[]
}

/** Share of the rows that are of the catalogue at most. A small catalogue is spread over all rows. */
const OF_CATALOGUE = 0.03
/** How rows of the catalogue come about. */
const kindShares: readonly (readonly [kind: RowKind, upTo: number])[] = [
  ['identifier', 0.45],
  ['sibling', 0.6],
  ['alternative', 0.7],
  ['name-only', 0.9],
  ['wrong-isrc', 1],
]
/** A row lacks something now and then. */
const MISSING = 0.05
const TAKEN_FROM = Date.UTC(2025, 5, 1)
const TAKEN_MS = 30 * 24 * 3_600_000
/** What a wrong code lies on is never of our length by chance. */
const OTHER_LENGTH_MS = 45_000

const numbersOf = (seed: number, what: string): Random => {
  const chance = new Chance(`leak ${seed} ${what}`)
  return () => chance.unit()
}

/** The catalogue that dumps of a seed are made for, one by one. */
export const inventRecordings = (seed: number, count: number): Generator<InventedRecording> =>
  inventCatalogue(numbersOf(seed, 'catalogue'), testWording, count)

const ID_SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 22

function trackId(random: Random): string {
  let id = ''
  while (id.length < ID_LENGTH) id += ID_SIGNS[Math.floor(random() * ID_SIGNS.length)]
  return id
}

/** Hex digits that look like a SHA-256. */
function hash(random: Random): string {
  let text = ''
  while (text.length < 64) text += (2 ** 32 + Math.floor(random() * 2 ** 32)).toString(16).slice(1)
  return text
}

type Fate = Pick<DumpTrack, 'status' | 'reencoded_kbit_vbr' | 'sha256_original' | 'sha256_with_embedded_meta'>

/** A track whose file was taken; what nobody hears is kept smaller. */
const taken = (random: Random, popularity: number): Fate => ({
  status: 'success',
  reencoded_kbit_vbr: popularity === 0 ? 75 : null,
  sha256_original: hash(random),
  sha256_with_embedded_meta: hash(random),
})

const notTaken = (status: string) => (): Fate => ({ status, reencoded_kbit_vbr: null })

/** What the makers did with a track, about as often as they say. */
function fateOf(random: Random, popularity: number): Fate {
  const draw = random()
  if (draw < 0.4 || popularity > 60) return taken(random, popularity)
  if (draw < 0.7) return notTaken('skipped_low_priority')()
  if (draw < 0.86) return notTaken('skipped_isrc_has_download')()
  return draw < 0.92 ? {} : notTaken('error_not_available')()
}

/** Statuses that say that there is audio, of this row or of another with its ISRC. */
const saysAudio = ({ status }: Fate): boolean =>
  status === 'success' || status === 'skipped_isrc_has_download'

/** Most songs are hardly heard. */
const popularityOf = (random: Random): number =>
  Math.min(100, Math.floor(-8 * Math.log(1 - random() * 0.999999)))

interface Written {
  readonly title: string
  readonly artists: readonly string[]
}

const ownNames = ({ title, version, artists }: InventedRecording): Written => ({
  title: version ? `${title} - ${version}` : title,
  artists,
})

/** Names as another list has them: mostly the same, now and then with a typing error, a guest, or in capitals. */
function otherNames(random: Random, recording: InventedRecording): Written {
  const { title, artists } = ownNames(recording)
  const draw = random()
  if (draw < 0.75) return { title, artists }
  if (draw < 0.85) return { title: mistyped(random, title), artists }
  return draw < 0.95
    ? { title: `${title} (feat. Guest ${Math.floor(random() * 100)})`, artists }
    : { title: title.toUpperCase(), artists }
}

function trackOf(random: Random, recording: InventedRecording, names: Written, fate = fateOf): DumpTrack {
  const popularity = popularityOf(random)
  return {
    track_id: trackId(random),
    name: names.title,
    artists: names.artists.map((name) => ({ name })),
    external_id_isrc: recording.isrc,
    external_id_upc: random() < MISSING ? null : recording.upc,
    album_name: random() < MISSING ? null : recording.releaseTitle,
    duration_ms: random() < MISSING ? null : recording.durationMs + Math.round((random() - 0.5) * 900),
    popularity,
    fetched_at: TAKEN_FROM + Math.floor(random() * TAKEN_MS),
    owner_display_name: `person ${Math.floor(random() * 1e6)}`,
    added_by_id: `id-${Math.floor(random() * 1e6)}`,
    ...fate(random, popularity),
  }
}

interface Named {
  readonly ours: InventedRecording
  /** Its number in the catalogue. */
  readonly of: number
  /** Another song, of another artist. */
  readonly stranger: InventedRecording
}

/** The rows of one recording of the catalogue, by how they come about. */
const makers: Readonly<Record<Exclude<RowKind, 'stranger'>, (random: Random, named: Named) => DumpTrack[]>> =
  {
    identifier: (random, { ours }) => [trackOf(random, ours, ownNames(ours))],
    sibling: (random, { ours, of }) => [
      trackOf(random, ours, ownNames(ours), notTaken('skipped_isrc_has_download')),
      {
        ...trackOf(random, ours, ownNames(ours), taken),
        album_name: `${pick(random, ['Best of', 'Now', 'Hits'])} ${of}`,
      },
    ],
    alternative: (random, { ours, stranger }) => {
      const other = trackOf(random, ours, ownNames(ours), taken)
      const status = random() < 0.5 ? 'error_has_replacement' : 'error_not_available'
      const first = trackOf(random, ours, ownNames(ours), notTaken(status))
      return [
        { ...first, alternatives: [other.track_id] },
        { ...other, external_id_isrc: stranger.isrc },
      ]
    },
    'name-only': (random, { ours }) => [
      { ...trackOf(random, ours, otherNames(random, ours)), external_id_isrc: null, external_id_upc: null },
    ],
    'wrong-isrc': (random, { ours, stranger }) => [
      {
        ...trackOf(random, stranger, ownNames(stranger)),
        external_id_isrc: ours.isrc,
        external_id_upc: null,
        duration_ms: ours.durationMs + OTHER_LENGTH_MS,
      },
    ],
  }

/** Takes one of a list without its order: the last one moves to its place. */
function takeOne(random: Random, numbers: number[]): number {
  const place = Math.floor(random() * numbers.length)
  const [taken, last] = [numbers[place] as number, numbers.pop() as number]
  if (place < numbers.length) numbers[place] = last
  return taken
}

/**
 * An invented dump in the published schema, row by row and just so many; the same for the same options. Of its rows only
 * the catalogue is held. Its strangers are of another invented catalogue, whose codes begin with another letter.
 */
export function* inventDump({ seed, rows, catalogue }: DumpOptions): Generator<InventedRow> {
  const random = numbersOf(seed, 'rows')
  const strangers = inventCatalogue(numbersOf(seed, 'strangers'), testWording, rows + 1)
  const unused = catalogue.map((_, number) => number)
  const share = Math.min(OF_CATALOGUE, catalogue.length / rows)
  for (let made = 0; made < rows;) {
    const next = strangers.next().value as InventedRecording
    const stranger = { ...next, isrc: `Z${next.isrc.slice(1)}` }
    if (unused.length === 0 || random() >= share) {
      const track = trackOf(random, stranger, ownNames(stranger))
      const isNameless = random() < MISSING
      yield {
        kind: 'stranger',
        of: undefined,
        hasAudio: saysAudio(track),
        track: isNameless ? { ...track, external_id_isrc: null } : track,
      }
      made += 1
      continue
    }
    const draw = made + 1 < rows ? random() : 0 // A pair is not cut apart by the end.
    const kind = (kindShares.find(([, upTo]) => draw < upTo)?.[0] ?? 'identifier') as keyof typeof makers
    const of = takeOne(random, unused)
    const tracks = makers[kind](random, { ours: catalogue[of] as InventedRecording, of, stranger })
    const hasAudio = tracks.some(saysAudio)
    for (const track of tracks) yield { kind, of, hasAudio, track }
    made += tracks.length
  }
}
