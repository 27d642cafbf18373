import { crc32, deflateRawSync } from 'node:zlib'

import { type Packed, nameBytes, u16, u32, u64 } from './archive-bytes.ts'

/** What is said of a file of a ZIP instead of the truth. */
export interface ZipPacked extends Packed {
  readonly deflate?: boolean
  readonly encrypted?: boolean
  /** Bit 11: the name is UTF-8; else it is CP437. */
  readonly utf8?: boolean
  /** Compression method that is claimed. */
  readonly method?: number
  readonly unpackedBytes?: number
  readonly crc?: number
  /** Unix mode, such as 0o120777 of a symbolic link. */
  readonly mode?: number
  /** Local header that is pointed to, by its number, in place of its own. */
  readonly sameAs?: number
  /** Sizes and offset in a ZIP64 extra field. */
  readonly zip64?: boolean
}

interface ZipPart {
  readonly local: Buffer
  readonly central: (offset: number) => Buffer
}

function zipPart(file: ZipPacked): ZipPart {
  const plain = file.bytes ?? Buffer.alloc(0)
  const data = file.deflate === true ? deflateRawSync(plain, { level: 9 }) : plain
  const name = nameBytes(file.name)
  const flags = (file.encrypted === true ? 1 : 0) | (file.utf8 === false ? 0 : 0x800)
  const method = file.method ?? (file.deflate === true ? 8 : 0)
  const crc = file.crc ?? crc32(plain)
  const unpacked = file.unpackedBytes ?? plain.length
  const [shownPacked, shownUnpacked] = file.zip64 ? [0xffffffff, 0xffffffff] : [data.length, unpacked]
  const about = [u16(flags), u16(method), u32(0), u32(crc), u32(shownPacked), u32(shownUnpacked)]
  const localExtra = file.zip64
    ? Buffer.concat([u16(1), u16(16), u64(unpacked), u64(data.length)])
    : Buffer.alloc(0)
  return {
    local: Buffer.concat([
      u32(0x04034b50),
      u16(45),
      ...about,
      u16(name.length),
      u16(localExtra.length),
      name,
      localExtra,
      data,
    ]),
    central(offset) {
      const extra = file.zip64
        ? Buffer.concat([u16(1), u16(24), u64(unpacked), u64(data.length), u64(offset)])
        : Buffer.alloc(0)
      return Buffer.concat([
        u32(33639248),
        u16((3 << 8) | 45),
        u16(45),
        ...about,
        u16(name.length),
        u16(extra.length),
        u16(0),
        u16(0),
        u16(0),
        u32((file.mode ?? 33188) * 65536),
        u32(file.zip64 ? 0xffffffff : offset),
        name,
        extra,
      ])
    },
  }
}

/** The end of a ZIP: how many files there are and where their list is. */
const zipEnd = (count: number, listBytes: number, listAt: number): Buffer =>
  Buffer.concat([
    u32(0x6054b50),
    u16(0),
    u16(0),
    u16(Math.min(count, 65535)),
    u16(Math.min(count, 65535)),
    u32(listBytes),
    u32(listAt),
    u16(0),
  ])

/** The end of a ZIP with more files than two bytes can count. */
const zip64End = (count: number, listBytes: number, listAt: number): Buffer =>
  Buffer.concat([
    u32(0x6064b50),
    u64(44),
    u16(45),
    u16(45),
    u32(0),
    u32(0),
    u64(count),
    u64(count),
    u64(listBytes),
    u64(listAt),
    u32(0x7064b50),
    u32(0),
    u64(listAt + listBytes),
    u32(1),
  ])

/** A ZIP (APPNOTE 6.3.10). */
export function makeZip(files: readonly ZipPacked[]): Buffer {
  const parts = files.map(zipPart)
  const offsets: number[] = []
  let at = 0
  for (const { local } of parts) {
    offsets.push(at)
    at += local.length
  }
  const list = Buffer.concat(
    parts.map(({ central }, index) => central(offsets[files[index]?.sameAs ?? index] ?? 0)),
  )
  const end = zipEnd(files.length, list.length, at)
  return Buffer.concat([
    ...parts.map(({ local }) => local),
    list,
    ...(files.length > 0xfffe ? [zip64End(files.length, list.length, at)] : []),
    end,
  ])
}

/** A ZIP whose list names one file again and again: a million entries in some megabytes. */
export function makeCrowdedZip(count: number): Buffer {
  const { local, central } = zipPart({ name: 'a', bytes: Buffer.from('a') })
  const one = central(0)
  const list = Buffer.alloc(one.length * count)
  for (let at = 0; at < list.length; at += one.length) one.copy(list, at)
  return Buffer.concat([
    local,
    list,
    zip64End(count, list.length, local.length),
    zipEnd(count, list.length, local.length),
  ])
}

/**
 * Each file's data begins with the headers of all that come after it, quoted, so that all share one kernel (Fifield, "A
 * better zip bomb", 2019). Here the quotes are stored and not deflated, which overlaps as much.
 */
export function makeOverlappingZip(count: number, kernel: Buffer): Buffer {
  let local = zipPart({ name: `${count - 1}`, bytes: kernel }).local
  const made = [{ bytes: local, data: kernel }]
  for (let number = count - 2; number >= 0; number -= 1) {
    const header = zipPart({ name: `${number}`, bytes: local }).local
    made.unshift({ bytes: header, data: local })
    local = header
  }
  const first = made[0]?.bytes ?? Buffer.alloc(0)
  const list = Buffer.concat(
    made.map(({ bytes, data }, number) =>
      zipPart({ name: `${number}`, bytes: data }).central(first.length - bytes.length),
    ),
  )
  return Buffer.concat([first, list, zipEnd(count, list.length, first.length)])
}

/** A file of a tar, and what is said of it. */
export interface TarPacked extends Packed {
  /** As in the header: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 pipe. */
  readonly type?: string
  readonly linkName?: string
  /** In place of the true size, as the twelve characters of the field. */
  readonly size?: Buffer
}

function tarHeader(file: TarPacked, type: string, bytes: number): Buffer {
  const header = Buffer.alloc(512)
  nameBytes(file.name).copy(header, 0, 0, 100)
  header.write('0000644\0' + '0000000\0'.repeat(2), 100, 'latin1')
  ;(file.size ?? Buffer.from(`${bytes.toString(8).padStart(11, '0')}\0`)).copy(header, 124)
  header.write('00000000000\0' + ' '.repeat(8) + type, 136, 'latin1')
  header.write(file.linkName ?? '', 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])

/** A tar (POSIX ustar); names of more than 100 bytes as GNU tar writes them. */
export function makeTar(files: readonly TarPacked[]): Buffer {
  const parts = files.flatMap((file) => {
    const bytes = file.bytes ?? Buffer.alloc(0)
    const name = nameBytes(file.name)
    const long =
      name.length > 100
        ? [tarHeader({ name: '././@LongLink' }, 'L', name.length + 1), padded(Buffer.concat([name, u16(0)]))]
        : []
    return [...long, tarHeader(file, file.type ?? '0', bytes.length), padded(bytes)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}
