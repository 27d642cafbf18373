import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { MemberId, TenantId } from '../core/ids.ts'

/** What an account has settled about its notices. */
export const NoticeSettings = z.object({
  /** Lower-case domains of its own: nothing is demanded there. */
  ownDomains: z.array(z.string()),
  /** Locations a day above which a second signer has to approve. */
  secondApproverAbove: z.number(),
  /** Why signing and sending rest; null while they do not. */
  noticesPausedWhy: z.string().nullable(),
  /** Domain of the addresses that answers go to; null means the installation's own. */
  replyDomain: z.string().nullable(),
})
export type NoticeSettings = z.infer<typeof NoticeSettings>

export const noticeSettingsOf = (tx: Tx, id: TenantId): Promise<NoticeSettings> =>
  tx.one(NoticeSettings)`
    select own_domains, second_approver_above, notices_paused_why, reply_domain from tenant where id = ${id}`

/** Lets one signer of an account after the other sign, so that what each signs a day is counted right. */
export async function lockSigning(tx: Tx, id: TenantId): Promise<void> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`signing ${id}`}, 0))`
}

const Standing = z.object({ firstSignedAt: z.date().nullable(), otherSigners: z.number() })

/** When a member signed a notice for the first time, and how many others of the account may sign. */
export const signerStanding = (tx: Tx, id: MemberId): Promise<z.infer<typeof Standing>> =>
  tx.one(Standing)`
    select m.first_signed_at,
           (select count(*) from member o
             where o.tenant_id = m.tenant_id and o.id <> m.id and o.disabled_at is null
               and 'signer' = any(o.roles)) as other_signers
      from member m where m.id = ${id}`

/** Notes that a member has signed. */
export async function markSigned(tx: Tx, id: MemberId): Promise<void> {
  await tx.run`update member set first_signed_at = coalesce(first_signed_at, now()) where id = ${id}`
}
