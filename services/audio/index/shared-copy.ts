/** What is copied at a time, in bytes: it stays in a core's own cache. */
const PIECE_BYTES = 65_536
/** Shared memory is copied in words of so many bytes, where both ends of a copy agree on where words begin. */
const WORD_BYTES = 8

let scratch: Uint8Array | undefined

/**
 * Copies bytes of shared memory to another place in shared memory: `into.set(source, at)`, which copies byte by byte,
 * five times as slow, where the two places differ modulo eight. Such bytes are moved in memory that is not shared.
 */
export function copyShared(source: Uint8Array, into: Uint8Array, at: number): void {
  const wordOf = (index: number): number => index % WORD_BYTES
  if (wordOf(source.byteOffset) === wordOf(into.byteOffset + at)) {
    into.set(source, at)
    return
  }
  scratch ??= new Uint8Array(PIECE_BYTES + WORD_BYTES)
  for (let from = 0; from < source.length; from += PIECE_BYTES) {
    const piece = source.subarray(from, from + PIECE_BYTES)
    const read = wordOf(piece.byteOffset)
    const written = wordOf(into.byteOffset + at + from)
    scratch.set(piece, read)
    scratch.copyWithin(written, read, read + piece.length)
    into.set(scratch.subarray(written, written + piece.length), at + from)
  }
}
