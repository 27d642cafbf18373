/** A header of a tar and its contents come in blocks. */
export const TAR_BLOCK_BYTES = 512

const CHECKSUM_AT = 148
const CHECKSUM_BYTES = 8
/** Set in the first byte of a number that is binary and not octal, as GNU tar writes what is too large. */
const BINARY = 0x80

/** A header block: POSIX.1-1988 (ustar), with what GNU tar made of it. */
export interface TarHeader {
  readonly name: string
  /** One character; `0` is a file. */
  readonly type: string
  /** Of what follows; not a number when the field holds none. */
  readonly bytes: number
}

/** A text that ends at its first zero, in UTF-8, else in Latin-1. */
export function tarText(field: Buffer): string {
  const end = field.indexOf(0)
  const bytes = end < 0 ? field : field.subarray(0, end)
  const text = bytes.toString('utf8')
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text
}

function numberIn(field: Buffer): number {
  if (((field[0] ?? 0) & BINARY) === 0) {
    const digits = /^[ \0]*([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1]
    return digits === undefined ? Number.NaN : Number.parseInt(digits || '0', 8)
  }
  // A leading byte of 255 is a negative number, and nothing has a negative length.
  const first = (field[0] ?? 0) === BINARY ? 0 : Number.NaN
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, first)
}

/** Whether this is the end: a block of zeros. */
export const isTarEnd = (block: Buffer): boolean => block.every((byte) => byte === 0)

/** Reads a block as a header; undefined when its checksum says that it is none. */
export function readTarHeader(block: Buffer): TarHeader | undefined {
  const blanked = Buffer.from(block).fill(' ', CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES)
  const sum = blanked.reduce((total, byte) => total + byte, 0)
  // Some programs of old added the bytes up as if they were signed.
  const signedSum = blanked.reduce((total, byte) => total + (byte > 127 ? byte - 256 : byte), 0)
  const said = numberIn(block.subarray(CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES))
  if (said !== sum && said !== signedSum) return undefined
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const folder = isPosix ? tarText(block.subarray(345, 500)) : ''
  const name = tarText(block.subarray(0, 100))
  const type = block.toString('latin1', 156, 157)
  return {
    name: folder === '' ? name : `${folder}/${name}`,
    type: type === '\0' ? '0' : type,
    bytes: numberIn(block.subarray(124, 136)),
  }
}

/** The records of a pax header (POSIX.1-2001): `27 path=name` and a line feed, the number being the record's length. */
export function readPaxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(' ', at)
    const length = Number(bytes.toString('latin1', at, blank))
    const record = bytes.toString('utf8', blank + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (blank < 0 || !Number.isInteger(length) || length <= blank - at || equals < 0) break
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}
