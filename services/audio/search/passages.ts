import { BANDS_PER_OCTAVE, framesToMs, hzOfBand } from '../constants.ts'
import type { Alignment } from './align.ts'
import { peaksOn, suspectFrameOf } from './align.ts'
import type { Decision } from './decide.ts'
import { fitError } from './fit-error.ts'
import type { Change } from './hypotheses.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import type { Evidence } from './score.ts'
import { meet } from './score.ts'

/** A stretch of a suspect that is a copy of a stretch of a reference; `Reference` is how recordings are named. */
export interface Passage<Reference = string> {
  readonly referenceId: Reference
  readonly suspectFromMs: number
  readonly suspectToMs: number
  readonly referenceFromMs: number
  readonly referenceToMs: number
  /** 1.04 = the suspect plays 4 % faster. The truth lies within ± `speedError` with 95 %. */
  readonly speed: number
  readonly speedError: number
  /** Ratio of frequencies, suspect to reference, and its error in the same way. */
  readonly pitch: number
  readonly pitchError: number
  /** `speed`: faster and higher alike, as a turntable does; `pitch`, `tempo`: only the one. */
  readonly change: Change
  /** Reference peaks that were found again, of those that lie in the passage. */
  readonly landmarksMatched: number
  readonly landmarksExpected: number
  /** Evidence for a copy, in bits, and the score and threshold it was accepted by; see decide.ts. */
  readonly bits: number
  readonly score: number
  readonly threshold: number
  /** Chance that a search like this one reports something as good about a stranger; never below 1e-6. */
  readonly falseMatchProbability: number
  /**
   * Other recordings that explain most of the same audio: a loop, sample or stem that they share with this one, or
   * the same master. Where there is one, the passage does not tell which of them was copied.
   */
  readonly sharedWith: readonly Reference[]
  /** For a picture of the match: reference peaks and whether they were found, evenly thinned, in order of time. */
  readonly points: readonly PassagePoint[]
}

export interface PassagePoint {
  readonly suspectMs: number
  readonly referenceMs: number
  /** Pitch in the reference. */
  readonly hz: number
  readonly matched: boolean
}

/** The best of what was not accepted: how near a search came to a claim. */
export interface Rejected<Reference = string> {
  readonly referenceId: Reference
  readonly suspectFromMs: number
  readonly suspectToMs: number
  readonly change: Change
  readonly bits: number
  readonly score: number
  readonly threshold: number
}

/** A verified and judged candidate. `suspect` is the view (sparse or dense) it was verified with. */
export interface Found {
  /** Number of the recording in the index. */
  readonly recording: number
  readonly reference: PeakView
  readonly suspect: SuspectView
  readonly alignment: Alignment
  readonly evidence: Evidence
  readonly decision: Decision
}

/** A find that was not accepted, as it is kept: without the peaks, which are many megabytes in the search of a long file. */
export type RejectedFind = Pick<Found, 'recording' | 'evidence' | 'decision'>

/** As many points as a picture can show. */
const POINTS_MAX = 400

/** The passage as the rest of the system sees it. */
export function describe(found: Found, sharedWith: readonly number[]): Passage<number> {
  const { alignment, evidence, decision } = found
  const pitch = 2 ** (alignment.raise / BANDS_PER_OCTAVE)
  const error = fitError(found)
  return {
    referenceId: found.recording,
    ...placeOf(evidence),
    referenceFromMs: Math.round(framesToMs(evidence.referenceFrom)),
    referenceToMs: Math.round(framesToMs(evidence.referenceTo)),
    speed: alignment.scale,
    speedError: error.scale,
    pitch,
    pitchError: pitch * (2 ** (error.raise / BANDS_PER_OCTAVE) - 1),
    change: decision.change,
    landmarksMatched: evidence.matched,
    landmarksExpected: evidence.expected,
    bits: evidence.bits,
    score: decision.score,
    threshold: decision.threshold,
    falseMatchProbability: decision.falseMatchProbability,
    sharedWith,
    points: pointsOf(found),
  }
}

export const describeRejected = ({ recording, evidence, decision }: RejectedFind): Rejected<number> => ({
  referenceId: recording,
  ...placeOf(evidence),
  change: decision.change,
  bits: evidence.bits,
  score: decision.score,
  threshold: decision.threshold,
})

const placeOf = (evidence: Evidence) => ({
  suspectFromMs: Math.max(0, Math.round(framesToMs(evidence.suspectFrom))),
  suspectToMs: Math.round(framesToMs(evidence.suspectTo)),
})

function pointsOf({ reference, suspect, alignment, evidence }: Found): PassagePoint[] {
  const { from, to } = peaksOn(reference, alignment, evidence.suspectFrom - 1, evidence.suspectTo + 1)
  const { density } = meet(reference, suspect, alignment, from, to)
  const step = Math.max(1, (to - from) / POINTS_MAX)
  const points: PassagePoint[] = []
  for (let index = 0; index < to - from; index += step) {
    const peak = Math.floor(index)
    const frame = reference.time[from + peak]!
    points.push({
      suspectMs: Math.round(framesToMs(suspectFrameOf(alignment, frame))),
      referenceMs: Math.round(framesToMs(frame)),
      hz: Math.round(hzOfBand(reference.bin[from + peak]!) * 10) / 10,
      matched: density[peak]! > 0,
    })
  }
  return points
}
