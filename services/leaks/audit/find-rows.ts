import type { Leak } from '../leak.ts'
import type { OpenManifest } from '../open-leaks.ts'
import type { LeakRecord } from '../packed/leak-index.ts'
import type { KeptRow } from '../rows/row-line.ts'
import type { FoundRow, ManifestKeptRow } from './exposure-of.ts'

/** A manifest of a leak that is asked. */
export interface AskedManifest extends OpenManifest {
  /** That all its rows are of; 0: of several. */
  readonly batch: number
}

/** A leak that is asked, with its manifests. */
export interface AskedLeak extends Pick<Leak, 'id' | 'name' | 'kind' | 'batches'> {
  readonly manifests: readonly AskedManifest[]
}

/** A row that was found, before alternatives are looked for. */
export type BareFound = FoundRow extends infer Each
  ? Each extends FoundRow
    ? Omit<Each, 'alternatives'>
    : never
  : never

const ascending = (numbers: Iterable<number>): number[] =>
  [...new Set(numbers)].toSorted((one, other) => one - other)

/** Some rows of a manifest by their numbers, each block of them read once. */
async function rowsOf({ rows }: AskedManifest, numbers: Iterable<number>): Promise<Map<number, KeptRow>> {
  const found = new Map<number, KeptRow>()
  for await (const row of rows.read(ascending(numbers))) found.set(row.number, row)
  return found
}

/** The rows that have each ISRC in a manifest, by the code. */
async function rowsByIsrc(
  manifest: AskedManifest,
  isrcs: readonly string[],
): Promise<Map<string, BareFound[]>> {
  const { index, id: manifestId, batch } = manifest
  const records = new Map<string, { readonly record: LeakRecord; readonly numbers: readonly number[] }>()
  for (const [i, record] of (await index.lookUpMany(isrcs)).entries())
    if (record)
      records.set(isrcs[i] as string, {
        record,
        numbers: await index.rowsOf('isrc', record.position),
      })
  const rows = await rowsOf(
    manifest,
    [...records.values()].flatMap(({ numbers }) => numbers),
  )
  const found = new Map<string, BareFound[]>()
  for (const [isrc, { record, numbers }] of records)
    found.set(
      isrc,
      numbers.flatMap((number): BareFound[] => {
        const row = rows.get(number)
        return row ? [{ manifestId, batch, row, foundBy: 'isrc', record }] : []
      }),
    )
  return found
}

const needsAlternatives = ({ row }: BareFound): boolean =>
  row.status !== 'audio' && row.alternatives.length > 0

/** The rows of tracks whose audio was taken, in all manifests of a leak, by the ids of the tracks. */
async function takenTracks(
  { manifests }: AskedLeak,
  trackIds: ReadonlySet<string>,
): Promise<Map<string, ManifestKeptRow>> {
  const taken = new Map<string, ManifestKeptRow>()
  for (const manifest of manifests) {
    const numbers = new Map<string, number>()
    for (const trackId of trackIds) {
      const number = taken.has(trackId) ? undefined : await manifest.index.rowOfTrack(trackId)
      if (number !== undefined) numbers.set(trackId, number)
    }
    const rows = await rowsOf(manifest, numbers.values())
    for (const [trackId, number] of numbers) {
      const row = rows.get(number)
      if (row) taken.set(trackId, { manifestId: manifest.id, batch: manifest.batch, row })
    }
  }
  return taken
}

/**
 * What is found in one leak of some recordings: rows with their ISRC in any of its manifests, those that were found by names
 * before, and for each the alternatives that it names and that were taken.
 *
 * @param isrcs of the recordings; null for one that has none.
 * @param named rows that were found by names or address, of each recording.
 * @returns the rows of each recording, in the same order.
 * @throws {Problem} index/damaged.
 */
export async function findRows(
  leak: AskedLeak,
  isrcs: readonly (string | null)[],
  named: (place: number) => readonly BareFound[],
): Promise<FoundRow[][]> {
  const bare = isrcs.map((_, place) => [...named(place)])
  const asked = [...new Set(isrcs)].filter((isrc) => isrc !== null).toSorted()
  for (const manifest of leak.manifests) {
    const found = await rowsByIsrc(manifest, asked)
    for (const [place, isrc] of isrcs.entries()) {
      const rows = isrc === null ? undefined : found.get(isrc)
      if (rows) bare[place]?.push(...rows)
    }
  }
  const trackIds = bare
    .flat()
    .filter(needsAlternatives)
    .flatMap(({ row }) => row.alternatives)
  const taken = await takenTracks(leak, new Set(trackIds))
  return bare.map((rows) =>
    rows.map((found): FoundRow => {
      const alternatives = needsAlternatives(found)
        ? found.row.alternatives.flatMap((trackId) => taken.get(trackId) ?? [])
        : []
      return { ...found, alternatives }
    }),
  )
}
