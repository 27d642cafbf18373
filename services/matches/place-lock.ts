import type { Tx } from '../core/db.ts'
import type { TenantId } from '../core/ids.ts'

/**
 * No find joins or opens a case of an account until the transaction ends. To be taken before any of its cases is
 * locked: whoever has both takes them in this order.
 */
export async function lockPlaces(tx: Tx, tenantId: TenantId): Promise<void> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`case ${tenantId}`}, 0))`
}
