import { z } from 'zod'

import { holdCase, releaseCase } from '../../actions/cases.ts'
import { CaseId } from '../../core/ids.ts'
import { Problem } from '../../core/problem.ts'
import { type AfterCase, findCase, listCases } from '../../matches/case-store.ts'
import { CaseState } from '../../matches/case.ts'
import { relatedCases } from '../../matches/related-store.ts'
import { RELATED_MAX } from '../../matches/related.ts'
import { toldCase, toldRelated } from '../../unreleased.ts'
import { caseDetail } from '../case-detail.ts'
import { found, oneId } from '../found.ts'
import { Cursor, RankCursor, listOf, pageOf, pageQuery, rankedPageOf } from '../page.ts'
import { route } from '../route.ts'
import { CaseDetailView, CaseView, RelatedCasesView } from '../views.ts'

const tag = 'Cases'

/** A cursor belongs to the order in which its page was. @throws {Problem} request/invalid when it is of the other. */
function afterOf(cursor: string | undefined, order: 'priority' | 'newest'): AfterCase | undefined {
  if (cursor === undefined) return undefined
  const read = order === 'priority' ? RankCursor.safeParse(cursor) : Cursor.safeParse(cursor)
  if (!read.success) {
    const faults = [{ pointer: '/query/cursor', detail: 'not a cursor of this order' }]
    throw new Problem('request/invalid', 'Give `next` of the page before, with the same order', { faults })
  }
  return 'rank' in read.data ? { priority: read.data.rank, id: read.data.id } : read.data
}

const listAll = route({
  id: 'listCases',
  method: 'get',
  path: '/v1/cases',
  summary: 'Cases, newest first or by priority; those that are set aside only when asked for by their state',
  tag,
  caller: 'any',
  query: z.strictObject({
    limit: pageQuery.limit,
    cursor: z.string().max(200).optional().describe('`next` of the page before, in the same order'),
    state: CaseState.optional(),
    order: z.enum(['newest', 'priority']).default('newest').describe('`priority`: by harm, highest first'),
    quarantined: z
      .stringbool()
      .default(false)
      .describe('Only those that wait in quarantine; they are left out otherwise'),
  }),
  answer: listOf('CaseList', CaseView),
  async handle({ house, caller, query: { cursor, limit, ...asked } }) {
    const after = afterOf(cursor, asked.order)
    const listed = await house.db.tenant(caller.tenantId, (tx) =>
      listCases(tx, { ...asked, after, limit: limit + 1 }),
    )
    const rows = listed.map((row) => toldCase(caller, row))
    return asked.order === 'priority'
      ? rankedPageOf(rows, limit, ({ priority }) => priority)
      : pageOf(rows, limit, ({ openedAt }) => openedAt)
  },
})

const getOne = route({
  id: 'getCase',
  method: 'get',
  path: '/v1/cases/:id',
  summary: 'A case with its matches, decisions, reviews of exceptions, alert mails and reports',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  answer: CaseDetailView,
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, (tx) => caseDetail(tx, caller, params.id, house.networks)),
})

const listRelated = route({
  id: 'listRelatedCases',
  method: 'get',
  path: '/v1/cases/:id/related',
  summary: 'Cases that belong together with one, and why; the strongest reason first, then the latest',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(RELATED_MAX).default(RELATED_MAX).describe('Most rows'),
  }),
  answer: RelatedCasesView,
  handle: ({ house, caller, params, query: { limit } }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const { id } = found(await findCase(tx, params.id), 'case')
      const related = await relatedCases(tx, id, limit)
      return { items: related.map((each) => toldRelated(caller, each)) }
    }),
})

const hold = route({
  id: 'holdCase',
  method: 'put',
  path: '/v1/cases/:id/assignment',
  summary: 'Take a case to look at it, or keep it: for a quarter of an hour nobody else can decide it',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(CaseId),
  answer: CaseView,
  problems: ['request/conflict'],
  async handle({ house, caller, params }) {
    await holdCase(house, caller, params.id)
    return house.db.tenant(caller.tenantId, async (tx) => found(await findCase(tx, params.id), 'case'))
  },
})

const release = route({
  id: 'releaseCase',
  method: 'delete',
  path: '/v1/cases/:id/assignment',
  summary: 'Give a case back that you took',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(CaseId),
  answer: CaseView,
  async handle({ house, caller, params }) {
    await releaseCase(house, caller, params.id)
    return house.db.tenant(caller.tenantId, async (tx) => found(await findCase(tx, params.id), 'case'))
  },
})

export const caseRoutes = [listAll, getOne, listRelated, hold, release]
