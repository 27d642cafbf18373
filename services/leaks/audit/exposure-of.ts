import type { LeakManifestId } from '../../core/ids.ts'
import { isrcContradicted, probabilityOf, scoreNames } from '../../metadata/compare/compare-names.ts'
import { type NameKeys, type Names, keysOfNames } from '../../metadata/compare/name-keys.ts'
import { FITTED_RECORDINGS } from '../../metadata/compare/name-weights.ts'
import { type BatchRange, batchOf } from '../batch-of.ts'
import { EVIDENCE_ROWS_MAX, type EvidenceRow, type FoundBy, type LeakAnswer } from '../exposure.ts'
import { type TrackCodec, trackStatuses } from '../manifest-row.ts'
import type { Payload } from '../packed/word.ts'
import type { KeptRow } from '../rows/row-line.ts'

/** What a recording is compared by. */
export interface AskedNames {
  readonly keys: NameKeys
}

/** A row of a manifest, and whose it is. */
export interface ManifestKeptRow {
  readonly manifestId: LeakManifestId
  /** That all rows of its manifest are of; 0: of several. */
  readonly batch: number
  readonly row: KeptRow
}

/** A row that has our ISRC. */
interface RowByIsrc extends ManifestKeptRow {
  readonly foundBy: 'isrc'
  /** What its index says of the code, all rows that have it taken together. */
  readonly record: Pick<Payload, 'popularity'>
}

/** A row without a usable ISRC that is ours by its names or its address. */
interface RowByNames extends ManifestKeptRow {
  readonly foundBy: 'names' | 'address'
  /** Natural log-odds that it is of this recording. */
  readonly logOdds: number
}

/** A row of a leak that may be of a recording. */
export type FoundRow = (RowByIsrc | RowByNames) & {
  /** Rows of the tracks that it names in its stead, as far as their audio was taken. */
  readonly alternatives: readonly ManifestKeptRow[]
}

/** What one leak says of a recording. */
export interface LeakFinding {
  readonly answer: LeakAnswer | undefined
  /** It has our ISRC on another song. */
  readonly contradicted: boolean
}

/** What a row is called, as services/metadata compares it. Its ISRC is compared only where it is how it was found. */
export const namesOfRow = ({ isrc, upc, title, artists, album, durationMs }: KeptRow): Names => ({
  isrc,
  upc,
  title,
  artists: artists.length > 0 ? artists : undefined,
  releaseTitle: album,
  durationMs,
})

/** A row that counts, with what it says of the recording. */
interface Counted {
  readonly found: FoundRow
  /** The row whose audio it is: itself, or an alternative. */
  readonly source: ManifestKeptRow
  readonly status: LeakAnswer['status']
  readonly codec: TrackCodec
  readonly foundBy: FoundBy
  readonly logOdds: number
}

/** Codings from the best to the least. */
const codecOrder: readonly TrackCodec[] = ['vorbis-160', 'other', 'opus-75', 'unknown']

const rankOf = ({ status, codec }: Pick<Counted, 'status' | 'codec'>): number =>
  trackStatuses.indexOf(status) * codecOrder.length + codecOrder.indexOf(codec)

/** The best row for whoever has the leak first; of equal ones the surest. */
const bestFirst = (one: Counted, other: Counted): number =>
  rankOf(one) - rankOf(other) || other.logOdds - one.logOdds

function counted(found: FoundRow, logOdds: number): Counted {
  const { row } = found
  const own = { found, source: found, status: row.status, codec: row.codec, foundBy: found.foundBy, logOdds }
  if (row.status === 'audio') return own
  const [alternative] = found.alternatives.toSorted(
    (one, other) => codecOrder.indexOf(one.row.codec) - codecOrder.indexOf(other.row.codec),
  )
  if (!alternative) return own
  const { codec } = alternative.row
  return { ...own, source: alternative, status: 'sibling', codec, foundBy: 'alternative' }
}

const highest = (numbers: readonly (number | undefined)[]): number | undefined => {
  const told = numbers.filter((each) => each !== undefined)
  return told.length > 0 ? Math.max(...told) : undefined
}

/** When a row was first taken, and the alternatives that it names. */
const takenAtOf = ({ row, alternatives }: FoundRow): number[] =>
  [row.takenAtMs, ...alternatives.map((each) => each.row.takenAtMs)].filter((each) => each !== undefined)

const evidenceOf = ({ manifestId, row }: ManifestKeptRow): EvidenceRow => ({
  manifestId,
  row: row.locator.row,
  part: row.locator.part,
  isrc: row.isrc ?? null,
  title: row.title ?? null,
  artists: [...row.artists],
  album: row.album ?? null,
  durationMs: row.durationMs ?? null,
  trackId: row.trackId ?? null,
  status: row.status,
  sha256: [...row.sha256],
  fileName: row.fileName ?? null,
  address: row.address ?? null,
})

/** Each row once, though several name the same alternative. */
function evidenceRows(rows: readonly Counted[]): EvidenceRow[] {
  const once = new Map<string, EvidenceRow>()
  for (const { found, source } of rows)
    for (const each of [source, found, ...found.alternatives])
      once.set(`${each.manifestId} ${each.row.number}`, evidenceOf(each))
  return [...once.values()]
}

function answerOf(rows: readonly [Counted, ...Counted[]], batches: readonly BatchRange[]): LeakAnswer {
  const [best] = rows
  const popularity = highest(
    rows.flatMap(({ found }) => [
      found.row.popularity,
      found.foundBy === 'isrc' ? found.record.popularity : undefined,
      ...found.alternatives.map(({ row }) => row.popularity),
    ]),
  )
  // A file lies in the batch of the row that it was taken with, however popular its siblings are.
  const { row, batch: own } = best.source
  const batch = batchOf(batches, { own, popularity: row.popularity ?? popularity })
  const takenAt = rows.flatMap(({ found }) => takenAtOf(found))
  const evidence = evidenceRows(rows)
  return {
    status: best.status,
    codec: best.codec,
    popularity: popularity === undefined ? null : Math.round(popularity),
    batch: batch?.number ?? 0,
    takenAt: takenAt.length > 0 ? new Date(takenAt.reduce((a, b) => Math.min(a, b))) : null,
    foundBy: best.foundBy,
    probability: probabilityOf(best.logOdds),
    rowsFound: evidence.length,
    rows: evidence.slice(0, EVIDENCE_ROWS_MAX),
  }
}

/**
 * What one leak says of a recording, from the rows that were found of it in all its manifests. Rows with our ISRC count
 * unless their names are those of another song; without names the code alone counts, and less, whatever the
 * size of the catalogue: a leak has the songs of the world. The status is the best of
 * all rows: a row that was not taken but names tracks that were makes it `sibling`.
 *
 * @param batches of the leak.
 */
export function exposureOf(
  { keys }: AskedNames,
  found: readonly FoundRow[],
  batches: readonly BatchRange[],
): LeakFinding {
  let contradicted = false
  const rows: Counted[] = []
  for (const each of found) {
    if (each.foundBy !== 'isrc') {
      rows.push(counted(each, each.logOdds))
      continue
    }
    const { logOdds, levels } = scoreNames(keysOfNames(namesOfRow(each.row)), keys, FITTED_RECORDINGS)
    if (isrcContradicted(levels)) contradicted = true
    else rows.push(counted(each, logOdds))
  }
  const [best, ...others] = rows.toSorted(bestFirst)
  return { answer: best && answerOf([best, ...others], batches), contradicted }
}
