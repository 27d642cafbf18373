import { DURATION_MS_MAX, DURATION_MS_MIN, msToFrames } from '../constants.ts'
import { BUCKET_COUNT } from './landmarks.ts'
import { arePackedPeaks } from './packed-peaks.ts'
import { endOf, startsOf } from './segment-build.ts'
import { SPLIT_BITS_MAX, fillSlots } from './segment-directory.ts'
import { ORDER_BITS, TIMELINE_FRAMES_MAX } from './segment.ts'
import type { Segment, SegmentShape } from './segment.ts'

/*
 * A segment that comes from a file is believed only when everything holds that a search or a merge relies on without
 * looking again. A checksum tells of accidents; these checks also hold against a file that was made to do harm.
 */

/**
 * What is wrong with a shape, before memory is given to a segment of it.
 *
 * @returns undefined when nothing is.
 */
export function faultInShape({
  recordings,
  postings,
  rows,
  slots,
  splitBits,
}: SegmentShape): string | undefined {
  if (recordings === 0) return 'it has no recordings'
  if (slots === 0) {
    if (splitBits > SPLIT_BITS_MAX || rows !== BUCKET_COUNT << splitBits)
      return 'its directory has no such size'
    return undefined
  }
  // A search ends at the first empty slot, so there must be one.
  if (splitBits !== 0 || rows > postings || rows >= slots || (slots & (slots - 1)) !== 0)
    return 'its directory has no such size'
  return undefined
}

/** What is wrong with the columns of a segment, laid out as its shape says. @returns undefined when nothing is. */
export const faultInColumns = (segment: Segment): string | undefined =>
  faultInRecordings(segment) ??
  faultInDirectory(segment) ??
  faultInOrder(segment) ??
  faultInPositions(segment)

/** Frames that a posting or peak may begin after the start of its recording: one more than it lasts, for rounding. */
const framesOf = (durationMs: number): number => Math.ceil(msToFrames(durationMs) + 1)

function faultInRecordings(segment: Segment): string | undefined {
  const { durationsMs, starts, peakOffsets, peaks, shape } = segment
  for (const durationMs of durationsMs)
    if (durationMs < DURATION_MS_MIN || durationMs > DURATION_MS_MAX) return 'a recording has no such length'
  const expected = startsOf(Array.from(durationsMs))
  if (!expected.every((start, place) => start === starts[place])) return 'a recording begins elsewhere'
  if (endOf(segment) >= TIMELINE_FRAMES_MAX) return 'its time line is too long'
  if (peakOffsets[0] !== 0 || peakOffsets[shape.recordings] !== shape.peakBytes)
    return 'its peaks are incomplete'
  for (let place = 0; place < shape.recordings; place++) {
    const [from, to] = [peakOffsets[place]!, peakOffsets[place + 1]!]
    if (from > to || to > shape.peakBytes || !arePackedPeaks(peaks, from, to, framesOf(durationsMs[place]!)))
      return 'the peaks of a recording cannot be'
  }
  return undefined
}

function faultInDirectory(segment: Segment): string | undefined {
  const { offsets, buckets, slots, shape } = segment
  if (offsets[0] !== 0 || offsets[shape.rows] !== shape.postings) return 'its directory is incomplete'
  let before = 0
  for (let row = 0; row < offsets.length; row++) {
    const offset = offsets[row]!
    if (offset < before) return 'its directory is out of order'
    before = offset
  }
  if (shape.slots === 0) return undefined
  let last = -1
  for (const bucket of buckets) {
    if (bucket <= last || bucket >= BUCKET_COUNT) return 'its buckets are out of order'
    last = bucket
  }
  const expected = { buckets, slots: new Int32Array(slots.length) }
  fillSlots(expected)
  return expected.slots.every((row, slot) => row === slots[slot]) ? undefined : 'its hash table is wrong'
}

/** In a bucket `order` ascends, and each row has its own part of the range. */
function faultInOrder({ offsets, order, shape }: Segment): string | undefined {
  const shift = ORDER_BITS - shape.splitBits
  const partMask = (1 << shape.splitBits) - 1
  for (let row = 0; row < shape.rows; row++) {
    const part = row & partMask
    const to = offsets[row + 1]!
    let least = part << shift
    for (let at = offsets[row]!; at < to; at++) {
      const own = order[at]!
      if (own < least) return 'its postings are out of order'
      least = own
    }
    if (least >>> shift !== part) return 'its postings are out of order'
  }
  return undefined
}

/** All postings lie on the time line. That each is of the recording it should be is left to the search, as always. */
function faultInPositions(segment: Segment): string | undefined {
  const { positions, starts, landmarks, shape } = segment
  const first = starts[0]!
  const end = endOf(segment)
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at]!
    if (position < first || position > end) return 'a posting lies beyond the time line'
  }
  let postings = 0
  for (let place = 0; place < landmarks.length; place++) postings += landmarks[place]!
  return postings === shape.postings ? undefined : 'its recordings have other postings than it'
}
