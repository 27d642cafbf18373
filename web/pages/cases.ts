import express, { type Router } from 'express'
import { z } from 'zod'

import { allowPlace } from '../../services/actions/allow-list.ts'
import { decideCase, issueReport } from '../../services/actions/cases.ts'
import { mailsAbout } from '../../services/alerts/store.ts'
import { dossierOf } from '../../services/case-dossier.ts'
import { barOf } from '../../services/case-standing.ts'
import { CaseId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { caseCounts, decisionsOf, listCases } from '../../services/matches/case-store.ts'
import { CaseState, DecisionKind, DismissReason } from '../../services/matches/case.ts'
import { reportsOf } from '../../services/reports/store.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { entryOf } from './allow-list.ts'
import { caseView } from './case-view.ts'
import { casesView } from './cases-view.ts'

/** What a person can decide; the other kinds are notes of the system. */
const Decision = z.object({
  kind: DecisionKind.extract(['confirmed', 'dismissed', 'reopened', 'commented']),
  reason: DismissReason.optional(),
  comment: z.string().trim().max(5000).optional(),
})

const ticked = z.literal('on', { error: 'tick this to make the statement' }).transform(() => true as const)

/** Each statement is made by its own tick; a name is typed as the signature. */
const Statements = z.object({
  goodFaith: ticked,
  accuracy: ticked,
  authority: ticked,
  signatureText: z.string().trim().min(1).max(220),
})

const caseId = (visit: Visit): CaseId => idOf(CaseId, visit.params['id'], 'case')

async function listPage(visit: Visit): Promise<Page> {
  const state = CaseState.safeParse(visit.query['state']).data
  const after = readAfter(visit.query['after'])
  const { page, counts } = await visit.tenant(async (tx) => ({
    page: pageOf(await listCases(tx, { state, after, limit: PAGE_ROWS + 1 })),
    counts: await caseCounts(tx),
  }))
  const body = casesView({ rows: page.shown, last: page.last, counts, query: visit.query, state })
  return { title: 'Cases', section: 'cases', body }
}

async function casePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const id = caseId(visit)
  const read = await visit.tenant(async (tx) => {
    const dossier = await dossierOf(tx, id)
    return {
      dossier,
      bar: await barOf(tx, visit.caller.tenantId, dossier),
      decisions: await decisionsOf(tx, id),
      mails: await mailsAbout(tx, id),
      reports: await reportsOf(tx, id),
    }
  })
  const { number, recordingTitle } = read.dossier.opened
  const body = caseView({ ...read, caller: visit.caller, filled })
  return { title: `${number} ${recordingTitle}`, section: 'cases', body, status }
}

async function decided(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const tried = await attempt(
    () => visit.form,
    async () => {
      const decision = readForm(Decision, visit.form)
      if (decision.kind === 'dismissed' && !decision.reason) {
        const faults = [{ pointer: '/reason', detail: 'choose why it is dismissed' }]
        throw new Problem('request/invalid', 'A reason is needed', { faults })
      }
      if (decision.kind === 'commented' && !decision.comment) {
        const faults = [{ pointer: '/comment', detail: 'write the comment' }]
        throw new Problem('request/invalid', 'A comment is needed', { faults })
      }
      await decideCase(visit.house, visit.caller, id, decision)
      return decision.kind
    },
  )
  if (tried.refusal) return casePage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: withFlash(`/cases/${id}`, tried.done) }
}

/** Where the place is chosen, its kind comes with it: `domain example.com`. */
async function allowed(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    async () => {
      const { form: _form, ...fields } = visit.form
      const [, kind = '', value = ''] = /^(\S+) (.*)$/s.exec(textOf(fields, 'value')) ?? []
      await allowPlace(visit.house, visit.caller, entryOf({ ...fields, kind, value }), id)
    },
  )
  if (refusal) return casePage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash(`/cases/${id}`, 'case-allowed') }
}

async function issued(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const tried = await attempt(
    () => visit.form,
    async () => {
      const statements = visit.form['signing'] ? readForm(Statements, visit.form) : undefined
      await issueReport(visit.house, visit.caller, id, statements)
    },
  )
  if (tried.refusal) return casePage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: `${withFlash(`/cases/${id}`, 'issued')}#reports` }
}

/** Cases: what was found where, what was decided about it, and its reports. */
export function caseRoutes(web: Web): Router {
  const router = express.Router()
  router.get('/cases', forMembers(web, listPage))
  router.get(
    '/cases/:id',
    forMembers(web, (visit) => casePage(visit)),
  )
  router.post('/cases/:id/decisions', forMembers(web, decided))
  router.post('/cases/:id/allow', forMembers(web, allowed))
  router.post('/cases/:id/reports', forMembers(web, issued))
  return router
}
