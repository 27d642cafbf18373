import { BANDS_PER_OCTAVE, FRAMES_PER_SECOND } from '../constants.ts'
import type { Alignment } from './align.ts'
import type { Change } from './hypotheses.ts'
import { PITCH_MOST, SPEED_HIGHEST, SPEED_LOWEST, TEMPO_MOST } from './hypotheses.ts'
import type { Evidence } from './score.ts'
import { isShift } from './shift.ts'

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

/** What was fitted: the place alone, or with it a change; the less, the rarer are high scores by chance. */
export type Fit = 'exact' | Change

/** Tail of the scores of false candidates: share of searches above S = height × 10^(−(S − 20) / decade). */
interface Tail {
  readonly height: number
  readonly decade: number
}

/**
 * Fitted on searches that can only be wrong: of strangers, of music turned backwards, shuffled, or raised beyond what is
 * looked for. `npm run bench -- calibration` fits them anew. Scores of false candidates fall off exponentially, but
 * slower than 2^−S: they are musical coincidences, not noise. Written for an index and a suspect of this size.
 */
const MEASURED: Exposure = { indexHours: 15.3, suspectSeconds: 33 }
export const TAIL_STARTS_AT = 20
const tails: Record<Fit, Tail> = {
  exact: { height: 0.05, decade: 12.7 },
  none: { height: 0.11, decade: 15 },
  speed: { height: 0.11, decade: 18 },
  pitch: { height: 0.06, decade: 25 },
  tempo: { height: 0.11, decade: 18.5 },
}

/**
 * Five kinds of fit are tried, and a false claim of any is a false claim: each gets a share of those that are accepted.
 * Exact copies get most, as little of them is left under noise; changed ones score far above any bar.
 */
const SHARES: Record<Fit, number> = { exact: 0.6, none: 0.1, speed: 0.1, pitch: 0.1, tempo: 0.1 }

/**
 * How many false claims are accepted, of a million suspects that are compared with the whole catalogue and contain
 * nothing of it: what is usual, and between what an owner may choose. It cannot be set higher, however little else
 * would be found: a false accusation hurts a person.
 */
export const ACCEPTANCE_DEFAULT = 500
export const ACCEPTANCE_MIN = 1
export const ACCEPTANCE_MAX = 1_000

/** Nothing is accepted below this score, however short the suspect and small the catalogue: the tail was not measured there. */
const SCORE_LEAST: Record<Change, number> = { none: 40, speed: 55, pitch: 55, tempo: 55 }

/**
 * Nor is anything accepted that shares fewer peaks, or a shorter stretch, whatever its score: two pieces of the same key and
 * tempo have a bar in common, and in a small catalogue the bar is low.
 */
const MATCHED_LEAST = 12
const STRETCH_LEAST_FRAMES = 1.5 * FRAMES_PER_SECOND

/**
 * Bits that each reference peak costs which a changed copy ought to have and has not, beyond its own evidence. Under noise
 * most of an unchanged copy may be missing. A changed copy has two thirds of its peaks at least, where long stretches of
 * other music in the same key have a third: there the price is high.
 */
const MISS_BITS: Record<Change, number> = { none: 0, speed: 1.2, pitch: 1.2, tempo: 1.2 }

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

/** @param change as `changeOf` has it. */
export const fitOf = (alignment: Alignment, change: Change): Fit => (isShift(alignment) ? 'exact' : change)

const isLongEnough = ({ matched, suspectFrom, suspectTo }: Evidence): boolean =>
  matched >= MATCHED_LEAST && suspectTo - suspectFrom >= STRETCH_LEAST_FRAMES

/** How large a search is, in searches of the size that the tails are written for. */
export const trialsIn = ({ indexHours, suspectSeconds }: Exposure): number =>
  (indexHours / MEASURED.indexHours) * (suspectSeconds / MEASURED.suspectSeconds)

/**
 * Judges a verified candidate by how likely a search like this one gives a score as high for music that is not in the
 * catalogue. That grows with the hours in the index and the length of the suspect, and the threshold with it: a
 * clip of three seconds is not held to the bar of an hour, nor the hour to that of the clip.
 *
 * @param acceptance false claims per million suspects; more than `ACCEPTANCE_MAX` is taken for that.
 * @returns undefined for a change that is not believed; see `changeOf`.
 */
export function decide(
  { evidence, alignment }: { readonly evidence: Evidence; readonly alignment: Alignment },
  exposure: Exposure,
  acceptance: number,
): Decision | undefined {
  const change = changeOf(alignment)
  if (!change) return undefined
  const fit = fitOf(alignment, change)
  const { decade } = tails[fit]
  const height = tails[fit].height / SHARES[fit]
  const score = evidence.bits - MISS_BITS[change] * (evidence.expected - evidence.matched)
  const trials = trialsIn(exposure)
  const chanceAt = (value: number): number => height * trials * 10 ** (-(value - TAIL_STARTS_AT) / decade)
  const needed =
    TAIL_STARTS_AT + decade * Math.log10((height * trials * 1e6) / Math.min(ACCEPTANCE_MAX, acceptance))
  const threshold = Math.max(SCORE_LEAST[change], needed)
  return {
    change,
    score,
    threshold,
    accepted: score >= threshold && isLongEnough(evidence),
    falseMatchProbability: Math.min(1, Math.max(PROBABILITY_LEAST, chanceAt(score))),
  }
}
