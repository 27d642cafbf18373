import { clockTime } from '../../services/core/clock-time.ts'
import { changesInWords, confidenceInWords } from '../../services/matches/match.ts'
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

/** What is said of an item in which no recording was found. */
function verdictOf({ kind, stage, verdict }: ItemView): string {
  if (stage !== 'done') return stage
  if (verdict === 'nothing_found') return 'nothing found'
  return { media: stage, cover: 'picture', container: 'opened', listed: 'name only', link: 'not followed' }[
    kind
  ]
}

/** `12 files, 3 recognised, 1 could not be had`. */
function countsText({ counts }: SubmissionView): string {
  if (!counts) return ''
  const { heard, recognised, failed } = counts
  const files = `${heard} file${heard === 1 ? '' : 's'}, ${recognised} recognised`
  return failed > 0 ? `${files}, ${failed} could not be had` : files
}

/** The rows of one item; `title` stands in the first column. */
function rowsOfItem(item: ItemView, title: string, seconds: string): (readonly string[])[] {
  if (item.problem) return [[title, 'failed', briefly(item.problem), '', '', '', seconds]]
  if (item.matches.length === 0) return [[title, verdictOf(item), '', '', '', '', seconds]]
  return item.matches.map((match) => [
    title,
    match.shared ? 'shared audio' : 'matched',
    `${match.recordingTitle} – ${match.recordingArtists.join(', ')}`,
    passagesText(match.passages),
    changesOf(match),
    confidenceInWords(1 - match.confidence),
    seconds,
  ])
}

/**
 * What was found, one row for each recording in each item: what `findingsTable` prints. Audio that other recordings
 * have too is no match of one of them. A submission of several items comes first, and they below it, as they lie in it.
 */
export function findingRows(submissions: readonly SubmissionView[]): readonly (readonly string[])[] {
  return submissions.flatMap((submission) => {
    const { items, problem, stage, step } = submission
    const seconds = secondsOf(submission)?.toFixed(1) ?? ''
    const own = nameOf(submission)
    const [only, ...more] = items
    if (!only)
      return [
        [own, stage === 'failed' ? 'failed' : step, problem ? briefly(problem) : '', '', '', '', seconds],
      ]
    if (more.length === 0 && only.place.length === 0) return rowsOfItem(only, own, seconds)
    return [
      [own, stage, countsText(submission), '', '', '', seconds],
      ...items.flatMap((item) =>
        rowsOfItem(item, `  ${[...item.place.slice(1), item.name].join(' › ')}`, ''),
      ),
    ]
  })
}

const columns: readonly Column[] = [
  { title: 'suspect', columnsMax: 44 },
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
