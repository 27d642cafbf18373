import { changesInWords, clockTime, confidenceInWords } from '../../services/matches/match.ts'
import { type Column, table } from '../terminal.ts'
import type { ItemView, MatchView, PassageView, ProblemView, SubmissionView } from './views.ts'

/** Where the recording lies in the suspect; what is more than three passages is counted. */
export function passagesText(passages: readonly PassageView[]): string {
  const told = passages.slice(0, 3).map(({ suspectFromMs, suspectToMs }) => {
    return `${clockTime(suspectFromMs)}–${clockTime(suspectToMs)}`
  })
  return [...told, ...(passages.length > 3 ? [`and ${passages.length - 3} more`] : [])].join(', ')
}

/** A problem in one line. */
export const problemText = ({ title, detail }: ProblemView): string =>
  detail ? `${title}: ${detail}` : title

/** The same for a narrow cell: the detail says more than the title. */
const briefly = ({ title, detail }: ProblemView): string => detail || title

/** What a submission is called: its address or its file's name. */
export const nameOf = ({ url, fileName, id }: SubmissionView): string => url ?? fileName ?? id

const changesOf = (match: MatchView): string => changesInWords(match.passages).join(', ')

/** Seconds from being handed in to the end, undefined while it is under way. */
export const secondsOf = ({ createdAt, endedAt }: SubmissionView): number | undefined =>
  endedAt ? (endedAt.getTime() - createdAt.getTime()) / 1000 : undefined

/**
 * What was found, one row for each recording in each item: what `findingsTable` prints. Audio that other recordings
 * have too is no match of one of them.
 */
export function findingRows(submissions: readonly SubmissionView[]): readonly (readonly string[])[] {
  return submissions.flatMap((submission) => {
    const seconds = secondsOf(submission)?.toFixed(1) ?? ''
    const own = nameOf(submission)
    if (submission.items.length === 0) {
      const problem = submission.problem ? briefly(submission.problem) : ''
      return [[own, submission.stage === 'failed' ? 'failed' : submission.step, problem, '', '', '', seconds]]
    }
    const title = (item: ItemView): string => (submission.items.length === 1 ? own : `${own} › ${item.name}`)
    return submission.items.flatMap((item) => {
      if (item.problem) return [[title(item), 'failed', briefly(item.problem), '', '', '', seconds]]
      if (item.matches.length === 0) {
        const verdict = item.verdict === 'nothing_found' ? 'nothing found' : item.stage
        return [[title(item), verdict, '', '', '', '', seconds]]
      }
      return item.matches.map((match) => [
        title(item),
        match.shared ? 'shared audio' : 'matched',
        `${match.recordingTitle} – ${match.recordingArtists.join(', ')}`,
        passagesText(match.passages),
        changesOf(match),
        confidenceInWords(1 - match.confidence),
        seconds,
      ])
    })
  })
}

const columns: readonly Column[] = [
  { title: 'suspect', columnsMax: 36 },
  { title: 'verdict' },
  { title: 'recording', columnsMax: 64 },
  { title: 'passages' },
  { title: 'change' },
  { title: 'confidence', align: 'right' },
  { title: 'seconds', align: 'right' },
]

/** What was found as a table for people. */
export const findingsTable = (submissions: readonly SubmissionView[]): string =>
  table(findingRows(submissions), columns)
