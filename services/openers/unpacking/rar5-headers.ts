import { crc32 } from 'node:zlib'

import { HeaderError, HeaderReader } from './header-reader.ts'
import { LISTED_MAX, type ListedEntry, plainLetters } from './listing.ts'

const MAGIC_BYTES = 8
const CHECKSUM_BYTES = 4
/** Kinds of block. */
const FILE_BLOCK = 2
const ENCRYPTION_BLOCK = 4
/** Of a block: a further area of records, and data, lie behind it. */
const HAS_RECORDS = 1
const HAS_DATA = 2
/** Of a file. */
const HAS_TIME = 2
const HAS_CHECKSUM = 4
/** A record that says how a file is encrypted. */
const ENCRYPTION_RECORD = 1
/** Numbers have no more bytes. */
const NUMBER_BYTES_MAX = 10

/** A number: seven bits in each byte, the lowest first. */
function number(reader: HeaderReader): number {
  let value = 0
  for (let index = 0; index < NUMBER_BYTES_MAX; index++) {
    const byte = reader.u8()
    value += (byte & 127) * 128 ** index
    if (byte < 128) return value
  }
  throw new HeaderError('A number has no end')
}

/** Writes a number as long as its place is: highest bits of 0 are allowed. */
function writeNumber(place: Buffer, value: number): void {
  let rest = value
  for (let index = 0; index < place.length; index++) {
    place[index] = (rest % 128) | (index < place.length - 1 ? 128 : 0)
    rest = Math.floor(rest / 128)
  }
}

/** A block: its header from its checksum on, and `body`, the header from its type on. */
interface Block {
  readonly header: Buffer
  readonly body: Buffer
  readonly type: number
  readonly recordBytes: number
  readonly dataBytes: number
  readonly flags: number
  /** Where in the body its flags, the lengths of records and data, and its own fields begin. */
  readonly flagsAt: number
  readonly lengthsAt: number
  readonly fieldsAt: number
}

function readBlock(file: Buffer, at: number): Block {
  const reader = new HeaderReader(file, at + CHECKSUM_BYTES)
  const body = reader.take(number(reader))
  const fields = new HeaderReader(body)
  const type = number(fields)
  const flagsAt = fields.at
  const flags = number(fields)
  const lengthsAt = fields.at
  const recordBytes = (flags & HAS_RECORDS) === 0 ? 0 : number(fields)
  const dataBytes = (flags & HAS_DATA) === 0 ? 0 : number(fields)
  const header = file.subarray(at, reader.at)
  const fieldsAt = fields.at
  return { header, body, type, recordBytes, dataBytes, flags, flagsAt, lengthsAt, fieldsAt }
}

function readName({ body, fieldsAt }: Block): string {
  const reader = new HeaderReader(body, fieldsAt)
  const flags = number(reader)
  number(reader) // How long it is unpacked.
  number(reader) // Its attributes.
  reader.skip(((flags & HAS_TIME) === 0 ? 0 : 4) + ((flags & HAS_CHECKSUM) === 0 ? 0 : 4))
  number(reader) // How it is packed.
  number(reader) // On which system.
  return reader.take(number(reader)).toString('utf8')
}

function isEncrypted({ body, recordBytes, fieldsAt }: Block): boolean {
  if (recordBytes > body.length - fieldsAt) throw new HeaderError('Records lie outside of their block')
  const reader = new HeaderReader(body, body.length - recordBytes)
  while (reader.left > 0) if (reader.take(number(reader))[0] === ENCRYPTION_RECORD) return true
  return false
}

/** Makes the records of a block a part of its data, where nobody looks for them. */
function hideRecords(block: Block): void {
  const { header, body, recordBytes, dataBytes, flags, flagsAt, lengthsAt, fieldsAt } = block
  // A header that is broken stays so.
  if (header.readUInt32LE() !== crc32(header.subarray(CHECKSUM_BYTES))) return
  const bodyAt = header.length - body.length
  writeNumber(header.subarray(CHECKSUM_BYTES, bodyAt), body.length - recordBytes)
  writeNumber(body.subarray(flagsAt, lengthsAt), (flags & ~HAS_RECORDS) | HAS_DATA)
  writeNumber(body.subarray(lengthsAt, fieldsAt), recordBytes + dataBytes)
  header.writeUInt32LE(crc32(header.subarray(CHECKSUM_BYTES, header.length - recordBytes)))
}

/**
 * Lists the files of a RAR 5 (RAR 5.0 archive format, rarlab.com/technote.htm) as far as its headers make sense, and hides
 * from libarchive that a file is encrypted: it would tell nothing of that file nor of any behind it.
 *
 * @param file is changed where a file is encrypted.
 * @param listed takes what is found until a HeaderError is thrown.
 * @throws {HeaderError}
 */
export function listRar5(file: Buffer, listed: ListedEntry[]): void {
  for (let at = MAGIC_BYTES; at < file.length && listed.length < LISTED_MAX;) {
    const block = readBlock(file, at)
    at += block.header.length + block.dataBytes
    if (block.type === ENCRYPTION_BLOCK) return
    if (block.type !== FILE_BLOCK) continue
    const name = readName(block)
    const encrypted = isEncrypted(block)
    if (encrypted) hideRecords(block)
    listed.push({ name, letters: plainLetters(name), isEncrypted: encrypted })
  }
}
