import type { ClaimReading } from '../../services/metadata/claims/claimed-names.ts'
import { keysOfNames } from '../../services/metadata/compare/name-keys.ts'
import { prepareReadings } from '../../services/metadata/lookup/identify-names.ts'
import { type NamesIndex, buildNamesIndex } from '../../services/metadata/lookup/names-index.ts'
import { NameRows } from '../../services/metadata/lookup/names-rows.ts'
import { randomNumbers } from '../synthetic.ts'
import { degradations } from './degradations.ts'
import { type InventedRecording, inventCatalogue } from './material.ts'
import { cover, otherVersion } from './others.ts'
import type { Spoiler } from './spoiling.ts'
import type { Wording } from './words.ts'

/** A claim and a recording, and whether the claim means it. */
export interface LabelledPair {
  /** How the claim was spoiled, or what sort of other recording it means. */
  readonly kind: string
  readonly readings: readonly ClaimReading[]
  /** Row of the recording. */
  readonly row: number
  readonly same: boolean
}

/** A claim about a recording of the catalogue. */
export interface LabelledClaim {
  readonly kind: string
  readonly readings: readonly ClaimReading[]
  readonly row: number
}

/** A catalogue with its index and what is known of it. */
export interface Trial {
  readonly recordings: readonly InventedRecording[]
  readonly rows: NameRows
  readonly index: NamesIndex
  readonly spoiler: Spoiler
}

/** Of each kind of claim; each gives one pair that is the same and some that are not. */
const CLAIMS_PER_KIND = 300
const NEGATIVES_PER_KIND = 500
/** The best candidates of the index, wrong ones among them, are what a claim is really held against. */
const CANDIDATES = 3

/** Packs recordings into rows. */
export function rowsOf(recordings: Iterable<InventedRecording>): NameRows {
  const rows = new NameRows()
  for (const recording of recordings) rows.add(keysOfNames(recording))
  return rows
}

/** Makes a catalogue of so many recordings from a seed, and its index. */
export function makeTrial(seed: number, wording: Wording, count: number): Trial {
  const random = randomNumbers(seed)
  const recordings = [...inventCatalogue(random, wording, count)]
  const rows = rowsOf(recordings)
  return {
    recordings,
    rows,
    index: buildNamesIndex(rows),
    spoiler: { random, wording, catalogue: recordings },
  }
}

const sameWork = (one: InventedRecording, other: InventedRecording): boolean =>
  one.title === other.title && one.artists.join() === other.artists.join()

const rowAtChance = ({ recordings, spoiler }: Trial): number =>
  Math.floor(spoiler.random() * recordings.length)

/** A recording of another script for transliteration, any for the rest. */
function rowFor(trial: Trial, kind: string): number {
  for (;;) {
    const row = rowAtChance(trial)
    if (kind !== 'scripts' || trial.recordings[row]!.latin) return row
  }
}

/** So many claims of each kind of degradation. */
function makeClaims(trial: Trial, perKind: number): LabelledClaim[] {
  return Object.entries(degradations).flatMap(([kind, degrade]) =>
    Array.from({ length: perKind }, () => {
      const row = rowFor(trial, kind)
      return { kind, row, readings: degrade(trial.spoiler, trial.recordings[row]!) }
    }),
  )
}

/**
 * What the index holds against a claim besides the right recording: other versions of the song, other songs of the
 * artist, the owner of a wrong ISRC, the same title by others. Duplicates by chance, which no names can tell apart,
 * are left out.
 */
function wrongCandidates(
  { recordings, rows, index }: Trial,
  { kind, readings, row }: LabelledClaim,
): LabelledPair[] {
  const meant = recordings[row]!
  const found = new Set<number>()
  for (const { keys } of prepareReadings(readings).slice(0, 2)) {
    for (const candidate of index.lookup(keys, CANDIDATES + 1)) found.add(candidate)
  }
  // Other songs of the artist are the hardest to tell apart, whether or not the index holds them against the claim.
  for (const near of [row - 2, row - 1, row + 1, row + 2]) {
    if (recordings[near]?.artists[0] === meant.artists[0]) found.add(near)
  }
  const owner = readings[0]?.names.isrc
  return [...found]
    .filter((candidate) => candidate !== row && candidate < rows.size)
    .filter(
      (candidate) =>
        !sameWork(recordings[candidate]!, meant) || recordings[candidate]!.version !== meant.version,
    )
    .toSorted((a, b) => Number(recordings[b]!.isrc === owner) - Number(recordings[a]!.isrc === owner))
    .slice(0, CANDIDATES)
    .map((candidate) => ({ kind, readings, row: candidate, same: false }))
}

function otherRecordings(trial: Trial): LabelledPair[] {
  const { recordings, spoiler } = trial
  const kinds = { 'other version': otherVersion, cover } as const
  return Object.entries(kinds).flatMap(([kind, degrade]) =>
    Array.from({ length: NEGATIVES_PER_KIND }, () => {
      let row = rowAtChance(trial)
      while (recordings[row]!.version) row = rowAtChance(trial)
      return { kind, readings: degrade(spoiler, recordings[row]!), row, same: false }
    }),
  )
}

/** Claims held against other songs of the same artist, some with the ISRC of that song. */
function otherSongs(trial: Trial): LabelledPair[] {
  const { recordings, spoiler } = trial
  const kinds = Object.entries(degradations).filter(
    ([kind]) => kind !== 'missing fields' && kind !== 'intact',
  )
  const pairs: LabelledPair[] = []
  while (pairs.length < NEGATIVES_PER_KIND) {
    const row = rowAtChance(trial)
    const [meant, next] = [recordings[row]!, recordings[row + 1]]
    if (!next || next.artists[0] !== meant.artists[0] || next.title === meant.title) continue
    const [, degrade] = kinds[pairs.length % kinds.length]!
    const readings = degrade(spoiler, meant).map((reading) => ({
      ...reading,
      names: {
        ...reading.names,
        ...(pairs.length % 4 === 0 && { isrc: next.isrc }),
        // Now and then songs of one artist are equally long.
        ...(pairs.length % 12 === 1 && { durationMs: next.durationMs }),
      },
    }))
    pairs.push({ kind: 'other song', readings, row: row + 1, same: false })
  }
  return pairs
}

/** Recordings at random that stand for all the others when weights are fitted. */
const STRANGERS_PER_CLAIM = 3

/** Each claim with recordings at random, each of which stands for many: what chance agreement looks like. */
export function makeStrangers(trial: Trial): { pairs: LabelledPair[]; times: number } {
  const claims = makeClaims(trial, CLAIMS_PER_KIND)
  const pairs = claims.flatMap(({ kind, readings, row }) =>
    Array.from({ length: STRANGERS_PER_CLAIM }, () => ({
      kind,
      readings,
      row: rowAtChance(trial),
      same: false,
    })).filter((pair) => pair.row !== row),
  )
  return { pairs, times: trial.rows.size / STRANGERS_PER_CLAIM }
}

/** The labelled set: 4,800 pairs that are the same, about three times as many that are not. */
export function makePairs(trial: Trial): LabelledPair[] {
  const claims = makeClaims(trial, CLAIMS_PER_KIND)
  return [
    ...claims.map((claim) => ({ ...claim, same: true })),
    ...claims.flatMap((claim) => wrongCandidates(trial, claim)),
    ...otherRecordings(trial),
    ...otherSongs(trial),
  ]
}
