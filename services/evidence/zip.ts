/**
 * The one way in which capsules are zipped (APPNOTE.TXT 6.3, sections 4.3.7 to 4.3.16): files are stored as they are,
 * nothing is between them, and every header follows from a file's path, length and checksum. So a reader can make each
 * header again and compare: no byte of an archive can change unseen, and no version of a compressor matters.
 */

/** What a header says of a file. */
export interface ZipEntry {
  readonly path: string
  readonly bytes: number
  readonly crc32: number
}

/** A file in an archive, and where its header begins. */
export interface PlacedEntry extends ZipEntry {
  readonly at: number
}

/** Bytes that can be read in any order: a file, a Blob, an array. */
export interface ByteSource {
  readonly bytes: number
  /** Exactly these bytes; they lie within the source. */
  read(at: number, length: number): Promise<Uint8Array>
}

/** An archive that is not as ours are; the message says where. */
export class ZipFault extends Error {
  override readonly name = 'ZipFault'
}

/** Larger archives would need ZIP64, which a reader by hand has more trouble with. */
export const ZIP_BYTES_MAX = 0xffff_ffff
/** A capsule has some hundred files; a directory of this many is read within a moment. */
export const ENTRIES_MAX = 10_000
/** Paths of capsules are shorter (manifest.ts): so many headers never fill the memory of who reads them. */
const PATH_BYTES_MAX = 200

const LOCAL = 0x0403_4b50
const CENTRAL = 0x0201_4b50
const END = 0x0605_4b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
/** Version 1.0 of the format: files that are stored and nothing else. */
const VERSION = 10
/** 1 January 1980, the first day that a header can tell: when a file was written says the manifest. */
const DATE = 0x21

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1
  return value
})

/** The checksum of zip archives (CRC-32 of ISO 3309), piece by piece: begin with 0, go on with the last answer. */
export function crc32(chunk: Uint8Array, before = 0): number {
  let value = ~before >>> 0
  for (const byte of chunk) value = (value >>> 8) ^ CRC_TABLE[(value ^ byte) & 0xff]!
  return ~value >>> 0
}

/** Paths of capsules are ASCII (manifest.ts). */
const pathBytes = (path: string): Uint8Array => Uint8Array.from(path, (letter) => letter.charCodeAt(0))

/** Numbers of 2 or 4 bytes, little-endian, with some bytes behind them. */
function record(fields: readonly (readonly [bytes: 2 | 4, value: number])[], rest: Uint8Array): Uint8Array {
  const head = fields.reduce((sum, [bytes]) => sum + bytes, 0)
  const all = new Uint8Array(head + rest.length)
  const view = new DataView(all.buffer)
  let at = 0
  for (const [bytes, value] of fields) {
    if (bytes === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += bytes
  }
  all.set(rest, head)
  return all
}

/** Version, flags, method, time and date are always the same; then checksum, both lengths, and the path's. */
const common = ({ path, bytes, crc32 }: ZipEntry): (readonly [2 | 4, number])[] => [
  [2, VERSION],
  [2, 0],
  [2, 0],
  [2, 0],
  [2, DATE],
  [4, crc32],
  [4, bytes],
  [4, bytes],
  [2, path.length],
  [2, 0],
]

/** What stands before a file's bytes. */
export const localHeader = (entry: ZipEntry): Uint8Array =>
  record([[4, LOCAL], ...common(entry)], pathBytes(entry.path))

/** What stands for a file in the directory. */
const centralHeader = (entry: PlacedEntry): Uint8Array =>
  record(
    [[4, CENTRAL], [2, VERSION], ...common(entry), [2, 0], [2, 0], [2, 0], [4, 0], [4, entry.at]],
    pathBytes(entry.path),
  )

/** Where each file of an archive lies, and where the directory begins. */
export function layoutOf(entries: readonly ZipEntry[]): { placed: PlacedEntry[]; directoryAt: number } {
  let at = 0
  const placed = entries.map((entry) => {
    const here = at
    at += LOCAL_BYTES + entry.path.length + entry.bytes
    return { ...entry, at: here }
  })
  return { placed, directoryAt: at }
}

/** The bytes of an archive with these files. */
export const zipBytes = (entries: readonly ZipEntry[]): number =>
  layoutOf(entries).directoryAt + directoryOf(entries).length

/** What stands behind the last file: the directory and its end. */
export function directoryOf(entries: readonly ZipEntry[]): Uint8Array {
  const { placed, directoryAt } = layoutOf(entries)
  const headers = placed.map(centralHeader)
  const bytes = headers.reduce((sum, { length }) => sum + length, 0)
  const count = placed.length
  const end = record(
    [
      [4, END],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
      [4, bytes],
      [4, directoryAt],
      [2, 0],
    ],
    new Uint8Array(0),
  )
  const all = new Uint8Array(bytes + end.length)
  let at = 0
  for (const header of [...headers, end]) {
    all.set(header, at)
    at += header.length
  }
  return all
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * Reads which files an archive has. Their places follow from their lengths, whatever the archive says of them.
 *
 * @throws {ZipFault} when it cannot be an archive of ours.
 */
export async function readDirectory(source: ByteSource): Promise<ZipEntry[]> {
  if (source.bytes < END_BYTES || source.bytes > ZIP_BYTES_MAX)
    throw new ZipFault('It is too short or too long for a capsule')
  const endAt = source.bytes - END_BYTES
  const end = viewOf(await source.read(endAt, END_BYTES))
  if (end.getUint32(0, true) !== END) throw new ZipFault('It does not end as a zip archive does')
  const count = end.getUint16(10, true)
  const bytes = end.getUint32(12, true)
  const directoryAt = end.getUint32(16, true)
  const fits = count * CENTRAL_BYTES <= bytes && bytes <= count * (CENTRAL_BYTES + PATH_BYTES_MAX)
  if (directoryAt + bytes !== endAt || count > ENTRIES_MAX || !fits)
    throw new ZipFault('The end of the archive does not fit its length')
  const directory = await source.read(directoryAt, bytes)
  const view = viewOf(directory)
  const entries: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    const isEntry = at + CENTRAL_BYTES <= bytes && view.getUint32(at, true) === CENTRAL
    const pathLength = isEntry ? view.getUint16(at + 28, true) : 0
    if (!isEntry || at + CENTRAL_BYTES + pathLength > bytes)
      throw new ZipFault(`Entry ${index + 1} of the archive’s directory is damaged`)
    const path = String.fromCharCode(
      ...directory.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + pathLength),
    )
    entries.push({ path, crc32: view.getUint32(at + 16, true), bytes: view.getUint32(at + 24, true) })
    at += CENTRAL_BYTES + pathLength
  }
  if (layoutOf(entries).directoryAt !== directoryAt || directoryOf(entries).length !== bytes + END_BYTES)
    throw new ZipFault('The lengths of the files do not add up to that of the archive')
  return entries
}

/** Where the bytes of a file begin. */
export const contentAt = ({ at, path }: PlacedEntry): number => at + LOCAL_BYTES + path.length
