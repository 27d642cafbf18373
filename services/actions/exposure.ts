import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { countUnfinishedAudits, hasRecordings } from '../leaks/audit-list-store.ts'
import { addAudit } from '../leaks/audit-store.ts'
import type { AuditScope, ExposureAudit } from '../leaks/exposure.ts'
import { listLeaks } from '../leaks/leak-store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import { type House, ring } from './house.ts'

/** Audits of an account at once: each may be of a whole catalogue, and all accounts share the disk. */
export const UNFINISHED_AUDITS_MAX = 3

/** A part of a catalogue that somebody can ask about; what was registered since joins audits by itself. */
export type AskedScope = Exclude<AuditScope, { kind: 'recordings' }>

function refuse(field: string, detail: string): never {
  throw new Problem('request/invalid', `This cannot be asked: ${detail}`, {
    faults: [{ pointer: `/${field}`, detail }],
  })
}

/** @throws {Problem} request/invalid when nothing of the account is in it. */
async function requireScope(tx: Tx, scope: AskedScope): Promise<void> {
  if (scope.kind === 'label' && !(await hasRecordings(tx, { label: scope.label })))
    refuse('label', 'no recording of your catalogue has this label')
  if (scope.kind === 'release' && !(await hasRecordings(tx, { releaseId: scope.releaseId })))
    refuse('releaseId', 'no recording of your catalogue is on such a release')
}

/** A scope as the audit chain notes it: of codes how many, because the audit itself has them. */
const noted = (scope: AskedScope): Record<string, unknown> =>
  scope.kind === 'isrcs' ? { kind: scope.kind, isrcs: scope.isrcs.length } : { ...scope }

/**
 * Has a part of the caller's catalogue, or a list of ISRCs, asked for in all leaks that the account sees.
 *
 * @throws {Problem} request/invalid, request/conflict while there is no leak to ask, or too many audits are being made.
 */
export async function startAudit(house: House, caller: Caller, scope: AskedScope): Promise<ExposureAudit> {
  const started = await house.db.tenant(caller.tenantId, async (tx) => {
    await requireScope(tx, scope)
    if (!(await listLeaks(tx)).some(({ manifests }) => manifests > 0))
      throw new Problem('request/conflict', 'There is no leak yet of which a manifest was read')
    const by = actorOf(caller)
    const added = await addAudit(tx, caller.tenantId, { cause: 'asked', scope, by })
    // The entry first: it lets one writer of the account through at a time, so that the count holds.
    await audit(tx, caller.tenantId, {
      actor: by,
      action: 'exposure.audit-asked',
      subject: `exposure-audit:${added.id}`,
      details: noted(scope),
    })
    if ((await countUnfinishedAudits(tx, caller.tenantId)) > UNFINISHED_AUDITS_MAX)
      throw new Problem(
        'request/conflict',
        `${UNFINISHED_AUDITS_MAX} audits are being made already; wait for one to end`,
      )
    return added
  })
  await ring(house, started.stage, started.id)
  return started
}
