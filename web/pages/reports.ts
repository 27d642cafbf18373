import express, { type Router } from 'express'

import { type Html, html } from '../../services/core/html.ts'
import { type ReportHead, listReports } from '../../services/reports/store.ts'
import { PAGE_ROWS, pageOf, pager, readAfter } from '../parts/paging.ts'
import { card, empty, pageHead } from '../parts/pieces.ts'
import { mainCell, table } from '../parts/table.ts'
import { shortHash, timeAgo } from '../parts/words.ts'
import { type Visit, type Web, forMembers } from '../visit.ts'
import { downloads, statementsPill } from './case-reports-view.ts'

const reportTable = (rows: readonly ReportHead[]): Html =>
  table(
    'Reports, latest first',
    [
      {
        name: 'Report',
        kind: 'main',
        cell: (row) => mainCell(`/cases/${row.caseId}#reports`, row.number, `version ${row.version}`),
      },
      { name: 'Statements', kind: 'state', cell: ({ statements }) => statementsPill(statements) },
      { name: 'SHA-256', cell: ({ documentSha256 }) => shortHash(documentSha256) },
      { name: 'Issued', kind: 'number', cell: ({ issuedAt }) => timeAgo(issuedAt) },
      { name: 'Download', cell: downloads },
    ],
    rows,
  )

async function listPage(visit: Visit) {
  const after = readAfter(visit.query['after'])
  const { shown, last } = pageOf(await visit.tenant((tx) => listReports(tx, { after, limit: PAGE_ROWS + 1 })))
  const nothing = empty({
    name: 'report',
    title: 'No reports yet',
    text: 'Confirm a case, then issue its report: a frozen document that a host must act on.',
    action: html`<a class="button" href="/cases?state=confirmed">Confirmed cases</a>`,
  })
  const body = html` ${pageHead({ title: 'Reports', below: 'Every report that was issued, as it was issued.' })}
  ${card({
    id: 'list',
    title: 'Issued',
    flush: true,
    body:
      shown.length > 0
        ? html`${reportTable(shown)}${pager('/reports', visit.query, last && { at: last.issuedAt, id: last.id })}`
        : nothing,
  })}`
  return { title: 'Reports', section: 'reports' as const, body }
}

/** All reports in one list. */
export function reportRoutes(web: Web): Router {
  const router = express.Router()
  router.get('/reports', forMembers(web, listPage))
  return router
}
