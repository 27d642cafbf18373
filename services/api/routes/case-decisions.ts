import { z } from 'zod'

import {
  BATCH_CASES_MAX,
  CaseOutcome,
  decideMany,
  endQuarantine,
  undoBatch,
} from '../../actions/case-batches.ts'
import { decideCase, reviewExceptions, undoDecision } from '../../actions/cases.ts'
import { CaseId, RecordingId } from '../../core/ids.ts'
import { DismissReason } from '../../matches/case.ts'
import { ExceptionAnswers } from '../../matches/exceptions.ts'
import { caseDetail } from '../case-detail.ts'
import { oneId } from '../found.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'
import { CaseDetailView, ExceptionsReviewView } from '../views.ts'

const tag = 'Cases'

const comment = z.string().trim().min(1).max(5_000)
const decisionNumber = z.int().positive()

const exceptions = ExceptionAnswers.describe(
  'Whether an exception of the law covers the use; needed unless they were reviewed since the last find',
)

/** The decisions that are taken about many cases as about one, each with what it needs. */
const confirmed = {
  kind: z.literal('confirmed'),
  comment: comment.optional(),
  exceptions: exceptions.optional(),
}
const dismissed = { kind: z.literal('dismissed'), reason: DismissReason, comment: comment.optional() }
const reopened = { kind: z.literal('reopened'), comment: comment.optional() }
const closed = { kind: z.literal('closed'), comment: comment.optional() }
const removed = { kind: z.literal('removed'), comment: comment.optional() }

const NewDecision = request(
  'NewDecision',
  z
    .discriminatedUnion('kind', [
      z.strictObject(confirmed),
      z.strictObject(dismissed),
      z.strictObject(reopened),
      z.strictObject(removed),
      z.strictObject(closed),
      z.strictObject({ kind: z.literal('commented'), comment }),
      z.strictObject({
        kind: z.literal('undone'),
        supersedes: decisionNumber.optional().describe('Only when this is the latest decision'),
        comment: comment.optional(),
      }),
    ])
    .meta({
      examples: [{ kind: 'dismissed', reason: 'authorised_use', comment: 'Licensed to this channel' }],
    }),
)

const decide = route({
  id: 'decideCase',
  method: 'post',
  path: '/v1/cases/:id/decisions',
  summary: 'Confirm, dismiss, reopen or close a case, take the latest decision back, or comment on it',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(CaseId),
  body: json(NewDecision),
  status: 201,
  answer: CaseDetailView,
  problems: ['row/stage', 'request/conflict'],
  idempotent: true,
  async handle({ house, caller, params, body }) {
    if (body.kind === 'undone') {
      const { comment: why, supersedes } = body
      await undoDecision(house, caller, params.id, { comment: why, number: supersedes })
    } else await decideCase(house, caller, params.id, body)
    return house.db.tenant(caller.tenantId, (tx) => caseDetail(tx, caller, params.id, house.networks))
  },
})

const review = route({
  id: 'reviewExceptions',
  method: 'post',
  path: '/v1/cases/:id/exceptions',
  summary: 'Answer whether an exception of the law covers the use, with reasons',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(CaseId),
  body: json(request('ExceptionAnswers', ExceptionAnswers)),
  status: 201,
  answer: ExceptionsReviewView,
  problems: ['request/conflict'],
  idempotent: true,
  handle: ({ house, caller, params, body }) => reviewExceptions(house, caller, params.id, body),
})

const many = {
  caseIds: z.array(CaseId).min(1).max(BATCH_CASES_MAX),
  preview: z.boolean().default(false).describe('Tell what would happen, and do nothing'),
}

const NewDecisions = request(
  'NewDecisions',
  z.discriminatedUnion('kind', [
    z.strictObject({ ...many, ...confirmed }),
    z.strictObject({ ...many, ...dismissed }),
    z.strictObject({ ...many, ...reopened }),
    z.strictObject({ ...many, ...closed }),
  ]),
)

const DecisionsView = view(
  'Decisions',
  z.object({
    batchId: z
      .uuid()
      .optional()
      .describe('By which they are taken back together; absent when nothing was decided'),
    cases: z.array(CaseOutcome),
  }),
)

const decideAll = route({
  id: 'decideCases',
  method: 'post',
  path: '/v1/cases/decisions',
  summary: 'Decide many cases alike: those that allow it are decided, the others stay and say why',
  tag,
  caller: { role: 'reviewer' },
  body: json(NewDecisions),
  answer: DecisionsView,
  idempotent: true,
  handle({ house, caller, body: { caseIds, preview, ...decision } }) {
    return decideMany(house, caller, { caseIds, decision, preview })
  },
})

const undoAll = route({
  id: 'undoDecisions',
  method: 'post',
  path: '/v1/cases/decisions/:batchId/undo',
  summary: 'Take back decisions that were taken together, as far as each case still allows',
  tag,
  caller: { role: 'reviewer' },
  params: z.object({ batchId: z.uuid() }),
  answer: view('UndoneDecisions', z.object({ cases: z.array(CaseOutcome) })),
  async handle({ house, caller, params }) {
    return { cases: await undoBatch(house, caller, params.batchId) }
  },
})

const lift = route({
  id: 'endQuarantine',
  method: 'post',
  path: '/v1/recordings/:id/unquarantine',
  summary: 'Let the cases of a recording out of quarantine, after having looked at them',
  tag,
  caller: { role: 'reviewer' },
  params: oneId(RecordingId),
  body: json(request('QuarantineEnd', z.strictObject({ comment: comment.optional() }))),
  answer: view('QuarantineEnded', z.object({ cases: z.number().describe('How many were let out') })),
  async handle({ house, caller, params, body }) {
    return { cases: await endQuarantine(house, caller, params.id, body.comment) }
  },
})

export const caseDecisionRoutes = [decide, review, decideAll, undoAll, lift]
