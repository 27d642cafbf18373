import type { Blobs } from '../core/blobs.ts'
import type { Db } from '../core/db.ts'
import type { Sha256 } from '../core/ids.ts'
import { neededBlobs } from './blob-use.ts'

/** A file is stored before the row that needs it, by as long as opening it may take: younger ones are left for the next time. */
const AGE_MIN_MS = 20 * 60_000
/** Files asked about in one query. */
const BATCH = 500
/** Longer than any upload or fetch may take. */
const UNFINISHED_AGE_MS = 24 * 3600_000

async function deleteUnneeded(
  db: Db,
  blobs: Blobs,
  hashes: readonly Sha256[],
  ageMinMs: number,
): Promise<number> {
  const needed = await db.system((tx) => neededBlobs(tx, hashes))
  let deleted = 0
  for (const hash of hashes.filter((each) => !needed.has(each))) {
    // Looked at again: the same bytes may have been handed in once more since they were listed.
    const now = await blobs.stat(hash)
    if (!now || Date.now() - now.storedAt.getTime() < ageMinMs) continue
    await blobs.delete(hash)
    deleted += 1
  }
  return deleted
}

/**
 * Deletes audio that no row needs any more: suspects and references that have been fingerprinted
 * and that their tenant does not hold. Called by cron, so that a crash leaves nothing behind for ever.
 *
 * @returns how many files were deleted.
 */
export async function pruneBlobs(db: Db, blobs: Blobs, ageMinMs = AGE_MIN_MS): Promise<number> {
  let deleted = 0
  let batch: Sha256[] = []
  for await (const { sha256, storedAt } of blobs.list()) {
    if (Date.now() - storedAt.getTime() < ageMinMs) continue
    batch.push(sha256)
    if (batch.length < BATCH) continue
    deleted += await deleteUnneeded(db, blobs, batch, ageMinMs)
    batch = []
  }
  deleted += await deleteUnneeded(db, blobs, batch, ageMinMs)
  await blobs.sweepTemp(UNFINISHED_AGE_MS)
  return deleted
}
