import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, CounterNoticeId, NoticeId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decideBySystem } from '../matches/case-store.ts'
import { putBackWindow } from '../notices/clocks/business-days.ts'
import {
  type CounterAnswer,
  type CounterChecks,
  type CounterNotice,
  type CounterReason,
  missingElements,
} from '../notices/clocks/counter-notice.ts'
import { keepCounterAnswer, keepCounterNotice, lockCounterNotice } from '../notices/counter-store.ts'
import { locationsOf, setLive, setOutcome } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { isOut } from '../notices/notice-state.ts'
import { type NewNoticeEvent, addEvent, lockNotice, notNow, tryEvent } from '../notices/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { leftOf, noteCountered } from './countered.ts'
import type { House } from './house.ts'
import { tellCounterNotice } from './news.ts'
import { noteGone } from './rechecks.ts'
import { retractEverywhere } from './retract-notice.ts'
import { requireSigner } from './signature.ts'

/** A counter-notice as a person enters it from what the provider forwarded. */
export interface GivenCounterNotice {
  readonly caseId: CaseId
  /** The day on which the provider received it, ISO 8601: the days of 17 U.S.C. 512(g) are counted from it. */
  readonly receivedOn: string
  readonly sender: string
  readonly text: string
  readonly reason: CounterReason
  readonly checks: CounterChecks
}

function requireReader(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'reviewer') && !hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only a reviewer or a signer can register a counter-notice')
}

/**
 * Registers a counter-notice about one location of a notice and starts its clock. From then on nothing more is demanded
 * there (rule R05 asks for it); the other locations of the notice go on.
 *
 * @throws {Problem} auth/forbidden, row/unknown, row/stage (the notice is not out), request/invalid, request/conflict.
 */
export async function registerCounterNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
  given: GivenCounterNotice,
): Promise<CounterNotice> {
  requireReader(caller)
  if (given.receivedOn > new Date().toISOString().slice(0, 10))
    throw new Problem('request/invalid', 'It cannot have been received in the future', {
      faults: [{ pointer: '/receivedOn', detail: 'is in the future' }],
    })
  const actor = actorOf(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    if (!isOut(notice.state) || notice.signedAt === null) throw notNow(notice, 'countered')
    const location = (await locationsOf(tx, id)).find(({ caseId }) => caseId === given.caseId)
    if (!location)
      throw new Problem('request/invalid', 'The notice is not about this case', {
        faults: [{ pointer: '/caseId', detail: 'is not in this notice' }],
      })
    const { from, latest } = putBackWindow(given.receivedOn)
    const window = { putBackFrom: from, putBackLatest: latest }
    const kept = await keepCounterNotice(tx, caller.tenantId, { ...given, ...window, noticeId: id })
    await setOutcome(tx, location, 'counter_notice', 'recipient', [given.caseId])
    const missing = missingElements(given.checks)
    // Whoever answers has received it.
    await tryEvent(tx, notice, { kind: 'acknowledged', actor })
    const details = { counterNotice: kept.id, caseIds: [given.caseId], missing }
    if (!(await noteCountered(tx, notice, { actor, details }))) throw notNow(notice, 'countered')
    await audit(tx, caller.tenantId, {
      actor,
      action: 'notice.countered',
      subject: `notice:${id}`,
      details: { counterNotice: kept.id, receivedOn: given.receivedOn, missing },
    })
    const today = new Date().toISOString().slice(0, 10)
    await tellCounterNotice(tx, caller.tenantId, kept, { today, on: given.receivedOn })
    return kept
  })
}

/** How a person answers a counter-notice. */
export interface GivenCounterAnswer {
  readonly answer: CounterAnswer
  /** Of the court, with `action_filed`. */
  readonly docket?: string | undefined
  /** The day on which the action was filed, ISO 8601; left out, today. */
  readonly filedOn?: string | undefined
  readonly comment: string
}

const invalid = (message: string, pointer: string, detail: string): Problem =>
  new Problem('request/invalid', message, { faults: [{ pointer, detail }] })

/** An action as it is recorded: until the last day of the put-back it counts, on whatever day somebody says so. */
interface FiledAction {
  readonly docket: string
  readonly filedOn: string
  /** Recorded after the last day on which the provider could put the copy back. */
  readonly isLate: boolean
}

/**
 * The action of an answer; undefined with another one.
 *
 * @throws {Problem} request/invalid; request/conflict when it was filed after the last day.
 */
function actionOf(
  { answer, docket, filedOn }: GivenCounterAnswer,
  { putBackLatest }: CounterNotice,
): FiledAction | undefined {
  if (answer !== 'action_filed') return undefined
  if (!docket)
    throw invalid('Name the docket number of the action', '/docket', 'is needed for an action that was filed')
  const today = new Date().toISOString().slice(0, 10)
  const filed = filedOn ?? today
  if (filed > today) throw invalid('It cannot have been filed in the future', '/filedOn', 'is in the future')
  if (filed > putBackLatest)
    throw new Problem(
      'request/conflict',
      `The provider could put it back until ${putBackLatest}: an action that was filed on ${filed} does not stop that. ` +
        'If it was filed in time, say on which day (filedOn)',
    )
  return { docket, filedOn: filed, isLate: today > putBackLatest }
}

/**
 * Answers a counter-notice: takes the demand back, lets it be, or names the action that was filed.
 *
 * @throws {Problem} auth/forbidden, row/unknown, row/stage (answered already), request/invalid, request/conflict.
 */
export async function answerCounterNotice(
  house: House,
  caller: Caller,
  id: CounterNoticeId,
  given: GivenCounterAnswer,
): Promise<void> {
  requireSigner(caller)
  const actor = actorOf(caller)
  const { caseId, noticeId, action } = await house.db.tenant(caller.tenantId, async (tx) => {
    const found = await lockCounterNotice(tx, id)
    if (found.answer)
      throw new Problem('row/stage', `It was answered already: ${found.answer.replace('_', ' ')}`)
    return { ...found, action: actionOf(given, found) }
  })
  // Its own transaction, which can be repeated: what was taken back is not taken back again.
  if (given.answer === 'retracted')
    await retractEverywhere(house, caller, caseId, {
      reason: given.comment,
      cases: { to: 'dismissed', reason: 'authorised_use' },
    })
  await house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, noticeId)
    if ((await lockCounterNotice(tx, id)).answer) throw new Problem('row/stage', 'It was answered meanwhile')
    const { docket = null, filedOn = null } = action ?? {}
    await keepCounterAnswer(tx, id, { answer: given.answer, docket, filedOn, by: caller.member.id })
    if (given.answer !== 'retracted') await giveUpThere(tx, notice, caseId, given.answer)
    const said = { actor, comment: given.comment, details: { caseIds: [caseId], ...action } }
    await endCountered(tx, notice, given.answer, said)
    await audit(tx, caller.tenantId, {
      actor,
      action: 'notice.counter-answered',
      subject: `notice:${noticeId}`,
      details: { counterNotice: id, answer: given.answer, docket, filedOn, isLate: action?.isLate ?? false },
    })
  })
}

/** What is demanded is given up there: it may stay for good, or it is with whoever follows the court. */
async function giveUpThere(
  tx: Tx,
  notice: Notice,
  caseId: CaseId,
  answer: 'accepted' | 'action_filed',
): Promise<void> {
  await setLive(tx, notice.id, false, [caseId])
  const about = { id: caseId, tenantId: notice.tenantId }
  const words = answer === 'accepted' ? 'The counter-notice was accepted' : 'An action was filed'
  const close = () => decideBySystem(tx, about, { kind: 'closed', comment: words })
  const isGivenUp =
    !(await close()) && (await decideBySystem(tx, about, { kind: 'escalated', comment: words }))
  if (isGivenUp && answer === 'accepted') await close()
}

/** What an answer is for its notice. */
const answerEvents = { accepted: 'put_back', action_filed: 'action_filed' } as const

/**
 * A counter-notice freezes its notice no more. A notice that waited for nothing else ends with it; one of which more is
 * open, or has its answer, goes on from there.
 */
async function endCountered(
  tx: Tx,
  notice: Notice,
  answer: CounterAnswer,
  said: Pick<NewNoticeEvent, 'actor' | 'comment' | 'details'> & {
    readonly details: { readonly isLate?: boolean }
  },
): Promise<void> {
  const { open, countered } = await leftOf(tx, notice)
  // A retraction has noted itself.
  if (answer !== 'retracted') {
    const kind = answerEvents[answer]
    const late = said.details.isLate ? 'recorded_late' : undefined
    const isLast = open.length === 0 && countered.length === 0
    if (isLast && (await tryEvent(tx, notice, { ...said, kind, reason: late }))) return
    await addEvent(tx, notice, { ...said, kind: 'commented', reason: late ? `${kind}_${late}` : kind })
  }
  if (countered.length > 0) return
  await tryEvent(tx, notice, { kind: 'resumed', actor: 'system' })
  await noteGone(tx, notice)
}
