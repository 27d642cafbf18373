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
  for (const [place, { recordingId, names, artwork }] of leads.entries()) {
    await tx.run`
      insert into item_lead (item_id, number, tenant_id, recording_id, names, artwork)
      values (${item.id}, ${place + 1}, ${item.tenantId}, ${recordingId}, ${names && JSON.stringify(names)},
              ${artwork && JSON.stringify(artwork)})`
  }
}

const ItemLead = Lead.extend({ itemId: ItemId })
export type ItemLead = z.infer<typeof ItemLead>

/**
 * What the items of a submission may be by their names or as pictures, without what was heard in them anyway, and without recordings
 * that are no longer claimed.
 *
 * @param itemIds only of these items.
 */
export const leadsIn = (tx: Tx, id: SubmissionId, itemIds?: readonly ItemId[]): Promise<ItemLead[]> =>
  tx.all(ItemLead)`
    select d.item_id, d.recording_id, d.names, d.artwork from item_lead d join item i on i.id = d.item_id
      join recording r on r.id = d.recording_id
     where i.submission_id = ${id} and (${itemIds ? [...itemIds] : null}::uuid[] is null or i.id = any(${itemIds ? [...itemIds] : null}::uuid[]))
       and r.withdrawn_at is null
       and not exists (select from match m where m.item_id = d.item_id and m.recording_id = d.recording_id)
     order by i.number, d.number`
