import { crc32 } from 'node:zlib'

import type { ArchiveMemory } from './archive-memory.ts'
import { HeaderError, HeaderReader } from './header-reader.ts'

const MAGIC = Buffer.from('377abcaf271c', 'hex')
const START_BYTES = 32
/** Of a header that is packed. */
const PACKED_MARK = 0x17
/** A hundred thousand names have some megabytes. */
const HEADER_BYTES_MAX = 16 * 2 ** 20
const PIECE_BYTES = 64 * 1024

/** In place of the end of a header's streams: that each is one file. Then that file, which is called h. */
const ONE_FILE = Buffer.from('0800000501110500680000000000', 'hex')

/** The first bytes of a 7z whose header lies at a place, counted from behind these bytes. */
function startFor(file: Buffer, at: number, header: Buffer): Buffer {
  const start = Buffer.from(file.subarray(0, START_BYTES))
  start.writeBigUInt64LE(BigInt(at), 12)
  start.writeBigUInt64LE(BigInt(header.length), 20)
  start.writeUInt32LE(crc32(header), 28)
  start.writeUInt32LE(crc32(start.subarray(12)), 8)
  return start
}

/** Whether a file is a 7z with nothing in it: its start says that it has no header, which no other may. */
export const isEmptySevenZip = (file: Buffer): boolean =>
  file.length >= START_BYTES &&
  file.subarray(0, MAGIC.length).equals(MAGIC) &&
  file.readBigUInt64LE(20) === 0n

/**
 * The header of a 7z as it is when unpacked. One that is packed is unpacked by libarchive: it is told of an archive in
 * which the header is the only file, for the header's streams are described as those of files are.
 *
 * @throws {HeaderError} when there is none that makes sense.
 * @throws {Problem} open/damaged when it cannot be unpacked.
 */
export function readSevenZipHeader(memory: ArchiveMemory): Buffer {
  const file = memory.view()
  const place = new HeaderReader(file, 12)
  const at = place.u64()
  const header = Buffer.from(new HeaderReader(file, START_BYTES + at).take(place.u64()))
  if (header[0] !== PACKED_MARK) return header
  const outer = Buffer.concat([Buffer.of(1, 4), header.subarray(1, -1), ONE_FILE])
  const start = startFor(file, memory.bytes - START_BYTES, outer)
  const unpacked = memory.altered(start, outer, (archive) => {
    const parts: Buffer[] = []
    const piece = memory.piece(PIECE_BYTES)
    let bytes = 0
    if (memory.library.read_next_entry(archive) === 0) return undefined
    while (bytes <= HEADER_BYTES_MAX) {
      const part = Buffer.from(memory.readPiece(archive, piece))
      if (part.length === 0) return Buffer.concat(parts)
      bytes += part.length
      parts.push(part)
    }
    return undefined
  })
  if (!unpacked) throw new HeaderError('The header cannot be unpacked')
  return unpacked
}
