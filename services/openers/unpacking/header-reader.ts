/** The headers of an archive make no sense, or end in the middle. */
export class HeaderError extends Error {
  override readonly name = 'HeaderError'
}

/** Reads headers of an archive, number by number, and never beyond their end. */
export class HeaderReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** The next bytes, all of them, not copied. @throws {HeaderError} when there are not so many. */
  take(bytes: number): Buffer {
    if (!(bytes <= this.left)) throw new HeaderError('It ends in the middle')
    this.#at += bytes
    return this.#bytes.subarray(this.#at - bytes, this.#at)
  }

  /** Passes bytes over. @throws {HeaderError} when there are not so many. */
  skip(bytes: number): void {
    this.take(bytes)
  }

  /** A byte. @throws {HeaderError} at the end; so do the others. */
  u8(): number {
    return this.take(1).readUInt8()
  }

  u16(): number {
    return this.take(2).readUInt16LE()
  }

  u32(): number {
    return this.take(4).readUInt32LE()
  }

  /** Above 2^53 it is not exact: nothing is so large, and no comparison is misled. */
  u64(): number {
    return Number(this.take(8).readBigUInt64LE())
  }
}
