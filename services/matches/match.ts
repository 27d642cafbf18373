import { z } from 'zod'

import { CaseId, ItemId, MatchId, RecordingId, SubmissionId } from '../core/ids.ts'

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
  change: Change,
  landmarksMatched: z.number(),
  landmarksExpected: z.number(),
  bits: z.number(),
  score: z.number(),
  threshold: z.number(),
  falseMatchProbability: z.number(),
  points: z.array(AlignedPoint),
})
export type Passage = z.infer<typeof Passage>

/** One recording found in one item, with what the reviewer needs to know of both. */
export const Match = z.object({
  id: MatchId,
  itemId: ItemId,
  submissionId: SubmissionId,
  recordingId: RecordingId,
  caseId: CaseId,
  engineVersion: z.number(),
  confidence: z.number(),
  falseMatchProbability: z.number(),
  shareOfRecording: z.number(),
  shareOfSuspect: z.number(),
  createdAt: z.date(),
})
export type Match = z.infer<typeof Match>

/** Passages of one recording in one suspect, and what they amount to. */
export interface FoundRecording {
  readonly recordingId: RecordingId
  readonly passages: readonly Passage[]
  readonly confidence: number
  readonly falseMatchProbability: number
  readonly shareOfRecording: number
  readonly shareOfSuspect: number
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

/** The change in words: `sped up by 4.0 %`, `lowered by 2.0 semitones`, `as the original`. */
export function changeInWords(passage: Pick<Passage, 'change' | 'speed' | 'pitch'>): string {
  const percent = `${Math.abs((passage.speed - 1) * 100).toFixed(1)} %`
  const semitones = `${Math.abs(12 * Math.log2(passage.pitch)).toFixed(1)} semitones`
  switch (passage.change) {
    case 'none':
      return 'as the original'
    case 'speed':
      return passage.speed > 1 ? `sped up by ${percent}` : `slowed down by ${percent}`
    case 'tempo':
      return passage.speed > 1 ? `faster by ${percent}, pitch kept` : `slower by ${percent}, pitch kept`
    case 'pitch':
      return passage.pitch > 1 ? `raised by ${semitones}` : `lowered by ${semitones}`
  }
}

/** A time in a recording: `1:02:03` or `2:03`, tenths cut off. */
export function clockTime(ms: number): string {
  const s = Math.floor(ms / 1000)
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

/** A confidence as people read it, never more certain than it is: `99.99 %`, `> 99.9999 %`. */
export function confidenceInWords(falseMatchProbability: number): string {
  if (falseMatchProbability <= 1e-6) return '> 99.9999 %'
  const digits = falseMatchProbability < 1e-4 ? 4 : falseMatchProbability < 1e-2 ? 2 : 1
  const scale = 10 ** digits
  return `${(Math.floor((1 - falseMatchProbability) * 100 * scale) / scale).toFixed(digits)} %`
}
