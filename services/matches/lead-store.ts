import type { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ItemId, type SubmissionId, type TenantId } from '../core/ids.ts'
import { Lead } from './names.ts'

/** Keeps the leads of an item in place of those kept before. */
export async function keepLeads(
  tx: Tx,
  item: { readonly id: ItemId; readonly tenantId: TenantId },
  leads: readonly Lead[],
): Promise<void> {
  await tx.run`delete from item_lead where item_id = ${item.id}`
  for (const [place, { recordingId, names }] of leads.entries()) {
    await tx.run`
      insert into item_lead (item_id, number, tenant_id, recording_id, names)
      values (${item.id}, ${place + 1}, ${item.tenantId}, ${recordingId}, ${JSON.stringify(names)})`
  }
}

const ItemLead = Lead.extend({ itemId: ItemId })
export type ItemLead = z.infer<typeof ItemLead>

/**
 * What the items of a submission may be by their names, without what was heard in them anyway, and without recordings
 * that are no longer claimed.
 */
export const leadsIn = (tx: Tx, id: SubmissionId): Promise<ItemLead[]> =>
  tx.all(ItemLead)`
    select d.item_id, d.recording_id, d.names from item_lead d join item i on i.id = d.item_id
      join recording r on r.id = d.recording_id
     where i.submission_id = ${id} and r.withdrawn_at is null
       and not exists (select from match m where m.item_id = d.item_id and m.recording_id = d.recording_id)
     order by i.created_at, i.name, d.number`
