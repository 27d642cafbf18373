import type { ConfidenceWeights } from '../../services/matches/confidence-weights.ts'
import { SUREST, audioShortfall } from '../../services/matches/confidence.ts'
import type { LabelledEvidence } from './set.ts'

/** The weights in one row after what all pairs have, and whether each may only be at or above 0, or below. */
const signs = [0, 1, 1, 1, 1, 1, -1] as const
const SIZE = signs.length
const BESIDE_AUDIO = [0, 2, 3, 4, 5, 6]
const AUDIO = [1]

/** How strongly weights are held near 0, as the inverse variance of a normal prior; what all pairs have is free. */
const RIDGE = 0.1
const NEWTON_STEPS = 60
/** How far one step goes at most: far from the truth, where all is certain, the slope says nothing of how far it is. */
const STEP_MAX = 0.5

/** What a pair has of each weight. */
const featuresOf = ({ falseMatchProbability, namesLogOdds = 0, artwork }: LabelledEvidence): number[] => [
  1,
  audioShortfall(falseMatchProbability),
  Math.max(0, namesLogOdds),
  Math.min(0, namesLogOdds),
  Number(artwork === 'same'),
  Number(artwork === 'similar'),
  Number(artwork === 'different'),
]

/** Solves a symmetric positive system by Gaussian elimination; destroys its arguments. */
function solve(matrix: number[][], right: number[]): number[] {
  for (let row = 0; row < SIZE; row++) {
    for (let below = row + 1; below < SIZE; below++) {
      const share = matrix[below]![row]! / matrix[row]![row]!
      for (let at = row; at < SIZE; at++) matrix[below]![at]! -= share * matrix[row]![at]!
      right[below]! -= share * right[row]!
    }
  }
  for (let row = SIZE - 1; row >= 0; row--) {
    for (let at = row + 1; at < SIZE; at++) right[row]! -= matrix[row]![at]! * right[at]!
    right[row]! /= matrix[row]![row]!
  }
  return right
}

interface Example {
  readonly features: readonly number[]
  readonly same: boolean
  /** Log-odds that are known before. */
  readonly before: number
}

const sumOf = (features: readonly number[], beta: readonly number[]): number =>
  features.reduce((sum, value, at) => sum + value * beta[at]!, 0)

/** Newton's method for logistic regression with a ridge; only the weights in `free` leave 0. */
function fitFree(examples: readonly Example[], free: ReadonlySet<number>): number[] {
  let beta: number[] = signs.map(() => 0)
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const gradient = beta.map((value, at) => (at === 0 ? 0 : -RIDGE * value))
    const hessian = beta.map((_, row) => beta.map((__, at) => (row === at ? (at === 0 ? 1e-6 : RIDGE) : 0)))
    for (const { features, same, before } of examples) {
      const probability = 1 / (1 + Math.exp(-sumOf(features, beta) - before))
      const curvature = probability * (1 - probability)
      for (const row of free) {
        gradient[row]! += (Number(same) - probability) * features[row]!
        for (const at of free) hessian[row]![at]! += curvature * features[row]! * features[at]!
      }
    }
    const change = solve(hessian, gradient)
    const limited = change.map((value) => Math.max(-STEP_MAX, Math.min(STEP_MAX, value)))
    beta = beta.map((value, at) => (free.has(at) ? value + limited[at]! : 0))
  }
  return beta
}

/** The same with weights of the right signs: one that has the wrong one stays 0, and the rest is fitted again. */
function fitSigned(examples: readonly Example[], wanted: readonly number[]): number[] {
  const free = new Set(wanted)
  for (;;) {
    const beta = fitFree(examples, free)
    const wrong = [...free].find((at) => signs[at]! * beta[at]! < 0)
    if (wrong === undefined) return beta
    free.delete(wrong)
  }
}

/**
 * Fits the weights by logistic regression, those of names and covers first, over all pairs and without the audio:
 * nearly every copy is heard clearly, and beside it few pairs are left in doubt that could tell what a name is worth.
 * That is right as long as names and covers do not depend on how well a copy is heard, as in the labelled set.
 *
 * The audio's weight is fitted beside them. Where chance finds as much once in a million, audio alone is taken to be
 * as sure as that: the engine tells no smaller numbers, and nearly all copies have this one. More certain audio, names
 * that fit better and a cover that is closer never lower a confidence. Deterministic.
 */
export function fitConfidence(rows: readonly LabelledEvidence[]): ConfidenceWeights {
  const examples = rows.map((row) => ({ features: featuresOf(row), same: row.same, before: 0 }))
  const beside = fitSigned(examples, BESIDE_AUDIO).with(0, 0)
  const known = examples.map((example) => ({
    ...example,
    before: SUREST + sumOf(example.features, beside),
  }))
  return weightsOf(beside.with(1, fitSigned(known, AUDIO)[1]!))
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000 + 0

/** Drawn covers come in no series of look-alikes, so that pairs cannot tell how little a similar one says. */
const SIMILAR_SHARE_MAX = 0.5

function weightsOf(beta: readonly number[]): ConfidenceWeights {
  const [, audio = 0, namesFor = 0, namesAgainst = 0, same = 0, similar = 0, different = 0] = beta
  return {
    audio: rounded(audio),
    namesFor: rounded(namesFor),
    namesAgainst: rounded(namesAgainst),
    artwork: {
      same: rounded(same),
      similar: rounded(Math.min(similar, SIMILAR_SHARE_MAX * same)),
      different: rounded(different),
    },
  }
}

/** The weights as the table of services/matches/confidence-weights.ts. */
export const weightsTable = ({ artwork, ...rest }: ConfidenceWeights): string =>
  [
    'export const confidenceWeights: ConfidenceWeights = {',
    ...Object.entries(rest).map(([name, weight]) => `  ${name}: ${weight},`),
    `  artwork: { same: ${artwork.same}, similar: ${artwork.similar}, different: ${artwork.different} },`,
    '}',
    '',
  ].join('\n')

/** A probability that was said, and whether it came true. */
export interface Said {
  readonly probability: number
  readonly same: boolean
}

/**
 * Isotonic regression: the rising steps that are closest to what came true, by pooling neighbours that are out of order.
 *
 * @returns a function from what was said to what comes true.
 *
 * Source: M. Ayer et al., "An empirical distribution function for sampling with incomplete information", Annals of
 * Mathematical Statistics 26, 1955.
 */
export function isotonic(said: readonly Said[]): (probability: number) => number {
  const pools: { from: number; sum: number; count: number }[] = []
  for (const { probability, same } of said.toSorted((a, b) => a.probability - b.probability)) {
    pools.push({ from: probability, sum: Number(same), count: 1 })
    for (;;) {
      const [before, last] = pools.slice(-2)
      if (!last || !before || before.sum / before.count < last.sum / last.count) break
      pools.splice(-2, 2, {
        from: before.from,
        sum: before.sum + last.sum,
        count: before.count + last.count,
      })
    }
  }
  return (probability) => {
    const pool = pools.findLast(({ from }) => from <= probability) ?? pools[0]
    return pool ? pool.sum / pool.count : probability
  }
}
