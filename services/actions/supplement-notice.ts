import type { NoticeId, RecipientId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { findCase } from '../matches/case-store.ts'
import type { NewNoticeLocation } from '../notices/locations-store.ts'
import { locationsOf, locationsOfCase } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { addEvent, createNotice, lockNotice } from '../notices/store.ts'
import { findRecipient } from '../recipients/store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { auditNotice, knownNotice } from './notices.ts'

/** Cases that are still demanded, or went back to be demanded anew. */
const openStates: ReadonlySet<string> = new Set(['in_notice', 'confirmed', 'restored', 'escalated'])

/**
 * Makes the next version of a notice that was asked about, refused or not delivered: a draft about what is still open of
 * it and demanded nowhere else. The version before ends, and its locations stay demanded until the new one is signed or
 * dropped.
 *
 * @param recipientId somebody else to ask, such as after a delivery that failed.
 * @throws {Problem} row/unknown, row/stage (also when nothing of it is open any more).
 */
export async function supplementNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
  { recipientId }: { recipientId?: RecipientId | undefined } = {},
): Promise<Notice> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    const kind = notice.state === 'delivery_failed' ? 'rerouted' : 'supplemented'
    await addEvent(tx, notice, { kind, actor: actorOf(caller) })
    if (recipientId && !(await findRecipient(tx, recipientId)))
      throw new Problem('row/unknown', 'No such recipient')
    const locations: NewNoticeLocation[] = []
    for (const row of await locationsOf(tx, id)) {
      const opened = await findCase(tx, row.caseId)
      const elsewhere = (await locationsOfCase(tx, row.caseId)).some(
        (other) => other.live && other.noticeId !== id,
      )
      if (opened && openStates.has(opened.state) && !elsewhere && row.outcome !== 'retracted')
        locations.push(row)
    }
    if (locations.length === 0)
      throw new Problem('row/stage', `Nothing of notice ${notice.number} is open any more`)
    const { host, regimes, language, format, details } = notice
    const next = await createNotice(tx, caller.tenantId, {
      recipientId: recipientId ?? notice.recipientId,
      host,
      regimes,
      language,
      format,
      details,
      locations,
      createdBy: actorOf(caller),
      replaces: notice,
    })
    await auditNotice(tx, caller, next, 'supplemented', { supersedes: id, locations: locations.length })
    return knownNotice(tx, next)
  })
}
