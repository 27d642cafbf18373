import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, type Sha256 } from '../core/ids.ts'

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
