import { dossierOf } from '../case-dossier.ts'
import { barOf } from '../case-standing.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { serviceVersion } from '../core/version.ts'
import { assign, release } from '../matches/case-assignment-store.ts'
import * as cases from '../matches/case-store.ts'
import { undo } from '../matches/case-undo-store.ts'
import { type CaseState, type DecisionKind, type DismissReason, isSetAside } from '../matches/case.ts'
import { type ExceptionsReview, keepReview } from '../matches/exceptions-store.ts'
import { type ExceptionAnswers, outcomeOf } from '../matches/exceptions.ts'
import { locationsOfCase } from '../notices/locations-store.ts'
import { type MadeStatements, composeReport } from '../reports/compose.ts'
import { type StoredReport, keepReport, nextVersion } from '../reports/store.ts'
import { findTenant } from '../tenants/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import type { House } from './house.ts'
import { requireSigner, signatureOf } from './signature.ts'

/** @throws {Problem} auth/forbidden unless a person with the reviewer’s role asks: programs never decide. */
export function requireReviewer(caller: Caller): asserts caller is MemberCaller {
  if (caller.kind !== 'member' || !hasRole(caller, 'reviewer'))
    throw new Problem('auth/forbidden', 'Only a person with the reviewer’s role can decide about a case')
}

/** A decision as a reviewer takes it. With `confirmed` the exceptions of the law may be answered at once. */
export interface TakenDecision {
  readonly kind: DecisionKind
  readonly reason?: DismissReason | undefined
  readonly comment?: string | undefined
  readonly exceptions?: ExceptionAnswers | undefined
}

/**
 * Decides about one case in a transaction that may decide about more, with its entries in the audit chain.
 *
 * @throws {Problem} row/unknown, row/stage, request/conflict, request/invalid; then nothing was written.
 */
export async function decideIn(
  tx: Tx,
  caller: MemberCaller,
  id: CaseId,
  { exceptions, ...decision }: TakenDecision,
  batchId?: string,
): Promise<Awaited<ReturnType<typeof cases.decide>>> {
  const { tenantId, member } = caller
  const actor = actorOf(caller)
  const review = exceptions && { answers: exceptions, reviewerId: member.id }
  const decided = await cases.decide(tx, { id, tenantId }, { ...decision, actor, batchId }, review)
  if (exceptions) await auditReview(tx, caller, id, exceptions)
  const details = { reason: decision.reason ?? null, ...(batchId && { batch: batchId }) }
  await audit(tx, tenantId, { actor, action: `case.${decision.kind}`, subject: `case:${id}`, details })
  return decided
}

const auditReview = (tx: Tx, caller: MemberCaller, id: CaseId, answers: ExceptionAnswers): Promise<void> =>
  audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action: 'case.exceptions-reviewed',
    subject: `case:${id}`,
    details: { outcome: outcomeOf(answers) },
  })

/**
 * A reviewer decides about a case.
 *
 * @throws {Problem} auth/forbidden, row/unknown, row/stage; request/conflict while another reviewer looks at it;
 *   request/invalid with a fault at /exceptions when it is confirmed without a review of them.
 */
export async function decideCase(
  house: House,
  caller: Caller,
  id: CaseId,
  decision: TakenDecision,
): Promise<void> {
  requireReviewer(caller)
  await house.db.tenant(caller.tenantId, (tx) => decideIn(tx, caller, id, decision))
}

/** A reviewer answers whether an exception covers the use. @throws {Problem} auth/forbidden, row/unknown, request/conflict. */
export async function reviewExceptions(
  house: House,
  caller: Caller,
  id: CaseId,
  answers: ExceptionAnswers,
): Promise<ExceptionsReview> {
  requireReviewer(caller)
  const { tenantId, member } = caller
  return house.db.tenant(tenantId, async (tx) => {
    cases.requireFree(await cases.lockKnown(tx, id), actorOf(caller))
    const review = await keepReview(tx, { id, tenantId }, { answers, reviewerId: member.id })
    await auditReview(tx, caller, id, answers)
    return review
  })
}

/**
 * Takes the latest decision of a person about a case back.
 *
 * @param number only when this is the decision; without it whichever is the latest.
 * @throws {Problem} auth/forbidden, row/unknown, row/stage, request/conflict.
 */
export async function undoDecision(
  house: House,
  caller: Caller,
  id: CaseId,
  { comment, number }: { comment?: string | undefined; number?: number | undefined } = {},
): Promise<void> {
  requireReviewer(caller)
  await house.db.tenant(caller.tenantId, (tx) => undoIn(tx, caller, id, { comment, number }))
}

/**
 * The same in a transaction that may take back more. What is in a notice again that was retracted meanwhile is confirmed
 * and no more.
 *
 * @returns the state that the case has again. @throws {Problem} row/unknown, row/stage, request/conflict.
 */
export async function undoIn(
  tx: Tx,
  caller: MemberCaller,
  id: CaseId,
  wanted: { comment?: string | undefined; number?: number | undefined },
): Promise<CaseState> {
  const { tenantId } = caller
  const actor = actorOf(caller)
  const { taken, state } = await undo(tx, { id, tenantId }, { actor, ...wanted })
  const details = { supersedes: taken.number, kind: taken.kind }
  await audit(tx, tenantId, { actor, action: 'case.undone', subject: `case:${id}`, details })
  if (state !== 'in_notice' || (await locationsOfCase(tx, id)).some(({ live }) => live)) return state
  const comment = 'No notice demands it any more'
  return (await cases.decideBySystem(tx, { id, tenantId }, { kind: 'voided', comment })) ? 'confirmed' : state
}

const auditCase = (tx: Tx, caller: MemberCaller, id: CaseId, did: 'assigned' | 'released'): Promise<void> =>
  audit(tx, caller.tenantId, { actor: actorOf(caller), action: `case.${did}`, subject: `case:${id}` })

/** How long a case is a reviewer's after each sign of life: a song and a coffee. */
const HOLD_MINUTES = 15

/**
 * A reviewer takes a case to look at it, or keeps it. While they do nobody else can decide.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/conflict with the name of who looks at it already.
 */
export async function holdCase(house: House, caller: Caller, id: CaseId): Promise<void> {
  requireReviewer(caller)
  const { tenantId, member } = caller
  await house.db.tenant(tenantId, async (tx) => {
    const isTaken = await assign(tx, { id, tenantId }, member.id, HOLD_MINUTES)
    if (isTaken) await auditCase(tx, caller, id, 'assigned')
  })
}

/** A reviewer gives back what they took; what they do not have stays as it is. @throws {Problem} auth/forbidden, row/unknown. */
export async function releaseCase(house: House, caller: Caller, id: CaseId): Promise<void> {
  requireReviewer(caller)
  const { tenantId, member } = caller
  await house.db.tenant(tenantId, async (tx) => {
    if (await release(tx, { id, tenantId }, member.id)) await auditCase(tx, caller, id, 'released')
  })
}

/** The signer's own words under the statements; the machine never fills them in. */
export interface SignerStatements {
  readonly goodFaith: true
  readonly accuracy: true
  readonly authority: true
  readonly signatureText: string
}

/** The statements as a person with the signer's role makes them. @throws {Problem} auth/forbidden, request/invalid. */
function madeBy(caller: Caller, given: SignerStatements, signedAt: Date): MadeStatements {
  requireSigner(caller)
  const signatureText = signatureOf(caller, given.signatureText, '/statements/signatureText')
  return { signer: caller.member, signatureText, signedAt }
}

/** Of what a person confirmed and nobody took back, a report can be signed. */
const signable: ReadonlySet<CaseState> = new Set([
  'confirmed',
  'in_notice',
  'escalated',
  'removed',
  'restored',
])

/**
 * Issues a report of a case: frozen, numbered, and a new version each time. Without statements they
 * stay open for a signer; with them the caller signs.
 *
 * @throws {Problem} row/unknown, row/stage (dismissed or set aside, or not confirmed and to be signed), request/conflict
 *   (to be signed, and the copy is allowed by now or the recording no longer claimed), auth/forbidden, request/invalid.
 */
export async function issueReport(
  house: House,
  caller: Caller,
  id: CaseId,
  statements?: SignerStatements,
): Promise<StoredReport> {
  const issuedAt = new Date()
  const made = statements && madeBy(caller, statements, issuedAt)
  return house.db.tenant(caller.tenantId, async (tx) => {
    await cases.lockCase(tx, id)
    const dossier = await dossierOf(tx, id)
    const { opened, recording, matches, sharing, conflicts } = dossier
    if (opened.state === 'dismissed' || isSetAside(opened.state)) {
      const state = opened.state === 'excluded' ? 'set aside' : opened.state
      throw new Problem('row/stage', `Case ${opened.number} is ${state}; reopen it before a report is issued`)
    }
    if (made && !signable.has(opened.state))
      throw new Problem(
        'row/stage',
        `Case ${opened.number} was not confirmed yet; look at it and confirm it before you sign`,
      )
    const bar = await barOf(tx, caller.tenantId, dossier)
    if (made && bar) throw new Problem('request/conflict', `Nothing may be demanded here: ${bar.words}`)
    const tenant = await findTenant(tx, caller.tenantId)
    if (!tenant) throw new Error('a caller without a tenant')
    const version = await nextVersion(tx, id)
    const subject = { opened, recording, finds: matches, sharing, conflicts, tenant }
    const parts = { ...subject, version, issuedAt, serviceVersion, made, bar }
    const report = await keepReport(tx, caller.tenantId, {
      document: composeReport(parts),
      issuedBy: actorOf(caller),
    })
    const details = { version, sha256: report.documentSha256, statements: report.statements }
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: 'report.issued',
      subject: `case:${id}`,
      details,
    })
    return report
  })
}
