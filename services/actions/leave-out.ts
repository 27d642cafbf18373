import type { CaseId, NoticeId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decideBySystem } from '../matches/case-store.ts'
import { locationsOf, removeLocation, setLive } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { isUnsigned } from '../notices/notice-state.ts'
import { addEvent, lockNotice, notNow } from '../notices/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { auditNotice, knownNotice } from './notices.ts'

/**
 * Takes a case out of a notice that nobody has signed; the notice has to be checked again. When it was to replace another
 * version, what that one demanded there is demanded no more, and the case can be noticed anew.
 *
 * @throws {Problem} row/unknown (also when the case is not in it); row/stage when it is signed, or about nothing else.
 */
export async function leaveOut(house: House, caller: Caller, id: NoticeId, caseId: CaseId): Promise<Notice> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    if (!isUnsigned(notice.state)) throw notNow(notice, 'edited')
    const rows = await locationsOf(tx, id)
    if (!rows.some((row) => row.caseId === caseId))
      throw new Problem('row/unknown', `Notice ${notice.number} is not about this case`)
    if (rows.length === 1)
      throw new Problem('row/stage', `Notice ${notice.number} is about nothing else: drop it instead`)
    await removeLocation(tx, id, caseId)
    if (notice.supersedes) {
      await setLive(tx, notice.supersedes, false, [caseId])
      const comment = `It was left out of notice ${notice.number}`
      await decideBySystem(tx, { id: caseId, tenantId: notice.tenantId }, { kind: 'voided', comment })
    }
    const details = { fields: ['locations'], leftOut: caseId }
    await addEvent(tx, notice, { kind: 'edited', actor: actorOf(caller), details })
    await auditNotice(tx, caller, id, 'location-left-out', { case: caseId })
    return knownNotice(tx, id)
  })
}
