import { isrcContradicted } from '../../services/metadata/compare/compare-names.ts'
import type { NameKeys } from '../../services/metadata/compare/name-keys.ts'
import {
  type Levels,
  type NameField,
  levelsOf,
  nameLevels,
} from '../../services/metadata/compare/name-levels.ts'
import { nameWeights } from '../../services/metadata/compare/name-weights.ts'
import type { PreparedReading } from '../../services/metadata/lookup/identify-names.ts'

/** A pair as the fit sees it. */
export interface FitPair {
  readonly readings: readonly PreparedReading[]
  readonly ours: NameKeys
  readonly same: boolean
  /** How many pairs it stands for. */
  readonly times: number
}

/** What a fit finds: natural log-odds by field and level, and of nothing known. */
export interface Fit {
  readonly prior: number
  readonly weights: Readonly<Record<NameField, Readonly<Record<string, number>>>>
}

const fields = Object.keys(nameLevels) as NameField[]
/** Each level of each field is a feature that a pair has or has not; place 0 is the prior. */
const features = fields.flatMap((field) => nameLevels[field].map((level) => `${field} ${level}`))
const placeOf = new Map(features.map((feature, at) => [feature, at + 1]))
const SIZE = features.length + 1

/**
 * How strongly weights are held near 0, as the inverse variance of a normal prior: a level that few pairs have does
 * not get the infinite weight that a few pairs would justify.
 */
const RIDGE = 0.25
/** Which reading of a claim fits best depends on the weights, so that they are fitted again. */
const ROUNDS = 4
const NEWTON_STEPS = 30

/** Which features a comparison has. */
function placesOf(levels: Levels): number[] {
  const places = [0]
  for (const field of fields) {
    const level = levels[field]
    if (level === undefined || (field === 'isrc' && isrcContradicted(levels))) continue
    places.push(placeOf.get(`${field} ${level}`)!)
  }
  return places
}

const sumAt = (beta: Float64Array, places: readonly number[]): number =>
  places.reduce((sum, place) => sum + beta[place]!, 0)

interface Example {
  readonly times: number
  readonly ways: readonly { readonly places: readonly number[]; readonly logWeight: number }[]
  readonly same: boolean
}

function bestWay({ ways }: Example, beta: Float64Array): Example['ways'][number] | undefined {
  let best: Example['ways'][number] | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const way of ways) {
    const score = sumAt(beta, way.places) + way.logWeight
    if (score > most) [best, most] = [way, score]
  }
  return best
}

/** Solves a symmetric positive system by Gaussian elimination; destroys its arguments. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  for (let row = 0; row < SIZE; row++) {
    for (let below = row + 1; below < SIZE; below++) {
      const share = matrix[below]![row]! / matrix[row]![row]!
      if (share === 0) continue
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

/** One step of Newton's method for logistic regression with a ridge. */
function step(examples: readonly Example[], beta: Float64Array): Float64Array {
  const hessian = Array.from({ length: SIZE }, () => new Float64Array(SIZE))
  const gradient = Float64Array.from(beta, (value, at) => (at === 0 ? 0 : -RIDGE * value))
  for (let at = 0; at < SIZE; at++) hessian[at]![at] = at === 0 ? 1e-6 : RIDGE
  for (const example of examples) {
    const way = bestWay(example, beta)
    if (!way) continue
    const probability = 1 / (1 + Math.exp(-sumAt(beta, way.places) - way.logWeight))
    const curvature = example.times * probability * (1 - probability)
    for (const one of way.places) {
      gradient[one]! += example.times * (Number(example.same) - probability)
      for (const other of way.places) hessian[one]![other]! += curvature
    }
  }
  const change = solve(hessian, gradient)
  return beta.map((value, at) => value + change[at]!)
}

/** What was fitted before, to choose ways by. */
function presentWeights(prior: number): Float64Array {
  const beta = new Float64Array(SIZE)
  beta[0] = prior
  for (const field of fields) {
    for (const [level, weight] of Object.entries(nameWeights[field])) {
      beta[placeOf.get(`${field} ${level}`)!] = weight
    }
  }
  return beta
}

/** Levels at which a field disagrees. */
const DISAGREEING = new Set(['differs', 'other', 'other-script', 'off', 'far', 'not-scaled', 'unsaid'])
const disagreeing = features.flatMap((feature, at) =>
  DISAGREEING.has(feature.split(' ')[1]!) ? [at + 1] : [],
)

function fitPlaces(examples: readonly Example[], prior: number): Float64Array {
  let beta = presentWeights(prior)
  for (let round = 0; round < ROUNDS; round++) {
    // Within a round only the chosen ways count.
    const chosen = examples.map((example) => ({
      ...example,
      ways: [bestWay(example, beta)].filter((way) => way !== undefined),
    }))
    let fitted: Float64Array = new Float64Array(SIZE)
    for (let count = 0; count < NEWTON_STEPS; count++) fitted = step(chosen, fitted)
    beta = fitted
  }
  return beta
}

/** The examples without some features. */
const without = (examples: readonly Example[], dropped: ReadonlySet<number>): Example[] =>
  examples.map((example) => ({
    ...example,
    ways: example.ways.map((way) => ({ ...way, places: way.places.filter((place) => !dropped.has(place)) })),
  }))

/**
 * Fits weights by logistic regression. Counting how often fields agree (m and u) would take fields that go together
 * for independent; the regression divides between them what they say in common. Where it finds that a disagreement
 * speaks for a pair, which only mirrors how the pairs were drawn, that level is left at 0 and the rest fitted again.
 *
 * @param prior log-odds to begin with. The result is the same for the same pairs, on every machine.
 */
export function fitWeights(pairs: readonly FitPair[], prior: number): Fit {
  const examples = pairs.map(({ readings, ours, same, times }) => ({
    same,
    times,
    ways: readings.map(({ keys, logWeight }) => ({ logWeight, places: placesOf(levelsOf(keys, ours)) })),
  }))
  const free = fitPlaces(examples, prior)
  const dropped = new Set(disagreeing.filter((place) => free[place]! > 0))
  const beta = dropped.size === 0 ? free : fitPlaces(without(examples, dropped), prior)
  const weights = Object.fromEntries(
    fields.map((field) => [
      field,
      Object.fromEntries(nameLevels[field].map((level) => [level, beta[placeOf.get(`${field} ${level}`)!]!])),
    ]),
  ) as Fit['weights']
  return { prior: beta[0]!, weights }
}

/** Two digits; never `-0`. */
const rounded = (weight: number): string => String(Math.round(weight * 100) / 100 + 0)

/** A fit as the table of services/metadata/compare/name-weights.ts. */
export function fitTable({ prior, weights }: Fit): string {
  const key = (level: string): string => (/^\w+$/.test(level) ? level : `'${level}'`)
  const rows = fields.map((field) => {
    const levels = Object.entries(weights[field]).map(
      ([level, weight]) => `${key(level)}: ${rounded(weight)}`,
    )
    return `  ${field}: { ${levels.join(', ')} },`
  })
  return `export const PRIOR_LOG_ODDS = ${prior.toFixed(2)}\n\nexport const nameWeights: NameWeights = {\n${rows.join('\n')}\n}\n`
}
