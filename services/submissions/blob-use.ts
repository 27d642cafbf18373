import { z } from 'zod'

import type { Tx } from '../core/db.ts'

/**
 * Which of these files some row still needs: audio that waits to be fingerprinted, and audio that
 * its tenant wants held. Everything else is deleted by cron, soon after it was fingerprinted.
 *
 * @param hashes SHA-256 as hex, any number.
 */
export async function neededBlobs(tx: Tx, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await tx.all(z.object({ sha256: z.string() }))`
    select blob_sha256 as sha256 from submission where blob_sha256 = any(${[...hashes]}) and stage = 'unpack'
    union select sha256 from item where sha256 = any(${[...hashes]}) and (stage = 'fingerprint' or media_held)
    union select audio_sha256 from recording where audio_sha256 = any(${[...hashes]}) and (stage = 'index' or audio_held)`
  return new Set(rows.map(({ sha256 }) => sha256))
}
