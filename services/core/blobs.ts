import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'

import { Sha256 } from './ids.ts'
import { Problem } from './problem.ts'

/** Written once and never changed: the name is the hash of the bytes. */
const BLOB_MODE = 0o440

/** Keeps files that came in and are not complete yet; on the same file system, so that a rename moves them. */
const INCOMING = 'incoming'

export interface StoredBlob {
  readonly sha256: Sha256
  readonly bytes: number
}

/** Files under the SHA-256 of their bytes. The same bytes are stored once, whoever brings them. */
export interface Blobs {
  /**
   * Stores a stream while hashing it. When it resolves the bytes survive a power cut; when it rejects, nothing of
   * them is left. A source that is given up must throw: its error is passed on.
   *
   * @throws {Problem} `request/too-large` when the source has more than `bytesMax` bytes.
   */
  put(source: AsyncIterable<Uint8Array>, limits: { readonly bytesMax: number }): Promise<StoredBlob>
  has(sha256: Sha256): Promise<boolean>
  stat(sha256: Sha256): Promise<{ readonly bytes: number; readonly storedAt: Date } | undefined>
  /** A local file with these bytes, for programs that want a path. It must not be written to. */
  path(sha256: Sha256): Promise<string | undefined>
  /** The bytes as a stream, which holds a file open until it is read or destroyed. */
  read(sha256: Sha256): Promise<Readable | undefined>
  /** Every blob, in no order; one that is deleted meanwhile may be left out. */
  list(): AsyncIterable<{ readonly sha256: Sha256; readonly storedAt: Date }>
  /** @returns false when it was not there. Whether rows still speak of the blob is for the caller to know. */
  delete(sha256: Sha256): Promise<boolean>
  /**
   * Removes what interrupted processes left behind. `olderThanMs` must exceed the longest upload.
   *
   * @returns how many files were removed.
   */
  sweepTemp(olderThanMs: number): Promise<number>
}

/** A blob store in a folder, which is made when missing: `ab/cd/abcd…` and unfinished files under `incoming`. */
export async function openBlobs(folder: string): Promise<Blobs> {
  const root = resolve(folder)
  const incoming = join(root, INCOMING)
  await mkdir(incoming, { recursive: true })
  // Parsed again although typed: a hash from an unchecked cast must never become a path out of the folder.
  const pathOf = (sha256: Sha256): string =>
    join(root, sha256.slice(0, 2), sha256.slice(2, 4), Sha256.parse(sha256))
  const statOf = (sha256: Sha256) => unlessMissing(stat(pathOf(sha256)))

  return {
    async put(source, { bytesMax }) {
      const temporary = join(incoming, randomUUID())
      try {
        const stored = await write(temporary, source, bytesMax)
        await moveDurably(temporary, pathOf(stored.sha256), root)
        return stored
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async has(sha256) {
      return (await statOf(sha256)) !== undefined
    },
    async stat(sha256) {
      const found = await statOf(sha256)
      return found && { bytes: found.size, storedAt: found.mtime }
    },
    async path(sha256) {
      return (await statOf(sha256)) && pathOf(sha256)
    },
    async read(sha256) {
      const file = await unlessMissing(open(pathOf(sha256)))
      return file?.createReadStream()
    },
    async *list() {
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const name = Sha256.safeParse(entry.name)
        const found = entry.isFile() && name.success ? await statOf(name.data) : undefined
        if (found && name.success) yield { sha256: name.data, storedAt: found.mtime }
      }
    },
    async delete(sha256) {
      const gone = await unlessMissing(rm(pathOf(sha256)).then(() => true))
      return gone ?? false
    },
    async sweepTemp(olderThanMs) {
      const before = Date.now() - olderThanMs
      let removed = 0
      for (const name of await readdir(incoming)) {
        const path = join(incoming, name)
        const found = await unlessMissing(stat(path)) // Its writer may be finishing this moment.
        if (!found || found.mtimeMs > before) continue
        await rm(path, { force: true })
        removed += 1
      }
      return removed
    },
  }
}

/** Writes and hashes a stream; the bytes are on the disk when it resolves. */
async function write(path: string, source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<StoredBlob> {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(path, 'wx', BLOB_MODE)
  try {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > bytesMax)
        throw new Problem('request/too-large', `The file is larger than ${bytesMax} bytes`)
      hash.update(chunk)
      await file.appendFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { sha256: Sha256.parse(hash.digest('hex')), bytes }
}

/**
 * Moves a file to its place and makes the move survive a power cut. Two that bring the same bytes at once both
 * succeed: the second replaces the first by its equal.
 */
async function moveDurably(from: string, to: string, root: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  for (let folder = dirname(to); folder !== root; folder = dirname(folder)) await syncFolder(folder)
  await syncFolder(root)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The result of a file operation, or undefined when there is no such file. */
async function unlessMissing<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
