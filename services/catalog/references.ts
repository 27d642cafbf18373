import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, RecordingId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import type { Recording } from './recording.ts'

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
    select f.recording_id, f.tenant_id, f.changed_in::text from reference f join recording r on r.id = f.recording_id
     where f.changed_in >= ${since}::xid8 and r.withdrawn_at is null order by f.changed_in, f.recording_id`
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

/** A fingerprint in its binary form and what is known of it. */
export interface NewReference {
  readonly engineVersion: number
  readonly fingerprint: Uint8Array
  readonly durationMs: number
  readonly madeBy: 'upload' | 'local'
  /** For pictures of what is found; see services/audio/extract/sketch-bytes.ts. */
  readonly sketch?: Uint8Array | undefined
}

const Holder = z.object({ recordingId: RecordingId, title: z.string() })

/**
 * Keeps the fingerprint by which a recording is recognised; a newer one replaces the older. The same once more only
 * adds a sketch where there was none.
 *
 * @throws {Problem} request/conflict when the same audio is registered as another recording.
 */
export async function keepReference(
  tx: Tx,
  recording: Pick<Recording, 'id' | 'tenantId'>,
  given: NewReference,
): Promise<void> {
  const sha256 = createHash('sha256').update(given.fingerprint).digest('hex')
  const twin = await tx.maybe(Holder)`
    select f.recording_id, r.title from reference f join recording r on r.id = f.recording_id
     where f.tenant_id = ${recording.tenantId} and f.fingerprint_sha256 = ${sha256} and f.recording_id <> ${recording.id}`
  if (twin) {
    throw new Problem(
      'request/conflict',
      `The same audio is registered already, as “${twin.title}” (${twin.recordingId})`,
    )
  }
  const sketch = given.sketch ? Buffer.from(given.sketch) : null
  await tx.run`
    insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by, sketch)
    values (${recording.id}, ${recording.tenantId}, ${given.engineVersion}, ${Buffer.from(given.fingerprint)}, ${sha256},
            ${given.durationMs}, ${given.madeBy}, ${sketch})
    on conflict (recording_id) do update
       set engine_version = excluded.engine_version, fingerprint = excluded.fingerprint, duration_ms = excluded.duration_ms,
           fingerprint_sha256 = excluded.fingerprint_sha256, made_by = excluded.made_by, sketch = excluded.sketch,
           changed_in = pg_current_xact_id()
     where reference.fingerprint_sha256 <> excluded.fingerprint_sha256`
  if (sketch)
    await tx.run`update reference set sketch = ${sketch} where recording_id = ${recording.id} and sketch is null`
  await tx.run`update recording set duration_ms = ${given.durationMs} where id = ${recording.id}`
}
