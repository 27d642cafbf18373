import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, type RescanId, Sha256, TenantId } from '../core/ids.ts'
import { type Transitions, stagesOf } from '../core/stages.ts'

/**
 * A look back: recordings that can be recognised since a moment ago, compared with what was examined before. A trigger
 * of the database starts it with each new fingerprint and gathers those of the same minute (migrations/0013_rescan.sql).
 */
export const RescanStage = z.enum(['rescan', 'done', 'failed'])
export const rescanTransitions = { rescan: ['done'] } as const satisfies Transitions

export const stages = stagesOf('rescan', rescanTransitions)

/** Takes a look back for work; from its first claim on no more recordings join it. @returns false when it has ended. */
export async function claim(tx: Tx, id: RescanId): Promise<boolean> {
  await tx.run`update rescan set gathering = false where id = ${id} and gathering`
  return stages.claim(tx, id, 'rescan')
}

const Looking = z.object({
  tenantId: TenantId,
  /** Which recordings look back; those that were removed or withdrawn meanwhile are left out. */
  recordingIds: z.array(RecordingId),
  /** The last file that was looked at, in the order of their hashes; null before the first. */
  lookedTo: Sha256.nullable(),
  /** Files that were looked at. */
  suspects: z.number(),
})
export type Looking = z.infer<typeof Looking>

/** A look back and how far it has come. */
export const findRescan = (tx: Tx, id: RescanId): Promise<Looking | undefined> =>
  tx.maybe(Looking)`
    select s.tenant_id, s.looked_to, s.suspects, array(
             select w.recording_id from rescan_recording w join recording r on r.id = w.recording_id
              where w.rescan_id = s.id and r.withdrawn_at is null order by w.recording_id) as recording_ids
      from rescan s where s.id = ${id}`

/** Notes that it has come so far. @returns false when another worker was first, or it has ended. */
export async function keepLooked(
  tx: Tx,
  id: RescanId,
  from: Sha256 | null,
  next: { readonly lookedTo: Sha256; readonly suspects: number; readonly found: number },
): Promise<boolean> {
  const written = await tx.run`
    update rescan set looked_to = ${next.lookedTo}, suspects = suspects + ${next.suspects}, found = found + ${next.found}
     where id = ${id} and stage = 'rescan' and looked_to is not distinct from ${from}`
  return written === 1
}
