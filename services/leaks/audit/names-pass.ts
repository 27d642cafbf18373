import { setImmediate as turn } from 'node:timers/promises'

import type { RecordingId } from '../../core/ids.ts'
import { type ClaimReading, readClaims } from '../../metadata/claims/claimed-names.ts'
import { probabilityOf } from '../../metadata/compare/compare-names.ts'
import { type NameKeys, type Names, keysOfNames } from '../../metadata/compare/name-keys.ts'
import type { Levels } from '../../metadata/compare/name-levels.ts'
import { FITTED_RECORDINGS, PRIOR_LOG_ODDS } from '../../metadata/compare/name-weights.ts'
import { prepareReadings, scoreReading } from '../../metadata/lookup/identify-names.ts'
import { type NamesIndex, namesIndexInSteps } from '../../metadata/lookup/names-index.ts'
import { NameRows } from '../../metadata/lookup/names-rows.ts'
import type { KeptRow } from '../rows/row-line.ts'
import { addressKeyOf } from './address-key.ts'
import type { WordFilter } from './word-filter.ts'

/** A recording as rows without a usable ISRC are held against it. */
export interface NamedRecording {
  readonly id: RecordingId
  readonly names: Names
  /** Where it is by its holder's leave. */
  readonly addresses: readonly string[]
}

/** A catalogue in memory, to be passed by the rows of manifests. */
export interface PassCatalogue {
  readonly ids: readonly RecordingId[]
  readonly rows: NameRows
  readonly index: NamesIndex
  /** Numbers of the recordings that are at an address, by its key. */
  readonly byAddress: ReadonlyMap<string, readonly number[]>
}

/** A recording that a row is of. */
export interface Meant {
  /** Its number in the catalogue. */
  readonly recording: number
  readonly foundBy: 'names' | 'address'
  /** Natural log-odds. */
  readonly logOdds: number
}

/** Recordings that are compared with a reading of a row. */
const CANDIDATES_MAX = 8
/** Rows and recordings between which other jobs of the worker have their turn: some ten milliseconds. */
const ROWS_A_TURN = 250
const RECORDINGS_A_TURN = 2_000

/**
 * From this probability on a row is taken for ours. Most rows of a leak are of nobody here, unlike what is handed in to be
 * examined: more is asked of them, so that of those taken 99 in 100 are ours (test/unit/audit-accuracy.test.ts).
 */
const ACCEPTED_PROBABILITY = 0.97

/**
 * A video or a page that a holder names is the recording, unless it was mistyped: as much as an equal ISRC and names
 * together. Several recordings at one address, as at that of a channel, share it.
 */
const ADDRESS_LOG_ODDS = 6

/** Puts a catalogue into memory, about 300 bytes a recording; other work has its turn meanwhile. */
export async function preparePass(
  recordings: AsyncIterable<readonly NamedRecording[]>,
): Promise<PassCatalogue> {
  const ids: RecordingId[] = []
  const rows = new NameRows()
  const byAddress = new Map<string, number[]>()
  for await (const page of recordings)
    for (const { id, names, addresses } of page) {
      const number = rows.add(keysOfNames(names))
      ids.push(id)
      if (ids.length % RECORDINGS_A_TURN === 0) await turn()
      for (const address of addresses) {
        const key = addressKeyOf(address)
        if (key === undefined) continue
        const others = byAddress.get(key)
        if (others) others.push(number)
        else byAddress.set(key, [number])
      }
    }
  return { ids, rows, index: await inTurns(namesIndexInSteps(rows)), byAddress }
}

/** Takes steps until there are no more; other work has its turn between them. */
async function inTurns<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    await turn()
  }
}

/** Where the title of a row may name the artist, too: uploads are titled so. */
const WITH_ARTIST = / [-–—|~] /
/** How often such a title is meant so although the row names artists, who may be uploaders. */
const UPLOADED_WEIGHT = 0.3

/** The ways to read a title that nobody took apart, or else the name of a file. */
function looseReadings({ title, fileName }: KeptRow): ClaimReading[] {
  if (title !== undefined) return readClaims({ kind: 'page-title', text: title })
  return fileName === undefined ? [] : readClaims({ kind: 'file-name', text: fileName })
}

/** The ways to read what a row is called: by its title and artists, or what else it has. */
export function readingsOf(row: KeptRow): ClaimReading[] {
  const { title, artists, album, upc, durationMs } = row
  const known: Names = { upc, durationMs }
  const isTakenApart = title !== undefined && artists.length > 0
  const asListed: ClaimReading[] = isTakenApart
    ? [{ weight: 1, ids: [], names: { title, artists, releaseTitle: album, ...known } }]
    : []
  if (isTakenApart && !WITH_ARTIST.test(title)) return asListed
  const weight = isTakenApart ? UPLOADED_WEIGHT : 1
  const loose = looseReadings(row).map((reading): ClaimReading => ({
    ...reading,
    weight: reading.weight * weight,
    names: { releaseTitle: album, ...reading.names, ...known },
  }))
  return [...asListed, ...loose]
}

/**
 * Log-odds beside the fitted ones, before anything is compared. A pair of a row and a recording is the rarer a right one
 * the more rows there are: of `EXPECTED_ROWS` a recording, one in as many. From some hundred thousand rows on no more is
 * asked, for then equal names and length would no longer do.
 */
const priorOf = (rows: number): number => {
  const logOdds = Math.log(EXPECTED_ROWS / Math.max(1, rows))
  return Math.min(0, Math.max(PRIOR_MIN, logOdds) - PRIOR_LOG_ODDS)
}
const EXPECTED_ROWS = 0.2
const PRIOR_MIN = -13

/**
 * What the release adds. Names that are handed in seldom tell it, and fitted weights make little of it; a list of tracks
 * has it for each. A release that is called as its song says nothing new.
 */
function releaseLogOdds(release: Levels['release'], ours: NameKeys): number {
  if (release === undefined) return 0
  if (release === 'other') return -1.5
  return ours.release === ours.title ? 0 : release === 'equal' ? 4 : 1
}

/** Candidates of a row with the log-odds of the best reading of each. */
function compare(row: KeptRow, { rows, index }: PassCatalogue, prior: number): Map<number, number> {
  const best = new Map<number, number>()
  for (const reading of prepareReadings(readingsOf(row)))
    for (const candidate of index.lookup(reading.keys, CANDIDATES_MAX)) {
      const ours = rows.keysOf(candidate)
      const { logOdds, levels } = scoreReading(reading, ours, FITTED_RECORDINGS)
      const all = logOdds + prior + releaseLogOdds(levels.release, ours)
      if (all > (best.get(candidate) ?? Number.NEGATIVE_INFINITY)) best.set(candidate, all)
    }
  return best
}

/**
 * The recordings that a row without a usable ISRC is of, by its address and else by its names. A row is of one recording:
 * those that it fits share the chance, so that it is not taken for the studio recording beside a live one that fits better.
 *
 * @param namelessRows of its manifest: among many, more look like ours by chance.
 */
export function meantBy(row: KeptRow, catalogue: PassCatalogue, namelessRows: number): Meant[] {
  const key = row.address === undefined ? undefined : addressKeyOf(row.address)
  const there = (key !== undefined && catalogue.byAddress.get(key)) || []
  if (there.length > 0) {
    const logOdds = ADDRESS_LOG_ODDS - Math.log(there.length)
    return there.map((recording) => ({ recording, foundBy: 'address', logOdds }))
  }
  const found = compare(row, catalogue, priorOf(namelessRows))
  let all = 1
  for (const logOdds of found.values()) all += Math.exp(logOdds)
  const meant: Meant[] = []
  for (const [recording, logOdds] of found) {
    const shared = logOdds - Math.log(all - Math.exp(logOdds))
    if (probabilityOf(shared) >= ACCEPTED_PROBABILITY)
      meant.push({ recording, foundBy: 'names', logOdds: shared })
  }
  return meant
}

/**
 * Lets the rows of a manifest that have no usable ISRC pass a catalogue.
 *
 * @param onMeant is called for each row that is of a recording.
 * @param onRows is told how many rows have passed since it was last called.
 * @throws the reason of `signal`.
 */
export async function passNames(
  nameless: AsyncIterable<readonly KeptRow[]>,
  catalogue: PassCatalogue,
  options: {
    readonly namelessRows: number
    /** Rows that need not be compared, when few recordings of the catalogue are asked for. */
    readonly filter?: WordFilter | undefined
    readonly signal: AbortSignal
    readonly onMeant: (row: KeptRow, meant: Meant) => void
    readonly onRows: (count: number) => void
  },
): Promise<void> {
  for await (const rows of nameless) {
    for (const [at, row] of rows.entries()) {
      if (options.filter?.mayMean(row) === false) continue
      for (const meant of meantBy(row, catalogue, options.namelessRows)) options.onMeant(row, meant)
      if (at % ROWS_A_TURN === ROWS_A_TURN - 1) await turn()
    }
    options.signal.throwIfAborted()
    options.onRows(rows.length)
    await turn()
  }
}
