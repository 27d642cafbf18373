import { z } from 'zod'

import { decideCase } from '../../actions/cases.ts'
import { mailsAbout } from '../../alerts/store.ts'
import type { Tx } from '../../core/db.ts'
import { CaseId } from '../../core/ids.ts'
import { decisionsOf, findCase, listCases } from '../../matches/case-store.ts'
import { CaseState, DismissReason, allowedDecisions } from '../../matches/case.ts'
import { list as matchesAbout } from '../../matches/store.ts'
import { reportsOf } from '../../reports/store.ts'
import { withPassages } from '../found-matches.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { json, route } from '../route.ts'
import { request } from '../schema.ts'
import { CaseDetailView, CaseView } from '../views.ts'

const tag = 'Cases'

const comment = z.string().trim().min(1).max(5_000)

/** Each decision with what it needs: a reason to dismiss, words to comment. */
const NewDecision = request(
  'NewDecision',
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('confirmed'), comment: comment.optional() }),
      z.strictObject({ kind: z.literal('dismissed'), reason: DismissReason, comment: comment.optional() }),
      z.strictObject({ kind: z.literal('reopened'), comment: comment.optional() }),
      z.strictObject({ kind: z.literal('commented'), comment }),
    ])
    .meta({
      examples: [{ kind: 'dismissed', reason: 'authorised_use', comment: 'Licensed to this channel' }],
    }),
)

async function detail(tx: Tx, id: CaseId) {
  const opened = found(await findCase(tx, id), 'case')
  return {
    ...opened,
    allowedDecisions: allowedDecisions(opened.state),
    decisions: await decisionsOf(tx, id),
    matches: await withPassages(tx, await matchesAbout(tx, { caseId: id })),
    mails: await mailsAbout(tx, id),
    reports: await reportsOf(tx, id),
  }
}

const listAll = route({
  id: 'listCases',
  method: 'get',
  path: '/v1/cases',
  summary: 'Cases, newest first; those that are set aside only when asked for by their state',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, state: CaseState.optional() }),
  answer: listOf('CaseList', CaseView),
  async handle({ house, caller, query: { state, cursor: after, limit } }) {
    const asked = { state, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listCases(tx, asked))
    return pageOf(rows, limit, ({ openedAt }) => openedAt)
  },
})

const getOne = route({
  id: 'getCase',
  method: 'get',
  path: '/v1/cases/:id',
  summary: 'A case with its matches, decisions, alert mails and reports',
  tag,
  caller: 'any',
  params: oneId(CaseId),
  answer: CaseDetailView,
  handle: ({ house, caller, params }) => house.db.tenant(caller.tenantId, (tx) => detail(tx, params.id)),
})

const decide = route({
  id: 'decideCase',
  method: 'post',
  path: '/v1/cases/:id/decisions',
  summary: 'Confirm, dismiss or reopen a case, or comment on it',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(CaseId),
  body: json(NewDecision),
  status: 201,
  answer: CaseDetailView,
  problems: ['row/stage'],
  idempotent: true,
  async handle({ house, caller, params, body }) {
    await decideCase(house, caller, params.id, body)
    return house.db.tenant(caller.tenantId, (tx) => detail(tx, params.id))
  },
})

export const caseRoutes = [listAll, getOne, decide]
