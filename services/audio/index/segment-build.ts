import { msToFrames } from '../constants.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { landmarksOf } from './landmarks.ts'
import type { LandmarkList } from './landmarks.ts'
import { packPeaks, packedBytes } from './packed-peaks.ts'
import { differentBuckets, gatherPostings, writePostings } from './posting-sort.ts'
import { directoryShape, isDense } from './segment-directory.ts'
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
  const starts = startsOf(entries.map(({ fingerprint }) => fingerprint.durationMs))
  const postings = gatherPostings(lists, starts)
  const { count } = postings
  const segment = layOut({
    recordings: entries.length,
    postings: count,
    peakBytes: entries.reduce((sum, { fingerprint }) => sum + packedBytes(fingerprint.peaks), 0),
    ...directoryShape(count, isDense(count) ? 0 : differentBuckets(postings)),
  })
  segment.starts.set(starts)
  writeRecordings(segment, entries, lists)
  writePostings(segment, postings)
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
/** One for all recordings, because making it anew costs more than counting; no count in it exceeds the limit by much. */
const sieve = new Uint8Array(1 << SIEVE_BITS)

/** Counts landmarks by a hash: where no count is too large, no landmark is there too often. Spares nearly all the map. */
function mayHaveExcess({ count, bucket, order }: LandmarkList): boolean {
  if (count <= EQUAL_LANDMARKS_MAX) return false
  sieve.fill(0)
  for (let index = 0; index < count; index++) {
    const hash = Math.imul(bucket[index]! ^ (order[index]! << 11), 0x9e_37_79_b1) >>> (32 - SIEVE_BITS)
    const times = sieve[hash]! + 1
    if (times > EQUAL_LANDMARKS_MAX) return true
    sieve[hash] = times
  }
  return false
}
