import { createHash } from 'node:crypto'

import { Problem } from '../../services/core/problem.ts'
import { BencodeReader } from '../../services/openers/bencode.ts'

/** Of one piece: it is held in memory, and clients make none that are larger. */
const PIECE_BYTES_MAX = 32 * 2 ** 20
const PIECE_HASH_BYTES = 20
/** Trackers of a torrent that are asked at most. */
const TRACKERS_MAX = 8
/** Files of one torrent, as the opener lists at most. */
const FILES_MAX = 200_000

/** A file of a torrent, and where in the row of all its files it begins. */
export interface TorrentFile {
  readonly path: string
  readonly bytes: number
  readonly offset: number
}

/** What a torrent says that is needed to have pieces of it. */
export interface Metainfo {
  /** SHA-1 of the `info` dictionary as it is written (BEP 3): what peers know the torrent by. */
  readonly infoHash: Buffer
  readonly pieceBytes: number
  /** SHA-1 of each piece, one behind the other. */
  readonly hashes: Buffer
  readonly files: readonly TorrentFile[]
  readonly totalBytes: number
  readonly trackers: readonly string[]
}

const damaged = (detail: string): Problem => new Problem('open/damaged', detail)

/**
 * Reads a torrent of version 1, or a hybrid. Web seeds, nodes and who made it are passed over.
 *
 * @throws {Problem} open/damaged; open/unsupported of version 2 alone, whose pieces are hashed otherwise.
 */
export function readMetainfo(bytes: Buffer): Metainfo {
  const reader = new BencodeReader(bytes)
  const trackers: string[] = []
  let info: Buffer | undefined
  for (const key of reader.keys()) {
    const next = reader.next()
    if (key === 'info' && next === 'dictionary') info = reader.raw()
    else if (key === 'announce' && next === 'bytes') trackers.push(reader.bytes().toString('utf8'))
    else if (key === 'announce-list' && next === 'list') trackers.push(...trackerTiers(reader))
    else reader.skip()
  }
  if (!info) throw damaged('The torrent says nothing of its files')
  return { ...readInfo(info), trackers: [...new Set(trackers)].filter(isAsked).slice(0, TRACKERS_MAX) }
}

/** Others speak UDP, which does not pass through the service's only way out. */
const isAsked = (tracker: string): boolean => /^https?:\/\//i.test(tracker)

/** BEP 12: lists of addresses in a list. */
function trackerTiers(reader: BencodeReader): string[] {
  const trackers: string[] = []
  for (const _ of reader.members()) {
    if (reader.next() !== 'list') {
      reader.skip()
      continue
    }
    for (const __ of reader.members())
      if (reader.next() === 'bytes') trackers.push(reader.bytes().toString('utf8'))
      else reader.skip()
  }
  return trackers
}

/** Reads the `info` dictionary. @throws {Problem} as `readMetainfo`. */
export function readInfo(info: Buffer): Omit<Metainfo, 'trackers'> {
  const reader = new BencodeReader(info)
  let [name, pieceBytes, length] = ['', 0, -1]
  let hashes: Buffer = Buffer.alloc(0)
  let listed: { path: string; bytes: number }[] | undefined
  for (const key of reader.keys()) {
    const next = reader.next()
    if (key === 'name' && next === 'bytes') name = reader.bytes().toString('utf8')
    else if (key === 'piece length' && next === 'integer') pieceBytes = reader.integer()
    else if (key === 'length' && next === 'integer') length = reader.integer()
    else if (key === 'pieces' && next === 'bytes') hashes = reader.bytes()
    else if (key === 'files' && next === 'list') listed = filesIn(reader)
    else reader.skip()
  }
  if (hashes.length === 0) throw new Problem('open/unsupported', 'Its pieces are hashed as version 2 does')
  const files = placed(
    listed?.map(({ path, bytes }) => ({ path: `${name}/${path}`, bytes })) ?? [{ path: name, bytes: length }],
  )
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  if (pieceBytes < 1 || pieceBytes > PIECE_BYTES_MAX) throw damaged('Its pieces have no possible length')
  if (hashes.length !== Math.ceil(totalBytes / pieceBytes) * PIECE_HASH_BYTES)
    throw damaged('It has another number of pieces than its length asks for')
  return { infoHash: createHash('sha1').update(info).digest(), pieceBytes, hashes, files, totalBytes }
}

function filesIn(reader: BencodeReader): { path: string; bytes: number }[] {
  const files: { path: string; bytes: number }[] = []
  for (const _ of reader.members()) {
    let [path, bytes] = ['', -1]
    for (const key of reader.keys()) {
      const next = reader.next()
      if (key === 'length' && next === 'integer') bytes = reader.integer()
      else if (key === 'path' && next === 'list') {
        const parts: string[] = []
        for (const __ of reader.members())
          if (reader.next() === 'bytes') parts.push(reader.bytes().toString('utf8'))
          else reader.skip()
        path = parts.join('/')
      } else reader.skip()
    }
    if (files.length >= FILES_MAX) throw damaged(`It has more than ${FILES_MAX} files`)
    files.push({ path, bytes })
  }
  return files
}

function placed(files: readonly { path: string; bytes: number }[]): TorrentFile[] {
  let offset = 0
  return files.map((file) => {
    if (file.bytes < 0) throw damaged('A file has no length')
    offset += file.bytes
    return { ...file, offset: offset - file.bytes }
  })
}

/** The hash of one piece. */
export const hashOfPiece = ({ hashes }: Metainfo, index: number): Buffer =>
  hashes.subarray(index * PIECE_HASH_BYTES, (index + 1) * PIECE_HASH_BYTES)

/** Bytes of one piece: the last is as long as what is left. */
export const bytesOfPiece = ({ pieceBytes, totalBytes }: Metainfo, index: number): number =>
  Math.min(pieceBytes, totalBytes - index * pieceBytes)
