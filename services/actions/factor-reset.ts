import { audit } from '../core/audit.ts'
import type { Db, Tx } from '../core/db.ts'
import type { MemberId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { FactorKind } from '../tenants/factor.ts'
import * as store from '../tenants/second-factor-store.ts'
import { memberByEmail } from '../tenants/store.ts'
import type { Member } from '../tenants/tenant.ts'

/** Takes all factors of a member, and what their sessions have shown by them, with its audit entry. */
export async function takeFactors(tx: Tx, tenantId: TenantId, id: MemberId, actor: string): Promise<void> {
  await store.forgetTotp(tx, id)
  await store.removePasskeys(tx, id)
  for (const kind of FactorKind.options) await store.unmark(tx, id, kind)
  await audit(tx, tenantId, { actor, action: 'factor.reset', subject: `member:${id}` })
}

/**
 * Takes all factors of a member for whom no other owner can do it. Only for a program on the service's own machine: who
 * may run that one can read and change everything anyhow.
 *
 * @returns whose they were, and what the member had set up.
 * @throws {Problem} row/unknown when nobody has the address.
 */
export async function resetFactorsOf(
  db: Db,
  email: string,
): Promise<{ member: Member; totp: boolean; passkeys: number }> {
  const member = await db.system((tx) => memberByEmail(tx, email))
  if (!member) throw new Problem('row/unknown', `Nobody has the address ${email}`)
  const { id, tenantId } = member
  // Workers, whose role sees every account, have no right to passkeys.
  return db.tenant(tenantId, async (tx) => {
    const had = await store.enrolled(tx, id)
    if (had.totp || had.passkeys > 0) await takeFactors(tx, tenantId, id, 'system')
    return { member, ...had }
  })
}
