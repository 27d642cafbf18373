import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import { Problem } from '../../core/problem.ts'

/** Words that are written, or read and checked, at once. */
const BLOCK_WORDS = 1 << 20

/** Writes a column of 32-bit words, in the byte order of this machine (every machine that Node runs on: lowest first). */
export class ColumnWriter {
  readonly #file: FileHandle
  readonly #block = new Uint32Array(BLOCK_WORDS)
  #filled = 0
  #checksum = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(path: string): Promise<ColumnWriter> {
    return new ColumnWriter(await open(path, 'wx', 0o600))
  }

  /** Room for some words, to be filled by the caller: fewer than were asked for when the block ends. */
  append(words: Uint32Array): Promise<void> | undefined {
    if (this.#filled + words.length > BLOCK_WORDS) return this.#appendSlowly(words)
    this.#block.set(words, this.#filled)
    this.#filled += words.length
    return undefined
  }

  async #appendSlowly(words: Uint32Array): Promise<void> {
    for (let at = 0; at < words.length;) {
      const piece = words.subarray(at, at + BLOCK_WORDS - this.#filled)
      this.#block.set(piece, this.#filled)
      this.#filled += piece.length
      at += piece.length
      if (this.#filled === BLOCK_WORDS) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const bytes = new Uint8Array(this.#block.buffer, 0, this.#filled * 4)
    this.#checksum = crc32(bytes, this.#checksum)
    await this.#file.appendFile(bytes)
    this.#filled = 0
  }

  /** Writes what is left, durably. @returns the CRC-32 of all bytes. */
  async close(): Promise<number> {
    try {
      await this.#flush()
      await this.#file.sync()
    } finally {
      await this.#file.close()
    }
    return this.#checksum
  }
}

/**
 * Reads a whole column into shared memory, so that other threads can look into it without a copy.
 *
 * @returns undefined when it is not of that length, or its CRC-32 is another.
 */
export async function readColumn(
  path: string,
  words: number,
  checksum: number,
): Promise<Uint32Array | undefined> {
  const file = await open(path)
  try {
    if ((await file.stat()).size !== words * 4) return undefined
    const column = new Uint32Array(new SharedArrayBuffer(words * 4))
    let seen = 0
    for (let at = 0; at < words * 4;) {
      const piece = new Uint8Array(column.buffer, at, Math.min(BLOCK_WORDS * 4, words * 4 - at))
      const { bytesRead } = await file.read(piece, 0, piece.length, at)
      if (bytesRead !== piece.length) return undefined
      seen = crc32(piece, seen)
      at += bytesRead
    }
    return seen === checksum ? column : undefined
  } finally {
    await file.close()
  }
}

/** A column of 32-bit words that is read where it is asked for. */
export class ColumnFile {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** @throws {Problem} index/damaged when it is not of that length. */
  static async open(path: string, words: number): Promise<ColumnFile> {
    const file = await open(path)
    if ((await file.stat()).size === words * 4) return new ColumnFile(file)
    await file.close()
    throw new Problem('index/damaged', 'The index of a leak is not the one that was written')
  }

  async words(from: number, to: number): Promise<Uint32Array> {
    const words = new Uint32Array(to - from)
    await this.#file.read(new Uint8Array(words.buffer), 0, words.length * 4, from * 4)
    return words
  }

  async word(at: number): Promise<number> {
    return (await this.words(at, at + 1))[0] as number
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
