import { keepEmbargo } from '../catalog/embargo-store.ts'
import { requireEmbargoEnd } from '../catalog/embargo.ts'
import type { Recording } from '../catalog/recording.ts'
import * as recordings from '../catalog/store.ts'
import { audit } from '../core/audit.ts'
import type { RecordingId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** Whether a caller may say what is unreleased: an owner, or the account's program with a key. */
export const maySetEmbargo = (caller: Caller): boolean => caller.kind === 'key' || hasRole(caller, 'owner')

/**
 * Says until when a recording is unreleased, or with null that it is released. From then on its finds are told at once,
 * by mails that name it only to owners and reviewers.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/invalid for an end that has passed.
 */
export async function setEmbargo(
  house: House,
  caller: Caller,
  id: RecordingId,
  until: Date | null,
): Promise<Recording> {
  if (!maySetEmbargo(caller))
    throw new Problem(
      'auth/forbidden',
      'Only an owner of the account, or its program with a key, can do this',
    )
  if (until) requireEmbargoEnd(until, '/until')
  return house.db.tenant(caller.tenantId, async (tx) => {
    const known = await recordings.find(tx, id)
    if (!known) throw new Problem('row/unknown', 'No such recording')
    if (known.embargoUntil?.getTime() === until?.getTime()) return known
    await keepEmbargo(tx, id, until)
    await audit(tx, caller.tenantId, {
      actor: actorOf(caller),
      action: until ? 'recording.embargo-set' : 'recording.embargo-ended',
      subject: `recording:${id}`,
      details: { from: known.embargoUntil?.toISOString() ?? null, to: until?.toISOString() ?? null },
    })
    return { ...known, embargoUntil: until }
  })
}
