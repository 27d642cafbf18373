import { HeaderError, HeaderReader } from './header-reader.ts'
import { LISTED_MAX } from './listing.ts'

/** Properties of a 7z's header, by their numbers (7zFormat.txt of the LZMA SDK). */
const property = {
  end: 0,
  header: 1,
  archiveProperties: 2,
  additionalStreams: 3,
  mainStreams: 4,
  files: 5,
  packInfo: 6,
  unpackInfo: 7,
  subStreams: 8,
  size: 9,
  checksums: 10,
  folder: 11,
  unpackSizes: 12,
  streamCounts: 13,
  names: 17,
} as const

/** A number: the leading ones of its first byte tell how many bytes follow; the others are its highest bits. */
function number(reader: HeaderReader): number {
  const first = reader.u8()
  const extra = Math.clz32(~(first << 24))
  let value = 0
  for (let index = 0; index < Math.min(extra, 8); index++) value += reader.u8() * 256 ** index
  return extra < 7 ? value + (first & ((1 << (7 - extra)) - 1)) * 256 ** extra : value
}

const numbers = (reader: HeaderReader, count: number): void => {
  for (let index = 0; index < count; index++) number(reader)
}

/** Bits of a vector that are set. */
function bitsSet(bytes: Buffer): number {
  let count = 0
  for (const byte of bytes) for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
}

/** Passes checksums over. @returns whether all are there, of which there may be so many. */
function skipChecksums(reader: HeaderReader, count: number): boolean {
  const isEach = reader.u8() !== 0
  reader.skip(4 * (isEach ? count : bitsSet(reader.take(Math.ceil(count / 8)))))
  return isEach
}

/** How something is packed: coders, and how they hang together. @returns how many streams come out of them. */
function skipFolder(reader: HeaderReader): number {
  const coders = number(reader)
  let inStreams = 0
  let outStreams = 0
  for (let index = 0; index < coders; index++) {
    const about = reader.u8()
    reader.skip(about & 15)
    inStreams += (about & 16) === 0 ? 1 : number(reader)
    outStreams += (about & 16) === 0 ? 1 : number(reader)
    if ((about & 32) !== 0) reader.skip(number(reader))
  }
  if (outStreams === 0) throw new HeaderError('Nothing comes out of a folder')
  numbers(reader, 2 * (outStreams - 1))
  const packed = inStreams - (outStreams - 1)
  if (packed > 1) numbers(reader, packed)
  return outStreams
}

/** Properties until their end, each read by its own reader. */
function eachProperty(reader: HeaderReader, readers: Readonly<Record<number, () => void>>): void {
  for (let kind = number(reader); kind !== property.end; kind = number(reader)) {
    const read = readers[kind]
    if (!read) throw new HeaderError(`A property ${kind} is not known here`)
    read()
  }
}

function skipPackInfo(reader: HeaderReader): void {
  number(reader)
  const streams = number(reader)
  eachProperty(reader, {
    [property.size]: () => numbers(reader, streams),
    [property.checksums]: () => skipChecksums(reader, streams),
  })
}

/** What is packed, and into how many files it falls. */
interface Folders {
  count: number
  hasChecksums: boolean
}

function skipUnpackInfo(reader: HeaderReader, folders: Folders): void {
  let outStreams = 0
  eachProperty(reader, {
    [property.folder]() {
      folders.count = number(reader)
      if (reader.u8() !== 0) throw new HeaderError('Folders that lie elsewhere are not read')
      for (let index = 0; index < folders.count; index++) outStreams += skipFolder(reader)
    },
    [property.unpackSizes]: () => numbers(reader, outStreams),
    [property.checksums]() {
      folders.hasChecksums = skipChecksums(reader, folders.count)
    },
  })
}

function skipSubStreams(reader: HeaderReader, { count, hasChecksums }: Folders): void {
  // Each byte of the header has brought at most one folder here.
  let counts: readonly number[] = Array.from({ length: count }, () => 1)
  eachProperty(reader, {
    [property.streamCounts]() {
      counts = counts.map(() => number(reader))
    },
    [property.size]() {
      for (const streams of counts) numbers(reader, streams - 1)
    },
    [property.checksums]() {
      const without = counts.filter((streams) => streams !== 1 || !hasChecksums)
      skipChecksums(
        reader,
        without.reduce((sum, streams) => sum + streams, 0),
      )
    },
  })
}

function skipStreams(reader: HeaderReader): void {
  const folders: Folders = { count: 0, hasChecksums: false }
  eachProperty(reader, {
    [property.packInfo]: () => skipPackInfo(reader),
    [property.unpackInfo]: () => skipUnpackInfo(reader, folders),
    [property.subStreams]: () => skipSubStreams(reader, folders),
  })
}

/** Names in UTF-16, each with a zero behind it. */
function readNames(reader: HeaderReader): readonly string[] {
  if (reader.u8() !== 0) throw new HeaderError('Names that lie elsewhere are not read')
  return reader
    .take(reader.left & ~1)
    .toString('utf16le')
    .split('\0', LISTED_MAX)
}

/**
 * Names of the files in a 7z, in their order, by its header as it is when unpacked.
 *
 * @throws {HeaderError} when it makes no sense.
 */
export function readSevenZipNames(header: Buffer): readonly string[] {
  const reader = new HeaderReader(header)
  if (reader.u8() !== property.header) throw new HeaderError('It is no header')
  const skipSized = (): void => {
    for (let kind = number(reader); kind !== property.end; kind = number(reader)) reader.skip(number(reader))
  }
  for (let kind = number(reader); kind !== property.files; kind = number(reader)) {
    if (kind === property.archiveProperties) skipSized()
    else if (kind === property.mainStreams || kind === property.additionalStreams) skipStreams(reader)
    else throw new HeaderError('No files are named')
  }
  const count = number(reader)
  for (let kind = number(reader); kind !== property.end; kind = number(reader)) {
    const body = reader.take(number(reader))
    if (kind === property.names) return readNames(new HeaderReader(body)).slice(0, count)
  }
  throw new HeaderError('No files are named')
}
