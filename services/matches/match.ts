import { z } from 'zod'

import { CaseId, ItemId, MatchId, RecordingId, SubmissionId } from '../core/ids.ts'
import { ArtworkEvidence } from './artwork.ts'
import { ConfidenceReason } from './confidence.ts'
import { NameEvidence } from './names.ts'

/** How the suspect differs from the recording where they meet. */
export const Change = z.enum(['none', 'speed', 'pitch', 'tempo'])
export type Change = z.infer<typeof Change>

/** One landmark of the recording and whether the suspect has it; times in milliseconds. */
export const AlignedPoint = z.object({
  suspectMs: z.number(),
  referenceMs: z.number(),
  hz: z.number(),
  matched: z.boolean(),
})
export type AlignedPoint = z.infer<typeof AlignedPoint>

/** Where the recording lies in the suspect. Speed and pitch are ratios: 1.04 = the suspect is 4 % faster. */
export const Passage = z.object({
  suspectFromMs: z.number(),
  suspectToMs: z.number(),
  referenceFromMs: z.number(),
  referenceToMs: z.number(),
  speed: z.number(),
  pitch: z.number(),
  /** The truth lies within ± these with 95 %; not known of older passages. */
  speedError: z.number().nullable(),
  pitchError: z.number().nullable(),
  change: Change,
  landmarksMatched: z.number(),
  landmarksExpected: z.number(),
  bits: z.number(),
  score: z.number(),
  threshold: z.number(),
  falseMatchProbability: z.number(),
  /** Other recordings that explain most of the same audio: then the passage does not tell which was copied. */
  sharedWith: z.array(RecordingId),
  /** Its part of the recording is not the holder's own (services/catalog/excluded-segments.ts): it grounds no case. */
  excluded: z.boolean(),
  points: z.array(AlignedPoint),
})
export type Passage = z.infer<typeof Passage>

/** Sketches (services/audio/extract/sketch-bytes.ts) of the stretches that meet; what is not there is not drawn. */
export interface PassageSketches {
  readonly suspect?: Uint8Array | undefined
  readonly reference?: Uint8Array | undefined
}

/** A passage with what its picture shows. */
export type PicturedPassage = Passage & { readonly sketches?: PassageSketches | undefined }

/** One recording found in one item, with what the reviewer needs to know of both. */
export const Match = z.object({
  id: MatchId,
  itemId: ItemId,
  submissionId: SubmissionId,
  recordingId: RecordingId,
  /** Its own, or that of the better match that it stands beside. */
  caseId: CaseId,
  /** The better match in the same item, when that explains all of this one's audio and more (shared.ts). */
  besideId: MatchId.nullable(),
  /** Every passage is shared: nothing in it tells that this recording was copied and not another. */
  shared: z.boolean(),
  /** Every passage lies in excluded parts of the recording: the find says nothing. */
  excluded: z.boolean(),
  engineVersion: z.number(),
  /** That the item contains the recording, by everything that is known (confidence.ts). */
  confidence: z.number(),
  /** By the audio alone. */
  falseMatchProbability: z.number(),
  shareOfRecording: z.number(),
  shareOfSuspect: z.number(),
  /** How the names of the item agree with the recording; null when they say nothing. */
  names: NameEvidence.nullable(),
  /** How its cover compares with those of the recording's release; null when one of them has none. */
  artwork: ArtworkEvidence.nullable(),
  /** What `confidence` is made of; null of older matches, where it is the audio alone. */
  confidenceReasons: z.array(ConfidenceReason).nullable(),
  createdAt: z.date(),
})
export type Match = z.infer<typeof Match>

/** Passages of one recording in one suspect, and what they amount to. */
export interface FoundRecording {
  readonly recordingId: RecordingId
  readonly passages: readonly PicturedPassage[]
  readonly confidence: number
  readonly falseMatchProbability: number
  readonly shareOfRecording: number
  readonly shareOfSuspect: number
  /** How the names of the item agree with it; absent when they say nothing. */
  readonly names?: NameEvidence | undefined
  /** How its cover compares with those of the release; absent when one of them has none. */
  readonly artwork?: ArtworkEvidence | undefined
  readonly confidenceReasons?: readonly ConfidenceReason[] | undefined
}

/** The share of a length that ranges cover together; overlaps count once. */
export function coveredShare(
  ranges: readonly (readonly [fromMs: number, toMs: number])[],
  lengthMs: number,
): number {
  let coveredMs = 0
  let reachedMs = 0
  for (const [fromMs, toMs] of ranges.toSorted(([a], [b]) => a - b)) {
    coveredMs += Math.max(0, toMs - Math.max(fromMs, reachedMs))
    reachedMs = Math.max(reachedMs, toMs)
  }
  return lengthMs > 0 ? Math.min(1, coveredMs / lengthMs) : 0
}

/** What of a passage its change is told by. Without errors, as from older rows, the words have none. */
export type ChangeTold = Pick<Passage, 'change' | 'speed' | 'pitch'> & {
  readonly [Error in 'speedError' | 'pitchError']?: number | null | undefined
}

/** Finer steps than a hundredth of a per cent or of a semitone nobody hears. */
const DECIMALS_MAX = 2

/** So much is what floating point makes of a round number. */
const ROUNDING = 1e-9

/** The place of a number's first digit: 0.02 → 0.01, 345 → 100. */
const placeOf = (number: number): number => 10 ** Math.floor(Math.log10(number) + ROUNDING)

/** A number rounded up to its first digit: 0.0213 → 0.03, 0.096 → 0.1. */
const roundedUp = (number: number): number => Math.ceil(number / placeOf(number) - ROUNDING) * placeOf(number)

/**
 * A value with its error: the error to one digit and never smaller than it is, the value to the digit that the error
 * leaves sure: `4.00 % ± 0.02`, `20 % ± 3`. Without an error it has one decimal.
 */
function withError(value: number, error: number | undefined, unit: string): string {
  if (error === undefined) return `${value.toFixed(1)} ${unit}`
  const bound = roundedUp(Math.max(error, 10 ** -DECIMALS_MAX))
  const place = placeOf(bound)
  const decimals = Math.max(0, -Math.round(Math.log10(place)))
  return `${(Math.round(value / place) * place).toFixed(decimals)} ${unit} ± ${bound.toFixed(decimals)}`
}

/** How much was changed, whichever way: `4.00 % ± 0.02`, or of pitch alone `2.0 semitones`. */
export function amountOfChange({ change, speed, pitch, speedError, pitchError }: ChangeTold): string {
  if (change !== 'pitch')
    return withError(Math.abs((speed - 1) * 100), speedError == null ? undefined : speedError * 100, '%')
  const error = pitchError == null ? undefined : 12 * Math.log2(1 + pitchError / pitch)
  return withError(Math.abs(12 * Math.log2(pitch)), error, 'semitones')
}

/** The change in words: `sped up by 4.00 % ± 0.02`, `lowered by 2.0 semitones`, `as the original`. */
export function changeInWords(passage: ChangeTold): string {
  const { change, speed, pitch } = passage
  const amount = amountOfChange(passage)
  switch (change) {
    case 'none':
      return 'as the original'
    case 'speed':
      return speed > 1 ? `sped up by ${amount}` : `slowed down by ${amount}`
    case 'tempo':
      return speed > 1 ? `faster by ${amount}, pitch kept` : `slower by ${amount}, pitch kept`
    case 'pitch':
      return pitch > 1 ? `raised by ${amount}` : `lowered by ${amount}`
  }
}

/** The changes of several passages, each once: of those that differ by less than people say, the best known. */
export function changesInWords(passages: readonly ChangeTold[]): string[] {
  const best = new Map<string, ChangeTold>()
  for (const passage of passages) {
    const { change, speed, pitch } = passage
    const roughly = changeInWords({ change, speed, pitch })
    const known = best.get(roughly)
    if (!known || errorOf(passage) < errorOf(known)) best.set(roughly, passage)
  }
  return [...best.values()].map(changeInWords)
}

const errorOf = ({ change, speedError, pitchError }: ChangeTold): number =>
  (change === 'pitch' ? pitchError : speedError) ?? Infinity

/** One in a million, and what rounding adds to it: reports of before have confidences in single precision. */
const DOUBT_SHOWN_MIN = 1.02e-6

/**
 * A confidence as people read it, never more certain than it is: `99.99 %`, `> 99.9999 %`.
 *
 * @param doubt 1 less the confidence of a match; or of the audio alone, its chance of a false match.
 */
export function confidenceInWords(doubt: number): string {
  if (doubt <= DOUBT_SHOWN_MIN) return '> 99.9999 %'
  const digits = doubt < 1e-4 ? 4 : doubt < 1e-2 ? 2 : 1
  const scale = 10 ** digits
  return `${(Math.floor((1 - doubt) * 100 * scale) / scale).toFixed(digits)} %`
}
