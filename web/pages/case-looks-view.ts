import { type Html, html } from '../../services/core/html.ts'
import type { Case } from '../../services/matches/case.ts'
import type { Recheck, Seen, Verdict } from '../../services/matches/recheck.ts'
import { defang } from '../../services/submissions/submission.ts'
import { icon } from '../parts/icons.ts'
import { card, noteBox } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { sizeInWords, timeAgo } from '../parts/words.ts'

/** Looks that a page lists; the API has the others. */
const LOOKS_SHOWN = 10

const verdictPills: Readonly<Record<Verdict, Html>> = {
  live: pill('attention', 'eye', 'Still there'),
  gone: pill('good', 'check', 'Gone'),
  changed: pill('work', 'dots', 'Something else is there'),
  moved: pill('attention', 'arrow', 'Still there, moved'),
  blocked: pill('neutral', 'key', 'We are not let in'),
  unreachable: pill('neutral', 'dash', 'No answer: not known'),
}

/** What a verdict rests on, for a line. */
const seenWords = (
  { status, finalUrl, mediaType, bytes, sha256, problem }: Seen,
  verdict: Verdict | null,
): string =>
  [
    status !== null && `answered ${status}`,
    mediaType,
    bytes !== null && sizeInWords(bytes),
    sha256 !== null && `SHA-256 ${sha256.slice(0, 10)}…`,
    verdict === 'moved' && finalUrl !== null && `now at ${defang(finalUrl)}`,
    problem !== null && `could not be asked (${problem})`,
  ]
    .filter(Boolean)
    .join(', ')

const looksTable = (looks: readonly Recheck[]): Html =>
  table(
    'Looks at the location, the latest first',
    [
      { name: 'Looked', kind: 'main', cell: ({ checkedAt }) => (checkedAt ? timeAgo(checkedAt) : '') },
      { name: 'Found', kind: 'state', cell: ({ verdict }) => (verdict ? verdictPills[verdict] : '') },
      { name: 'What was seen', cell: ({ seen, verdict }) => (seen ? seenWords(seen, verdict) : '') },
    ],
    looks.slice(0, LOOKS_SHOWN),
  )

/** Whether the copy is still there: the looks so far, and a button for one more. */
export const caseLooksView = (
  { id }: Pick<Case, 'id'>,
  looks: readonly Recheck[],
  isLooking: boolean,
): Html =>
  card({
    id: 'looks',
    title: 'Is it still there?',
    flush: looks.length > 0,
    refreshFrom: isLooking && `/cases/${id}`,
    aside: html`<form method="post" action="/cases/${id}/rechecks">
      <button class="button button-small" ${isLooking && html`disabled`}>${icon('eye')}Look again</button>
    </form>`,
    body: html`${isLooking && noteBox('info', 'It is being looked at now.')}
    ${
      looks.length > 0
        ? looksTable(looks)
        : !isLooking && html`<p>Nobody has looked again since the copy was found.</p>`
    }`,
  })
