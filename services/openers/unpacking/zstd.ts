import { Decompress } from 'fzstd'

import { Problem } from '../../core/problem.ts'
import { damaged, decoding, own } from './decoding.ts'
import type { Outlet } from './outlet.ts'
import type { PackedFile } from './packed-file.ts'

const FRAME_MAGIC = 0xfd2fb528
/** The last digit is free (RFC 8878 §3.1.2). */
const SKIPPABLE_MAGIC = 0x184d2a50
/** As zstd(1) itself allows where nobody asks for more. */
const WINDOW_BYTES_MAX = 128 * 2 ** 20
/** No block is larger, packed or not (RFC 8878 §3.1.1.2.4). */
const BLOCK_BYTES_MAX = 128 * 1024

/**
 * Unpacks Zstandard (RFC 8878), frames behind each other too. The package unpacks all that it is given at one go, and would
 * take any window for granted: so it is given one block after the other, of frames whose header was looked at.
 *
 * @throws {Problem} open/damaged; open/unsupported for a window that is too large, and for a dictionary.
 */
export function unpackZstd(file: PackedFile, outlet: Outlet): void {
  for (;;) {
    const magic = file.read(4)
    if (magic.length === 0) return
    const number = magic.length === 4 ? littleEndian(magic) : 0
    if (number - (number % 16) === SKIPPABLE_MAGIC) file.skip(littleEndian(exactly(file, 4)))
    else if (number === FRAME_MAGIC) unpackFrame(file, outlet)
    else throw damaged('What follows is no frame')
  }
}

function unpackFrame(file: PackedFile, outlet: Outlet): void {
  const { header, hasChecksum } = readFrameHeader(file)
  const decoder = new Decompress((bytes) => own(() => outlet.give(bytes)))
  decoding(() => decoder.push(header))
  for (let isLast = false; !isLast;) {
    const blockHeader = exactly(file, 3)
    const about = littleEndian(blockHeader)
    const type = (about >> 1) & 3
    const bytes = about >> 3
    if (type === 3 || bytes > BLOCK_BYTES_MAX) throw damaged('A block is of no known kind')
    isLast = (about & 1) === 1
    const body = exactly(file, type === 1 ? 1 : bytes)
    const checksum = isLast && hasChecksum ? exactly(file, 4) : new Uint8Array(0)
    decoding(() => decoder.push(Buffer.concat([blockHeader, body, checksum]), isLast))
  }
}

/** The header with its magic, as the decoder wants it. */
function readFrameHeader(file: PackedFile): { header: Uint8Array; hasChecksum: boolean } {
  const [descriptor = 0] = exactly(file, 1)
  const isSingle = (descriptor & 32) !== 0
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  if ((descriptor & 3) !== 0) throw new Problem('open/unsupported', 'It was packed with a dictionary')
  const window = exactly(file, isSingle ? 0 : 1)
  const size = exactly(file, sizeBytes)
  const windowBytes = isSingle
    ? littleEndian(size) + (sizeBytes === 2 ? 256 : 0)
    : 2 ** (10 + ((window[0] ?? 0) >> 3)) * (1 + ((window[0] ?? 0) & 7) / 8)
  if (windowBytes > WINDOW_BYTES_MAX)
    throw new Problem('open/unsupported', 'Unpacking it takes more memory than is allowed')
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(FRAME_MAGIC)
  return {
    header: Buffer.concat([magic, Uint8Array.of(descriptor), window, size]),
    hasChecksum: (descriptor & 4) !== 0,
  }
}

/** The next bytes, all of them. @throws {Problem} open/damaged when the file ends before. */
function exactly(file: PackedFile, bytes: number): Uint8Array {
  const read = file.read(bytes)
  if (read.length < bytes) throw damaged('The file ends in the middle')
  return read
}

const littleEndian = (bytes: Uint8Array): number => bytes.reduceRight((sum, byte) => sum * 256 + byte, 0)
