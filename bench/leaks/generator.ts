import { type InventedRecording, type Random, inventCatalogue, pick } from '../names/material.ts'
import { mistyped } from '../names/spoiling.ts'
import { testWording } from '../names/words.ts'
import { randomNumbers } from '../synthetic.ts'

/** How a row of an invented dump came about. */
export type RowKind =
  /** Of no recording of the catalogue. */
  | 'stranger'
  /** With the catalogue's ISRC and its names. */
  | 'identifier'
  /** A second row of the same ISRC, whose audio was taken with the first. */
  | 'sibling'
  /** With the catalogue's names and no ISRC. */
  | 'name-only'
  /** With the catalogue's ISRC on another song. */
  | 'wrong-isrc'

/** A row of an invented dump, by the names of the published schema, and the truth about it. */
export interface InventedRow {
  readonly kind: RowKind
  /** The recording that it is of, by its number in the catalogue; of a wrong ISRC the one whose code it has. */
  readonly of: number | undefined
  readonly track: Readonly<Record<string, unknown>>
}

export interface DumpOptions {
  readonly seed: number
  readonly rows: number
  /** The catalogue that some rows are of. */
  readonly catalogue: readonly InventedRecording[]
}

/** Shares of the rows that are of the catalogue, as long as it lasts. */
const OF_CATALOGUE = 0.03
const SHARES: readonly (readonly [kind: RowKind, upTo: number])[] = [
  ['identifier', 0.55],
  ['sibling', 0.7],
  ['name-only', 0.9],
  ['wrong-isrc', 1],
]
/** A row lacks something now and then. */
const MISSING = 0.05
const TAKEN_FROM = Date.UTC(2025, 5, 1)
const TAKEN_MS = 30 * 24 * 3_600_000

/** The catalogue that the dump is made for. */
export const inventedCatalogue = (seed: number, count: number): InventedRecording[] => [
  ...inventCatalogue(randomNumbers(seed), testWording, count),
]

const ID_SIGNS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Hex digits that look like a hash. */
function hash(random: Random): string {
  let text = ''
  while (text.length < 64)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return text
}

/** What the makers did with a track, as often as their sample says. */
function fate(random: Random, popularity: number): Record<string, unknown> {
  const draw = random()
  const status =
    draw < 0.45 || popularity > 60
      ? 'success'
      : draw < 0.78
        ? 'skipped_low_priority'
        : draw < 0.96
          ? 'skipped_isrc_has_download'
          : 'error_not_available'
  if (status !== 'success') return { status, reencoded_kbit_vbr: null }
  return {
    status,
    reencoded_kbit_vbr: popularity === 0 ? 75 : null,
    sha256_original: hash(random),
    sha256_with_embedded_meta: hash(random),
  }
}

/** Most songs are hardly heard. */
const popularityOf = (random: Random): number =>
  Math.min(100, Math.floor(-8 * Math.log(1 - random() * 0.999999)))

function trackOf(
  random: Random,
  recording: InventedRecording,
  names: { title: string; artists: readonly string[] },
) {
  const popularity = popularityOf(random)
  const id = Array.from({ length: 22 }, () => ID_SIGNS[Math.floor(random() * ID_SIGNS.length)]).join('')
  return {
    track_id: id,
    name: names.title,
    artists: names.artists.map((name) => ({ name })),
    external_id_isrc: recording.isrc as string | null,
    external_id_upc: random() < MISSING ? null : recording.upc,
    album_name: random() < MISSING ? null : recording.releaseTitle,
    duration_ms: random() < MISSING ? null : recording.durationMs + Math.round((random() - 0.5) * 900),
    popularity,
    fetched_at: TAKEN_FROM + Math.floor(random() * TAKEN_MS),
    // What a dump has beside it, and nobody may keep.
    owner_display_name: `person ${Math.floor(random() * 1e6)}`,
    added_by_id: `id-${Math.floor(random() * 1e6)}`,
    ...fate(random, popularity),
  }
}

const ownNames = ({ title, version, artists }: InventedRecording) => ({
  title: version ? `${title} - ${version}` : title,
  artists,
})

/** Names as another list has them: mostly the same, now and then with a typing error or a guest. */
function otherNames(random: Random, recording: InventedRecording) {
  const { title, artists } = ownNames(recording)
  const draw = random()
  if (draw < 0.75) return { title, artists }
  if (draw < 0.85) return { title: mistyped(random, title), artists }
  return draw < 0.95
    ? { title: `${title} (feat. Guest ${Math.floor(random() * 100)})`, artists }
    : { title: title.toUpperCase(), artists }
}

/**
 * An invented dump in the published schema; the same for the same options. Its strangers are of another invented
 * catalogue whose codes begin with another letter.
 */
export function* inventDump({ seed, rows, catalogue }: DumpOptions): Generator<InventedRow> {
  const random = randomNumbers(seed + 1)
  const strangers = inventCatalogue(randomNumbers(seed + 2), testWording, rows + 1)
  const unused = catalogue.map((_, number) => number)
  for (let row = 0; row < rows; row++) {
    const stranger = strangers.next().value as InventedRecording
    const isOf = unused.length > 0 && random() < OF_CATALOGUE
    if (!isOf) {
      const other = { ...stranger, isrc: `Z${stranger.isrc.slice(1)}` }
      const track = trackOf(random, other, ownNames(other))
      yield {
        kind: 'stranger',
        of: undefined,
        track: random() < MISSING ? { ...track, external_id_isrc: null } : track,
      }
      continue
    }
    const draw = random()
    const kind = SHARES.find(([, upTo]) => draw < upTo)?.[0] ?? 'identifier'
    const number = unused.splice(Math.floor(random() * unused.length), 1)[0] as number
    yield* rowsOf(random, kind, number, { ours: catalogue[number] as InventedRecording, stranger })
  }
}

function* rowsOf(
  random: Random,
  kind: RowKind,
  of: number,
  { ours, stranger }: { readonly ours: InventedRecording; readonly stranger: InventedRecording },
): Generator<InventedRow> {
  const base = trackOf(random, ours, ownNames(ours))
  if (kind === 'identifier') yield { kind, of, track: base }
  else if (kind === 'name-only')
    yield {
      kind,
      of,
      track: {
        ...trackOf(random, ours, otherNames(random, ours)),
        external_id_isrc: null,
        external_id_upc: null,
      },
    }
  else if (kind === 'wrong-isrc') {
    const track = trackOf(random, stranger, ownNames(stranger))
    // Never of our length by chance.
    yield {
      kind,
      of,
      track: {
        ...track,
        external_id_isrc: ours.isrc,
        external_id_upc: null,
        duration_ms: ours.durationMs + 45_000,
      },
    }
  } else {
    yield { kind, of, track: { ...base, status: 'skipped_isrc_has_download', sha256_original: undefined } }
    const other = trackOf(random, ours, ownNames(ours))
    yield {
      kind,
      of,
      track: { ...other, album_name: `${pick(random, ['Best of', 'Now', 'Hits'])} ${of}`, status: 'success' },
    }
  }
}
