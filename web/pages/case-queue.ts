import express, { type Router } from 'express'
import { z } from 'zod'

import { decideMany, endQuarantine, undoBatch } from '../../services/actions/case-batches.ts'
import type { TakenDecision } from '../../services/actions/cases.ts'
import { CaseId, RecordingId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { decisionsOfBatch } from '../../services/matches/case-batch-store.ts'
import { type AfterCase, caseCounts, listCases } from '../../services/matches/case-store.ts'
import { CaseState, DismissReason } from '../../services/matches/case.ts'
import { floods } from '../../services/matches/find-store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { toldCase } from '../../services/unreleased.ts'
import { exceptionsOf } from '../exceptions-form.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { batchDoneView, batchPreviewView, batchView } from './case-batch-view.ts'
import { casesView } from './cases-view.ts'

/** Recordings in quarantine on one page: more of them at once is a fault of the engine, not of a reference. */
const FLOODS_MAX = 20

const Ranked = z
  .string()
  .regex(/^[0-9.e-]{1,25}_[0-9a-f-]{36}$/)
  .transform((text) => ({ priority: Number(text.slice(0, -37)), id: text.slice(-36) }))
  .refine(({ priority }) => priority >= 0 && priority <= 1)

async function listPage(visit: Visit): Promise<Page> {
  const { query } = visit
  const state = CaseState.safeParse(query['state']).data
  const [quarantined, mine] = [query['quarantined'] === '1', query['mine'] === '1']
  const order = query['order'] === 'newest' ? 'newest' : 'priority'
  const after: AfterCase | undefined =
    order === 'newest' ? readAfter(query['after']) : Ranked.safeParse(query['after']).data
  const heldBy = mine ? visit.caller.member.id : undefined
  const asked = { state, quarantined, heldBy, order, after, limit: PAGE_ROWS + 1 } as const
  const read = await visit.tenant(async (tx) => ({
    page: pageOf((await listCases(tx, asked)).map((row) => toldCase(visit.caller, row))),
    counts: await caseCounts(tx),
    // Only a reviewer ends a quarantine, and floods are told with their names.
    floods: quarantined && hasRole(visit.caller, 'reviewer') ? await floods(tx, FLOODS_MAX) : [],
  }))
  const { page, ...rest } = read
  const body = casesView({
    ...rest,
    rows: page.shown,
    last: page.last,
    query,
    state,
    quarantined,
    mine,
    order,
  })
  return { title: 'Cases', section: 'cases', body }
}

const BatchDecision = z.object({
  kind: z.enum(['confirmed', 'dismissed', 'reopened'], { error: 'choose a decision' }),
  reason: DismissReason.optional(),
  comment: z.string().trim().max(5000).optional(),
})

/** The cases that were marked. @throws {Problem} row/unknown when one of them is no case. */
const markedIn = (sent: Sent): CaseId[] =>
  [sent['case'] ?? []].flat().map((text) => idOf(CaseId, text, 'case'))

/** @throws {Problem} request/invalid when something is missing. */
function decisionOf(sent: Sent): TakenDecision {
  const decision = readForm(BatchDecision, sent)
  if (decision.kind === 'confirmed') return { ...decision, exceptions: exceptionsOf(sent) }
  if (decision.kind !== 'dismissed') return { kind: decision.kind, comment: decision.comment }
  if (decision.reason) return decision
  const faults = [{ pointer: '/reason', detail: 'choose why they are dismissed' }]
  throw new Problem('request/invalid', 'A reason is needed', { faults })
}

const page = (title: string, body: Page['body'], status = 200): Page => ({
  title,
  section: 'cases',
  body,
  status,
})

const choosePage = (caseIds: readonly CaseId[], filled: Filled = unfilled, status = 200): Page =>
  page('Decide together', batchView({ caseIds, filled }), status)

/** Three steps with one address: choose what is decided, look at what would happen, decide. */
async function batch(visit: Visit): Promise<Reply> {
  const { house, caller, form } = visit
  const caseIds = markedIn(form)
  if (caseIds.length === 0) return { redirect: '/cases' }
  const step = textOf(form, 'step')
  if (step === '') return choosePage(caseIds)
  const tried = await attempt(
    () => form,
    async () => {
      const decision = decisionOf(form)
      const preview = step !== 'decide'
      return { preview, decision, ...(await decideMany(house, caller, { caseIds, decision, preview })) }
    },
  )
  if (tried.refusal) return choosePage(caseIds, tried.refusal.filled, tried.refusal.status)
  const { preview, decision, batchId, cases } = tried.done
  if (batchId) return { redirect: withFlash(`/cases/batches/${batchId}`, 'batch-decided') }
  // Between the preview and the decision everything may have changed.
  return page(
    'Decide together',
    batchPreviewView({ sent: form, kind: decision.kind, cases }),
    preview ? 200 : 409,
  )
}

const batchIdOf = (visit: Visit): string => idOf(z.uuid(), visit.params['id'], 'batch')

async function batchPage(visit: Visit): Promise<Page> {
  const id = batchIdOf(visit)
  const cases = await visit.tenant((tx) => decisionsOfBatch(tx, id))
  found(cases[0], 'batch')
  return page('Decided together', batchDoneView({ batchId: id, cases }))
}

async function undone(visit: Visit): Promise<Reply> {
  const id = batchIdOf(visit)
  await undoBatch(visit.house, visit.caller, id)
  return { redirect: withFlash(`/cases/batches/${id}`, 'batch-undone') }
}

async function quarantineEnded(visit: Visit): Promise<Reply> {
  await endQuarantine(visit.house, visit.caller, idOf(RecordingId, visit.params['id'], 'recording'))
  return { redirect: withFlash('/cases', 'quarantine-ended') }
}

/** The cases as a queue: what is most urgent first, decided one by one or together. Mount it before a case's own pages. */
export function caseQueueRoutes(web: Web): Router {
  const router = express.Router()
  router.get('/cases', forMembers(web, listPage))
  router.post('/cases/batch', forMembers(web, batch))
  router.get('/cases/batches/:id', forMembers(web, batchPage))
  router.post('/cases/batches/:id/undo', forMembers(web, undone))
  router.post('/cases/quarantine/:id/end', forMembers(web, quarantineEnded))
  return router
}
