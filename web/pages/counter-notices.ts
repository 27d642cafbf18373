import express, { type Router } from 'express'
import { z } from 'zod'

import { answerCounterNotice, registerCounterNotice } from '../../services/actions/counter-notices.ts'
import type { Tx } from '../../services/core/db.ts'
import type { Html } from '../../services/core/html.ts'
import { CaseId, CounterNoticeId, NoticeId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import {
  CounterAnswer,
  CounterChecks,
  CounterReason,
  counterElements,
} from '../../services/notices/clocks/counter-notice.ts'
import {
  counterNoticesOf,
  findCounterNotice,
  placedCounterNoticesOf,
  waitingCounterNotices,
} from '../../services/notices/counter-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { isOut } from '../../services/notices/notice-state.ts'
import { findNotice } from '../../services/notices/store.ts'
import { type Caller, hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { COUNTERS_PATH, counterView, countersView, noticeCountersCard } from './counter-notices-view.ts'
import { registerView } from './counter-register-view.ts'
import { noticeName } from './notices-view.ts'

/** Shown at a time: more of them wait only where something went very wrong. */
const WAITING_MAX = 200

async function listPage(visit: Visit): Promise<Page> {
  const waiting = await visit.tenant((tx) => waitingCounterNotices(tx, WAITING_MAX + 1))
  const body = countersView(waiting.slice(0, WAITING_MAX), waiting.length > WAITING_MAX)
  return { title: 'Counter-notices', section: 'counters', body }
}

const counterId = (visit: Visit): CounterNoticeId =>
  idOf(CounterNoticeId, visit.params['id'], 'counter-notice')

async function onePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const counter = found(await visit.tenant((tx) => findCounterNotice(tx, counterId(visit))), 'counter-notice')
  const body = counterView({ counter, canSign: hasRole(visit.caller, 'signer'), filled })
  return { title: `Counter-notice about ${counter.caseNumber}`, section: 'counters', body, status }
}

const Answer = z.object({
  answer: CounterAnswer,
  docket: z.string().trim().min(1).max(200).optional(),
  filedOn: z.iso.date('a day like 2031-03-06').optional(),
  comment: z.string().trim().min(1).max(1000),
})

async function answered(visit: Visit): Promise<Reply> {
  const { house, caller, form } = visit
  const id = counterId(visit)
  const { refusal } = await attempt(
    () => form,
    async () => answerCounterNotice(house, caller, id, readForm(Answer, form)),
  )
  if (refusal) return onePage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash(`${COUNTERS_PATH}/${id}`, 'counter-answered') }
}

const mayRegister = (caller: Caller): boolean => hasRole(caller, 'reviewer') || hasRole(caller, 'signer')

const canBeCountered = ({ state, signedAt }: Notice): boolean => isOut(state) && signedAt !== null

/** What the page of a notice shows of its counter-notices: read and drawn in one call; false where there is nothing to say. */
export const noticeCounters = async (tx: Tx, notice: Notice, caller: Caller): Promise<Html | false> =>
  noticeCountersCard(
    notice,
    await placedCounterNoticesOf(tx, notice.id),
    mayRegister(caller) && canBeCountered(notice),
  )

const noticeId = (visit: Visit): NoticeId => idOf(NoticeId, visit.params['id'], 'notice')

async function registerPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  if (!mayRegister(visit.caller))
    throw new Problem('auth/forbidden', 'Only a reviewer or a signer can register a counter-notice')
  const { notice, locations } = await visit.tenant(async (tx) => {
    const read = found(await findNotice(tx, noticeId(visit)), 'notice')
    const countered = new Set((await counterNoticesOf(tx, read.id)).map(({ caseId }) => caseId))
    const rows = await locationsOf(tx, read.id)
    return { notice: read, locations: rows.filter(({ caseId }) => !countered.has(caseId)) }
  })
  const body = registerView({ notice, locations, canBeCountered: canBeCountered(notice), filled })
  return { title: `Counter-notice to ${noticeName(notice)}`, section: 'notices', body, status }
}

/** A textarea's lines end as HTML has them sent; what is kept ends them plainly. */
const plainLines = (text: string): string => text.replaceAll('\r\n', '\n').trim()

const NewCounterNotice = z.object({
  caseId: z.uuid('choose a location').pipe(CaseId),
  receivedOn: z.iso.date('a day like 2031-03-06'),
  sender: z.string().trim().min(1).max(500),
  text: z.string().min(1).max(50_000),
  reason: CounterReason,
  checks: CounterChecks,
})

/** The elements that were ticked, beside what was typed. @throws {Problem} request/invalid. */
function counterOf(sent: Sent): z.infer<typeof NewCounterNotice> {
  const checks = Object.fromEntries(
    counterElements.map((element) => [element, textOf(sent, element) === 'on']),
  )
  return readForm(NewCounterNotice, { ...sent, text: plainLines(textOf(sent, 'text')), checks })
}

async function registered(visit: Visit): Promise<Reply> {
  const { house, caller, form } = visit
  const tried = await attempt(
    () => form,
    async () => registerCounterNotice(house, caller, noticeId(visit), counterOf(form)),
  )
  if (tried.refusal) return registerPage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: withFlash(`${COUNTERS_PATH}/${tried.done.id}`, 'counter-registered') }
}

/** Counter-notices: registered at a notice, listed by urgency, and answered. */
export function counterNoticeRoutes(web: Web): Router {
  const router = express.Router()
  router.get(COUNTERS_PATH, forMembers(web, listPage))
  router.get(
    `${COUNTERS_PATH}/:id`,
    forMembers(web, (visit) => onePage(visit)),
  )
  router.post(`${COUNTERS_PATH}/:id`, forMembers(web, answered))
  router.get(
    '/notices/:id/counter-notice',
    forMembers(web, (visit) => registerPage(visit)),
  )
  router.post('/notices/:id/counter-notice', forMembers(web, registered))
  return router
}
