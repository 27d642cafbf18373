import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { FINGERPRINT_BYTES_MAX, decodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import {
  type IndexEntry,
  type ReferenceIndex,
  createReferenceIndex,
} from '../../services/audio/index/reference-index.ts'
import { Problem } from '../../services/core/problem.ts'
import { UsageError } from '../terminal.ts'
import { isId } from './tables.ts'

/** A reference as it is kept in the folder, with what tells whether its audio is still the same. */
export interface KeptReference {
  readonly id: string
  /** Where the audio was, absolute, and what the file system said of it. */
  readonly path: string
  readonly bytes: number
  readonly modifiedMs: number
  /** As `encodeFingerprint` writes it. */
  readonly fingerprint: Uint8Array
}

/** What a folder holds. */
export interface KeptIndex {
  /** The version that made all its fingerprints. */
  readonly engineVersion: number
  readonly references: readonly KeptReference[]
}

/** The one file of an index folder. */
const FILE_NAME = 'references.ewix'

const MAGIC = 'EWIX'
const FORMAT_VERSION = 1
const HEADER_BYTES = 16
const CHECKSUM_BYTES = 32
/** What an entry takes beside its texts and fingerprint: three lengths, size and time of the audio. */
const ENTRY_FIXED_BYTES = 4 + 4 + 4 + 8 + 8
/** A byte of an id or path that is longer was not written by us: file systems end at 4,096. */
const TEXT_BYTES_MAX = 16_384

/** Ten thousand hours of audio at 29 bytes a second; the file is read as a whole. A service holds more. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

/** All references of a folder have the same owner; searches must name one. */
export const FOLDER_OWNER = 'folder'

/** The file that holds a folder's references. */
export const indexFile = (folder: string): string => join(folder, FILE_NAME)

/**
 * Bytes of an index. All numbers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 4 | `EWIX` |
 * | 4 | 4 | version of this format: 1 |
 * | 8 | 4 | engine version of the fingerprints |
 * | 12 | 4 | number of references |
 * | 16 | … | each reference: id, path and fingerprint, each with its length in 4 bytes before it; size of the audio file in bytes and when it was modified in ms since 1970, as 8-byte floats |
 * | end − 32 | 32 | SHA-256 of all bytes before |
 *
 * @throws {Problem} request/invalid when they would be more than 1 GiB.
 */
export function packIndex(references: readonly KeptReference[]): Uint8Array {
  const texts = references.map(({ id, path }) => ({ id: Buffer.from(id), path: Buffer.from(path) }))
  const bytes = references.reduce(
    (sum, { fingerprint }, index) =>
      sum +
      ENTRY_FIXED_BYTES +
      fingerprint.length +
      (texts[index]?.id.length ?? 0) +
      (texts[index]?.path.length ?? 0),
    HEADER_BYTES + CHECKSUM_BYTES,
  )
  if (bytes > INDEX_BYTES_MAX)
    throw new Problem('request/invalid', `The index would have more than ${INDEX_BYTES_MAX} bytes`)
  const packed = Buffer.alloc(bytes)
  packed.write(MAGIC, 0, 'latin1')
  for (const [place, value] of [FORMAT_VERSION, ENGINE_VERSION, references.length].entries())
    packed.writeUInt32LE(value, 4 + 4 * place)
  let at = HEADER_BYTES
  const append = (part: Uint8Array): void => {
    at = packed.writeUInt32LE(part.length, at)
    packed.set(part, at)
    at += part.length
  }
  for (const [index, reference] of references.entries()) {
    for (const part of [texts[index]?.id, texts[index]?.path, reference.fingerprint]) if (part) append(part)
    at = packed.writeDoubleLE(reference.bytes, at)
    at = packed.writeDoubleLE(reference.modifiedMs, at)
  }
  createHash('sha256').update(packed.subarray(0, at)).digest().copy(packed, at)
  return packed
}

/**
 * Reads what `packIndex` wrote. Fingerprints are views of the given bytes, not yet decoded.
 *
 * @param name of the file, for the message.
 * @throws {Problem} request/invalid when the bytes are damaged, incomplete or something else.
 */
export function unpackIndex(packed: Buffer, name: string): KeptIndex {
  const damaged = (reason: string): Problem =>
    new Problem('request/invalid', `${name} cannot be used: ${reason}. Delete it and make the index again`)
  if (packed.length < HEADER_BYTES + CHECKSUM_BYTES || packed.toString('latin1', 0, 4) !== MAGIC)
    throw damaged('it is no index')
  if (packed.readUInt32LE(4) !== FORMAT_VERSION) throw damaged('it is of another version')
  const end = packed.length - CHECKSUM_BYTES
  if (!createHash('sha256').update(packed.subarray(0, end)).digest().equals(packed.subarray(end)))
    throw damaged('it is damaged or incomplete')
  let at = HEADER_BYTES
  const take = (bytesMax: number): Buffer => {
    const from = at + 4
    const length = from <= end ? packed.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (length > bytesMax || from + length > end) throw damaged('an entry has an impossible length')
    at = from + length
    return packed.subarray(from, at)
  }
  const references: KeptReference[] = []
  for (let count = packed.readUInt32LE(12); count > 0; count--) {
    const [id, path] = [take(TEXT_BYTES_MAX).toString(), take(TEXT_BYTES_MAX).toString()]
    const fingerprint = take(FINGERPRINT_BYTES_MAX)
    if (!isId(id) || at + 16 > end) throw damaged('an entry is incomplete')
    references.push({
      id,
      path,
      fingerprint,
      bytes: packed.readDoubleLE(at),
      modifiedMs: packed.readDoubleLE(at + 8),
    })
    at += 16
  }
  if (at !== end) throw damaged('it goes on after its last entry')
  return { engineVersion: packed.readUInt32LE(8), references }
}

/**
 * Reads a folder's index.
 *
 * @returns undefined when there is none.
 * @throws {Problem} as `unpackIndex`; the file system's error when it cannot be read.
 */
export async function readIndexFolder(folder: string): Promise<KeptIndex | undefined> {
  const file = indexFile(folder)
  const facts = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!facts) return undefined
  if (facts.size > INDEX_BYTES_MAX)
    throw new Problem('request/invalid', `${file} has more than ${INDEX_BYTES_MAX} bytes`)
  return unpackIndex(await readFile(file), file)
}

/**
 * Writes a folder's index in place of what is there; the folder is made. Whoever reads finds the old file or the
 * new one, also after a power cut.
 *
 * @throws {Problem} as `packIndex`; the file system's error.
 */
export async function writeIndexFolder(folder: string, references: readonly KeptReference[]): Promise<void> {
  const packed = packIndex(references)
  await mkdir(folder, { recursive: true })
  // Of this process alone: two commands at work on one folder must not write into the same file.
  const fresh = `${indexFile(folder)}.${process.pid}.part`
  try {
    const file = await open(fresh, 'w')
    try {
      await file.writeFile(packed)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, indexFile(folder))
  } finally {
    await rm(fresh, { force: true })
  }
}

/**
 * Loads a folder's index, ready to be searched as owner `FOLDER_OWNER`.
 *
 * @throws {UsageError} when there is none or it is empty; {Problem} as `unpackIndex`, or fingerprint/version when
 *   another version of the engine made it.
 */
export async function openIndexFolder(folder: string): Promise<ReferenceIndex> {
  const file = indexFile(folder)
  const kept = await readIndexFolder(folder)
  if (!kept) throw new UsageError(`${folder} holds no index; \`earwitness index\` makes one`)
  if (kept.references.length === 0) throw new UsageError(`${file} holds no recording`)
  if (kept.engineVersion !== ENGINE_VERSION) {
    const versions = `${kept.engineVersion}, this one is ${ENGINE_VERSION}`
    throw new Problem('fingerprint/version', `${file} was made by engine version ${versions}; make it again`)
  }
  const index = createReferenceIndex()
  index.addAll(entriesOf(kept.references))
  return index
}

function* entriesOf(references: readonly KeptReference[]): Generator<IndexEntry> {
  for (const { id, fingerprint } of references)
    yield { id, owner: FOLDER_OWNER, fingerprint: decodeFingerprint(fingerprint) }
}
