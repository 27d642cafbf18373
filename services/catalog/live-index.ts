import { decodeFingerprint } from '../audio/fingerprint/fingerprint.ts'
import { createMergeThread } from '../audio/index/merge-thread.ts'
import { type IndexEntry, type ReferenceIndex, createReferenceIndex } from '../audio/index/reference-index.ts'
import type { KeptIndex } from '../audio/index/segment-folder.ts'
import type { Merge } from '../audio/index/segment-list.ts'
import type { Db } from '../core/db.ts'
import type { RecordingId } from '../core/ids.ts'
import type { Logger } from '../core/log.ts'
import { createIndexFiles } from './index-files.ts'
import { REFERENCES_BATCH, type ReferenceChange, changesSince, loadReferences } from './references.ts'

/** Fingerprints of the whole catalogue in memory, kept level with the database. */
export interface LiveIndex {
  readonly index: ReferenceIndex
  /**
   * Takes in everything that was committed before the call. A matcher calls it before each match, so a
   * recording is recognised from the moment that its registration was answered. Calls share one reading.
   */
  catchUp(onProgress?: (done: number, total: number) => void): Promise<void>
  /** Saves what is new, if there are files. */
  close(): Promise<void>
}

export interface LiveIndexOptions {
  /** Where the index is kept in files between two starts; in memory alone when absent. */
  readonly folder?: string
  /** See `IndexFilesOptions`. */
  readonly saveAfterMs?: number
}

/** An empty index that fills at the first `catchUp`: from its files, and with what is newer from the database. */
export function createLiveIndex(db: Db, log: Logger, options: LiveIndexOptions = {}): LiveIndex {
  const merging = createMergeThread()
  const index = createReferenceIndex({ merge: telling(merging.merge, log) })
  const held = new Map<string, string>()
  const catalogue: Catalogue = { index, held, db, log }
  const { folder, ...when } = options
  const versionOf = (id: string): string => held.get(id) ?? ''
  const files =
    folder === undefined ? undefined : createIndexFiles(db, log, { folder, index, versionOf, ...when })
  let isLoaded = files === undefined
  let horizon = '0'

  async function read(onProgress?: (done: number, total: number) => void): Promise<void> {
    const since = await db.system((tx) => changesSince(tx, horizon))
    if (files && !isLoaded) {
      isLoaded = true
      adoptSaved(catalogue, await files.load(), since.changed)
    }
    const fresh = since.changed.filter(({ recordingId, changedIn }) => held.get(recordingId) !== changedIn)
    for (let done = 0; done < fresh.length; done += REFERENCES_BATCH) {
      await take(catalogue, fresh.slice(done, done + REFERENCES_BATCH))
      onProgress?.(Math.min(done + REFERENCES_BATCH, fresh.length), fresh.length)
    }
    const removed = drop(catalogue, since)
    if (fresh.length + removed > 0) files?.changed()
    horizon = since.horizon
    if (fresh.length > 0) log.info({ taken: fresh.length, ...index.stats() }, 'the index has caught up')
  }

  return {
    index,
    catchUp: shared(read),
    async close() {
      await files?.close()
      await merging.close()
    },
  }
}

/** What a matcher holds, and where it is from. */
interface Catalogue {
  readonly index: ReferenceIndex
  /** By recording: the transaction whose fingerprint is held. */
  readonly held: Map<string, string>
  readonly db: Db
  readonly log: Logger
}

/** Reads the fingerprints of some recordings and takes them in. */
async function take({ index, held, db, log }: Catalogue, changes: readonly ReferenceChange[]): Promise<void> {
  const loaded = await db.system((tx) =>
    loadReferences(
      tx,
      changes.map(({ recordingId }) => recordingId),
    ),
  )
  const versions = new Map(changes.map(({ recordingId, changedIn }) => [recordingId, changedIn]))
  const entries: IndexEntry[] = []
  const taken: RecordingId[] = []
  for (const { recordingId, tenantId, fingerprint } of loaded) {
    try {
      const decoded = decodeFingerprint(fingerprint)
      if (decoded.kind !== 'reference') throw new TypeError('It is the fingerprint of a suspect')
      entries.push({ id: recordingId, owner: tenantId, fingerprint: decoded })
      taken.push(recordingId)
    } catch (error) {
      // Checked when it was registered, so the row was damaged since: one recording is lost to matching, not all.
      log.error({ err: error, recordingId }, 'a stored fingerprint cannot be read')
    }
  }
  index.addAll(entries)
  // Only now: what could not be taken in is asked for again at the next look.
  for (const recordingId of taken) held.set(recordingId, versions.get(recordingId) ?? '0')
}

/**
 * Takes over of a saved index what the database still has, of the same owner and in the same version.
 *
 * @param present every reference of the database.
 */
function adoptSaved(
  { index, held, log }: Catalogue,
  saved: KeptIndex | undefined,
  present: readonly ReferenceChange[],
): void {
  if (!saved) return
  const current = new Map<string, ReferenceChange>(present.map((change) => [change.recordingId, change]))
  for (const { owner, segment, recordings } of saved.segments) {
    const ids = recordings.map((recording) => {
      const change = recording && current.get(recording.id)
      return change?.changedIn === recording?.note && change?.tenantId === owner ? recording?.id : undefined
    })
    index.adopt(owner, segment, ids)
    for (const id of ids) if (id !== undefined) held.set(id, current.get(id)!.changedIn)
  }
  log.info(index.stats(), 'the index was read from its files')
}

/** Forgets what was removed and not registered again since. @returns how many recordings that were. */
function drop(
  { index, held }: Catalogue,
  since: { readonly changed: readonly ReferenceChange[]; readonly removed: readonly ReferenceChange[] },
): number {
  const present = new Set(since.changed.map(({ recordingId }) => recordingId))
  let count = 0
  for (const { recordingId } of since.removed) {
    if (present.has(recordingId)) continue
    held.delete(recordingId)
    if (index.remove(recordingId)) count++
  }
  return count
}

/** Logs what goes wrong: the index goes on with its parts as they are. */
const telling =
  (merge: Merge, log: Logger): Merge =>
  async (first, second) => {
    try {
      return await merge(first, second)
    } catch (error) {
      log.warn({ err: error }, 'parts of the index could not be joined; they are searched as they are')
      throw error
    }
  }

/** Callers that come at once share one reading. */
function shared(read: LiveIndex['catchUp']): LiveIndex['catchUp'] {
  let reading: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = async (onProgress?: (done: number, total: number) => void): Promise<void> => {
    try {
      await (reading = read(onProgress))
    } finally {
      reading = undefined
    }
  }
  return (onProgress) => {
    if (!reading && !next) return start(onProgress)
    // The reading under way may have begun before the caller's commit; one more serves everybody who waits.
    next ??= (reading ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return start(onProgress)
      })
    return next
  }
}
