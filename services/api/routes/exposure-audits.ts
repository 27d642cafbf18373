import { z } from 'zod'

import { type AskedScope, startAudit } from '../../actions/exposure.ts'
import type { House } from '../../actions/house.ts'
import { find } from '../../catalog/store.ts'
import { ExposureAuditId, LeakId, RecordingId } from '../../core/ids.ts'
import { allLines, auditPdf, readAudit, readAudits, readLines } from '../../exposure-reading.ts'
import type { ShownAudit } from '../../leaks/audit-list-store.ts'
import { listExposures } from '../../leaks/exposure-list-store.ts'
import { AuditCause, AuditScope, AuditStage } from '../../leaks/exposure.ts'
import { trackStatuses } from '../../leaks/manifest-row.ts'
import { linesCsv } from '../../leaks/report/csv.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { toldExposure } from '../../unreleased.ts'
import { found, oneId } from '../found.ts'
import { AuditRowView, AuditView, ExposuresView, LinesView } from '../leak-views.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, fileOf, json, route } from '../route.ts'
import { request } from '../schema.ts'

const tag = 'Leaks'

/** A list of a hundred thousand codes with their quotes and commas. */
const SCOPE_BYTES_MAX = 3_000_000

const NewAudit = AuditScope.refine((scope): scope is AskedScope => scope.kind !== 'recordings', {
  message: 'what was registered since is asked for by itself',
  path: ['kind'],
})

const audit = (house: House, caller: Caller, id: ExposureAuditId): Promise<ShownAudit> =>
  house.db.tenant(caller.tenantId, async (tx) => found(await readAudit(tx, caller, id), 'audit'))

const start = route({
  id: 'startExposureAudit',
  method: 'post',
  path: '/v1/exposure-audits',
  summary: 'Ask for all recordings, a label, a release or a list of ISRCs in all leaks that the account sees',
  tag,
  caller: 'any',
  body: json(
    request(
      'NewExposureAudit',
      NewAudit.meta({ examples: [{ kind: 'all' }, { kind: 'isrcs', isrcs: ['AA6Q72000047'] }] }),
    ),
    SCOPE_BYTES_MAX,
  ),
  status: 202,
  answer: AuditView,
  problems: ['request/conflict'],
  idempotent: true,
  async handle({ house, caller, body }) {
    const { id } = await startAudit(house, caller, body)
    return new Reply(await audit(house, caller, id), { headers: { Location: `/v1/exposure-audits/${id}` } })
  },
})

const listAll = route({
  id: 'listExposureAudits',
  method: 'get',
  path: '/v1/exposure-audits',
  summary: 'Audits that were asked for, or made by themselves, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, stage: AuditStage.optional(), cause: AuditCause.optional() }),
  answer: listOf('ExposureAuditList', AuditRowView),
  async handle({ house, caller, query: { stage, cause, cursor: after, limit } }) {
    const asked = { stage, cause, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => readAudits(tx, caller, asked))
    return pageOf(rows, limit, ({ createdAt }) => createdAt)
  },
})

const getOne = route({
  id: 'getExposureAudit',
  method: 'get',
  path: '/v1/exposure-audits/:id',
  summary: 'How far an audit has come, and its summary: by leak, by release, and what is likely to come next',
  tag,
  caller: 'any',
  params: oneId(ExposureAuditId),
  answer: AuditView,
  handle: ({ house, caller, params }) => audit(house, caller, params.id),
})

const status = z.enum(trackStatuses).optional()

/** A page of what is told by its place in a list, which is asked for by that. */
const placedQuery = {
  limit: pageQuery.limit,
  after: z.coerce.number().int().min(0).max(100_000_000).default(0).describe('`next` of the page before'),
}

const lines = route({
  id: 'listExposureAuditLines',
  method: 'get',
  path: '/v1/exposure-audits/:id/lines',
  summary:
    'The result of an audit as it was kept: each recording in each leak, most exposed first, with evidence',
  tag,
  caller: 'any',
  params: oneId(ExposureAuditId),
  query: z.strictObject({ ...placedQuery, leakId: LeakId.optional(), status }),
  answer: LinesView,
  problems: ['row/stage'],
  async handle({ house, caller, params, query: { limit, ...asked } }) {
    const about = await audit(house, caller, params.id)
    const read = await readLines(house.blobs, caller, about, { ...asked, limit: limit + 1 })
    const items = read.slice(0, limit)
    const last = items.at(-1)
    return last && read.length > limit ? { items, next: last.number } : { items }
  },
})

const report = route({
  id: 'downloadExposureReport',
  method: 'get',
  path: '/v1/exposure-audits/:id/report.pdf',
  summary: 'The report of an audit: summary, ranking, evidence, what to do, how to verify it',
  tag,
  caller: 'any',
  params: oneId(ExposureAuditId),
  answer: fileOf('application/pdf'),
  problems: ['row/stage'],
  async handle({ house, caller, params: { id } }) {
    const body = await auditPdf(house, caller, await audit(house, caller, id))
    return { body, mediaType: 'application/pdf', fileName: `exposure-audit-${id}.pdf` }
  },
})

const lineTable = route({
  id: 'downloadExposureLines',
  method: 'get',
  path: '/v1/exposure-audits/:id/lines.csv',
  summary: 'All lines of an audit as a table',
  tag,
  caller: 'any',
  params: oneId(ExposureAuditId),
  answer: fileOf('text/csv'),
  problems: ['row/stage'],
  async handle({ house, caller, params: { id } }) {
    const all = await allLines(house.blobs, caller, await audit(house, caller, id))
    return { body: { text: linesCsv(all) }, mediaType: 'text/csv', fileName: `exposure-audit-${id}.csv` }
  },
})

const exposures = route({
  id: 'listExposures',
  method: 'get',
  path: '/v1/exposures',
  summary: 'What is exposed now, by all audits so far, worst first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...placedQuery, leakId: LeakId.optional(), status }),
  answer: ExposuresView,
  async handle({ house, caller, query: { limit, after, leakId, status } }) {
    const asked = { leakId, statuses: status && [status], offset: after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listExposures(tx, asked))
    const items = rows.slice(0, limit).map((row) => toldExposure(caller, row))
    return rows.length > limit ? { items, next: after + limit } : { items }
  },
})

/** More leaks than an account and its operator have. */
const LEAKS_OF_ONE_MAX = 500

const ofRecording = route({
  id: 'listRecordingExposures',
  method: 'get',
  path: '/v1/recordings/:id/exposures',
  summary: 'In which leaks a recording is, how, since when, and the rows that say so',
  tag,
  caller: 'any',
  params: oneId(RecordingId),
  answer: ExposuresView,
  async handle({ house, caller, params }) {
    const rows = await house.db.tenant(caller.tenantId, async (tx) => {
      const { id: recordingId } = found(await find(tx, params.id), 'recording')
      return listExposures(tx, { recordingId, offset: 0, limit: LEAKS_OF_ONE_MAX })
    })
    return { items: rows.map((row) => toldExposure(caller, row)) }
  },
})

export const exposureRoutes = [start, listAll, getOne, lines, report, lineTable, exposures, ofRecording]
