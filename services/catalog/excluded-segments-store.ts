import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { RecordingId, type TenantId } from '../core/ids.ts'
import type { ExcludedSegment } from './excluded-segments.ts'

const Row = z.object({
  recordingId: RecordingId,
  fromMs: z.number(),
  toMs: z.number(),
  reason: z.string(),
})

/** The excluded segments of some recordings, each list in the order of time; a recording without any is left out. */
export async function excludedSegmentsOf(
  tx: Tx,
  ids: readonly RecordingId[],
): Promise<ReadonlyMap<RecordingId, ExcludedSegment[]>> {
  const rows = await tx.all(Row)`
    select recording_id, from_ms, to_ms, reason from excluded_segment
     where recording_id = any(${[...ids]}::uuid[]) order by recording_id, position`
  const segments = new Map<RecordingId, ExcludedSegment[]>()
  for (const { recordingId, ...segment } of rows)
    segments.set(recordingId, [...(segments.get(recordingId) ?? []), segment])
  return segments
}

/** Replaces the excluded segments of a recording; they are kept in the order of time. */
export async function keepExcludedSegments(
  tx: Tx,
  recording: { readonly id: RecordingId; readonly tenantId: TenantId },
  segments: readonly ExcludedSegment[],
): Promise<void> {
  await tx.run`delete from excluded_segment where recording_id = ${recording.id}`
  const inOrder = segments.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
  for (const [index, { fromMs, toMs, reason }] of inOrder.entries()) {
    await tx.run`
      insert into excluded_segment (recording_id, position, tenant_id, from_ms, to_ms, reason)
      values (${recording.id}, ${index + 1}, ${recording.tenantId}, ${fromMs}, ${toMs}, ${reason})`
  }
}
