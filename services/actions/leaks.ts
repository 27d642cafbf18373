import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { LeakId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { startAudits } from '../leaks/audit-store.ts'
import { batchesDiffer } from '../leaks/audit/batches-differ.ts'
import * as leaks from '../leaks/leak-store.ts'
import { LEAKS_MAX, type Leak, type LeakChange, type NewLeak } from '../leaks/leak.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { type House, ring } from './house.ts'

/** Whoever says that a manifest may be held answers for it: a person who owns the account. */
function requireOwner(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account can change its leaks')
}

/** A leak that an account sees. @throws {Problem} row/unknown. */
export async function knownLeak(tx: Tx, id: LeakId): Promise<Leak> {
  const leak = await leaks.findLeak(tx, id)
  if (!leak) throw new Problem('row/unknown', 'No such leak')
  return leak
}

/** A leak of the caller's account. @throws {Problem} row/unknown; auth/forbidden for the operator's. */
export async function ownLeak(tx: Tx, caller: Caller, id: LeakId): Promise<Leak> {
  const leak = await knownLeak(tx, id)
  if (leak.tenantId !== caller.tenantId)
    throw new Problem('auth/forbidden', 'This leak is the operator’s; only the operator can change it')
  return leak
}

const note = (tx: Tx, caller: Caller, id: LeakId, action: string, details: Record<string, unknown> = {}) =>
  audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action: `leak.${action}`,
    subject: `leak:${id}`,
    details,
  })

/**
 * Notes a leak of the caller's account, with why its manifests may be held.
 *
 * @throws {Problem} auth/forbidden, request/conflict when the account has as many as it may.
 */
export async function addLeak(house: House, caller: Caller, given: NewLeak): Promise<Leak> {
  requireOwner(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const by = actorOf(caller)
    const id = await leaks.addLeak(tx, caller.tenantId, given, { by })
    // The entry first: it lets one writer of the account through at a time, so that the count holds.
    await note(tx, caller, id, 'added', { ...given })
    if ((await leaks.countOwn(tx, caller.tenantId)) > LEAKS_MAX)
      throw new Problem('request/conflict', `An account has at most ${LEAKS_MAX} leaks; remove one first`)
    return knownLeak(tx, id)
  })
}

/**
 * Changes a leak of the caller's account. Other batches have every catalogue that asks it audited anew.
 *
 * @throws {Problem} auth/forbidden, row/unknown.
 */
export async function changeLeak(
  house: House,
  caller: Caller,
  id: LeakId,
  change: LeakChange,
): Promise<Leak> {
  requireOwner(caller)
  const { changed, audits } = await house.db.tenant(caller.tenantId, async (tx) => {
    const before = await ownLeak(tx, caller, id)
    await leaks.changeLeak(tx, before, change)
    await note(tx, caller, id, 'changed', { ...change })
    const changed = await knownLeak(tx, id)
    const isOther = before.manifests > 0 && batchesDiffer(before.batches, changed.batches)
    return { changed, audits: isOther ? await startAudits(tx, changed, 'batch') : [] }
  })
  for (const auditId of audits) await ring(house, 'audit', auditId)
  return changed
}

/**
 * Removes a leak of the caller's account: it is not asked any more, which an audit of the catalogue takes account of.
 * Audits that were made stay as they are.
 *
 * @throws {Problem} auth/forbidden, row/unknown.
 */
export async function removeLeak(house: House, caller: Caller, id: LeakId): Promise<void> {
  requireOwner(caller)
  const audits = await house.db.tenant(caller.tenantId, async (tx) => {
    const leak = await ownLeak(tx, caller, id)
    await leaks.removeLeak(tx, id)
    await note(tx, caller, id, 'removed')
    return leak.manifests > 0 ? startAudits(tx, leak, 'batch') : []
  })
  for (const auditId of audits) await ring(house, 'audit', auditId)
}
