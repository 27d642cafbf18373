import type { Tx } from '../core/db.ts'
import type { RecordingId } from '../core/ids.ts'

/** Sets until when a recording is unreleased; null ends it. */
export async function keepEmbargo(tx: Tx, id: RecordingId, until: Date | null): Promise<void> {
  await tx.run`update recording set embargo_until = ${until} where id = ${id}`
}
