import { crc32 } from 'node:zlib'

import { type Packed, nameBytes, u16, u32, u64 } from './archive-bytes.ts'

/** Numbers as 7z writes them: the first byte's leading ones tell how many bytes follow. */
function sevenZipNumber(value: number): Buffer {
  for (let extra = 0; extra < 8; extra += 1) {
    const high = Math.floor(value / 256 ** extra)
    if (high < 2 ** (7 - extra))
      return Buffer.concat([Buffer.from([((0xff00 >> extra) & 255) | high]), u64(value).subarray(0, extra)])
  }
  return Buffer.concat([Buffer.from([255]), u64(value)])
}

/** What is said of a 7z, and how its header lies in it. */
export interface SevenZipOptions {
  readonly encrypted?: boolean
  readonly unpackedBytes?: number
  /** The header lies among what is packed, as programs write it; here it is only stored. */
  readonly packedHeader?: boolean
}

/** A 7z of one solid block that is only stored, as 7zFormat.txt of the LZMA SDK describes it. */
export function makeSevenZip(
  files: readonly Packed[],
  { encrypted = false, unpackedBytes, packedHeader = false }: SevenZipOptions = {},
): Buffer {
  const data = Buffer.concat(files.map(({ bytes }) => bytes ?? Buffer.alloc(0)))
  const full = files.filter(({ bytes }) => bytes !== undefined && bytes.length > 0)
  const number = sevenZipNumber
  // Method 06f10701 is AES-256 with SHA-256, its properties as short as they may be.
  const coder = encrypted ? [0x24, 0x06, 0xf1, 0x07, 0x01, 2, 0, 0] : [1, 0]
  const names = Buffer.concat(files.map(({ name }) => Buffer.from(`${String(name)}\0`, 'utf16le')))
  const empty = Buffer.alloc(Math.ceil(files.length / 8))
  files.forEach((file, index) => {
    if (!full.includes(file)) empty[index >> 3] = (empty[index >> 3] ?? 0) | (128 >> (index & 7))
  })
  const streams = [
    Buffer.from([4, 6]),
    number(0),
    number(1),
    Buffer.from([9]),
    number(data.length),
    Buffer.from([0]),
    Buffer.from([7, 11]),
    number(1),
    Buffer.from([0, 1, ...coder, 12]),
    number(unpackedBytes ?? data.length),
    Buffer.from([0, 8, 13]),
    number(full.length),
    ...(full.length > 1
      ? [Buffer.from([9]), ...full.slice(0, -1).map(({ bytes }) => number(bytes?.length ?? 0))]
      : []),
    Buffer.from([10, 1]),
    ...full.map(({ bytes }) => u32(crc32(bytes ?? ''))),
    Buffer.from([0, 0]),
  ]
  const emptied =
    full.length < files.length
      ? [Buffer.from([14]), number(empty.length), empty, Buffer.from([15]), number(1), Buffer.from([255])]
      : []
  const header = Buffer.concat([
    Buffer.from([1]),
    ...(data.length > 0 ? streams : []),
    Buffer.from([5]),
    number(files.length),
    ...emptied.slice(0, 3),
    ...(emptied.length > 0 ? [Buffer.from([15]), number(empty.length), Buffer.alloc(empty.length, 255)] : []),
    Buffer.from([17]),
    number(names.length + 1),
    Buffer.from([0]),
    names,
    Buffer.from([0, 0]),
  ])
  if (!packedHeader) return sevenZipOf(data, header)
  const outer = Buffer.concat([
    Buffer.from([0x17, 6]),
    number(data.length),
    number(1),
    Buffer.from([9]),
    number(header.length),
    Buffer.from([0, 7, 11, 1, 0, 1, 1, 0, 12]),
    number(header.length),
    Buffer.from([10, 1]),
    u32(crc32(header)),
    Buffer.from([0, 0]),
  ])
  return sevenZipOf(Buffer.concat([data, header]), outer)
}

function sevenZipOf(data: Buffer, header: Buffer): Buffer {
  const start = Buffer.concat([u64(data.length), u64(header.length), u32(crc32(header))])
  return Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), u32(crc32(start)), start, data, header])
}

/** A file of a RAR, and what is said of it. */
export interface RarPacked extends Packed {
  readonly encrypted?: boolean
  readonly unpackedBytes?: number
  /** The name is packed as RAR 4 packs letters that are not ASCII. */
  readonly unicode?: boolean
}

/** A block of RAR 4: its checksum is half a CRC-32 of what follows it. */
function rar4Block(type: number, flags: number, fields: Buffer, data: Buffer = Buffer.alloc(0)): Buffer {
  const rest = Buffer.concat([Buffer.from([type]), u16(flags), u16(7 + fields.length), fields])
  return Buffer.concat([u16(crc32(rest) & 0xffff), rest, data])
}

/** A name in plain bytes, a zero, and the steps by which its letters follow from these and from others. */
function rar4Name(name: string): Buffer {
  const plain = name.replaceAll(/[^ -~]/g, '_')
  const codes = Array.from({ length: name.length }, (_, index) => name.charCodeAt(index))
  const page = (codes.find((code) => code > 255) ?? 0) >> 8
  const steps: { readonly step: number; readonly bytes: readonly number[] }[] = []
  for (let at = 0; at < codes.length;) {
    const code = codes[at] ?? 0
    const run = /^[ -~]{0,100}/.exec(name.slice(at))?.[0].length ?? 0
    if (run > 1) steps.push({ step: 3, bytes: [run - 2] })
    else if (code < 256) steps.push({ step: 0, bytes: [code] })
    else if (code >> 8 === page) steps.push({ step: 1, bytes: [code & 255] })
    else steps.push({ step: 2, bytes: [code & 255, code >> 8] })
    at += Math.max(run, 1)
  }
  const packed: number[] = [page]
  for (let at = 0; at < steps.length; at += 4) {
    const four = steps.slice(at, at + 4)
    packed.push(four.reduce((bits, { step }, index) => bits | (step << (6 - 2 * index)), 0))
    packed.push(...four.flatMap(({ bytes }) => bytes))
  }
  return Buffer.concat([Buffer.from(`${plain}\0`), Buffer.from(packed)])
}

/** A RAR 4 whose files are only stored (technote.txt of RAR 4). */
export function makeRar4(files: readonly RarPacked[]): Buffer {
  return Buffer.concat([
    Buffer.from('526172211a0700', 'hex'),
    rar4Block(0x73, 0, Buffer.alloc(6)),
    ...files.map((file) => {
      const bytes = file.bytes ?? Buffer.alloc(0)
      const name = file.unicode === true ? rar4Name(String(file.name)) : nameBytes(file.name)
      const fields = Buffer.concat([
        u32(bytes.length),
        u32(file.unpackedBytes ?? bytes.length),
        Buffer.from([3]),
        u32(crc32(bytes)),
        u32(0),
        Buffer.from([20, 48]),
        u16(name.length),
        u32(33188),
        name,
      ])
      return rar4Block(
        0x74,
        0x8000 | (file.encrypted === true ? 4 : 0) | (file.unicode === true ? 0x200 : 0),
        fields,
        bytes,
      )
    }),
    rar4Block(0x7b, 0x4000, Buffer.alloc(0)),
  ])
}

/** Numbers as RAR 5 writes them: seven bits in each byte, the lowest first. */
function rarNumber(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    const more = rest >= 128
    bytes.push((rest % 128) | (more ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.from(bytes)
}

function rar5Block(fields: readonly Buffer[], data: Buffer = Buffer.alloc(0)): Buffer {
  const all = Buffer.concat([...fields])
  const sized = Buffer.concat([rarNumber(all.length), all])
  return Buffer.concat([u32(crc32(sized)), sized, data])
}

/** A RAR 5 whose files are only stored (RAR 5.0 archive format, rarlab.com/technote.htm). */
export function makeRar5(files: readonly RarPacked[]): Buffer {
  const number = rarNumber
  return Buffer.concat([
    Buffer.from('526172211a070100', 'hex'),
    rar5Block([number(1), number(0), number(0)]),
    ...files.map((file) => {
      const bytes = file.bytes ?? Buffer.alloc(0)
      const name = nameBytes(file.name)
      // The record of an encrypted file: its size, type 1, version, flags, key derivation, salt and vector.
      const record = Buffer.concat([number(1), number(0), number(0), Buffer.alloc(1 + 16 + 16, 7)])
      const extra = file.encrypted === true ? Buffer.concat([number(record.length), record]) : undefined
      const about = [
        number(4),
        number(file.unpackedBytes ?? bytes.length),
        number(33188),
        u32(crc32(bytes)),
        number(0),
        number(1),
        number(name.length),
        name,
      ]
      const head = extra ? [number(2), number(3), number(extra.length)] : [number(2), number(2)]
      return rar5Block([...head, number(bytes.length), ...about, ...(extra ? [extra] : [])], bytes)
    }),
    rar5Block([number(5), number(0), number(0)]),
  ])
}
