import { LINE_BYTES_MAX } from '../manifest/json-lines.ts'

/** Bytes of lines that are handed to a thread: each has one such block in hand and one waiting. */
const BLOCK_BYTES = 4 << 20
const NEW_LINE = 10

/** Gathers bytes as they come into blocks of whole lines. */
export class LineBlocks {
  #whole: Buffer[] = []
  #wholeBytes = 0
  /** Of the line that has not ended. */
  #open: Buffer[] = []
  #openBytes = 0

  /** Whether there is enough for a block. */
  get isFull(): boolean {
    return this.#wholeBytes >= BLOCK_BYTES
  }

  /** Takes the next bytes. Of a line that is longer than any that is read, only so much is held as tells that it is. */
  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(NEW_LINE) + 1
    if (end > 0) {
      this.#endOpen()
      this.#whole.push(chunk.subarray(0, end))
      this.#wholeBytes += end
    }
    if (end === chunk.length || this.#openBytes > LINE_BYTES_MAX) return
    this.#open.push(chunk.subarray(end))
    this.#openBytes += chunk.length - end
  }

  /** The bytes are over; a last line need not be ended. */
  end(): void {
    this.#endOpen()
  }

  #endOpen(): void {
    this.#whole.push(...this.#open)
    this.#wholeBytes += this.#openBytes
    this.#open = []
    this.#openBytes = 0
  }

  /** The whole lines so far, in memory of their own, which can be handed to a thread; undefined when there are none. */
  take(): ArrayBuffer | undefined {
    if (this.#wholeBytes === 0) return undefined
    const bytes = new Uint8Array(this.#wholeBytes)
    let at = 0
    for (const piece of this.#whole) {
      bytes.set(piece, at)
      at += piece.length
    }
    this.#whole = []
    this.#wholeBytes = 0
    return bytes.buffer
  }
}
