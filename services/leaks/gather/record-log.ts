import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import { Problem } from '../../core/problem.ts'
import { AppendFile, type FileMark } from '../rows/append-file.ts'

/** The two words of a key with its payload, and the number of its row. */
const RECORD_WORDS = 3
/** Words that go to the file, or come from it, at once. */
const PIECE_WORDS = RECORD_WORDS * 65_536

/** Keys in the order in which they were read, to be sorted later; it goes on from a mark after a crash. */
export class RecordLog {
  readonly #file: AppendFile
  readonly #words = new Uint32Array(PIECE_WORDS)
  #filled = 0

  /** @throws {Problem} index/damaged when it does not reach as far as the mark. */
  constructor(path: string, at: FileMark | undefined) {
    this.#file = new AppendFile(path, at)
  }

  add(high: number, low: number, row: number): void {
    const words = this.#words
    words[this.#filled] = high
    words[this.#filled + 1] = low
    words[this.#filled + 2] = row
    this.#filled += RECORD_WORDS
    if (this.#filled === PIECE_WORDS) this.#flush()
  }

  #flush(): void {
    this.#file.append(new Uint8Array(this.#words.buffer, 0, this.#filled * 4))
    this.#filled = 0
  }

  /** Everything so far is on the disk when it returns. */
  mark(): FileMark {
    this.#flush()
    return this.#file.mark()
  }

  close(): void {
    this.#file.close()
  }
}

/**
 * The records of a log up to a mark, some ten thousand at a time: high, low, row, high, low, row … What is given is used
 * again.
 *
 * @throws {Problem} index/damaged when they are not those that were written.
 */
export async function* recordsOf(path: string, { bytes, crc }: FileMark): AsyncGenerator<Uint32Array> {
  const file = await open(path)
  try {
    const words = new Uint32Array(PIECE_WORDS)
    let seen = 0
    for (let at = 0; at < bytes;) {
      const piece = new Uint8Array(words.buffer, 0, Math.min(PIECE_WORDS * 4, bytes - at))
      const { bytesRead } = await file.read(piece, 0, piece.length, at)
      if (bytesRead !== piece.length) break
      seen = crc32(piece, seen)
      at += bytesRead
      yield words.subarray(0, bytesRead / 4)
    }
    if (seen !== crc) throw new Problem('index/damaged', 'What was read of a manifest was damaged since')
  } finally {
    await file.close()
  }
}
