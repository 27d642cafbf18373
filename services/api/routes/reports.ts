import { z } from 'zod'

import { issueReport } from '../../actions/cases.ts'
import { CaseId, ReportId } from '../../core/ids.ts'
import { renderReport, reportFormats } from '../../reports/render.ts'
import { findReport, listReports } from '../../reports/store.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, fileOf, json, route } from '../route.ts'
import { request } from '../schema.ts'
import { ReportDetailView, ReportView } from '../views.ts'

const tag = 'Reports'

const NewReport = request(
  'NewReport',
  z
    .strictObject({
      statements: z
        .strictObject({
          goodFaith: z.literal(true),
          accuracy: z.literal(true),
          authority: z.literal(true).describe('Under penalty of perjury where the law says so'),
          signatureText: z.string().trim().min(1).max(220).describe('/s/ and the name of the signer'),
        })
        .optional()
        .describe(
          'Made by a signed-in person with the role signer, never by a key. Left out, they stay open',
        ),
    })
    .meta({ examples: [{}] }),
)

const issue = route({
  id: 'issueReport',
  method: 'post',
  path: '/v1/cases/:id/reports',
  summary: 'Issue a takedown-ready report of a case; each time a new version',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  body: json(NewReport),
  status: 201,
  answer: ReportDetailView,
  problems: ['auth/forbidden', 'row/stage'],
  idempotent: true,
  async handle({ house, caller, params, body }) {
    const report = await issueReport(house, caller, params.id, body.statements)
    return new Reply(report, { headers: { Location: `/v1/reports/${report.id}` } })
  },
})

const listAll = route({
  id: 'listReports',
  method: 'get',
  path: '/v1/reports',
  summary: 'Reports, newest first',
  tag,
  caller: 'any',
  query: z.strictObject(pageQuery),
  answer: listOf('ReportList', ReportView),
  async handle({ house, caller, query: { cursor: after, limit } }) {
    const asked = { after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listReports(tx, asked))
    return pageOf(rows, limit, ({ issuedAt }) => issuedAt)
  },
})

const getOne = route({
  id: 'getReport',
  method: 'get',
  path: '/v1/reports/:id',
  summary: 'A report with its document',
  tag,
  caller: 'any',
  params: oneId(ReportId),
  answer: ReportDetailView,
  async handle({ house, caller, params }) {
    return found(await house.db.tenant(caller.tenantId, (tx) => findReport(tx, params.id)), 'report')
  },
})

const download = route({
  id: 'downloadReport',
  method: 'get',
  path: '/v1/reports/:id/download',
  summary: 'A report as a file',
  tag,
  caller: 'any',
  params: oneId(ReportId),
  query: z.strictObject({ format: z.enum(reportFormats).default('pdf') }),
  answer: fileOf('application/pdf', 'application/json', 'text/plain'),
  async handle({ house, caller, params, query }) {
    const report = await house.db.tenant(caller.tenantId, (tx) => findReport(tx, params.id))
    return renderReport(found(report, 'report'), query.format)
  },
})

export const reportRoutes = [issue, listAll, getOne, download]
