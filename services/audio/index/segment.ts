import { FRAMES_PER_SECOND, msToFrames } from '../constants.ts'
import { encodeFingerprint } from '../fingerprint/fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { lowerBound } from '../peak-list.ts'
import { BUCKET_COUNT, landmarksOf } from './landmarks.ts'

/** A recording as the index keeps it. */
export interface IndexedRecording {
  readonly id: string
  readonly owner: string
  readonly durationMs: number
  /** Its fingerprint, encoded: a fifth of the memory of the columns, and decoded within microseconds. */
  readonly bytes: Uint8Array
  readonly landmarks: number
  /** False once it is removed; its postings go when its segment is next merged. */
  alive: boolean
}

/**
 * An immutable part of the index: postings in order of bucket, then of `order` (see landmarks.ts). All its
 * recordings lie one after the other on one time line, so a posting is a single number.
 */
export interface Segment {
  readonly recordings: readonly IndexedRecording[]
  /** Frame at which each recording begins on the time line of the segment. */
  readonly starts: Float64Array
  readonly directory: Directory
  readonly count: number
  readonly order: Uint16Array
  /** Anchor of each posting: frame on the time line. */
  readonly position: Uint32Array
  readonly bytes: number
}

/** Where the postings of a bucket are. Dense: row = bucket. Sparse: the row is found by hashing. */
interface Directory {
  /** Row r has the postings `offsets[r]` … `offsets[r + 1] − 1`. */
  readonly offsets: Uint32Array
  readonly sparse?: { readonly slots: Int32Array; readonly buckets: Uint32Array }
}

interface Postings {
  readonly count: number
  readonly bucket: Uint32Array
  readonly order: Uint16Array
  readonly position: Uint32Array
}

/**
 * Silence between two recordings on the time line, in frames (60 s). Half of it is more than any candidate
 * may begin before, or end after, the recording it belongs to (a window is at most 15 s, the scale 2^0.75).
 */
export const GAP_FRAMES = Math.round(60 * FRAMES_PER_SECOND)

/** With fewer postings than this a dense directory (0.8 MB) would be larger than they are. */
const DENSE_POSTINGS_MIN = 65_536

/** A loop repeats its landmarks; more equal ones than this from one recording only slow the search down. */
const EQUAL_LANDMARKS_MAX = 64

/** Whether a segment of that many recordings and hours would still fit its 32-bit time line. */
export const fitsTimeline = (segments: readonly Segment[]): boolean =>
  segments.reduce((sum, segment) => sum + timelineEnd(segment.recordings), 0) < 2 ** 32

/** Makes a segment from whole recordings, in their order. */
export function buildSegment(
  entries: readonly { id: string; owner: string; fingerprint: Fingerprint }[],
): Segment {
  const lists = entries.map(({ fingerprint }) => withoutExcess(landmarksOf(fingerprint.peaks)))
  const recordings = entries.map(({ id, owner, fingerprint }, index): IndexedRecording => ({
    id,
    owner,
    durationMs: fingerprint.durationMs,
    bytes: encodeFingerprint(fingerprint),
    landmarks: lists[index]!.count,
    alive: true,
  }))
  const starts = startsOf(recordings)
  const postings = emptyPostings(lists.reduce((sum, list) => sum + list.count, 0))
  let at = 0
  for (const [recording, list] of lists.entries()) {
    for (let index = 0; index < list.count; index++, at++) {
      postings.bucket[at] = list.bucket[index]!
      postings.order[at] = list.order[index]!
      postings.position[at] = starts[recording]! + list.frame[index]!
    }
  }
  return assemble(recordings, starts, sortPostings(postings))
}

/** Joins two segments without sorting them again, and leaves out what was removed from either. */
export function mergeSegments(first: Segment, second: Segment): Segment {
  const kept = [...first.recordings, ...second.recordings].filter(({ alive }) => alive)
  const starts = startsOf(kept)
  const keptBefore = first.recordings.filter(({ alive }) => alive).length
  const a = livePostings(first, starts, 0)
  const b = livePostings(second, starts, keptBefore)
  const merged = emptyPostings(a.count + b.count)
  let i = 0
  let j = 0
  for (let at = 0; at < merged.count; at++) {
    const takeFirst =
      j >= b.count ||
      (i < a.count &&
        (a.bucket[i]! < b.bucket[j]! || (a.bucket[i] === b.bucket[j] && a.order[i]! <= b.order[j]!)))
    const from = takeFirst ? a : b
    const index = takeFirst ? i++ : j++
    merged.bucket[at] = from.bucket[index]!
    merged.order[at] = from.order[index]!
    merged.position[at] = from.position[index]!
  }
  return assemble(kept, starts, merged)
}

/** Row of a bucket in the directory, or −1 when the segment has no posting in it. */
export function rowOf({ sparse }: Directory, bucket: number): number {
  if (!sparse) return bucket
  const { slots, buckets } = sparse
  for (let slot = hashOf(bucket) & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
    const row = slots[slot]!
    if (row === -1 || buckets[row] === bucket) return row
  }
}

/** Number of the recording whose stretch of the time line, with half the gaps around it, has this frame. */
export function recordingAt(segment: Segment, frame: number): number {
  const next = lowerBound(segment.starts, frame + GAP_FRAMES / 2 + 1)
  return Math.max(0, next - 1)
}

function startsOf(recordings: readonly IndexedRecording[]): Float64Array {
  const starts = new Float64Array(recordings.length)
  let frame = GAP_FRAMES / 2
  for (const [index, { durationMs }] of recordings.entries()) {
    starts[index] = frame
    frame += Math.ceil(msToFrames(durationMs)) + GAP_FRAMES
  }
  return starts
}

const timelineEnd = (recordings: readonly IndexedRecording[]): number =>
  recordings.reduce((sum, { durationMs }) => sum + Math.ceil(msToFrames(durationMs)) + GAP_FRAMES, GAP_FRAMES)

const emptyPostings = (count: number): Postings => ({
  count,
  bucket: new Uint32Array(count),
  order: new Uint16Array(count),
  position: new Uint32Array(count),
})

function withoutExcess(list: ReturnType<typeof landmarksOf>): ReturnType<typeof landmarksOf> {
  const seen = new Map<number, number>()
  let count = 0
  for (let index = 0; index < list.count; index++) {
    const key = list.bucket[index]! * 65_536 + list.order[index]!
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    if (times > EQUAL_LANDMARKS_MAX) continue
    list.bucket[count] = list.bucket[index]!
    list.order[count] = list.order[index]!
    list.frame[count] = list.frame[index]!
    count++
  }
  return { ...list, count }
}

/** The postings of a segment on the time line of the merged one; `offset` = number of its first recording there. */
function livePostings(segment: Segment, starts: Float64Array, offset: number): Postings {
  const { recordings, directory, count, order, position } = segment
  const shifts: number[] = []
  let live = offset
  for (const [index, { alive }] of recordings.entries()) {
    shifts.push(alive ? starts[live++]! - segment.starts[index]! : Number.NaN)
  }
  const complete = recordings.every(({ alive }) => alive)
  const all = emptyPostings(count)
  let kept = 0
  for (let row = 0; row + 1 < directory.offsets.length; row++) {
    const bucket = directory.sparse ? directory.sparse.buckets[row]! : row
    for (let index = directory.offsets[row]!; index < directory.offsets[row + 1]!; index++) {
      const shift = complete ? shifts[0]! : shifts[recordingAt(segment, position[index]!)]!
      if (Number.isNaN(shift)) continue
      all.bucket[kept] = bucket
      all.order[kept] = order[index]!
      all.position[kept] = position[index]! + shift
      kept++
    }
  }
  return { ...all, count: kept }
}

function assemble(
  recordings: readonly IndexedRecording[],
  starts: Float64Array,
  { count, bucket, order, position }: Postings,
): Segment {
  const directory =
    count >= DENSE_POSTINGS_MIN ? denseDirectory(bucket, count) : sparseDirectory(bucket, count)
  const bytes =
    recordings.reduce((sum, recording) => sum + recording.bytes.length, 0) +
    count * (order.BYTES_PER_ELEMENT + position.BYTES_PER_ELEMENT) +
    directory.offsets.byteLength +
    (directory.sparse ? directory.sparse.slots.byteLength + directory.sparse.buckets.byteLength : 0)
  return { recordings, starts, directory, count, order, position, bytes }
}

function denseDirectory(bucket: Uint32Array, count: number): Directory {
  const offsets = new Uint32Array(BUCKET_COUNT + 1)
  for (let index = 0; index < count; index++) offsets[bucket[index]! + 1] = offsets[bucket[index]! + 1]! + 1
  for (let row = 0; row < BUCKET_COUNT; row++) offsets[row + 1] = offsets[row + 1]! + offsets[row]!
  return { offsets }
}

function sparseDirectory(bucket: Uint32Array, count: number): Directory {
  const buckets: number[] = []
  const offsets: number[] = []
  for (let index = 0; index < count; index++) {
    if (index > 0 && bucket[index] === bucket[index - 1]) continue
    buckets.push(bucket[index]!)
    offsets.push(index)
  }
  offsets.push(count)
  let size = 4
  while (size < 2 * buckets.length) size *= 2
  const slots = new Int32Array(size).fill(-1)
  for (const [row, value] of buckets.entries()) {
    let slot = hashOf(value) & (size - 1)
    while (slots[slot] !== -1) slot = (slot + 1) & (size - 1)
    slots[slot] = row
  }
  return { offsets: Uint32Array.from(offsets), sparse: { slots, buckets: Uint32Array.from(buckets) } }
}

/** Spreads neighbouring buckets over the slots (Knuth's multiplicative hash, upper bits). */
const hashOf = (bucket: number): number => Math.imul(bucket, 0x9e_37_79_b1) >>> 8

/** Radix sort by bucket, then by order: four stable counting passes, linear in the postings. */
function sortPostings(postings: Postings): Postings {
  let ranks = Uint32Array.from({ length: postings.count }, (_, index) => index)
  for (const { column, shift } of [
    { column: postings.order, shift: 0 },
    { column: postings.order, shift: 9 },
    { column: postings.bucket, shift: 0 },
    { column: postings.bucket, shift: 9 },
  ]) {
    ranks = countingPass(ranks, column, shift)
  }
  const sorted = emptyPostings(postings.count)
  for (let index = 0; index < ranks.length; index++) {
    const from = ranks[index]!
    sorted.bucket[index] = postings.bucket[from]!
    sorted.order[index] = postings.order[from]!
    sorted.position[index] = postings.position[from]!
  }
  return sorted
}

function countingPass(
  ranks: Uint32Array,
  column: Uint32Array | Uint16Array,
  shift: number,
): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(513)
  for (const rank of ranks) {
    const digit = (column[rank]! >>> shift) & 511
    places[digit + 1] = places[digit + 1]! + 1
  }
  for (let digit = 0; digit < 512; digit++) places[digit + 1] = places[digit + 1]! + places[digit]!
  const result = new Uint32Array(ranks.length)
  for (const rank of ranks) {
    const digit = (column[rank]! >>> shift) & 511
    const place = places[digit]!
    result[place] = rank
    places[digit] = place + 1
  }
  return result
}
