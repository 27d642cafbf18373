import { crc32 } from 'node:zlib'

import { HeaderReader } from './header-reader.ts'
import { LISTED_MAX, type ListedEntry, plainLetters } from './listing.ts'

const MAGIC_BYTES = 7
const FILE_BLOCK = 0x74
/** Bytes of data follow the block, and their number its header. */
const HAS_DATA = 0x8000
/** Of a file. */
const IS_ENCRYPTED = 0x04
const IS_LARGE = 0x0100
const IS_UNICODE = 0x0200

/** A header of a block, and how much data lies behind it. */
interface Block {
  readonly type: number
  readonly header: Buffer
  readonly dataBytes: number
}

function readBlock(file: Buffer, at: number): Block {
  const reader = new HeaderReader(file, at + 2)
  const type = reader.u8()
  const flags = reader.u16()
  const headerBytes = reader.u16()
  const dataBytes = type === FILE_BLOCK || (flags & HAS_DATA) !== 0 ? reader.u32() : 0
  const header = new HeaderReader(file, at).take(headerBytes)
  const highBytes = type === FILE_BLOCK && (flags & IS_LARGE) !== 0 ? new HeaderReader(header, 32).u32() : 0
  return { type, header, dataBytes: dataBytes + highBytes * 2 ** 32 }
}

/** Where in the header of a file its name lies. */
function nameField(header: Buffer): Buffer {
  const reader = new HeaderReader(header, 26)
  const bytes = reader.u16()
  reader.skip(4 + ((header.readUInt16LE(3) & IS_LARGE) === 0 ? 0 : 8))
  return reader.take(bytes)
}

/**
 * A name as RAR 4 packs it: plain bytes, a zero, then how the letters follow from these and from others. Each step is two
 * bits of a byte of steps, the highest first: a letter of the first page, one of the page that is named at the beginning,
 * one in two bytes, or a run of the plain bytes.
 */
function unpackName(plain: Buffer, packed: Buffer): string {
  const reader = new HeaderReader(packed)
  const page = reader.left > 0 ? reader.u8() << 8 : 0
  const letters: number[] = []
  let steps = 0
  let bits = 0
  while (reader.left > 0) {
    if (bits === 0) {
      steps = reader.u8()
      bits = 8
      continue
    }
    bits -= 2
    const step = (steps >> bits) & 3
    if (step === 0) letters.push(reader.u8())
    else if (step === 1) letters.push(page | reader.u8())
    else if (step === 2) letters.push(reader.u16())
    else {
      const about = reader.u8()
      const shift = (about & 0x80) === 0 ? undefined : reader.u8()
      for (const byte of plain.subarray(letters.length, letters.length + (about & 0x7f) + 2))
        letters.push(shift === undefined ? byte : page | ((byte + shift) & 255))
    }
  }
  return Buffer.from(Uint16Array.from(letters).buffer).toString('utf16le')
}

function readName(field: Buffer, isUnicode: boolean): string {
  const zero = isUnicode ? field.indexOf(0) : -1
  return zero < 0 ? field.toString('utf8') : unpackName(field.subarray(0, zero), field.subarray(zero + 1))
}

/** Changes a header, so that it is as whole as it was. */
function change(header: Buffer, work: () => void): void {
  const checksum = (): number => crc32(header.subarray(2)) & 0xffff
  const isWhole = header.readUInt16LE() === checksum()
  work()
  if (isWhole) header.writeUInt16LE(checksum())
}

/**
 * Lists the files of a RAR 4 (technote.txt of RAR 4) as far as its headers make sense, and changes these: libarchive takes
 * a file for a part of the one before when both are called the same, and makes nothing of letters that are not ASCII.
 *
 * @param file is changed where a name is that libarchive would stumble over.
 * @param listed takes what is found until a HeaderError is thrown.
 * @throws {HeaderError}
 */
export function listRar4(file: Buffer, listed: ListedEntry[]): void {
  let last: Buffer = Buffer.alloc(0)
  for (let at = MAGIC_BYTES; at < file.length && listed.length < LISTED_MAX;) {
    const { type, header, dataBytes } = readBlock(file, at)
    at += header.length + dataBytes
    if (header.length < MAGIC_BYTES) return
    if (type !== FILE_BLOCK) continue
    const flags = header.readUInt16LE(3)
    const field = nameField(header)
    const name = readName(field, (flags & IS_UNICODE) !== 0)
    change(header, () => {
      header.writeUInt16LE(flags & ~IS_UNICODE, 3)
      if (field.length > 0 && field.equals(last)) field.write(field[0] === 0x5f ? '-' : '_')
    })
    last = field
    const [plain = ''] = field.toString('latin1').split('\0', 1)
    listed.push({ name, letters: plainLetters(plain), isEncrypted: (flags & IS_ENCRYPTED) !== 0 })
  }
}
