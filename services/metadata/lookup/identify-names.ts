import type { ClaimReading } from '../claims/claimed-names.ts'
import { type Comparison, type Score, explainScore, scoreNames } from '../compare/compare-names.ts'
import { type NameKeys, type Names, keysOfNames } from '../compare/name-keys.ts'
import type { NamesIndex } from './names-index.ts'
import type { NameRows } from './names-rows.ts'

/** A catalogue that claims are held against. */
export interface NamesCatalogue {
  readonly rows: NameRows
  readonly index: NamesIndex
}

/** A recording that a claim may mean. */
export interface IdentifiedNames {
  /** Row in the catalogue. */
  readonly row: number
  /** The reading of the claim under which it fits best. */
  readonly names: Names
  readonly comparison: Comparison
}

/** Candidates compared for each reading: beyond the first few share only a common word. */
const CANDIDATES_COMPARED_MAX = 16

/** A reading made ready for comparing. */
export interface PreparedReading {
  readonly names: Names
  readonly keys: NameKeys
  /** What its weight adds to every score: an unlikely way to read a name must agree better. */
  readonly logWeight: number
}

/** Readings made ready for comparing. */
export const prepareReadings = (readings: readonly ClaimReading[]): PreparedReading[] =>
  readings.map(({ names, weight }) => ({ names, keys: keysOfNames(names), logWeight: Math.log(weight) }))

/** How well a recording fits one reading, its weight counted. */
export function scoreReading(
  { keys, logWeight }: PreparedReading,
  ours: NameKeys,
  recordings: number,
): Score {
  const { logOdds, levels } = scoreNames(keys, ours, recordings)
  return { logOdds: logOdds + logWeight, levels }
}

interface Best {
  readonly row: number
  readonly score: Score
  readonly reading: PreparedReading
}

/**
 * The recordings that a suspect may be by its names alone, the likeliest first.
 *
 * @param limit of recordings returned.
 */
export function identifyNames(
  readings: readonly ClaimReading[],
  { rows, index }: NamesCatalogue,
  limit: number,
): IdentifiedNames[] {
  const best = new Map<number, Best>()
  for (const reading of prepareReadings(readings)) {
    for (const row of index.lookup(reading.keys, CANDIDATES_COMPARED_MAX)) {
      const score = scoreReading(reading, rows.keysOf(row), rows.size)
      const before = best.get(row)
      if (!before || before.score.logOdds < score.logOdds) best.set(row, { row, score, reading })
    }
  }
  return [...best.values()]
    .toSorted((a, b) => b.score.logOdds - a.score.logOdds || a.row - b.row)
    .slice(0, limit)
    .map(({ row, score, reading: { keys, names } }) => ({
      row,
      names,
      comparison: explainScore(score, keys, rows.keysOf(row)),
    }))
}
