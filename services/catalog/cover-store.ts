import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, RecordingId, type TenantId } from '../core/ids.ts'
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

/** A stock picture may be on thousands of covers: nobody looks at more than these. */
const SIMILAR_MAX = 100

/**
 * The covers of an account of which a part is as close as that to one of these hashes, each with the first recording of
 * its release. They are gone through one by one: a hundred thousand take some tenths of a second.
 *
 * @param hashes of parts of a picture, 64 hexadecimal digits each. @param within in bits of 256.
 */
export async function coversLike(
  tx: Tx,
  tenantId: TenantId,
  hashes: readonly string[],
  within: number,
): Promise<z.infer<typeof Kept>[]> {
  const bitsOf = (from: number) =>
    sql`('x' || encode(substring(c.cover from ${from}::integer for 32), 'hex'))::bit(256)`
  return tx.all(Kept)`
    select r.id as recording_id, c.cover from release_cover c
      cross join lateral (
        select id from recording
         where (id = c.recording_id or release_id = c.release_id) and withdrawn_at is null order by id limit 1) r
     where c.tenant_id = ${tenantId} and exists (
       select from unnest(${hashes.map((hash) => `x${hash}`)}::text[]) h (hash)
        where bit_count(${bitsOf(3)} # h.hash::bit(256)) <= ${within}
           or (length(c.cover) > 34 and bit_count(${bitsOf(35)} # h.hash::bit(256)) <= ${within}))
     limit ${SIMILAR_MAX}`
}
