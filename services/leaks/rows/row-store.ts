import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, inflateRawSync } from 'node:zlib'

import {
  BLOCK_CHARACTERS_MAX,
  ENTRY_WORDS,
  type RowStoreMark,
  damagedRows,
  readRowsHead,
  rowFiles,
} from './files.ts'
import { type KeptRow, rowOf } from './row-line.ts'

/** A block has at most so many characters and a line, each of up to three bytes. */
const BLOCK_BYTES_MAX = 4 * BLOCK_CHARACTERS_MAX
/** Numbers of nameless rows that are read at once. */
const NUMBERS_AT_ONCE = 65_536

/** Where blocks lie, what they have, and the number of the first row of each; one more at the end. */
interface Directory {
  readonly firsts: Uint32Array
  readonly offsets: Float64Array
  readonly checksums: Uint32Array
}

async function readDirectory(folder: string, { rows, files }: RowStoreMark): Promise<Directory> {
  const bytes = await readFile(join(folder, rowFiles.directory))
  if (bytes.length !== files.directory.bytes || crc32(bytes) !== files.directory.crc) throw damagedRows()
  const blocks = bytes.length / 4 / ENTRY_WORDS
  const directory = {
    firsts: new Uint32Array(blocks + 1),
    offsets: new Float64Array(blocks + 1),
    checksums: new Uint32Array(blocks),
  }
  for (let block = 0; block < blocks; block++) {
    const at = block * ENTRY_WORDS * 4
    directory.firsts[block + 1] = (directory.firsts[block] as number) + bytes.readUInt32LE(at)
    directory.offsets[block + 1] = (directory.offsets[block] as number) + bytes.readUInt32LE(at + 4)
    directory.checksums[block] = bytes.readUInt32LE(at + 8)
  }
  if (directory.firsts[blocks] !== rows || directory.offsets[blocks] !== files.blocks.bytes)
    throw damagedRows()
  return directory
}

/** The rows of one manifest, read from their files when they are asked for. */
export class RowStore {
  readonly #head: RowStoreMark
  readonly #directory: Directory
  readonly #blocks: FileHandle
  readonly #nameless: FileHandle
  /** The block that was read last, and its lines. */
  #last: { readonly block: number; readonly lines: readonly string[] } | undefined

  private constructor(head: RowStoreMark, directory: Directory, blocks: FileHandle, nameless: FileHandle) {
    this.#head = head
    this.#directory = directory
    this.#blocks = blocks
    this.#nameless = nameless
  }

  /** @param folder of the manifest. @throws {Problem} index/damaged. */
  static async open(folder: string): Promise<RowStore> {
    const head = await readRowsHead(folder)
    const files: FileHandle[] = []
    try {
      for (const file of [rowFiles.blocks, rowFiles.nameless]) files.push(await open(join(folder, file)))
      const [blocks, nameless] = files as [FileHandle, FileHandle]
      return new RowStore(head, await readDirectory(folder, head), blocks, nameless)
    } catch (error) {
      await Promise.all(files.map((file) => file.close()))
      throw damagedRows(error)
    }
  }

  /** Rows that there are. */
  get count(): number {
    return this.#head.rows
  }

  /** Those without a usable ISRC, which only names, or an address, can tell of. */
  get namelessCount(): number {
    return this.#head.nameless
  }

  /**
   * Some rows by their numbers.
   *
   * @param numbers ascending, as whole blocks are read.
   * @throws {Problem} index/damaged; also for a number that there is no row of: then its index is of another manifest.
   */
  async *read(numbers: readonly number[]): AsyncGenerator<KeptRow> {
    let block = 0
    for (const [i, number] of numbers.entries()) {
      if (i > 0 && number < (numbers[i - 1] as number)) throw new RangeError('numbers that do not ascend')
      block = this.#blockOf(number, block)
      yield this.#row(number, block, await this.#linesOf(block))
    }
  }

  /** The rows without a usable ISRC, of one block at a time. @throws {Problem} index/damaged. */
  async *nameless(): AsyncGenerator<KeptRow[]> {
    let waiting: KeptRow[] = []
    let [block, before] = [0, -1]
    for await (const numbers of this.#namelessNumbers())
      for (const number of numbers) {
        if (number <= before) throw damagedRows()
        before = number
        const next = this.#blockOf(number, block)
        if (next !== block && waiting.length > 0) {
          yield waiting
          waiting = []
        }
        block = next
        waiting.push(this.#row(number, block, await this.#linesOf(block)))
      }
    if (waiting.length > 0) yield waiting
  }

  /** That they are the right ones is known behind the last of them. */
  async *#namelessNumbers(): AsyncGenerator<Uint32Array> {
    const { bytes, crc } = this.#head.files.nameless
    let seen = 0
    for (let at = 0; at < bytes;) {
      const numbers = new Uint32Array(Math.min(NUMBERS_AT_ONCE, (bytes - at) / 4))
      const piece = new Uint8Array(numbers.buffer)
      const { bytesRead } = await this.#nameless.read(piece, 0, piece.length, at)
      if (bytesRead !== piece.length) throw damagedRows()
      seen = crc32(piece, seen)
      at += bytesRead
      yield numbers
    }
    if (seen !== crc) throw damagedRows()
  }

  /** The block that has a row, looked for from one on. */
  #blockOf(number: number, from: number): number {
    const { firsts } = this.#directory
    if (!Number.isInteger(number) || number < 0 || number >= this.count) throw damagedRows()
    let [below, above] = [from, firsts.length - 1]
    while (above - below > 1) {
      const middle = (below + above) >>> 1
      if ((firsts[middle] as number) > number) above = middle
      else below = middle
    }
    return below
  }

  #row(number: number, block: number, lines: readonly string[]): KeptRow {
    const line = lines[number - (this.#directory.firsts[block] as number)]
    if (line === undefined) throw damagedRows()
    return rowOf(line, number)
  }

  async #linesOf(block: number): Promise<readonly string[]> {
    if (this.#last?.block === block) return this.#last.lines
    const { offsets, checksums } = this.#directory
    const [from, to] = [offsets[block] as number, offsets[block + 1] as number]
    const packed = Buffer.allocUnsafe(to - from)
    const { bytesRead } = await this.#blocks.read(packed, 0, packed.length, from)
    if (bytesRead !== packed.length || crc32(packed) !== checksums[block]) throw damagedRows()
    const text = inflateRawSync(packed, { maxOutputLength: BLOCK_BYTES_MAX }).toString()
    const lines = text.split('\n')
    this.#last = { block, lines }
    return lines
  }

  async close(): Promise<void> {
    this.#last = undefined
    await Promise.all([this.#blocks.close(), this.#nameless.close()])
  }
}
