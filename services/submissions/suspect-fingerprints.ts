import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, Sha256, type TenantId } from '../core/ids.ts'

const Stored = z.object({
  fingerprint: Bytes,
  durationMs: z.number(),
  truncated: z.boolean(),
  /** For pictures of what is found; null when it was made without. */
  sketch: Bytes.nullable(),
  /** The suspect with its channels mixed the other way; null where none of them seems inverted. */
  otherMix: Bytes.nullable(),
})
export type SuspectFingerprint = z.infer<typeof Stored>

/** The fingerprint of a file's content, if this engine version has made it already. Workers only. */
export const findSuspectFingerprint = (
  tx: Tx,
  sha256: Sha256,
  engineVersion: number,
): Promise<SuspectFingerprint | undefined> =>
  tx.maybe(Stored)`
    select fingerprint, duration_ms, truncated, sketch, other_mix from suspect_fingerprint
     where sha256 = ${sha256} and engine_version = ${engineVersion}`

const Examined = Stored.pick({ fingerprint: true, otherMix: true }).extend({ sha256: Sha256 })
export type ExaminedSuspect = z.infer<typeof Examined>

/**
 * Files that a tenant had examined, or that are being matched, and whose fingerprint is still of use: each once, in the
 * order of their hashes.
 */
export const listExamined = (
  tx: Tx,
  tenantId: TenantId,
  engineVersion: number,
  { after, rowsMax }: { readonly after: Sha256 | undefined; readonly rowsMax: number },
): Promise<ExaminedSuspect[]> =>
  tx.all(Examined)`
    select f.sha256, f.fingerprint, f.other_mix from suspect_fingerprint f
     where f.engine_version = ${engineVersion} and f.sha256 > ${after ?? ''}
       and exists (select from item i where i.sha256 = f.sha256 and i.tenant_id = ${tenantId} and i.stage in ('match', 'done'))
     order by f.sha256 limit ${rowsMax}`

/** How many `listExamined` tells of altogether. */
export async function countExamined(tx: Tx, tenantId: TenantId, engineVersion: number): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(distinct i.sha256) as count from item i join suspect_fingerprint f on f.sha256 = i.sha256
     where i.tenant_id = ${tenantId} and i.stage in ('match', 'done') and f.engine_version = ${engineVersion}`
  return count
}

/** Keeps it for whoever hands in the same bytes again. The same content gives the same fingerprint, so the first stays. */
export async function keepSuspectFingerprint(
  tx: Tx,
  sha256: Sha256,
  engineVersion: number,
  made: SuspectFingerprint,
): Promise<void> {
  await tx.run`
    insert into suspect_fingerprint (sha256, engine_version, fingerprint, duration_ms, truncated, sketch, other_mix)
    values (${sha256}, ${engineVersion}, ${Buffer.from(made.fingerprint)}, ${made.durationMs}, ${made.truncated},
            ${made.sketch && Buffer.from(made.sketch)}, ${made.otherMix && Buffer.from(made.otherMix)})
    on conflict do nothing`
}
