import { stat } from 'node:fs/promises'

import { z } from 'zod'

import type { ReferenceIndex } from '../audio/index/reference-index.ts'
import { type KeptIndex, createSegmentFolder } from '../audio/index/segment-folder.ts'
import type { Db } from '../core/db.ts'
import type { Logger } from '../core/log.ts'

/**
 * The index in files, so that a matcher that starts need not read every fingerprint from the database. The files are a
 * cache: what they say is compared with the database, and whatever is wrong with them only costs time. Processes that
 * share a folder do not disturb each other (segment-folder.ts).
 */
export interface IndexFiles {
  /**
   * What was saved of this database; undefined when there is nothing of use. Troubles are logged. The note of each
   * recording is the version that was saved.
   */
  load(): Promise<KeptIndex | undefined>
  /** To be told of every change of the index. It is saved a while later, unless another process did so by then. */
  changed(): void
  /** Saves what has not been saved yet, and saves no more afterwards. */
  close(): Promise<void>
}

export interface IndexFilesOptions {
  /** Where the files are; made when missing. */
  readonly folder: string
  readonly index: ReferenceIndex
  /** Of a recording in the index. */
  readonly versionOf: (id: string) => string
  /** How long after a change it is saved, with some chance in it, so that processes do not all do it at once. */
  readonly saveAfterMs?: number
}

const SAVE_AFTER_MS = 60_000

const Identity = z.object({ system: z.string(), timeline: z.number(), database: z.number() })

/**
 * Which database this is. Versions are numbers of transactions, which mean nothing in another database, nor in one
 * that was set back to an earlier state: its timeline is another.
 *
 * @returns what asks the database, once; it gives undefined when the database does not say, as where a host has taken
 *   these functions away. Nothing is loaded or saved then.
 */
function sourceOf(db: Db, log: Logger): () => Promise<string | undefined> {
  let source: string | undefined
  const ask = async (): Promise<string> => {
    const { system, timeline, database } = await db.system(
      (tx) => tx.one(Identity)`
        select system_identifier::text as system, timeline_id as timeline, oid::integer as database
          from pg_control_system(), pg_control_checkpoint(), pg_database where datname = current_database()`,
    )
    return `postgresql ${system} ${timeline} ${database}`
  }
  return async () => {
    source ??= await ask().catch((error: unknown) => {
      log.warn({ err: error }, 'the database does not say which one it is; the index is not kept in files')
      return undefined
    })
    return source
  }
}

/** The files of a matcher's index; nothing is read or made yet. */
export function createIndexFiles(db: Db, log: Logger, options: IndexFilesOptions): IndexFiles {
  const { folder, index, versionOf, saveAfterMs = SAVE_AFTER_MS } = options
  const segments = createSegmentFolder(folder)
  const knownSource = sourceOf(db, log)
  let changedAtMs: number | undefined
  let timer: NodeJS.Timeout | undefined
  let saving = Promise.resolve()
  /** When this process last saved, as the file system has it. */
  let savedAtMs: number | undefined
  let closed = false

  const save = async (): Promise<void> => {
    timer = undefined
    const sinceMs = changedAtMs
    changedAtMs = undefined
    const about = sinceMs === undefined ? undefined : await knownSource()
    if (sinceMs === undefined || about === undefined) return
    const foundMs = await modifiedAtMs(segments.manifest)
    // Another process was quicker. What it may not have known yet is read from the database at the next start.
    if (foundMs !== undefined && foundMs !== savedAtMs && foundMs > sinceMs) return
    try {
      const startedAt = performance.now()
      await segments.save(index, about, versionOf)
      savedAtMs = await modifiedAtMs(segments.manifest)
      log.info({ seconds: (performance.now() - startedAt) / 1000, ...index.stats() }, 'the index was saved')
    } catch (error) {
      log.warn({ err: error, folder }, 'the index cannot be saved')
      changedAtMs ??= sinceMs
      if (!closed) schedule()
    }
  }
  const saveSettled = async (): Promise<void> => {
    await index.settled().catch(() => undefined) // Told of by whoever merges; what is there is saved.
    await save()
  }
  const schedule = (): void => {
    timer ??= setTimeout(
      () => {
        saving = saveSettled()
      },
      saveAfterMs * (1 + Math.random() / 2),
    ).unref()
  }

  const changed = (): void => {
    changedAtMs = Date.now()
    if (!closed) schedule()
  }

  return {
    async load() {
      const about = await knownSource()
      if (about === undefined) return undefined
      const kept = await segments.load().catch((error: unknown) => {
        log.warn({ err: error, folder }, 'the saved index cannot be used; all is read from the database')
        return undefined
      })
      for (const { message } of kept?.damaged ?? [])
        log.warn({ reason: message }, 'a file of the saved index cannot be used; what it held is read again')
      if (kept && kept.damaged.length > 0) changed()
      if (!kept || kept.source === about) return kept
      log.warn({ folder }, 'the saved index is of another database and is not used')
      return undefined
    },
    changed,
    async close() {
      closed = true
      clearTimeout(timer)
      await saving
      await save()
    },
  }
}

/** When a file was last written; undefined when it is not there or cannot be seen. */
const modifiedAtMs = async (path: string): Promise<number | undefined> =>
  (await stat(path).catch(() => undefined))?.mtimeMs
