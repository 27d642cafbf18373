import { decideMany } from '../../services/actions/case-batches.ts'
import { CaseId, newId } from '../../services/core/ids.ts'
import type { Seeded } from './api.ts'
import type { Account, World } from './world.ts'

/** Further cases of the recording at other places: one is dismissed in a batch, one is in quarantine. */
export async function furtherCases({ house }: World, { caller }: Account, { caseId }: Seeded) {
  const [batched, flooded] = await house.db.system(async (tx) => {
    const ids = [newId(CaseId), newId(CaseId)] as const
    for (const [index, id] of ids.entries())
      await tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence, quarantined_at)
        select ${id}, tenant_id, ${`EW-2026-90000${index}`}, recording_id, ${`https://host.example/${index}`}, location,
               'needs_review', 0.9, ${index === 1 ? new Date() : null}
          from case_file where id = ${caseId}`
    return ids
  })
  const decision = { kind: 'dismissed', reason: 'duplicate' } as const
  const { batchId = '' } = await decideMany(house, caller, { caseIds: [batched], decision, preview: false })
  return { batchId, floodedCaseId: flooded }
}
