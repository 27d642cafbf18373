import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { crc32, createInflateRaw } from 'node:zlib'

import { type Entry, RandomAccessReader, type ZipFile, fromRandomAccessReaderPromise } from 'yauzl'

import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'
import { EntryNames } from './entry-names.ts'
import type { Found, FoundFault, Opener, OpeningSource } from './opener.ts'
import { Ranges } from './ranges.ts'
import { through } from './through.ts'
import { zipName } from './zip-name.ts'

/** Bits of the Unix mode, in the upper half of the external attributes. */
const MODE_KIND = 0o170000
const MODE_LINK = 0o120000
const MODE_FOLDER = 0o040000
const STORED = 0
const DEFLATED = 8

/**
 * Tells the files of a ZIP (APPNOTE 6.3.10, ZIP64 as well), in the order of its list. Files that share bytes are faults: only
 * bombs are made so.
 */
export const openZip: Opener = async function* openZip(source, budget, signal) {
  const file = await open(source.path)
  try {
    const zip = await openList(file, source)
    const reading: Reading = { zip, source, names: new EntryNames(), ranges: new Ranges(), budget, signal }
    for await (const entry of entriesOf(zip)) {
      signal.throwIfAborted()
      budget.countItem()
      const found = await foundIn(reading, entry)
      if (found) yield found
    }
  } finally {
    await file.close()
  }
}

interface Reading {
  readonly zip: ZipFile
  readonly source: OpeningSource
  readonly names: EntryNames
  readonly ranges: Ranges
  readonly budget: OpeningBudget
  readonly signal: AbortSignal
}

/** Reads for yauzl where it is told to. Its own reader throws past everybody at a place beyond what numbers can tell. */
class FileReader extends RandomAccessReader {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    super()
    this.#file = file
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const reading = Number.isSafeInteger(position)
      ? this.#file.read(buffer, offset, length, position)
      : Promise.reject(new RangeError(`There is no byte ${position}`))
    // Outside of the promise: what the callback throws is an error of ours and must not be swallowed.
    reading.then(
      ({ bytesRead }) => setImmediate(callback, null, bytesRead),
      (error: Error) => setImmediate(callback, error),
    )
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null) // Whoever opened the file closes it.
  }
}

const damaged = (cause: unknown): Problem =>
  cause instanceof Error && /strong encryption/.test(cause.message)
    ? new Problem('open/encrypted', 'It is encrypted, and no password is tried')
    : new Problem('open/damaged', 'The list of the files in it cannot be read', { cause })

async function openList(file: FileHandle, source: OpeningSource): Promise<ZipFile> {
  try {
    const zip = await fromRandomAccessReaderPromise(new FileReader(file), source.bytes, {
      // Names and sizes are looked at here: yauzl would give the whole archive up at the first that is wrong.
      decodeStrings: false,
      validateEntrySizes: false,
      autoClose: false,
    })
    // An error that comes when nobody asks for an entry is of no concern, and must not end the program.
    return zip.on('error', () => {})
  } catch (error) {
    throw damaged(error)
  }
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  const entries = zip.eachEntry()
  for (;;) {
    const { done, value } = await entries.next().catch((error: unknown) => {
      throw damaged(error)
    })
    if (done === true) return
    yield value
  }
}

/** @returns undefined for a folder. */
async function foundIn(reading: Reading, entry: Entry): Promise<Found | undefined> {
  const mode = (entry.externalFileAttributes >>> 16) & MODE_KIND
  const path = zipName(entry)
  if (mode === MODE_FOLDER || path.endsWith('/')) return undefined
  const name = reading.names.of(path)
  const fault = (problem: Problem): FoundFault => ({ kind: 'fault', name, problem })
  if (mode === MODE_LINK) return fault(new Problem('open/unsupported', 'It is a link to another file'))
  if (entry.isEncrypted())
    return fault(new Problem('open/encrypted', 'It is encrypted, and no password is tried'))
  const { compressionMethod, compressedSize } = entry
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    return fault(
      new Problem('open/unsupported', `It is packed by method ${compressionMethod}, which is not read`),
    )
  const from = await dataStart(reading.zip, entry)
  if (from === undefined)
    return fault(new Problem('open/damaged', 'It is not where the list of the archive has it'))
  if (!reading.ranges.take(entry.relativeOffsetOfLocalHeader, from + compressedSize))
    return fault(new Problem('open/damaged', 'It lies over another file of the archive'))
  return {
    kind: 'file',
    name,
    read: () => reading.budget.counted(contents(reading, entry, from), compressedSize),
  }
}

/** Where the data of an entry begin, all of which lie in the file; undefined when they do not. */
async function dataStart(zip: ZipFile, entry: Entry): Promise<number | undefined> {
  try {
    return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart
  } catch {
    return undefined // Nothing else can be wrong with it than that it is not there.
  }
}

async function* contents(
  { source, signal }: Reading,
  entry: Entry,
  from: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let checksum = 0
  try {
    for await (const chunk of unpacked(source.path, entry, from)) {
      signal.throwIfAborted()
      bytes += chunk.length
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new Problem('open/damaged', 'It is damaged and cannot be unpacked', { cause: error })
  }
  if (bytes !== entry.uncompressedSize)
    throw new Problem('open/damaged', 'It has another length than is said of it')
  if (checksum !== entry.crc32)
    throw new Problem('open/damaged', 'It has another checksum than is said of it')
}

async function* unpacked(path: string, entry: Entry, from: number): AsyncGenerator<Buffer> {
  if (entry.compressedSize === 0) return
  const packed = createReadStream(path, { start: from, end: from + entry.compressedSize - 1 })
  if (entry.compressionMethod === DEFLATED) yield* through(packed, createInflateRaw())
  else yield* packed as AsyncIterable<Buffer>
}
