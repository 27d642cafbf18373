/** The parts of unbzip2-stream that know nothing of streams; the package comes without types. */
declare module 'unbzip2-stream/lib/bit_iterator.js' {
  /** Reads so many bits, at most 32; null goes on to the next whole byte. */
  interface BitReader {
    (bits: number | null): number
    readonly bytesRead: number
  }
  const bitIterator: (nextBytes: () => Uint8Array) => BitReader
  export default bitIterator
}

declare module 'unbzip2-stream/lib/bzip2.js' {
  type BitReader = (bits: number | null) => number
  const bzip2: {
    /** @returns the level, 1 to 9. */
    header(bits: BitReader): number
    /** Unpacks one block. @returns the checksum up to here; null behind the last block. */
    decompress(
      bits: BitReader,
      take: (byte: number) => void,
      buffer: Int32Array,
      bufferBytes: number,
      checksum: number,
    ): number | null
  }
  export default bzip2
}
