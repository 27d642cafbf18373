import { closeSync, existsSync, fsyncSync, ftruncateSync, fstatSync, openSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'

/** Bytes that are written at once. */
const BUFFER_BYTES = 1 << 20

/** How far a file was written, and the CRC-32 of all of it. */
export const FileMark = z.object({ bytes: z.int().min(0), crc: z.int().min(0) })
export type FileMark = z.infer<typeof FileMark>

/** A file that only grows, and is cut back to a mark when its writer was broken off. For threads: it writes at once. */
export class AppendFile {
  readonly #file: number
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #filled = 0
  #bytes: number
  #crc: number
  #isOpen = true

  /**
   * @param at where it was when it was marked; everything behind is dropped.
   * @throws {Problem} index/damaged when it does not reach that far, or is not there.
   */
  constructor(path: string, at: FileMark | undefined) {
    if (at && !existsSync(path)) throw new Problem('index/damaged', 'A file that was begun is gone')
    this.#file = openSync(path, at ? 'r+' : 'w', 0o600)
    this.#bytes = at?.bytes ?? 0
    this.#crc = at?.crc ?? 0
    if (at && fstatSync(this.#file).size < at.bytes) {
      this.close()
      throw new Problem('index/damaged', 'A file that was begun is shorter than it was')
    }
    ftruncateSync(this.#file, this.#bytes)
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes + this.#filled
  }

  append(piece: Uint8Array): void {
    if (this.#filled + piece.length > BUFFER_BYTES) this.#flush()
    if (piece.length > BUFFER_BYTES) return this.#write(piece)
    this.#buffer.set(piece, this.#filled)
    this.#filled += piece.length
  }

  #flush(): void {
    this.#write(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#bytes + done)
    this.#crc = crc32(bytes, this.#crc)
    this.#bytes += bytes.length
  }

  /** Everything so far is on the disk when it returns. */
  mark(): FileMark {
    this.#flush()
    fsyncSync(this.#file)
    return { bytes: this.#bytes, crc: this.#crc }
  }

  /** Puts it away without what was not marked; again does nothing. */
  close(): void {
    if (this.#isOpen) closeSync(this.#file)
    this.#isOpen = false
  }
}
