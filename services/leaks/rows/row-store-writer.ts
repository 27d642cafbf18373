import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'

import type { ManifestRow } from '../manifest-row.ts'
import { AppendFile } from './append-file.ts'
import {
  BLOCK_CHARACTERS_MAX,
  BLOCK_ROWS,
  ROWS_MAX,
  type RowFile,
  type RowStoreMark,
  headFile,
  headText,
  rowFiles,
} from './files.ts'
import { lineOf } from './row-line.ts'

/** The fastest: what it leaves is a tenth more than the usual level, in a third of the time. */
const COMPRESSION_LEVEL = 1

/** Whether only names, or an address, can tell what a row is of. */
const isNameless = ({ isrc, title, fileName, address }: ManifestRow): boolean =>
  isrc === undefined && (title !== undefined || fileName !== undefined || address !== undefined)

/** Writes rows one behind the other, in bounded memory. It can be marked, and after a crash goes on from the last mark. */
export class RowStoreWriter {
  readonly #folder: string
  readonly #files: Readonly<Record<RowFile, AppendFile>>
  #lines: string[] = []
  #characters = 0
  #rows: number
  #nameless: number

  private constructor(folder: string, at: RowStoreMark | undefined) {
    this.#folder = folder
    const open = (file: RowFile) => new AppendFile(join(folder, rowFiles[file]), at?.files[file])
    this.#files = { blocks: open('blocks'), directory: open('directory'), nameless: open('nameless') }
    this.#rows = at?.rows ?? 0
    this.#nameless = at?.nameless ?? 0
  }

  /**
   * @param folder that exists; a row store in it is begun anew unless it is to be gone on with.
   * @param resumeAt its last mark: what was written behind it is dropped.
   * @throws {Problem} index/damaged when the files do not reach that far.
   */
  static async open(folder: string, resumeAt?: RowStoreMark): Promise<RowStoreWriter> {
    return new RowStoreWriter(folder, resumeAt)
  }

  /** Rows so far. */
  get count(): number {
    return this.#rows
  }

  /** Takes a row. @returns its number, from 0. */
  append(row: ManifestRow): number {
    const number = this.#rows
    if (number >= ROWS_MAX) throw new RangeError(`More than ${ROWS_MAX} rows`)
    const line = lineOf(row)
    this.#lines.push(line)
    this.#characters += line.length
    this.#rows += 1
    if (isNameless(row)) {
      this.#files.nameless.append(bytesOf(Uint32Array.of(number)))
      this.#nameless += 1
    }
    if (this.#lines.length === BLOCK_ROWS || this.#characters > BLOCK_CHARACTERS_MAX) this.#endBlock()
    return number
  }

  #endBlock(): void {
    if (this.#lines.length === 0) return
    const block = deflateRawSync(this.#lines.join('\n'), { level: COMPRESSION_LEVEL })
    this.#files.blocks.append(block)
    this.#files.directory.append(bytesOf(Uint32Array.of(this.#lines.length, block.length, crc32(block))))
    this.#lines = []
    this.#characters = 0
  }

  /** Ends the block, and has everything on the disk. @returns from where `open` goes on. */
  async mark(): Promise<RowStoreMark> {
    this.#endBlock()
    const { blocks, directory, nameless } = this.#files
    const files = { blocks: blocks.mark(), directory: directory.mark(), nameless: nameless.mark() }
    return { rows: this.#rows, nameless: this.#nameless, files }
  }

  /** Ends the store: it can be read when this returns. */
  async finish(): Promise<RowStoreMark> {
    const mark = await this.mark()
    this.close()
    const head = await open(headFile(this.#folder), 'w', 0o600)
    try {
      await head.writeFile(headText(mark))
      await head.sync()
    } finally {
      await head.close()
    }
    return mark
  }

  /** Puts the files away, as they are. */
  close(): void {
    for (const file of Object.values(this.#files)) file.close()
  }
}

/** Words in the byte order of this machine, as columns of an index are written. */
const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
