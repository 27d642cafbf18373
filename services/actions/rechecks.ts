import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, NoticeId, RecheckId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decideBySystem, findCase, lockKnown } from '../matches/case-store.ts'
import type { Case, CaseState } from '../matches/case.ts'
import { findRecheck, keepLook, lookFacts, planRecheck, startRecheck } from '../matches/recheck-store.ts'
import { type Recheck, type Seen, type Verdict, isThere } from '../matches/recheck.ts'
import { GONE_APART_H, nextRecheck } from '../notices/clocks/timers.ts'
import { isRemovalClaimed } from '../notices/facts-store.ts'
import { locationsOf, locationsOfCase, setOutcome } from '../notices/locations-store.ts'
import { isOut } from '../notices/notice-state.ts'
import { findNotice, lockNotice, tryEvent } from '../notices/store.ts'
import { submitUrl } from '../submissions/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { noteOnlyCountered } from './countered.ts'
import { type House, ring } from './house.ts'
import { tellRestored } from './news.ts'

const HOUR_MS = 60 * 60_000
/** While something is demanded it is looked at for as long as it takes, at least this often. */
const DEMANDED_EVERY_H = 168

/** States in which a location is worth another look by the clock. */
const watched: ReadonlySet<CaseState> = new Set(['in_notice', 'escalated', 'removed'])

/** Looks at a case's location now. @throws {Problem} row/unknown, row/stage for a file that has no address. */
export async function lookAgain(house: House, caller: Caller, id: CaseId): Promise<RecheckId> {
  const started = await house.db.tenant(caller.tenantId, async (tx) => {
    const opened = await findCase(tx, id)
    if (!opened) throw new Problem('row/unknown', 'No such case')
    if (!opened.locationKey.startsWith('http'))
      throw new Problem('row/stage', `The file of case ${opened.number} was handed in without an address`)
    const recheckId = await startRecheck(tx, { id, tenantId: caller.tenantId })
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'case.recheck',
      subject: `case:${id}`,
      details: {},
    })
    return recheckId
  })
  await ring(house, 'recheck', started)
  return started
}

/**
 * Nobody else decides about a case, or writes to a notice that is about it, until the transaction ends. Always the notices
 * first, in one order, and then the case, or two transactions could wait for each other.
 */
export async function lockWithNotices(tx: Tx, caseId: CaseId): Promise<void> {
  const ids = new Set((await locationsOfCase(tx, caseId)).map(({ noticeId }) => noticeId))
  for (const id of [...ids].toSorted()) await lockNotice(tx, id)
  await lockKnown(tx, caseId)
}

/** The copy of a case is gone: what was demanded of it is done, in every notice that is out. */
async function markRemoved(tx: Tx, about: Pick<Recheck, 'caseId' | 'tenantId'>): Promise<void> {
  const { caseId, tenantId } = about
  const comment = 'The copy was found gone'
  if (!(await decideBySystem(tx, { id: caseId, tenantId }, { kind: 'removed', comment }))) return
  for (const location of await locationsOfCase(tx, caseId)) {
    const notice = await findNotice(tx, location.noticeId)
    if (!notice || !isOut(notice.state) || notice.signedAt === null) continue
    if (location.outcome === 'removed' || location.outcome === 'retracted') continue
    await setOutcome(tx, location, 'removed', 'recheck', [caseId])
    await noteGone(tx, { id: notice.id, tenantId })
  }
}

/** Moves a notice on by what is gone of its locations; those that were taken back are none of it any more. */
export async function noteGone(tx: Tx, notice: Pick<Recheck, 'tenantId'> & { id: NoticeId }): Promise<void> {
  const locations = (await locationsOf(tx, notice.id)).filter(({ outcome }) => outcome !== 'retracted')
  const gone = locations.filter(({ outcome }) => outcome === 'removed' || outcome === 'already_gone')
  if (gone.length === 0) return
  const kind = gone.length === locations.length ? 'all_gone' : 'some_gone'
  const details = { gone: gone.length, of: locations.length }
  await tryEvent(tx, notice, { kind, actor: 'system', details })
  if (kind === 'some_gone') await noteOnlyCountered(tx, notice)
}

/** A copy that was removed is there again. */
async function markRestored(tx: Tx, { id: look, caseId, tenantId }: Recheck): Promise<boolean> {
  const comment = 'The very same file is there again'
  if (!(await decideBySystem(tx, { id: caseId, tenantId }, { kind: 'restored', comment }))) return false
  for (const location of await locationsOfCase(tx, caseId))
    if (location.outcome === 'removed') await setOutcome(tx, location, 'restored', 'recheck', [caseId])
  await tellRestored(tx, { tenantId, caseId, look })
  return true
}

/** When to look next, by the state that a case has after this look. */
async function planNext(tx: Tx, recheck: Recheck, verdict: Verdict, now: Date): Promise<void> {
  const opened = await findCase(tx, recheck.caseId)
  if (!opened || !watched.has(opened.state)) return planRecheck(tx, recheck.caseId, null)
  const { since } = await lookFacts(tx, recheck.caseId)
  const byPlan = nextRecheck(since, now)
  if (!byPlan && opened.state === 'removed') {
    await decideBySystem(
      tx,
      { id: recheck.caseId, tenantId: recheck.tenantId },
      { kind: 'closed', comment: 'It has stayed down for 90 days' },
    )
    return planRecheck(tx, recheck.caseId, null)
  }
  const soon = verdict === 'gone' && opened.state !== 'removed'
  const at = soon ? new Date(now.getTime() + GONE_APART_H * HOUR_MS) : byPlan
  return planRecheck(tx, recheck.caseId, at ?? new Date(now.getTime() + DEMANDED_EVERY_H * HOUR_MS))
}

/** What a look led to, for whoever rings and tells. */
export interface LookEffects {
  /** A submission that compares what is there now. */
  readonly submissionId?: string | undefined
  readonly restored: boolean
}

/** What is done about a verdict, beside planning the next look. */
async function follow(
  tx: Tx,
  recheck: Recheck,
  opened: Case,
  verdict: Verdict,
  now: Date,
): Promise<LookEffects> {
  if (verdict === 'gone') {
    const { firstGoneAt } = await lookFacts(tx, recheck.caseId)
    const goneForH = firstGoneAt ? (now.getTime() - firstGoneAt.getTime()) / HOUR_MS : 0
    const isSure = goneForH >= GONE_APART_H || (await isRemovalClaimed(tx, recheck.caseId))
    if (isSure && (opened.state === 'in_notice' || opened.state === 'escalated'))
      await markRemoved(tx, recheck)
    if (isSure && opened.state === 'confirmed')
      await decideBySystem(
        tx,
        { id: recheck.caseId, tenantId: recheck.tenantId },
        { kind: 'dismissed', reason: 'content_gone', comment: 'It was gone before a notice was sent' },
      )
    return { restored: false }
  }
  if (isThere(verdict)) return { restored: opened.state === 'removed' && (await markRestored(tx, recheck)) }
  if (verdict === 'changed' && opened.state === 'removed') {
    const { id } = await submitUrl(tx, recheck.tenantId, { url: opened.location, by: 'system' })
    return { submissionId: id, restored: false }
  }
  return { restored: false }
}

/**
 * Takes in what a look found. A copy counts as removed when two looks hours apart found it gone, or when its recipient
 * says so and one look agrees; something else at the place of a removed copy is handed in to be compared.
 *
 * @returns undefined when the look was over already.
 */
export async function takeLook(
  tx: Tx,
  id: RecheckId,
  look: { readonly verdict: Verdict; readonly seen: Seen; readonly at: Date },
): Promise<LookEffects | undefined> {
  const recheck = await findRecheck(tx, id)
  if (recheck) await lockWithNotices(tx, recheck.caseId)
  if (!recheck || !(await keepLook(tx, id, look))) return undefined
  const opened = await findCase(tx, recheck.caseId)
  if (!opened) throw new Error('a look at a case that is not there')
  const effects = await follow(tx, recheck, opened, look.verdict, look.at)
  await planNext(tx, recheck, look.verdict, look.at)
  return effects
}
