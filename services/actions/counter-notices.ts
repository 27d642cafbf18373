import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, CounterNoticeId, NoticeId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decideBySystem } from '../matches/case-store.ts'
import { isBusinessDay, putBackWindow } from '../notices/clocks/business-days.ts'
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
import { addEvent, lockNotice, notNow, tryEvent } from '../notices/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import type { House } from './house.ts'
import { tellCounterNotice } from './news.ts'
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

/** Moves a notice that is out to `counter_noticed`; whoever answers has received it. */
async function noteCountered(tx: Tx, notice: Notice, actor: string, details: Record<string, unknown>) {
  const event = { kind: 'countered', actor, details } as const
  if (await tryEvent(tx, notice, event)) return
  await tryEvent(tx, notice, { kind: 'acknowledged', actor })
  if (await tryEvent(tx, notice, event)) return
  const now = await lockNotice(tx, notice.id)
  // A second one about the same notice is noted beside the first.
  if (now.state !== 'counter_noticed') throw notNow(now, 'countered')
  await addEvent(tx, notice, { kind: 'commented', actor, reason: 'countered', details })
}

/**
 * Registers a counter-notice about one location of a notice and starts its clock. From then on nothing more is demanded
 * there (rule R05 asks for it).
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
    await noteCountered(tx, notice, actor, { counterNotice: kept.id, caseIds: [given.caseId], missing })
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
  readonly comment: string
}

/** An action that was filed stops the put-back only if the provider hears of it before the fourteenth business day. */
function requireDocket({ answer, docket }: GivenCounterAnswer, { putBackLatest }: CounterNotice): void {
  if (answer !== 'action_filed') return
  if (!docket)
    throw new Problem('request/invalid', 'Name the docket number of the action', {
      faults: [{ pointer: '/docket', detail: 'is needed for an action that was filed' }],
    })
  const today = new Date().toISOString().slice(0, 10)
  if (today > putBackLatest && isBusinessDay(today, 'US'))
    throw new Problem(
      'request/conflict',
      `The provider could put it back until ${putBackLatest}: that has passed`,
    )
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
  const counter = await house.db.tenant(caller.tenantId, async (tx) => {
    const found = await lockCounterNotice(tx, id)
    if (found.answer)
      throw new Problem('row/stage', `It was answered already: ${found.answer.replace('_', ' ')}`)
    requireDocket(given, found)
    return found
  })
  const { caseId, noticeId } = counter
  // Its own transaction, which can be repeated: what was taken back is not taken back again.
  if (given.answer === 'retracted')
    await retractEverywhere(house, caller, caseId, {
      reason: given.comment,
      cases: { to: 'dismissed', reason: 'authorised_use' },
    })
  await house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, noticeId)
    if ((await lockCounterNotice(tx, id)).answer) throw new Problem('row/stage', 'It was answered meanwhile')
    await keepCounterAnswer(tx, id, {
      answer: given.answer,
      docket: given.docket ?? null,
      by: caller.member.id,
    })
    if (given.answer !== 'retracted') await endCountered(tx, notice, caseId, given, actor)
    await audit(tx, caller.tenantId, {
      actor,
      action: 'notice.counter-answered',
      subject: `notice:${noticeId}`,
      details: { counterNotice: id, answer: given.answer, docket: given.docket ?? null },
    })
  })
}

/** Ends what the counter-notice was about, and the notice with it when nothing else of it waits. */
async function endCountered(
  tx: Tx,
  notice: Notice,
  caseId: CaseId,
  given: GivenCounterAnswer,
  actor: string,
): Promise<void> {
  const { answer, comment } = given
  await setLive(tx, notice.id, false, [caseId])
  const about = { id: caseId, tenantId: notice.tenantId }
  const words = answer === 'accepted' ? 'The counter-notice was accepted' : 'An action was filed'
  const close = () => decideBySystem(tx, about, { kind: 'closed', comment: words })
  // What is demanded is first given up there. Then it may stay for good; or it is with whoever follows the court.
  const isGivenUp =
    !(await close()) && (await decideBySystem(tx, about, { kind: 'escalated', comment: words }))
  if (isGivenUp && answer === 'accepted') await close()
  const others = (await locationsOf(tx, notice.id)).filter((other) => other.caseId !== caseId && other.live)
  const kind = answer === 'accepted' ? 'put_back' : 'action_filed'
  const event = { actor, comment, details: { caseIds: [caseId], docket: given.docket ?? null } }
  if (others.length > 0) await addEvent(tx, notice, { ...event, kind: 'commented', reason: kind })
  else await tryEvent(tx, notice, { ...event, kind })
}
