import { type Column, table } from '../terminal.ts'
import type { ItemView, MatchView, PassageView, ProblemView, SubmissionView } from './views.ts'

/** Minutes and seconds, as players show them: `1:05`, `75:30`. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const ratio = (name: string, value: number): string =>
  `${name} ${value >= 1 ? '+' : '−'}${Math.abs(100 * (value - 1)).toFixed(1)} %`

/** How the suspect differs from the recording: `none`, `speed +4.0 %`, `pitch −5.6 %`. */
export function changeText({ change, speed, pitch }: PassageView): string {
  if (change === 'none') return 'none'
  return ratio(change, change === 'pitch' ? pitch : speed)
}

/** Where the recording lies in the suspect; what is more than three passages is counted. */
export function passagesText(passages: readonly PassageView[]): string {
  const told = passages.slice(0, 3).map(({ suspectFromMs, suspectToMs }) => {
    return `${clock(suspectFromMs)}–${clock(suspectToMs)}`
  })
  return [...told, ...(passages.length > 3 ? [`and ${passages.length - 3} more`] : [])].join(', ')
}

/** As precise as it is: 99.98 % and 99.99 % are far apart, 99.999999 % is a matter of belief. */
export function confidenceText(confidence: number): string {
  const percent = 100 * confidence
  return percent > 99.99 && percent < 100 ? '> 99.99 %' : `${percent.toFixed(percent > 99 ? 2 : 1)} %`
}

/** A problem in one line. */
export const problemText = ({ title, detail }: ProblemView): string =>
  detail ? `${title}: ${detail}` : title

/** The same for a narrow cell: the detail says more than the title. */
const briefly = ({ title, detail }: ProblemView): string => detail || title

/** What a submission is called: its address or its file's name. */
export const nameOf = ({ url, fileName, id }: SubmissionView): string => url ?? fileName ?? id

const changesOf = (match: MatchView): string => [...new Set(match.passages.map(changeText))].join(', ')

/** Seconds from being handed in to the end, undefined while it is under way. */
export const secondsOf = ({ createdAt, endedAt }: SubmissionView): number | undefined =>
  endedAt ? (endedAt.getTime() - createdAt.getTime()) / 1000 : undefined

/** What was found, one row for each recording in each item: what `findingsTable` prints. */
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
        'matched',
        `${match.recordingTitle} – ${match.recordingArtists.join(', ')}`,
        passagesText(match.passages),
        changesOf(match),
        confidenceText(match.confidence),
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
