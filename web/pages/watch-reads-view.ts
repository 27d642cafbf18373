import { type Html, html } from '../../services/core/html.ts'
import type { WatchRead } from '../../services/watches/watch.ts'
import { pill } from '../parts/pills.ts'
import { table } from '../parts/table.ts'
import { counted, timeAgo } from '../parts/words.ts'

/** What a read came to, in words. */
function readWords({ stage, status, found, fresh, leftOut, problem }: WatchRead): Html | string {
  if (stage === 'watch') return 'being read now'
  if (problem) return html`${problem.title}. ${problem.detail}`
  if (status === 304 || found === null) return 'unchanged'
  const left = leftOut ? `; ${counted(leftOut, 'more waits', 'more wait')} for the next read` : ''
  return `${counted(found, 'address', 'addresses')}, ${fresh ?? 0} handed in${left}`
}

/** The history of a watched place. */
export const readTable = (reads: readonly WatchRead[]): Html =>
  table(
    'Reads, the latest first',
    [
      { name: 'What was seen', kind: 'main', cell: readWords },
      {
        name: 'State',
        kind: 'state',
        cell: ({ stage }) =>
          stage === 'failed'
            ? pill('bad', 'warning', 'Failed')
            : stage === 'done'
              ? pill('good', 'check', 'Read')
              : pill('work', 'clock', 'At work'),
      },
      { name: 'Read', kind: 'number', cell: ({ readAt, startedAt }) => timeAgo(readAt ?? startedAt) },
    ],
    reads,
  )
