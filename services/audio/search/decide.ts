import { BANDS_PER_OCTAVE } from '../constants.ts'
import type { Alignment } from './align.ts'
import type { Change } from './hypotheses.ts'
import { PITCH_MOST, SPEED_HIGHEST, SPEED_LOWEST, TEMPO_MOST } from './hypotheses.ts'
import type { Evidence } from './score.ts'

/** The verdict on one verified candidate. */
export interface Decision {
  readonly change: Change
  /** Evidence after the price of what was missed, in bits. */
  readonly score: number
  /** Score from which on it is accepted. */
  readonly threshold: number
  readonly accepted: boolean
  readonly falseMatchProbability: number
}

/** What makes chance larger: more hours to compare with, and a longer suspect. */
export interface Exposure {
  readonly indexHours: number
  readonly suspectSeconds: number
}

/** Tail of the scores of false candidates: share of searches above S = height × 10^(−(S − 20) / decade). */
interface Tail {
  readonly height: number
  readonly decade: number
  /** Score to accept from at the exposure it was measured at. */
  readonly threshold: number
}

/**
 * Fitted on 396 searches for music that was not in an index of 15.3 hours, 33 s each on average; the scores of
 * false candidates fall off exponentially, but slower than 2^−S: they are musical coincidences, not noise.
 */
const MEASURED: Exposure = { indexHours: 15.3, suspectSeconds: 33 }
const TAIL_STARTS_AT = 20
const tails: Record<Change, Tail> = {
  none: { height: 0.36, decade: 14.2, threshold: 52 },
  speed: { height: 0.59, decade: 20, threshold: 70 },
  pitch: { height: 0.49, decade: 20, threshold: 90 },
  tempo: { height: 0.54, decade: 19, threshold: 60 },
}

/** Where only unchanged copies were looked for, fewer candidates were: its strangers reached 42. */
const THRESHOLD_UNCHANGED_ONLY = 50

/** Bits that each reference peak costs which the suspect ought to have and has not, beyond its own evidence. */
const MISS_BITS = 0.4

/** Far beyond what was measured the tail is an extrapolation; a smaller number would claim knowledge that nobody has. */
const PROBABILITY_LEAST = 1e-6

/**
 * What was done to the copy, by the fitted scale and raise in bands; undefined when the two have nothing to do
 * with each other or exceed what was searched for: only musical look-alikes are like that.
 */
export function changeOf({ scale, raise }: Alignment): Change | undefined {
  const stretch = BANDS_PER_OCTAVE * Math.log2(scale)
  const within = (value: number, lowest: number, highest: number) => value > lowest && value < highest
  if (Math.abs(stretch) < 1.2 && Math.abs(raise) < 0.6) return 'none'
  if (Math.abs(stretch - raise) < 1) return within(stretch, SPEED_LOWEST, SPEED_HIGHEST) ? 'speed' : undefined
  if (Math.abs(stretch) < 1.2) return within(raise, -PITCH_MOST - 0.5, PITCH_MOST + 0.5) ? 'pitch' : undefined
  if (Math.abs(raise) < 0.8) return within(stretch, -TEMPO_MOST + 0.5, TEMPO_MOST - 0.5) ? 'tempo' : undefined
  return undefined
}

/**
 * Judges a verified candidate.
 *
 * The threshold rises with the exposure, so that the rate of false matches per search stays what it was when
 * it was measured. It never falls below that, however small the index: with few references the coincidences
 * are rarer, but nobody has measured how much.
 *
 * @param unchangedOnly whether it came from a pass that looked for unchanged copies only.
 * @returns undefined for a change that is not believed; see `changeOf`.
 */
export function decide(
  evidence: Evidence,
  alignment: Alignment,
  exposure: Exposure,
  unchangedOnly: boolean,
): Decision | undefined {
  const change = changeOf(alignment)
  if (!change) return undefined
  const tail = tails[change]
  const score = evidence.bits - MISS_BITS * (evidence.expected - evidence.matched)
  const times = Math.max(
    1,
    (exposure.indexHours / MEASURED.indexHours) * (exposure.suspectSeconds / MEASURED.suspectSeconds),
  )
  const base = unchangedOnly && change === 'none' ? THRESHOLD_UNCHANGED_ONLY : tail.threshold
  const threshold = base + tail.decade * Math.log10(times)
  const probability = tail.height * times * 10 ** (-(score - TAIL_STARTS_AT) / tail.decade)
  return {
    change,
    score,
    threshold,
    accepted: score >= threshold,
    falseMatchProbability: Math.min(1, Math.max(PROBABILITY_LEAST, probability)),
  }
}
