import type { Db } from './core/db.ts'
import type { SubmissionId, TenantId } from './core/ids.ts'
import { takeTurns, waitingTenants } from './submissions/turns-store.ts'

/** The first of each, the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, place) =>
    lists.flatMap((list) => list.slice(place, place + 1)),
  ).flat()
}

/**
 * Lets what was handed in by the list begin: of each account only some at a time, so that ten thousand addresses of one do
 * not stand before the one of another. May be called at any time and by several at once.
 *
 * @param ring rings for a submission that may be fetched now.
 * @param tenantId of this account only, as when one of its submissions has ended.
 * @returns how many began.
 */
export async function dispatch(
  db: Db,
  ring: (id: SubmissionId) => Promise<void>,
  tenantId?: TenantId,
): Promise<number> {
  const tenants = tenantId === undefined ? await db.system(waitingTenants) : [tenantId]
  const moved: SubmissionId[][] = []
  for (const each of tenants) moved.push(await db.tenant(each, (tx) => takeTurns(tx, each)))
  let begun = 0
  for (const id of inTurn(moved)) {
    await ring(id)
    begun += 1
  }
  return begun
}
