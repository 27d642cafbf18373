/** A line feed. */
const NEW_LINE = 10
const NOTHING = Buffer.alloc(0)

/** Takes a line: the bytes of a buffer from one place to before another, good until it returns. */
export type OnLine = (buffer: Buffer, from: number, to: number) => void

/**
 * Cuts a stream of bytes into lines, without a copy of those that lie within one piece. What is longer than allowed is
 * passed over in constant memory and told by `onTooLong`.
 */
export class LineSplitter {
  readonly #bytesMax: number
  readonly #onLine: OnLine
  readonly #onTooLong: () => void
  /** Of the line that was begun. */
  #pieces: Buffer[] = []
  #isTooLong = false
  #openBytes = 0

  constructor(bytesMax: number, onLine: OnLine, onTooLong: () => void) {
    this.#bytesMax = bytesMax
    this.#onLine = onLine
    this.#onTooLong = onTooLong
  }

  /** How many of the bytes so far belong to a line that has not ended yet. */
  get openBytes(): number {
    return this.#openBytes
  }

  /** Takes the next bytes. */
  push(piece: Buffer): void {
    const first = piece.indexOf(NEW_LINE)
    if (first === -1) return this.#keep(piece)
    this.#endOpen(piece, first)
    let from = first + 1
    for (let to = piece.indexOf(NEW_LINE, from); to !== -1; to = piece.indexOf(NEW_LINE, from)) {
      this.#line(piece, from, to)
      from = to + 1
    }
    this.#keep(piece.subarray(from))
  }

  /** The bytes are over; a last line need not be ended. */
  end(): void {
    if (this.#openBytes > 0) this.#endOpen(NOTHING, 0)
  }

  /** Ends the line that pieces before began. */
  #endOpen(piece: Buffer, to: number): void {
    if (this.#isTooLong) this.#onTooLong()
    else if (this.#openBytes === 0) this.#line(piece, 0, to)
    else {
      const line = Buffer.concat([...this.#pieces, piece.subarray(0, to)])
      this.#line(line, 0, line.length)
    }
    this.#pieces = []
    this.#isTooLong = false
    this.#openBytes = 0
  }

  #line(buffer: Buffer, from: number, to: number): void {
    const end = to > from && buffer[to - 1] === 13 ? to - 1 : to
    if (end - from > this.#bytesMax) this.#onTooLong()
    else this.#onLine(buffer, from, end)
  }

  #keep(piece: Buffer): void {
    this.#openBytes += piece.length
    if (this.#isTooLong || piece.length === 0) return
    if (this.#openBytes > this.#bytesMax + 1) {
      this.#isTooLong = true
      this.#pieces = []
    } else this.#pieces.push(Buffer.from(piece))
  }
}
