import { clockTime } from '../../services/core/clock-time.ts'
import { changeInWords } from '../../services/matches/match.ts'
import { problemText } from '../client/findings.ts'
import type { ItemView, MatchView, PassageView, SubmissionView } from '../client/views.ts'
import type { Expected } from './disguises.ts'

/** A found speed may be off by half a percent: over a minute of music that is a third of a second. */
const SPEED_TOLERANCE = 0.005
/** Where a passage lies may be off by a second, as people give times. */
const PLACE_TOLERANCE_MS = 1_000

const second = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** What is wrong with one passage: the kind of change, its speed, and which moment of the recording it is said to be. */
function passageFaults(expected: Expected, passage: PassageView): string[] {
  const faults: string[] = []
  if (passage.change !== expected.change)
    faults.push(`change “${changeInWords(passage)}” instead of “${expected.change}”`)
  if (Math.abs(passage.speed - expected.speed) > SPEED_TOLERANCE)
    faults.push(`speed ${passage.speed.toFixed(4)} instead of ${expected.speed}`)
  const { suspectFromMs = 0, trackFromMs = 0 } = expected
  const trueMs = trackFromMs + (passage.suspectFromMs - suspectFromMs) * expected.speed
  if (Math.abs(passage.referenceFromMs - trueMs) > PLACE_TOLERANCE_MS) {
    const place = `${clockTime(passage.suspectFromMs)} of the suspect`
    faults.push(`${place} is ${second(trueMs)} into the recording, not ${second(passage.referenceFromMs)}`)
  }
  return faults
}

/** What is wrong with where the passages begin and end in the suspect. */
function extentFaults(expected: Expected, passages: readonly PassageView[]): string[] {
  const { suspectFromMs = 0, suspectToMs = 0 } = expected
  const fromMs = Math.min(...passages.map((passage) => passage.suspectFromMs))
  const toMs = Math.max(...passages.map((passage) => passage.suspectToMs))
  const faults: string[] = []
  if (Math.abs(fromMs - suspectFromMs) > PLACE_TOLERANCE_MS)
    faults.push(`begins at ${second(fromMs)} instead of ${second(suspectFromMs)}`)
  if (Math.abs(toMs - suspectToMs) > PLACE_TOLERANCE_MS)
    faults.push(`ends at ${second(toMs)} instead of ${second(suspectToMs)}`)
  return faults
}

function matchFaults(expected: Expected, matches: readonly MatchView[], recordingId: string): string[] {
  // Other recordings may share the audio of the one that is in it; they are not claimed to be.
  const others = matches.filter((match) => match.recordingId !== recordingId && !match.shared)
  const faults = others.map(({ recordingTitle }) => `found “${recordingTitle}”, which is not in it`)
  const match = matches.find((one) => one.recordingId === recordingId)
  if (!match) return [...faults, 'did not find the recording that is in it']
  const inPassages = match.passages.flatMap((passage) => passageFaults(expected, passage))
  return [...faults, ...inPassages, ...extentFaults(expected, match.passages)]
}

/** Why an item, or all of a submission, could not be examined. */
function failures({ items, problem, stage }: SubmissionView): string[] {
  const told = items.flatMap((item: ItemView) => (item.problem ? [problemText(item.problem)] : []))
  if (told.length > 0) return told
  return stage === 'done' ? [] : [problem ? problemText(problem) : `ended at “${stage}”`]
}

/**
 * Holds what the service said against what is true of a suspect.
 *
 * @param recordingIds the catalogue's ids, in the order that `expected.catalogueIndex` counts.
 * @returns what is wrong, in words; empty when the verdict is right.
 */
export function judge(
  expected: Expected,
  recordingIds: readonly string[],
  submission: SubmissionView,
): readonly string[] {
  const failed = failures(submission)
  if (failed.length > 0) return failed
  const matches = submission.items.flatMap((item) => item.matches)
  if (expected.catalogueIndex === undefined)
    return matches.map(({ recordingTitle }) => `found “${recordingTitle}” in music that nobody registered`)
  const recordingId = recordingIds[expected.catalogueIndex]
  if (recordingId === undefined) throw new Error(`no recording ${expected.catalogueIndex}`)
  return matchFaults(expected, matches, recordingId)
}
