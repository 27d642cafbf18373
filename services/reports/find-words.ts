import type { Recording } from '../catalog/recording.ts'
import { clockTime } from '../core/clock-time.ts'
import type { RecordingId } from '../core/ids.ts'
import { type Match, type Passage, changesInWords } from '../matches/match.ts'
import type { SharedRecording } from '../matches/shared.ts'
import type { Item } from '../submissions/submission.ts'
import { oneLine } from './one-line.ts'
import { SHARED_MAX } from './report-passage.ts'
import type { ReportMatch, ReportPassage } from './report.ts'

/** As long as a summary may be (report.ts); many different changes can fill it. */
const SUMMARY_CHARACTERS_MAX = 2000
/** As long as the title of a work may be (report.ts). */
const TITLE_CHARACTERS_MAX = 500

/** What a find is told by. */
interface Told {
  readonly match: Match
  readonly passages: readonly Passage[]
  readonly item: Item
}

/** The find in one or two sentences. Of audio that other recordings have too it does not say whose it is. */
export function summaryOf({ match, passages, item }: Told, recording: Recording): string {
  const heardMs = passages.reduce((sum, passage) => sum + passage.suspectToMs - passage.suspectFromMs, 0)
  const heard = `${clockTime(heardMs)} of ${clockTime(item.durationMs ?? heardMs)} in the suspect`
  const name = `“${recording.title}” by ${recording.artists.join(', ')}`
  const changes = changesInWords(passages).join('; ')
  const whole = match.shareOfRecording > 0.95 ? 'the whole' : `${Math.round(match.shareOfRecording * 100)} %`
  const summary = match.shared
    ? `${heard} are audio that ${name} has in common with other recordings of the same catalogue, ${changes}. ` +
      'This audio alone does not tell which of them was copied.'
    : `${heard} are ${name} (${whole} of the recording), ${changes}.`
  return oneLine(summary, SUMMARY_CHARACTERS_MAX) ?? ''
}

/** What the suspect was compared with, if that was noted. */
export function comparisonOf({ compared }: Item): ReportMatch['compared'] {
  if (!compared) return undefined
  const { recordings, hours, falseClaimsPerMillion, at } = compared
  return { recordings, hours, at, ...(falseClaimsPerMillion !== undefined && { falseClaimsPerMillion }) }
}

/**
 * The other recordings of a shared passage with their names; undefined when there are none.
 *
 * @param sharing recordings that passages name, by their ids.
 */
export function sharedWithOf(
  passage: Passage,
  sharing: ReadonlyMap<RecordingId, SharedRecording>,
): ReportPassage['sharedWith'] {
  const named = passage.sharedWith.slice(0, SHARED_MAX).flatMap((id) => {
    const recording = sharing.get(id)
    const title = oneLine(recording?.title ?? '', TITLE_CHARACTERS_MAX)
    return recording && title ? [{ workId: id, title, ...(recording.isrc && { isrc: recording.isrc }) }] : []
  })
  return named.length > 0 ? named : undefined
}
