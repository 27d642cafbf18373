import express, { type Router } from 'express'

import { listConflicts } from '../../services/catalog/conflict-store.ts'
import { type Conflict, sameInWords } from '../../services/catalog/conflicts.ts'
import { type Html, html } from '../../services/core/html.ts'
import { PAGE_ROWS, pageOf, pager, readAfter } from '../parts/paging.ts'
import { backTo, card, empty, pageHead } from '../parts/pieces.ts'
import { pill } from '../parts/pills.ts'
import { mainCell, table } from '../parts/table.ts'
import { timeAgo } from '../parts/words.ts'
import { type Reply, type Web, forMembers } from '../visit.ts'

const conflictTable = (rows: readonly Conflict[]): Html =>
  table(
    'Recordings that another account claims as well, newest first',
    [
      {
        name: 'Recording',
        kind: 'main',
        cell: (row) =>
          mainCell(`/recordings/${row.recordingId}`, row.recordingTitle, row.recordingArtists.join(', ')),
      },
      {
        name: 'State',
        kind: 'state',
        cell: ({ endedAt }) =>
          endedAt ? pill('neutral', 'dash', 'Ended') : pill('attention', 'warning', 'In dispute'),
      },
      { name: 'Both have', cell: sameInWords },
      { name: 'Where both claim', cell: ({ territories }) => territories.join(', ') },
      { name: 'Since', kind: 'number', cell: ({ since }) => timeAgo(since) },
      { name: 'Ended', kind: 'number', cell: ({ endedAt }) => (endedAt ? timeAgo(endedAt) : '–') },
    ],
    rows,
  )

const none = empty({
  name: 'recording',
  title: 'Nobody else claims what you registered',
  text: 'Should another account register the same ISRC or the same audio, and claim it where you do, both are told here.',
})

/** What other accounts claim as well. It stands before the page of a recording, whose address has the same form. */
export function conflictRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/recordings/conflicts',
    forMembers(web, async (visit): Promise<Reply> => {
      const after = readAfter(visit.query['after'])
      const { shown, last } = pageOf(
        await visit.tenant((tx) => listConflicts(tx, { after, limit: PAGE_ROWS + 1 })),
      )
      const rows = html`${conflictTable(shown)}
      ${pager('/recordings/conflicts', visit.query, last && { at: last.since, id: last.id })}`
      const body = html` ${pageHead({
        above: backTo('/recordings', 'Recordings'),
        title: 'Ownership in dispute',
        below: 'Recordings that another account registered as well. Neither sees who the other is.',
      })}
      ${card({ id: 'conflicts', title: 'Disputes', flush: true, body: shown.length > 0 ? rows : none })}`
      return { title: 'Ownership in dispute', section: 'recordings', body }
    }),
  )
  return router
}
