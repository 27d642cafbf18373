import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createMergeThread } from '../../services/audio/index/merge-thread.ts'
import { type ReferenceIndex, createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { type KeptIndex, createSegmentFolder } from '../../services/audio/index/segment-folder.ts'
import { Problem } from '../../services/core/problem.ts'
import { UsageError } from '../terminal.ts'

/** A recording in the folder, with what tells whether its audio is still the same. */
export interface KeptReference {
  readonly id: string
  /** Where the audio was, absolute, and what the file system said of it. */
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
}

/** A recording that is new in the folder. */
export interface MadeReference extends KeptReference {
  /** As `encodeFingerprint` writes it. */
  readonly fingerprint: Uint8Array
}

/** All references of a folder have the same owner; searches must name one. */
export const FOLDER_OWNER = 'folder'

/** Where the recordings are from, in the manifest. */
const SOURCE = 'earwitness index'

/** What a folder held before it had segments: one file of fingerprints. */
const FORMER_FILE_NAME = 'references.ewix'

const again = '`earwitness index` makes it again'

/** The file that says what a folder holds. */
export const indexFile = (folder: string): string => createSegmentFolder(folder).manifest

/** A folder's index, to be changed. Its recordings belong to `FOLDER_OWNER`. */
export interface IndexFolder {
  /** What it holds, by id; kept up to date. */
  readonly references: ReadonlyMap<string, KeptReference>
  /** A line for each thing that could not be used, and is not held therefore. */
  readonly troubles: readonly string[]
  /** @throws {Problem} as `decodeFingerprint`. */
  addAll(made: readonly MadeReference[]): void
  remove(id: string): void
  /**
   * Writes what is new. Whoever reads the folder finds it as it was before or after.
   *
   * @throws the file system's error.
   */
  save(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens a folder's index, or an empty one where there is none or it cannot be used.
 *
 * @throws the file system's error.
 */
export async function editIndexFolder(folder: string): Promise<IndexFolder> {
  const merging = createMergeThread()
  const index = createReferenceIndex({ merge: merging.merge })
  const segments = createSegmentFolder(folder)
  const troubles: string[] = []
  const kept = await segments.load().catch((error: unknown) => {
    if (error instanceof Problem) return void troubles.push(error.message)
    throw error
  })
  troubles.push(...(kept?.damaged ?? []).map(({ message }) => message))
  const former = join(folder, FORMER_FILE_NAME)
  if (!kept && (await isThere(former)))
    troubles.push(`${former} is of an earlier version, is not used any more, and can be deleted`)
  const references = new Map<string, KeptReference>()
  if (kept) adoptAll(index, kept, references)
  return {
    references,
    troubles,
    addAll(made) {
      index.addAll(
        made.map(({ id, fingerprint }) => ({
          id,
          owner: FOLDER_OWNER,
          fingerprint: decodeFingerprint(fingerprint),
        })),
      )
      for (const { fingerprint: _fingerprint, ...reference } of made) references.set(reference.id, reference)
    },
    remove(id) {
      index.remove(id)
      references.delete(id)
    },
    async save() {
      await index.settled()
      await segments.save(index, SOURCE, (id) => noteOf(references.get(id)!))
    },
    close: () => merging.close(),
  }
}

/** A folder's index, to be searched as owner `FOLDER_OWNER`. */
export interface OpenedIndex {
  readonly index: ReferenceIndex
  /** Where the audio of a recording was when it was indexed. */
  readonly pathOf: (id: string) => string | undefined
}

/**
 * Opens a folder's index.
 *
 * @throws {UsageError} when there is none or it is empty; {Problem} index/damaged when a file is, or
 *   fingerprint/version when another version of the engine made it; the file system's error.
 */
export async function openIndexFolder(folder: string): Promise<OpenedIndex> {
  const kept = await createSegmentFolder(folder)
    .load()
    .catch((error: unknown) => {
      throw error instanceof Problem ? new Problem(error.type, `${error.message}; ${again}`) : error
    })
  if (!kept) {
    if (await isThere(join(folder, FORMER_FILE_NAME)))
      throw new Problem('fingerprint/version', `${folder} was made by an earlier version; ${again}`)
    throw new UsageError(`${folder} holds no index; \`earwitness index\` makes one`)
  }
  const [damaged] = kept.damaged
  if (damaged) throw new Problem(damaged.type, `${damaged.message}; ${again}`)
  const index = createReferenceIndex()
  const references = new Map<string, KeptReference>()
  adoptAll(index, kept, references)
  if (index.size === 0) throw new UsageError(`${indexFile(folder)} holds no recording`)
  return { index, pathOf: (id) => references.get(id)?.path }
}

function adoptAll(index: ReferenceIndex, kept: KeptIndex, references: Map<string, KeptReference>): void {
  for (const { segment, recordings } of kept.segments) {
    index.adopt(
      FOLDER_OWNER,
      segment,
      recordings.map((recording) => recording?.id),
    )
    for (const recording of recordings)
      if (recording) references.set(recording.id, referenceOf(recording.id, recording.note))
  }
}

const Note = z.tuple([z.string(), z.number(), z.number()])

const noteOf = ({ path, bytes, modifiedMs }: KeptReference): string =>
  JSON.stringify([path, bytes, modifiedMs])

/** @throws {ZodError} when a file with the right checksum has no such note: then we are wrong. */
function referenceOf(id: string, note: string): KeptReference {
  const [path, bytes, modifiedMs] = Note.parse(JSON.parse(note))
  return { id, path, bytes, modifiedMs }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
