import type { Tx } from '../core/db.ts'
import type { RecordingId, TenantId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import type { RecordingRight } from './rights.ts'

/**
 * Replaces the rights in a recording; none means the whole, worldwide. Written at once: between one row and the next the
 * recording would seem to be held in fewer countries, and a conflict about it to end.
 */
export async function keepRights(
  tx: Tx,
  recording: { readonly id: RecordingId; readonly tenantId: TenantId },
  rights: readonly RecordingRight[],
): Promise<void> {
  await tx.run`delete from recording_right where recording_id = ${recording.id}`
  if (rights.length === 0) return
  const rows = rights.map(
    (right, index) => sql`(
      ${recording.id}::uuid, ${index + 1}::integer, ${recording.tenantId}::uuid, ${right.role}, ${right.sharePercent}::numeric,
      ${right.territories}::text[], ${right.excludedTerritories}::text[], ${right.validFrom}::date, ${right.validTo}::date,
      ${right.documentName}, ${right.documentSha256}, ${right.documentExpires}::date)`,
  )
  await tx.run`
    insert into recording_right (recording_id, position, tenant_id, role, share_percent, territories, excluded_territories,
                                 valid_from, valid_to, document_name, document_sha256, document_expires)
    values ${join(rows, ', ')}`
}
