import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, DeliveryId, NoticeId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { release } from '../matches/case-assignment-store.ts'
import { type AboutCase, decideBySystem, lockKnown, noteDecision } from '../matches/case-store.ts'
import type { CaseState, DismissReason } from '../matches/case.ts'
import { deliveriesOf, failDelivery, queueDelivery } from '../notices/delivery-store.ts'
import type { Delivery } from '../notices/delivery.ts'
import { locationsOf, locationsOfCase, setLive, setOutcome } from '../notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from '../notices/notice-row.ts'
import { type RetractedPart, isOut } from '../notices/notice-state.ts'
import { addEvent, lockNotice } from '../notices/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { decideIn } from './cases.ts'
import { type House, ring } from './house.ts'
import { auditNotice, knownNotice } from './notices.ts'
import { lockWithNotices, noteGone } from './rechecks.ts'
import { requireSigner } from './signature.ts'

/** Where the cases of a retracted notice go: to be looked at again, or dismissed for a reason. */
export type AfterRetraction =
  | { readonly to: 'needs_review'; readonly caseIds?: readonly CaseId[] | undefined }
  | {
      readonly to: 'dismissed'
      readonly reason: DismissReason
      readonly caseIds?: readonly CaseId[] | undefined
    }

/** Why something is taken back, and what becomes of the cases. */
export interface Retraction {
  /** In words that the recipient may read. */
  readonly reason: string
  /** Left out: all cases are looked at again. With `caseIds`, those; the others stay confirmed. */
  readonly cases?: AfterRetraction | undefined
}

/** Whether a message has left the house, or may have: its recipient has to hear that it is taken back. */
const mayBeOut = ({ stage, attemptedAt, way }: Delivery): boolean =>
  stage === 'done' || stage === 'unclear' || (stage === 'send' && (attemptedAt !== null || way === 'hand'))

/** Writes a retraction for everybody whom the notice or a copy of it may have reached, each once and by the same way. */
async function queueRetractions(tx: Tx, notice: Notice): Promise<DeliveryId[]> {
  const reached = new Map<string, Delivery>()
  for (const delivery of await deliveriesOf(tx, notice.id))
    if (delivery.kind !== 'retraction' && mayBeOut(delivery))
      reached.set(`${delivery.way} ${delivery.address ?? ''}`, delivery)
  const queued: DeliveryId[] = []
  for (const { way, address } of reached.values())
    queued.push(await queueDelivery(tx, notice, { kind: 'retraction', way, address }))
  return queued
}

/** Stops what waits to be sent of a retracted notice. */
async function stopWaiting(tx: Tx, notice: Notice): Promise<void> {
  for (const delivery of await deliveriesOf(tx, notice.id))
    if (delivery.kind !== 'retraction' && delivery.stage === 'send' && !mayBeOut(delivery))
      await failDelivery(tx, delivery.id, new Problem('notice/barred', 'The notice was retracted'))
}

/** States out of which a retraction takes a case at any rate, and those where only a person's wish does. */
const freed: ReadonlySet<CaseState> = new Set(['in_notice', 'escalated'])
const freedOnWish: ReadonlySet<CaseState> = new Set(['confirmed', 'removed'])

/**
 * A retraction undoes harm, and waits for no reviewer who happens to look at one of its cases: the case is theirs no more,
 * and its history tells them why.
 */
async function takeFromHolder(
  tx: Tx,
  caller: MemberCaller,
  about: AboutCase,
  { notice, isWanted }: { readonly notice: Notice; readonly isWanted: boolean },
): Promise<void> {
  const { assignedTo, assignedName, state } = await lockKnown(tx, about.id)
  if (assignedTo === null || assignedTo === caller.member.id) return
  if (!freed.has(state) && !(isWanted && freedOnWish.has(state))) return
  const actor = actorOf(caller)
  const comment = `${assignedName} was looking at it when notice ${notice.number} was retracted, and has to look again`
  await noteDecision(tx, about, { kind: 'commented', actor, comment })
  await release(tx, about, assignedTo)
  const details = { heldBy: assignedTo, notice: notice.id }
  await audit(tx, about.tenantId, { actor, action: 'case.released', subject: `case:${about.id}`, details })
}

/**
 * Frees the cases of locations that are demanded no more: what is in a notice, or was refused, is confirmed again, and from
 * there looked at again or dismissed. What was removed wrongly is closed: when its host puts it back, nobody is told that
 * a copy returned. What was decided otherwise stays as it is.
 */
async function freeCases(
  tx: Tx,
  caller: MemberCaller,
  notice: Notice,
  rows: readonly NoticeLocationRow[],
  { reason, cases = { to: 'needs_review' } }: Retraction,
): Promise<void> {
  for (const { caseId } of rows) {
    // A later version may have taken it over, and is not retracted with this one.
    if ((await locationsOfCase(tx, caseId)).some(({ live, noticeId }) => live && noticeId !== notice.id))
      continue
    const about = { id: caseId, tenantId: notice.tenantId }
    const comment = `Notice ${notice.number} was retracted: ${reason}`
    const isWanted = !cases.caseIds || cases.caseIds.includes(caseId)
    await takeFromHolder(tx, caller, about, { notice, isWanted })
    const isVoided = await decideBySystem(tx, about, { kind: 'voided', comment })
    if (!isWanted) continue
    // What a refusal had freed before is confirmed already.
    const { state } = await lockKnown(tx, caseId)
    if (state === 'removed' && cases.to === 'dismissed')
      await decideBySystem(tx, about, { kind: 'closed', comment })
    if (!isVoided && state !== 'confirmed') continue
    const decision =
      cases.to === 'dismissed'
        ? ({ kind: 'dismissed', reason: cases.reason } as const)
        : ({ kind: 'reopened' } as const)
    await decideIn(tx, caller, caseId, { ...decision, comment: reason })
  }
}

/** Retracts a locked notice as a whole. @returns the messages to ring for. */
async function retractWhole(
  tx: Tx,
  caller: MemberCaller,
  notice: Notice,
  given: Retraction,
): Promise<DeliveryId[]> {
  const { id } = notice
  await addEvent(tx, notice, { kind: 'retracted', actor: actorOf(caller), comment: given.reason })
  await stopWaiting(tx, notice)
  const queued = await queueRetractions(tx, notice)
  const rows = await locationsOf(tx, id)
  for (const row of rows) await setOutcome(tx, row, 'retracted', 'person')
  await freeCases(tx, caller, notice, rows, given)
  await auditNotice(tx, caller, id, 'retracted', { reason: given.reason, messages: queued.length })
  return queued
}

/**
 * Takes a signed notice back: whoever got it or a copy of it is told, nothing of it is demanded any more, and its cases go
 * back to be looked at again, or are dismissed.
 *
 * @throws {Problem} auth/forbidden, row/unknown, row/stage (not signed, or retracted already), request/invalid (a case
 *   that is not in it).
 */
export async function retractNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
  given: Retraction,
): Promise<Notice> {
  requireSigner(caller)
  const { notice, queued } = await house.db.tenant(caller.tenantId, async (tx) => {
    const locked = await lockNotice(tx, id)
    const known = new Set((await locationsOf(tx, id)).map(({ caseId }) => caseId))
    const foreign = given.cases?.caseIds?.findIndex((caseId) => !known.has(caseId)) ?? -1
    if (foreign >= 0)
      throw new Problem('request/invalid', 'The notice is not about one of the cases', {
        faults: [{ pointer: `/cases/caseIds/${foreign}`, detail: 'is not in this notice' }],
      })
    return { queued: await retractWhole(tx, caller, locked, given), notice: await knownNotice(tx, id) }
  })
  for (const delivery of queued) await ring(house, 'send', delivery)
  return notice
}

/**
 * Retracts the address of one case out of a notice that goes on about others. What else is demanded at that address is
 * taken back with it, since its host hears of addresses only, and is confirmed to be demanded anew.
 *
 * @returns the messages to ring for.
 */
async function retractPart(
  tx: Tx,
  caller: MemberCaller,
  notice: Notice,
  there: readonly NoticeLocationRow[],
  given: Retraction,
): Promise<DeliveryId[]> {
  const { reason } = given
  const queued = await queueRetractions(tx, notice)
  const details: RetractedPart = {
    caseIds: there.map(({ caseId }) => caseId),
    locationIds: there.filter(({ besideId }) => besideId === null).map(({ caseId }) => caseId),
    deliveryIds: queued,
  }
  await addEvent(tx, notice, {
    kind: 'location_retracted',
    actor: actorOf(caller),
    comment: reason,
    details: { ...details },
  })
  for (const row of there) await setOutcome(tx, row, 'retracted', 'person')
  await setLive(tx, notice.id, false, details.caseIds)
  await noteGone(tx, notice)
  await freeCases(tx, caller, notice, there, given)
  await auditNotice(tx, caller, notice.id, 'location-retracted', { ...details, reason })
  return queued
}

/**
 * Takes a case back from every notice that was signed for it and not retracted: a notice that is about no other address,
 * or that nobody got yet, as a whole, of others this address alone. One action when it turns out that somebody was wrong.
 *
 * @returns the notices it was taken back from; none when nothing was demanded.
 * @throws {Problem} auth/forbidden, row/unknown.
 */
export async function retractEverywhere(
  house: House,
  caller: Caller,
  caseId: CaseId,
  given: { readonly reason: string; readonly cases?: AfterRetraction | undefined },
): Promise<Notice[]> {
  requireSigner(caller)
  const done = await house.db.tenant(caller.tenantId, async (tx) => {
    await lockWithNotices(tx, caseId)
    const rows = (await locationsOfCase(tx, caseId)).toSorted((a, b) => a.noticeId.localeCompare(b.noticeId))
    const taken: { notice: Notice; queued: DeliveryId[] }[] = []
    for (const row of rows) {
      // What somebody drafted meanwhile is not out, and cannot be signed while the case is held.
      const known = await knownNotice(tx, row.noticeId)
      if (known.signedAt === null || known.state === 'retracted' || row.outcome === 'retracted') continue
      const notice = await lockNotice(tx, row.noticeId)
      const open = (await locationsOf(tx, notice.id)).filter(({ outcome }) => outcome !== 'retracted')
      const there = open.filter(({ canonicalUrl }) => canonicalUrl === row.canonicalUrl)
      const cases = { ...(given.cases ?? { to: 'needs_review' as const }), caseIds: [caseId] }
      // Of what nobody got there is no part to take back: what was signed is not sent, whole or in part.
      const queued =
        there.length === open.length || !isOut(notice.state)
          ? await retractWhole(tx, caller, notice, { ...given, cases })
          : await retractPart(tx, caller, notice, there, { ...given, cases })
      taken.push({ notice: await knownNotice(tx, notice.id), queued })
    }
    return taken
  })
  for (const { queued } of done) for (const delivery of queued) await ring(house, 'send', delivery)
  return done.map(({ notice }) => notice)
}
