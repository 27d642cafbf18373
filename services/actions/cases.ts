import { dossierOf } from '../case-dossier.ts'
import { barOf } from '../case-standing.ts'
import { audit } from '../core/audit.ts'
import type { CaseId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { serviceVersion } from '../core/version.ts'
import * as cases from '../matches/case-store.ts'
import { type DecisionKind, type DismissReason, isSetAside } from '../matches/case.ts'
import { nameKey } from '../metadata/normalise.ts'
import { type MadeStatements, composeReport } from '../reports/compose.ts'
import { type StoredReport, keepReport, nextVersion } from '../reports/store.ts'
import { findTenant } from '../tenants/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** A reviewer decides about a case; programs never do. @throws {Problem} auth/forbidden, row/unknown, row/stage. */
export async function decideCase(
  house: House,
  caller: Caller,
  id: CaseId,
  decision: { kind: DecisionKind; reason?: DismissReason | undefined; comment?: string | undefined },
): Promise<void> {
  if (!hasRole(caller, 'reviewer'))
    throw new Problem('auth/forbidden', 'Only a person with the reviewer’s role can decide about a case')
  await house.db.tenant(caller.tenantId, async (tx) => {
    await cases.decide(tx, { id, tenantId: caller.tenantId }, { ...decision, actor: actorOf(caller) })
    const details = { reason: decision.reason ?? null }
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: `case.${decision.kind}`,
      subject: `case:${id}`,
      details,
    })
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
  if (caller.kind !== 'member' || !hasRole(caller, 'signer')) {
    throw new Problem('auth/forbidden', 'Only a person with the signer’s role can make the statements')
  }
  const { member } = caller
  const signatureText = given.signatureText.trim()
  if (nameKey(signatureText.replace(/^\/s\//, '')) !== nameKey(member.name)) {
    throw new Problem('request/invalid', `Sign with your name: /s/ ${member.name}`, {
      faults: [{ pointer: '/statements/signatureText', detail: `must be /s/ ${member.name}` }],
    })
  }
  return { signer: member, signatureText: `/s/ ${member.name}`, signedAt }
}

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
    if (made && opened.state !== 'confirmed')
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
