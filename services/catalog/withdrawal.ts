import type { Tx } from '../core/db.ts'
import type { RecordingId } from '../core/ids.ts'

/**
 * Marks recordings as no longer claimed. They stay, because cases may speak of them, and so do their fingerprints:
 * whoever claims a recording again need not send its audio again. Matchers are told to forget them.
 *
 * @returns those that were claimed until now.
 */
export async function withdraw(tx: Tx, ids: readonly RecordingId[]): Promise<number> {
  const withdrawn = await tx.run`
    update recording set withdrawn_at = now() where id = any(${[...ids]}::uuid[]) and withdrawn_at is null`
  await tx.run`
    insert into reference_removal (recording_id, tenant_id)
    select recording_id, tenant_id from reference where recording_id = any(${[...ids]}::uuid[])`
  return withdrawn
}

/** Claims recordings again: a new `changed_in` makes matchers read their fingerprints once more. */
export async function revive(tx: Tx, ids: readonly RecordingId[]): Promise<void> {
  await tx.run`update recording set withdrawn_at = null where id = any(${[...ids]}::uuid[]) and withdrawn_at is not null`
  await tx.run`update reference set changed_in = pg_current_xact_id() where recording_id = any(${[...ids]}::uuid[])`
}
