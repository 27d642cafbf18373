import { gatherNews } from '../alerts/news-store.ts'
import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { TenantId } from '../core/ids.ts'
import { JUDGED_DAYS, isTooUnfounded, unfoundedShare } from '../figures/figures.ts'
import { setJudged, unfoundedLately, unjudgedTenants } from '../figures/store.ts'
import { findTenant, pauseNotices } from '../tenants/store.ts'

/** Judges one account. @param at of the latest mistake: nothing up to it is judged again after a person let it go on. */
async function judge(tx: Tx, tenantId: TenantId, at: Date, now: Date): Promise<boolean> {
  await setJudged(tx, tenantId, at)
  const { unfounded, locations } = await unfoundedLately(tx, tenantId, now)
  if (!isTooUnfounded(unfoundedShare({ unfounded, locations }))) return false
  // A person may have paused it meanwhile, for a reason of their own.
  if ((await findTenant(tx, tenantId))?.noticesPausedAt) return false
  const why = `${unfounded} of the ${locations} locations of the last ${JUDGED_DAYS} days turned out to be unfounded`
  await pauseNotices(tx, tenantId, why)
  const details = { unfounded, locations, days: JUDGED_DAYS }
  await audit(tx, tenantId, {
    actor: 'system',
    action: 'notices.paused',
    subject: `tenant:${tenantId}`,
    details,
  })
  await gatherNews(tx, tenantId, {
    kind: 'notices_paused',
    key: `notices_paused:${at.toISOString()}`,
    details,
  })
  return true
}

/**
 * Pauses the notices of accounts that demand too much without a ground, told by what turned out to be wrong since they
 * were judged last. A person lets them go on.
 *
 * @returns the accounts that were paused.
 */
export async function pauseUnfounded(tx: Tx, now: Date): Promise<TenantId[]> {
  const paused: TenantId[] = []
  for (const { tenantId, at } of await unjudgedTenants(tx))
    if (await judge(tx, tenantId, at, now)) paused.push(tenantId)
  return paused
}
