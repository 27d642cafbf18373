/** Bytes that stream, taken in portions of a length that is asked for. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next bytes, held in memory: as many as asked for, fewer at the end. */
  async take(bytes: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of this.stream(bytes)) parts.push(part)
    return Buffer.concat(parts)
  }

  /** The next bytes as they come: as many as asked for, fewer at the end. Those that nobody asks for stay. */
  async *stream(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0;) {
      if (this.#held.length === 0 && !(await this.#more())) return
      const part = this.#held.subarray(0, left)
      this.#held = this.#held.subarray(part.length)
      left -= part.length
      yield part
    }
  }

  /** Passes bytes over. @returns how many there were. */
  async skip(bytes: number): Promise<number> {
    let skipped = 0
    for await (const part of this.stream(bytes)) skipped += part.length
    return skipped
  }

  /** Lets go of what the bytes come from. */
  async end(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) return false
    this.#held = value
    return true
  }
}
