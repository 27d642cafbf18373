import express, { type Router } from 'express'
import { z } from 'zod'

import { allowPlace } from '../../services/actions/allow-list.ts'
import { decideCase, holdCase, issueReport, releaseCase, undoDecision } from '../../services/actions/cases.ts'
import { mailsAbout } from '../../services/alerts/store.ts'
import { dossierOf } from '../../services/case-dossier.ts'
import { barOf } from '../../services/case-standing.ts'
import { whereaboutsOf } from '../../services/case-whereabouts.ts'
import { CaseId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { nextCase } from '../../services/matches/case-assignment-store.ts'
import { undoable } from '../../services/matches/case-machine.ts'
import { decisionsOf, findCase } from '../../services/matches/case-store.ts'
import { DecisionKind, DismissReason } from '../../services/matches/case.ts'
import { reviewStanding, reviewsOf } from '../../services/matches/exceptions-store.ts'
import { relatedCases } from '../../services/matches/related-store.ts'
import { reportsOf } from '../../services/reports/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { knowsCase, toldDossier, toldRelated } from '../../services/unreleased.ts'
import { exceptionsOf } from '../exceptions-form.ts'
import { type Flash, withFlash } from '../flash.ts'
import { attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { uploadReply } from '../parts/upload.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf, wantsData } from '../visit.ts'
import { entryOf } from './allow-list.ts'
import { caseCapsules } from './capsules.ts'
import { caseLooks } from './case-looks.ts'
import { caseNotices } from './case-notices.ts'
import { placeCard, relatedCard } from './case-place-view.ts'
import { isScreenshotForm } from './case-screenshots-view.ts'
import { caseScreenshots, takeScreenshot } from './case-screenshots.ts'
import { caseView } from './case-view.ts'

/** What a person can decide; the other kinds are notes of the system. */
const Decision = z.object({
  kind: DecisionKind.extract([
    'confirmed',
    'dismissed',
    'reopened',
    'removed',
    'closed',
    'undone',
    'commented',
  ]),
  reason: DismissReason.optional(),
  supersedes: z.coerce.number().int().positive().optional(),
  comment: z.string().trim().max(5000).optional(),
})
type Decision = z.infer<typeof Decision>

const ticked = z.literal('on', { error: 'tick this to make the statement' }).transform(() => true as const)

/** Each statement is made by its own tick; a name is typed as the signature. */
const Statements = z.object({
  goodFaith: ticked,
  accuracy: ticked,
  authority: ticked,
  signatureText: z.string().trim().min(1).max(220),
})

/** As many as one looks through beside a decision. */
const RELATED_SHOWN = 10

const caseId = (visit: Visit): CaseId => idOf(CaseId, visit.params['id'], 'case')

/** Who opens a case that waits for a reviewer, and is one, looks at it now; unless somebody else does already. */
async function takeToLook(visit: Visit, id: CaseId): Promise<void> {
  if (!hasRole(visit.caller, 'reviewer')) return
  const opened = await visit.tenant((tx) => findCase(tx, id))
  if (opened?.state !== 'needs_review') return
  try {
    await holdCase(visit.house, visit.caller, id)
  } catch (error) {
    // The page says who looks at it.
    if (!(error instanceof Problem) || error.type !== 'request/conflict') throw error
  }
}

async function casePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const id = caseId(visit)
  await takeToLook(visit, id)
  const { caller } = visit
  const read = await visit.tenant(async (tx) => {
    const dossier = await dossierOf(tx, id)
    const decisions = await decisionsOf(tx, id)
    const reviews = await reviewsOf(tx, id)
    const { outcome, isFresh } = await reviewStanding(tx, id)
    const told = toldDossier(caller, dossier)
    const place = await whereaboutsOf(tx, told.opened, told.matches[0]?.capture, visit.house.networks)
    const related = await relatedCases(tx, id, RELATED_SHOWN + 1)
    const shown = related.slice(0, RELATED_SHOWN).map((each) => toldRelated(caller, each))
    return {
      place: placeCard(place),
      related: relatedCard(shown, related.length > RELATED_SHOWN),
      dossier: told,
      decisions,
      reviews,
      bar: await barOf(tx, caller.tenantId, dossier),
      // A mail is kept as it was sent: to those who may know, with the names.
      mails: knowsCase(caller, dossier.opened) ? await mailsAbout(tx, id) : [],
      reports: await reportsOf(tx, id),
      notices: await caseNotices(tx, dossier.opened, caller),
      looks: await caseLooks(tx, told.opened),
      screenshots: await caseScreenshots(tx, dossier.opened, caller, filled),
      evidence: await caseCapsules(tx, dossier.opened, caller),
      deciding: {
        review: outcome === 'not_excepted' && isFresh ? reviews[0] : undefined,
        undoable: undoable(decisions),
        next: await nextCase(tx, caller.member.id, id),
        before: CaseId.safeParse(visit.query['before']).data,
      },
    }
  })
  const { number, recordingTitle } = read.dossier.opened
  // Its fields are named as those of other forms are.
  const others = isScreenshotForm(filled) ? unfilled : filled
  const body = caseView({ ...read, caller, filled: others })
  return { title: `${number} ${recordingTitle}`, section: 'cases', body, status }
}

/** @throws {Problem} request/invalid when a decision lacks what it needs. */
function requireWords({ kind, reason, comment }: Decision): void {
  const fault =
    kind === 'dismissed' && !reason
      ? { pointer: '/reason', detail: 'choose why it is dismissed' }
      : kind === 'commented' && !comment
        ? { pointer: '/comment', detail: 'write the comment' }
        : undefined
  if (fault) throw new Problem('request/invalid', 'Something is missing', { faults: [fault] })
}

/** Where one goes after a decision: on to the next case of the queue, when this one was of it. */
async function afterwards(visit: Visit, id: CaseId, done: Flash): Promise<string> {
  const goesOn = done === 'confirmed' || done === 'dismissed'
  const next = goesOn && (await visit.tenant((tx) => nextCase(tx, visit.caller.member.id, id)))
  return next ? withFlash(`/cases/${next}?before=${id}`, 'decided-next') : withFlash(`/cases/${id}`, done)
}

async function decided(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const tried = await attempt(
    () => visit.form,
    async () => {
      const { supersedes, ...decision } = readForm(Decision, visit.form)
      requireWords(decision)
      if (decision.kind === 'undone')
        await undoDecision(visit.house, visit.caller, id, { comment: decision.comment, number: supersedes })
      else {
        const exceptions = decision.kind === 'confirmed' ? exceptionsOf(visit.form) : undefined
        await decideCase(visit.house, visit.caller, id, { ...decision, exceptions })
      }
      return decision.kind === 'removed' ? 'case-removed' : decision.kind
    },
  )
  if (tried.refusal) return casePage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: await afterwards(visit, id, tried.done) }
}

/** A page that is used keeps its case; what a script asks for is answered shortly. */
async function held(visit: Visit): Promise<Reply> {
  await holdCase(visit.house, visit.caller, caseId(visit))
  return { json: {}, status: 200 }
}

async function released(visit: Visit): Promise<Reply> {
  await releaseCase(visit.house, visit.caller, caseId(visit))
  return { redirect: withFlash('/cases', 'released') }
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

/** A picture of what is to be seen at the address of a case. */
async function pictured(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const refusal = await takeScreenshot(visit, id)
  const href = `${withFlash(`/cases/${id}`, 'screenshot-added')}#screenshots`
  if (wantsData(visit.request)) return uploadReply(refusal, { one: href, all: href })
  return refusal ? casePage(visit, refusal.filled, refusal.status) : { redirect: href }
}

/** One case: what was found where, what was decided about it, and its reports. */
export function caseRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/cases/:id',
    forMembers(web, (visit) => casePage(visit)),
  )
  router.post('/cases/:id/decisions', forMembers(web, decided))
  router.post('/cases/:id/hold', forMembers(web, held))
  router.post('/cases/:id/release', forMembers(web, released))
  router.post('/cases/:id/allow', forMembers(web, allowed))
  router.post('/cases/:id/reports', forMembers(web, issued))
  router.post('/cases/:id/screenshots', forMembers(web, pictured))
  return router
}
