import { decodeFingerprint } from '../audio/fingerprint/fingerprint.ts'
import { type IndexEntry, type ReferenceIndex, createReferenceIndex } from '../audio/index/reference-index.ts'
import type { Db } from '../core/db.ts'
import type { Logger } from '../core/log.ts'
import { REFERENCES_BATCH, type ReferenceChange, changesSince, loadReferences } from './references.ts'

/** Fingerprints of the whole catalogue in memory, kept level with the database. */
export interface LiveIndex {
  readonly index: ReferenceIndex
  /**
   * Takes in everything that was committed before the call. A matcher calls it before each match, so a
   * recording is recognised from the moment that its registration was answered. Calls share one reading.
   */
  catchUp(onProgress?: (done: number, total: number) => void): Promise<void>
}

/** An empty index that fills at the first `catchUp`. */
export function createLiveIndex(db: Db, log: Logger): LiveIndex {
  const index = createReferenceIndex()
  /** By recording: the transaction whose fingerprint is held. */
  const held = new Map<string, string>()
  let horizon = '0'

  async function take(changes: readonly ReferenceChange[]): Promise<void> {
    const loaded = await db.system((tx) =>
      loadReferences(
        tx,
        changes.map(({ recordingId }) => recordingId),
      ),
    )
    const versions = new Map(changes.map(({ recordingId, changedIn }) => [recordingId, changedIn]))
    const entries: IndexEntry[] = []
    for (const { recordingId, tenantId, fingerprint } of loaded) {
      try {
        entries.push({ id: recordingId, owner: tenantId, fingerprint: decodeFingerprint(fingerprint) })
        held.set(recordingId, versions.get(recordingId) ?? '0')
      } catch (error) {
        // Checked when it was registered, so the row was damaged since: one recording is lost to matching, not all.
        log.error({ err: error, recordingId }, 'a stored fingerprint cannot be read')
      }
    }
    index.addAll(entries)
  }

  async function read(onProgress?: (done: number, total: number) => void): Promise<void> {
    const since = await db.system((tx) => changesSince(tx, horizon))
    const fresh = since.changed.filter(({ recordingId, changedIn }) => held.get(recordingId) !== changedIn)
    for (let done = 0; done < fresh.length; done += REFERENCES_BATCH) {
      await take(fresh.slice(done, done + REFERENCES_BATCH))
      onProgress?.(Math.min(done + REFERENCES_BATCH, fresh.length), fresh.length)
    }
    for (const { recordingId } of since.removed) {
      held.delete(recordingId)
      index.remove(recordingId)
    }
    horizon = since.horizon
    if (fresh.length > 0) log.info({ taken: fresh.length, ...index.stats() }, 'the index has caught up')
  }

  let reading: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = async (onProgress?: (done: number, total: number) => void): Promise<void> => {
    try {
      await (reading = read(onProgress))
    } finally {
      reading = undefined
    }
  }
  return {
    index,
    catchUp(onProgress) {
      if (!reading && !next) return start(onProgress)
      // The reading under way may have begun before the caller's commit; one more serves everybody who waits.
      next ??= (reading ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => {
          next = undefined
          return start(onProgress)
        })
      return next
    },
  }
}
