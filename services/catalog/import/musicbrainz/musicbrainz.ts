import { z } from 'zod'

import { entryLimits } from '../entry-limits.ts'
import type { ImportedRecording, ImportedRelease, ImportEntry } from '../entry.ts'
import type { WholeReading } from '../reading.ts'
import { present, quoted, RowChecks } from '../row-checks.ts'
import { type JsonObject, type JsonValue, readJson } from './json-lines.ts'

/** Words between two artists that make the second a guest. */
const FEATURING = /\b(?:feat|ft|featuring)\b/i

const Credit = z.object({
  name: z.string().nullish(),
  joinphrase: z.string().nullish(),
  artist: z.object({ name: z.string() }).nullish(),
})

const Release = z.object({
  title: z.string(),
  barcode: z.string().nullish(),
  date: z.string().nullish(),
  'label-info': z
    .array(
      z.object({
        'catalog-number': z.string().nullish(),
        label: z.object({ name: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
})
type Release = z.infer<typeof Release>

/** What is read of a recording of ws/2, the web service of MusicBrainz; what was not asked for is not in its answer. */
const Recording = z.object({
  id: z.string().nullish(),
  title: z.string(),
  disambiguation: z.string().nullish(),
  /** Milliseconds. */
  length: z.number().nullish(),
  'artist-credit': z.array(Credit).nullish(),
  isrcs: z.array(z.string()).nullish(),
  genres: z.array(z.object({ name: z.string(), count: z.number().nullish() })).nullish(),
  releases: z.array(Release).nullish(),
  relations: z
    .array(
      z.object({
        work: z.object({ iswcs: z.array(z.string()).nullish(), language: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
})
type Recording = z.infer<typeof Recording>

/** A recording as it was found, and the release around it. */
interface Found {
  readonly recording: JsonValue | undefined
  readonly release: JsonObject | undefined
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : []

/** The recordings of what the service answers: one, a list or search, a release with its tracks, or several releases. */
function recordingsIn(value: JsonValue): readonly Found[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(recordingsIn)
  if (!isObject(value)) return [{ recording: value, release: undefined }]
  if (Array.isArray(value['recordings'])) return listOf(value['recordings']).flatMap(recordingsIn)
  if (Array.isArray(value['media'])) return tracksOf(value)
  if (Array.isArray(value['releases']) && value['title'] === undefined)
    return listOf(value['releases']).flatMap(recordingsIn)
  return [{ recording: value, release: undefined }]
}

const tracksOf = (release: JsonObject): readonly Found[] =>
  listOf(release['media'])
    .flatMap((medium) => (isObject(medium) ? listOf(medium['tracks']) : []))
    .map((track) => ({ recording: isObject(track) ? track['recording'] : track, release }))

/** Who is credited, in order: whoever follows the word "feat." is a guest. */
function namesOf(
  credits: readonly z.infer<typeof Credit>[],
  checks: RowChecks,
): Pick<ImportedRecording, 'artists' | 'featured'> {
  const guest = credits.findIndex(({ joinphrase }) => FEATURING.test(joinphrase ?? '')) + 1
  const names = credits.map(({ name, artist }) => (name ?? artist?.name ?? '').trim())
  const told = (guest > 0 ? names.slice(0, guest) : names).filter((name) => name !== '')
  if (told.length === 0) checks.add('error', 'artist-credit', 'missing', 'a recording needs an artist')
  const featured = guest > 0 ? checks.artists('warning', 'artist-credit', names.slice(guest)) : []
  return {
    artists: checks.artists('error', 'artist-credit', told),
    ...(featured.length > 0 && { featured }),
  }
}

function releaseOf(release: Release | undefined, checks: RowChecks): ImportedRelease | undefined {
  const title = checks.text('warning', 'releases.title', release?.title.trim(), entryLimits.titleCharacters)
  if (!release || title === undefined) return undefined
  const [info] = release['label-info'] ?? []
  return present<ImportedRelease>({
    title,
    upc: checks.identifier('warning', 'releases.barcode', 'upc', release.barcode || undefined),
    catalogNumber: checks.text(
      'warning',
      'releases.label-info.catalog-number',
      info?.['catalog-number']?.trim(),
      entryLimits.catalogNumberCharacters,
    ),
    label: checks.text(
      'warning',
      'releases.label-info.label.name',
      info?.label?.name?.trim(),
      entryLimits.labelCharacters,
    ),
    releaseDate: checks.day('releases.date', release.date ?? undefined),
  })
}

function durationOf({ length }: Recording, checks: RowChecks): number | undefined {
  if (length === null || length === undefined || length === 0) return undefined
  const durationMs = Math.round(length)
  if (durationMs > 0 && durationMs <= entryLimits.durationMs) return durationMs
  checks.add('error', 'length', 'malformed', `${length} is no duration from a millisecond to a day`)
  return undefined
}

/** The first ISRC is that of the recording; others are told, because a recording has one here. */
function isrcOf({ isrcs }: Recording, checks: RowChecks): string | undefined {
  const [first, ...others] = new Set(isrcs)
  if (others.length > 0)
    checks.add(
      'warning',
      'isrcs',
      'too-many',
      `the first of its ISRCs is kept, not ${quoted(others.join(', '))}`,
    )
  return checks.identifier('error', 'isrcs', 'isrc', first)
}

/** The name of the genre that most people gave. */
const genreOf = ({ genres }: Recording): string | undefined =>
  genres?.toSorted((a, b) => (b.count ?? 0) - (a.count ?? 0))[0]?.name

function recordingOf(
  recording: Recording,
  around: Release | undefined,
  checks: RowChecks,
): ImportedRecording {
  const works = recording.relations?.flatMap(({ work }) => work ?? []) ?? []
  const title = checks.title('title', recording.title.trim() || undefined)
  return present<ImportedRecording>({
    title: title ?? '',
    version: checks.text(
      'warning',
      'disambiguation',
      recording.disambiguation?.trim(),
      entryLimits.versionCharacters,
    ),
    ...namesOf(recording['artist-credit'] ?? [], checks),
    isrc: isrcOf(recording, checks),
    iswc: checks.identifier('warning', 'relations.work.iswcs', 'iswc', works[0]?.iswcs?.[0]),
    durationMs: durationOf(recording, checks),
    language: checks.language('relations.work.language', works[0]?.language ?? undefined),
    genre: checks.text('warning', 'genres', genreOf(recording), entryLimits.genreCharacters),
    ownId: checks.text('warning', 'id', recording.id ?? undefined, entryLimits.ownIdCharacters),
    release: releaseOf(around ?? recording.releases?.[0], checks),
  })
}

function entryOf({ recording, release }: Found, row: number): ImportEntry {
  const checks = new RowChecks(row)
  const read = Recording.safeParse(recording)
  const around = Release.safeParse(release)
  for (const issue of read.error?.issues ?? [])
    checks.add('error', issue.path.join('.'), 'malformed', issue.message)
  if (!read.data) return { kind: 'error', row, errors: checks.errors }
  const entry = recordingOf(read.data, around.data, checks)
  return checks.errors.length > 0
    ? { kind: 'error', row, errors: checks.errors }
    : { kind: 'recording', row, recording: entry, warnings: checks.warnings }
}

/**
 * Reads recordings as MusicBrainz gives them in JSON (web service ws/2): one recording, a list or search of recordings, a
 * release with its media and tracks, or a list of any. Lengths are milliseconds; the comment that tells a recording from
 * others of its title becomes its version, its MBID the own id. Says nothing of rights.
 */
export async function readMusicBrainz(bytes: AsyncIterable<Uint8Array>): Promise<WholeReading> {
  const facts = { test: false }
  const read = await readJson(bytes)
  if ('code' in read) {
    const { line: row, code, message } = read
    return { facts, entries: [{ kind: 'error', row, errors: [{ row, column: '', code, message }] }] }
  }
  const entries = recordingsIn(read.value).map((found) =>
    entryOf(found, isObject(found.recording) ? read.lineOf(found.recording) : 1),
  )
  return { facts, entries }
}
