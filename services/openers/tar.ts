import { createReadStream } from 'node:fs'

import { Problem } from '../core/problem.ts'
import type { OpeningBudget } from './budget.ts'
import { ByteReader } from './byte-reader.ts'
import { EntryNames } from './entry-names.ts'
import type { Found, Opener } from './opener.ts'
import {
  TAR_BLOCK_BYTES,
  type TarHeader,
  isTarEnd,
  readPaxRecords,
  readTarHeader,
  tarText,
} from './tar-header.ts'

/** Long names and pax records are held in memory; no path is longer. */
const EXTENSION_BYTES_MAX = 2 ** 20

/** What holds no bytes, whatever it says, and what to say of it; of folders nothing. */
const bodiless: Readonly<Record<string, string>> = {
  1: 'It is a link to another file',
  2: 'It is a link to another file',
  3: 'It is a device',
  4: 'It is a device',
  5: '',
  6: 'It is a pipe',
}
/** `7` asks for a place on the disk, and else is a file. */
const fileTypes: ReadonlySet<string> = new Set(['0', '7'])

const damaged = (detail: string): Problem => new Problem('open/damaged', detail)

/** Tells the files of a tar (POSIX ustar and pax, GNU), in their order. */
export const openTar: Opener = (source, budget, signal) =>
  tarEntries(budget.counted(createReadStream(source.path), source.bytes), budget, signal)

/**
 * Tells the files of a tar while it streams. Its bytes are not counted here: whoever gives them has done so.
 *
 * @throws {Problem} open/damaged, and what `bytes` throws.
 */
export async function* tarEntries(
  bytes: AsyncIterable<Uint8Array>,
  budget: OpeningBudget,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  const reader = new ByteReader(bytes)
  const names = new EntryNames()
  try {
    for (;;) {
      signal.throwIfAborted()
      const entry = await nextEntry(reader)
      if (!entry) return
      budget.countItem()
      const contents = new Contents(reader, entry.bytes)
      const found = foundIn(entry, names, contents)
      if (found) yield found
      await contents.pass()
    }
  } finally {
    await reader.end()
  }
}

interface TarEntry extends TarHeader {
  /** Holes are left out of its contents, which is not made good here. */
  readonly isSparse: boolean
}

/** The next header with what the headers before it say of it; undefined at the end. */
async function nextEntry(reader: ByteReader): Promise<TarEntry | undefined> {
  let path: string | undefined
  let bytes: number | undefined
  let isSparse = false
  for (;;) {
    const header = await nextHeader(reader)
    if (!header) return undefined
    if (header.type === 'L') path = tarText(await extension(reader, header))
    else if (header.type === 'x') {
      const records = readPaxRecords(await extension(reader, header))
      path = records.get('GNU.sparse.name') ?? records.get('path') ?? path
      const size = records.get('size')
      bytes = size === undefined ? bytes : Number(size)
      isSparse ||= [...records.keys()].some((key) => key.startsWith('GNU.sparse.'))
    } else if (header.type === 'g' || header.type === 'K') await extension(reader, header)
    else {
      const length = header.type in bodiless ? 0 : (bytes ?? header.bytes)
      if (!Number.isSafeInteger(length) || length < 0) throw damaged('A length in it is no length')
      return {
        name: path ?? header.name,
        type: header.type,
        bytes: length,
        isSparse: isSparse || header.type === 'S',
      }
    }
  }
}

/** The next header block; undefined at the end, which a block of zeros tells, or there being no more. */
async function nextHeader(reader: ByteReader): Promise<TarHeader | undefined> {
  const block = await reader.take(TAR_BLOCK_BYTES)
  if (block.length === 0) return undefined
  if (block.length < TAR_BLOCK_BYTES) throw damaged('The archive breaks off')
  if (isTarEnd(block)) return undefined
  const header = readTarHeader(block)
  if (!header) throw damaged('The archive is damaged: what should be a header is none')
  return header
}

/** What follows a header that only says something of the next. */
async function extension(reader: ByteReader, { bytes }: TarHeader): Promise<Buffer> {
  if (!(bytes >= 0 && bytes <= EXTENSION_BYTES_MAX)) throw damaged('A name in it is too long')
  const contents = new Contents(reader, bytes)
  const read = await reader.take(bytes)
  if (read.length < bytes) throw damaged('The archive breaks off')
  await contents.passPadding()
  return read
}

/** What an entry holds, padded to whole blocks. */
class Contents {
  readonly #reader: ByteReader
  readonly #bytes: number
  #left: number

  constructor(reader: ByteReader, bytes: number) {
    this.#reader = reader
    this.#bytes = bytes
    this.#left = bytes
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for await (const part of this.#reader.stream(this.#left)) {
      this.#left -= part.length
      yield part
    }
    if (this.#left > 0) throw damaged('The archive breaks off within it')
  }

  /** Passes over what was not read, to the next header. */
  async pass(): Promise<void> {
    if ((await this.#reader.skip(this.#left)) < this.#left) throw damaged('The archive breaks off')
    await this.passPadding()
  }

  async passPadding(): Promise<void> {
    await this.#reader.skip((TAR_BLOCK_BYTES - (this.#bytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES)
  }
}

/** @returns undefined for a folder. */
function foundIn(
  { name: path, type, isSparse }: TarEntry,
  names: EntryNames,
  contents: Contents,
): Found | undefined {
  const why = isSparse ? 'It is stored with holes' : bodiless[type]
  if (why === '') return undefined
  const name = names.of(path)
  if (why === undefined && fileTypes.has(type)) return { kind: 'file', name, read: () => contents.read() }
  const problem = new Problem('open/unsupported', why ?? 'It is stored in a way that is not read')
  return { kind: 'fault', name, problem }
}
