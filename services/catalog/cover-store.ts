import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, RecordingId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import type { Recording } from './recording.ts'

/** Editions of a release differ in their covers, and files with pictures of their own are few: more are not kept. */
const COVERS_MAX = 20

/**
 * Keeps the hashes of a cover with a recording's release, or with the recording itself where it has none. A cover
 * that is known already changes nothing.
 *
 * @param cover as `encodeCover` writes it.
 * @param source `tags`: found in audio that was uploaded. `upload`: hashed elsewhere and sent along.
 */
export async function keepCover(
  tx: Tx,
  recording: Pick<Recording, 'id' | 'tenantId' | 'releaseId'>,
  cover: Uint8Array,
  source: 'tags' | 'upload',
): Promise<void> {
  const { id, tenantId, releaseId } = recording
  const recordingId = releaseId === null ? id : null
  const of = releaseId === null ? sql`recording_id = ${id}` : sql`release_id = ${releaseId}`
  await tx.run`
    insert into release_cover (id, tenant_id, release_id, recording_id, cover, source)
    select ${randomUUID()}, ${tenantId}, ${releaseId}, ${recordingId}, ${Buffer.from(cover)}, ${source}
     where (select count(*) from release_cover where ${of}) < ${COVERS_MAX}
    on conflict do nothing`
}

const Kept = z.object({ recordingId: RecordingId, cover: Bytes })

/** The covers of some recordings and their releases, as they were kept, by recording; those without are left out. */
export async function coversOf(
  tx: Tx,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, readonly Uint8Array[]>> {
  const rows = await tx.all(Kept)`
    select r.id as recording_id, c.cover from recording r
      join release_cover c on c.release_id = r.release_id or c.recording_id = r.id
     where r.id = any(${[...ids]}::uuid[])`
  const covers = new Map<RecordingId, Uint8Array[]>()
  for (const { recordingId, cover } of rows)
    covers.set(recordingId, [...(covers.get(recordingId) ?? []), cover])
  return covers
}
