import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, RecordingId, TenantId } from '../core/ids.ts'

/** How many fingerprints are read at a time: about 2 MB each batch for four-minute recordings. */
export const REFERENCES_BATCH = 200

const Change = z.object({ recordingId: RecordingId, tenantId: TenantId, changedIn: z.coerce.string() })
const Loaded = z.object({
  recordingId: RecordingId,
  tenantId: TenantId,
  engineVersion: z.number(),
  fingerprint: Bytes,
})
const Sketched = z.object({ recordingId: RecordingId, sketch: Bytes })
export type LoadedReference = z.infer<typeof Loaded>
export type ReferenceChange = z.infer<typeof Change>

/**
 * What changed since a horizon, for matchers that hold the catalogue in memory.
 *
 * The horizon is the oldest transaction that was still open at the last look, so a slow writer is
 * never missed; changes of quick writers may be told twice (`changedIn` tells them apart).
 *
 * @param since the horizon of the last look, or '0' for everything.
 */
export async function changesSince(
  tx: Tx,
  since: string,
): Promise<{ changed: ReferenceChange[]; removed: ReferenceChange[]; horizon: string }> {
  const { horizon } = await tx.one(z.object({ horizon: z.string() }))`
    select pg_snapshot_xmin(pg_current_snapshot())::text as horizon`
  const changed = await tx.all(Change)`
    select recording_id, tenant_id, changed_in::text from reference
     where changed_in >= ${since}::xid8 order by changed_in, recording_id`
  const removed = await tx.all(Change)`
    select recording_id, tenant_id, changed_in::text from reference_removal where changed_in >= ${since}::xid8`
  return { changed, removed, horizon }
}

/** The fingerprints of some recordings, in any order; those that are gone by now are left out. */
export const loadReferences = (tx: Tx, ids: readonly RecordingId[]): Promise<LoadedReference[]> =>
  tx.all(Loaded)`
    select recording_id, tenant_id, engine_version, fingerprint from reference where recording_id = any(${[...ids]}::uuid[])`

/** The sketches of some recordings by their ids; those that have none are left out. */
export async function loadSketches(
  tx: Tx,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, Uint8Array>> {
  const rows = await tx.all(Sketched)`
    select recording_id, sketch from reference where recording_id = any(${[...ids]}::uuid[]) and sketch is not null`
  return new Map(rows.map(({ recordingId, sketch }) => [recordingId, sketch]))
}
