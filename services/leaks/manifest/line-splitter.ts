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
  #rest: Buffer = NOTHING
  #isTooLong = false

  constructor(bytesMax: number, onLine: OnLine, onTooLong: () => void) {
    this.#bytesMax = bytesMax
    this.#onLine = onLine
    this.#onTooLong = onTooLong
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
    if (this.#rest.length > 0 || this.#isTooLong) this.#endOpen(NOTHING, 0)
  }

  /** Ends the line that pieces before began. */
  #endOpen(piece: Buffer, to: number): void {
    if (this.#isTooLong) this.#onTooLong()
    else if (this.#rest.length === 0) this.#line(piece, 0, to)
    else {
      const line = Buffer.concat([this.#rest, piece.subarray(0, to)])
      this.#line(line, 0, line.length)
    }
    this.#rest = NOTHING
    this.#isTooLong = false
  }

  #line(buffer: Buffer, from: number, to: number): void {
    const end = to > from && buffer[to - 1] === 13 ? to - 1 : to
    if (end - from > this.#bytesMax) this.#onTooLong()
    else this.#onLine(buffer, from, end)
  }

  #keep(piece: Buffer): void {
    if (this.#isTooLong || piece.length === 0) return
    if (this.#rest.length + piece.length > this.#bytesMax + 1) {
      this.#isTooLong = true
      this.#rest = NOTHING
    } else this.#rest = this.#rest.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#rest, piece])
  }
}
