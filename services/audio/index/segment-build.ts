import { msToFrames } from '../constants.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { landmarksOf } from './landmarks.ts'
import type { LandmarkList } from './landmarks.ts'
import { packPeaks, packedBytes } from './packed-peaks.ts'
import { directoryShape, directoryWriter } from './segment-directory.ts'
import { GAP_FRAMES, layOut } from './segment.ts'
import type { Segment } from './segment.ts'

/** A recording on its way into a segment. */
export interface SegmentEntry {
  /** Its number in the index. */
  readonly number: number
  readonly fingerprint: Fingerprint
}

/** A loop repeats its landmarks; more equal ones than this from one recording only slow the search down. */
const EQUAL_LANDMARKS_MAX = 64

/** Makes a segment from whole recordings, in their order. */
export function buildSegment(entries: readonly SegmentEntry[]): Segment {
  const lists = entries.map(({ fingerprint }) => withoutExcess(landmarksOf(fingerprint.peaks)))
  const count = lists.reduce((sum, list) => sum + list.count, 0)
  const starts = startsOf(entries.map(({ fingerprint }) => fingerprint.durationMs))
  const columns = {
    bucket: new Uint32Array(count),
    order: new Uint16Array(count),
    position: new Uint32Array(count),
  }
  let at = 0
  for (const [place, list] of lists.entries()) {
    for (let index = 0; index < list.count; index++, at++) {
      columns.bucket[at] = list.bucket[index]!
      columns.order[at] = list.order[index]!
      columns.position[at] = starts[place]! + list.frame[index]!
    }
  }
  const ranks = sortedRanks(columns.bucket, columns.order)
  const segment = layOut({
    recordings: entries.length,
    postings: count,
    peakBytes: entries.reduce((sum, { fingerprint }) => sum + packedBytes(fingerprint.peaks), 0),
    ...directoryShape(count, differentBuckets(columns.bucket, ranks)),
  })
  segment.starts.set(starts)
  writeRecordings(segment, entries, lists)
  const directory = directoryWriter(segment)
  for (let index = 0; index < count; index++) {
    const from = ranks[index]!
    segment.positions[index] = columns.position[from]!
    segment.order[index] = columns.order[from]!
    directory.add(columns.bucket[from]!, columns.order[from]!)
  }
  directory.finish()
  return segment
}

function writeRecordings(
  segment: Segment,
  entries: readonly SegmentEntry[],
  lists: readonly LandmarkList[],
): void {
  let at = 0
  for (const [place, { number, fingerprint }] of entries.entries()) {
    segment.numbers[place] = number
    segment.durationsMs[place] = fingerprint.durationMs
    segment.landmarks[place] = lists[place]!.count
    segment.peakOffsets[place] = at
    at = packPeaks(fingerprint.peaks, segment.peaks, at)
  }
  segment.peakOffsets[entries.length] = at
}

/** Where recordings of these lengths begin on a time line. */
export function startsOf(durationsMs: readonly number[]): number[] {
  let frame = GAP_FRAMES / 2
  return durationsMs.map((durationMs) => {
    const start = Math.ceil(frame)
    frame = start + framesTaken(durationMs)
    return start
  })
}

/** Frames of the time line that a recording takes with the gap after it. */
const framesTaken = (durationMs: number): number => Math.ceil(msToFrames(durationMs)) + GAP_FRAMES

/** Where the time line of a segment ends, with the gap after its last recording. */
export const endOf = ({ starts, durationsMs }: Segment): number =>
  starts.length === 0 ? 0 : starts.at(-1)! + framesTaken(durationsMs.at(-1)!)

function withoutExcess(list: LandmarkList): LandmarkList {
  if (!mayHaveExcess(list)) return list
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

const SIEVE_BITS = 14

/** Counts landmarks by a hash: where no count is too large, no landmark is there too often. Spares nearly all the map. */
function mayHaveExcess({ count, bucket, order }: LandmarkList): boolean {
  if (count <= EQUAL_LANDMARKS_MAX) return false
  const sieve = new Uint32Array(1 << SIEVE_BITS)
  for (let index = 0; index < count; index++) {
    const hash = Math.imul(bucket[index]! ^ (order[index]! << 11), 0x9e_37_79_b1) >>> (32 - SIEVE_BITS)
    const times = sieve[hash]! + 1
    if (times > EQUAL_LANDMARKS_MAX) return true
    sieve[hash] = times
  }
  return false
}

function differentBuckets(bucket: Uint32Array, ranks: Uint32Array): number {
  let different = 0
  let last = -1
  for (const rank of ranks) {
    if (bucket[rank] !== last) different++
    last = bucket[rank]!
  }
  return different
}

/** Ranks of the postings by bucket, then order: a radix sort of four stable counting passes, linear in their number. */
function sortedRanks(bucket: Uint32Array, order: Uint16Array): Uint32Array {
  let ranks = new Uint32Array(bucket.length)
  for (let index = 0; index < ranks.length; index++) ranks[index] = index
  for (const [column, shift] of [
    [order, 0],
    [order, DIGIT_BITS],
    [bucket, 0],
    [bucket, DIGIT_BITS],
  ] as const) {
    ranks = countingPass(ranks, column, shift)
  }
  return ranks
}

/** Two digits of nine bits hold a bucket (18 bits) and an order (16). */
const DIGIT_BITS = 9
const DIGITS = 1 << DIGIT_BITS

function countingPass(
  ranks: Uint32Array,
  column: Uint32Array | Uint16Array,
  shift: number,
): Uint32Array<ArrayBuffer> {
  const places = new Uint32Array(DIGITS + 1)
  for (let index = 0; index < column.length; index++) {
    const digit = (column[index]! >>> shift) & (DIGITS - 1)
    places[digit + 1] = places[digit + 1]! + 1
  }
  for (let digit = 0; digit < DIGITS; digit++) places[digit + 1] = places[digit + 1]! + places[digit]!
  const result = new Uint32Array(ranks.length)
  for (let index = 0; index < ranks.length; index++) {
    const rank = ranks[index]!
    const digit = (column[rank]! >>> shift) & (DIGITS - 1)
    const place = places[digit]!
    result[place] = rank
    places[digit] = place + 1
  }
  return result
}
