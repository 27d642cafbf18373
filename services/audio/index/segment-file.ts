import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import { z } from 'zod'

import { Problem } from '../../core/problem.ts'
import { faultInColumns, faultInShape } from './segment-check.ts'
import { HEADER_BYTES, bytesOf, layOut, readShape } from './segment.ts'
import type { Segment, SegmentShape } from './segment.ts'
import { writeAll, writeWhole } from './whole-file.ts'

/** What a file says of a recording of its segment. */
export interface StoredRecording {
  readonly id: string
  /** Whatever the writer wants to find again; for instance of which version the recording is. */
  readonly note: string
}

/** A segment with what an index knows of it. */
export interface StoredSegment {
  readonly owner: string
  readonly segment: Segment
  /** Those of the segment, in their order; also those that were removed since it was made. */
  readonly recordings: readonly StoredRecording[]
}

const Texts = z.object({ owner: z.string(), recordings: z.array(z.tuple([z.string(), z.string()])) })

const MAGIC = 0x46_53_57_45 // 'EWSF', as a little-endian number
const TRAILER_BYTES = 16

/** Read and checked at a time: while one piece is checked the next is read. */
const PIECE_BYTES = 8 * 1024 * 1024

/** Texts of a segment: a million recordings with paths of 200 characters. They must also fit one string. */
const TEXT_BYTES_MAX = 256 * 1024 * 1024

/**
 * Writes a segment to a file, which is there with all its bytes or not at all, also after a power cut.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | b | the block of the segment (segment.ts), with `numbers` 0, 1, 2, … |
 * | b | t | JSON in UTF-8: `{ owner, recordings: [[id, note], …] }` |
 * | b + t | 4 | t |
 * | + 4 | 4 | CRC-32 (IEEE 802.3) of the block |
 * | + 8 | 4 | CRC-32 of the JSON and the eight bytes after it |
 * | + 12 | 4 | `EWSF` |
 *
 * Which recordings were removed is not part of it: a segment is written once.
 *
 * @throws the file system's error.
 */
export async function writeSegmentFile(path: string, stored: StoredSegment): Promise<void> {
  const { owner, segment } = stored
  const recordings = stored.recordings.map(({ id, note }) => [id, note])
  const texts = Buffer.from(JSON.stringify({ owner, recordings }))
  await writeWhole(path, async (file) => {
    let checksum = 0
    for (const piece of piecesOf(segment)) {
      checksum = crc32(piece, checksum)
      await writeAll(file, piece)
    }
    const trailer = Buffer.alloc(TRAILER_BYTES)
    trailer.writeUInt32LE(texts.length, 0)
    trailer.writeUInt32LE(checksum, 4)
    trailer.writeUInt32LE(crc32(trailer.subarray(0, 8), crc32(texts)), 8)
    trailer.writeUInt32LE(MAGIC, 12)
    await writeAll(file, texts)
    await writeAll(file, trailer)
  })
}

function* piecesOf({ memory, numbers }: Segment): Generator<Uint8Array> {
  const head = new Uint8Array(memory, 0, numbers.byteOffset + numbers.byteLength).slice()
  const places = new Uint32Array(head.buffer, numbers.byteOffset, numbers.length)
  for (let place = 0; place < places.length; place++) places[place] = place
  yield head
  for (let from = head.length; from < memory.byteLength; from += PIECE_BYTES)
    yield new Uint8Array(memory, from, Math.min(PIECE_BYTES, memory.byteLength - from))
}

/**
 * Reads what `writeSegmentFile` wrote, into shared memory and without a second copy. All its recordings live.
 *
 * @throws {Problem} index/damaged when a byte is wrong or missing, when it is no segment, or one of another version;
 *   the file system's error.
 */
export async function readSegmentFile(path: string): Promise<StoredSegment> {
  const damaged = (reason: string): Problem => new Problem('index/damaged', `${path}: ${reason}`)
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const shape = readShape(await readAll(file, new Uint8Array(HEADER_BYTES), 0))
    if (typeof shape === 'string')
      throw damaged(shape === 'no segment' ? 'it is no segment' : 'it is of another version')
    const blockBytes = bytesOf(shape)
    const textBytes = size - blockBytes - TRAILER_BYTES
    // Before memory is given to it.
    if (textBytes < 0 || textBytes > TEXT_BYTES_MAX) throw damaged('it has another length than it says')
    const shapeFault = faultInShape(shape)
    if (shapeFault !== undefined) throw damaged(shapeFault)
    const tail = Buffer.from(await readAll(file, new Uint8Array(textBytes + TRAILER_BYTES), blockBytes))
    const trailer = tail.subarray(textBytes)
    if (
      trailer.readUInt32LE(12) !== MAGIC ||
      trailer.readUInt32LE(0) !== textBytes ||
      trailer.readUInt32LE(8) !== crc32(tail.subarray(0, textBytes + 8))
    )
      throw damaged('its end is damaged')
    const memory = new SharedArrayBuffer(blockBytes)
    if ((await readChecked(file, memory)) !== trailer.readUInt32LE(4)) throw damaged('its checksum is wrong')
    const segment = layOut(shape, memory)
    const fault = faultInColumns(segment)
    if (fault !== undefined) throw damaged(fault)
    const texts = textsOf(tail.toString('utf8', 0, textBytes), shape)
    if (!texts) throw damaged('its texts do not fit it')
    return { ...texts, segment }
  } finally {
    await file.close()
  }
}

/** @returns the bytes given, filled from `from` on; those beyond the end of the file stay 0. */
async function readAll(file: FileHandle, bytes: Uint8Array, from: number): Promise<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, from + at)
    if (bytesRead === 0) return bytes
    at += bytesRead
  }
  return bytes
}

/** Fills memory with the beginning of a file. @returns the CRC-32 of what was read. */
async function readChecked(file: FileHandle, memory: SharedArrayBuffer): Promise<number> {
  const read = (from: number): Promise<Uint8Array> | undefined => {
    const bytes = Math.min(PIECE_BYTES, memory.byteLength - from)
    return bytes > 0 ? readAll(file, new Uint8Array(memory, from, bytes), from) : undefined
  }
  let checksum = 0
  let next = read(0)
  for (let from = PIECE_BYTES; next; from += PIECE_BYTES) {
    const piece = await next
    next = read(from)
    checksum = crc32(piece, checksum)
  }
  return checksum
}

function textsOf(json: string, { recordings }: SegmentShape): Omit<StoredSegment, 'segment'> | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  const texts = Texts.safeParse(value)
  if (!texts.success || texts.data.recordings.length !== recordings) return undefined
  return { owner: texts.data.owner, recordings: texts.data.recordings.map(([id, note]) => ({ id, note })) }
}
