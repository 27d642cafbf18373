import bitIterator from 'unbzip2-stream/lib/bit_iterator.js'
import bzip2 from 'unbzip2-stream/lib/bzip2.js'

import { damaged, decoding, own } from './decoding.ts'
import { PIECE_BYTES } from './messages.ts'
import type { Outlet } from './outlet.ts'
import type { PackedFile } from './packed-file.ts'

const MAGIC = 'BZh'
/** A block holds so many bytes for each step of the level, before its runs are written out. */
const LEVEL_BYTES = 100_000
const LEVEL_MAX = 9

/**
 * Unpacks bzip2, streams behind each other too. The package's own stream keeps a block in an array of numbers, and fifty
 * bytes can unpack to a block of 45 MB; this hands it over in pieces.
 *
 * @throws {Problem} open/damaged.
 */
export function unpackBzip2(file: PackedFile, outlet: Outlet): void {
  const piece = new Uint8Array(PIECE_BYTES)
  let filled = 0
  const take = (byte: number): void => {
    piece[filled] = byte
    filled += 1
    if (filled < piece.length) return
    own(() => outlet.give(piece))
    filled = 0
  }
  const buffer = new Int32Array(LEVEL_MAX * LEVEL_BYTES)
  const bits = bitIterator(() => {
    const bytes = own(() => file.read(PIECE_BYTES))
    if (bytes.length === 0) throw damaged('The file ends in the middle')
    return bytes
  })
  do {
    decoding(() => {
      const blockBytes = bzip2.header(bits) * LEVEL_BYTES
      let checksum: number | null = 0
      while (checksum !== null) checksum = bzip2.decompress(bits, take, buffer, blockBytes, checksum)
    })
  } while (isMagicNext(file, bits.bytesRead))
  outlet.give(piece.subarray(0, filled))
}

/** Whether another stream follows; anything else behind the end is passed over, as bzip2(1) does. */
function isMagicNext(file: PackedFile, at: number): boolean {
  return Buffer.from(file.peek(at, MAGIC.length)).toString('latin1') === MAGIC
}
