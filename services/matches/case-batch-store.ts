import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, type TenantId } from '../core/ids.ts'
import { Case } from './case.ts'
import { lockPlaces } from './place-lock.ts'

const LockedOne = Case.pick({ id: true, number: true, state: true })

/**
 * Locks many cases at once, before anything else is: whoever locks them one by one between other locks would block, and
 * be blocked by, whoever does it in another order. No find joins or opens a case meanwhile.
 *
 * @returns those that there are.
 */
export async function lockCases(
  tx: Tx,
  tenantId: TenantId,
  ids: readonly CaseId[],
): Promise<ReadonlyMap<CaseId, z.infer<typeof LockedOne>>> {
  await lockPlaces(tx, tenantId)
  const locked = await tx.all(LockedOne)`
    select id, number, state from case_file where id = any(${[...ids]}::uuid[]) order by id for update`
  return new Map(locked.map((each) => [each.id, each]))
}

const InBatch = z.object({
  caseId: CaseId,
  caseNumber: z.string(),
  state: Case.shape.state,
  number: z.number(),
})

/** The decisions that were taken together, by their cases, with the state that each case is in now. */
export const decisionsOfBatch = (tx: Tx, batchId: string): Promise<z.infer<typeof InBatch>[]> =>
  tx.all(InBatch)`
    select d.case_id, c.number as case_number, c.state, d.number
      from case_decision d join case_file c on c.id = d.case_id where d.batch_id = ${batchId} order by d.case_id`
