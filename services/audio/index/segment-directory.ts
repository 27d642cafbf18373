import { BUCKET_COUNT } from './landmarks.ts'
import { ORDER_BITS, hashOf } from './segment.ts'
import type { Segment, SegmentShape } from './segment.ts'

/*
 * The directory of a segment says where the postings of a bucket begin. Many postings have a dense one, with a row
 * or several for each bucket there can be; few have a sparse one, with a row for each bucket there is.
 */

/** With fewer postings than this a dense directory (0.8 MB) would be larger than they are. */
const DENSE_POSTINGS_MIN = 65_536

/** A dense directory is made finer as long as its rows have so many postings on average. */
const ROW_POSTINGS_MIN = 16
export const SPLIT_BITS_MAX = 5

/** Whether so many postings have a dense directory. */
export const isDense = (postings: number): boolean => postings >= DENSE_POSTINGS_MIN

/** The directory that suits so many postings. @param bucketsUsed in how many different buckets; only asked when it is sparse. */
export function directoryShape(
  postings: number,
  bucketsUsed: number,
): Pick<SegmentShape, 'rows' | 'slots' | 'splitBits'> {
  if (!isDense(postings)) {
    let slots = 4
    while (slots < 2 * bucketsUsed) slots *= 2
    return { rows: bucketsUsed, slots, splitBits: 0 }
  }
  let splitBits = 0
  while (splitBits < SPLIT_BITS_MAX && postings >= (BUCKET_COUNT << (splitBits + 1)) * ROW_POSTINGS_MIN)
    splitBits++
  return { rows: BUCKET_COUNT << splitBits, slots: 0, splitBits }
}

/** Writes a directory, fed with all buckets that have postings, in their order. */
export interface DirectoryWriter {
  /** @param from the bucket's postings, up to `to`; they are in their places. */
  add(bucket: number, from: number, to: number): void
  finish(): void
}

export const directoryWriter = (segment: Segment): DirectoryWriter =>
  segment.shape.slots === 0 ? denseWriter(segment) : sparseWriter(segment)

function denseWriter(segment: Segment): DirectoryWriter {
  const { offsets, shape } = segment
  let row = 0
  return {
    add(bucket, from, to) {
      const first = bucket << shape.splitBits
      while (row < first) offsets[row++] = from
      writeBucketRows(segment, bucket, from, to)
      row = first + (1 << shape.splitBits)
    },
    finish: () => void offsets.fill(shape.postings, row),
  }
}

/** Writes the rows of one bucket in a dense directory; its postings `from` … `to` are in their places. */
export function writeBucketRows(
  { offsets, order, shape }: Segment,
  bucket: number,
  from: number,
  to: number,
): void {
  const { splitBits } = shape
  const shift = ORDER_BITS - splitBits
  const first = bucket << splitBits
  offsets[first] = from
  if (splitBits === 0) return
  let row = 1
  for (let at = from; at < to; at++) {
    const own = order[at]! >>> shift
    while (row <= own) offsets[first + row++] = at
  }
  while (row < 1 << splitBits) offsets[first + row++] = to
}

function sparseWriter(segment: Segment): DirectoryWriter {
  const { offsets, buckets, shape } = segment
  let row = 0
  return {
    add(bucket, from) {
      buckets[row] = bucket
      offsets[row++] = from
    },
    finish() {
      offsets[row] = shape.postings
      fillSlots(segment)
    },
  }
}

/** Enters the rows of a sparse directory in its hash slots; its `buckets` are there. */
export function fillSlots({ slots, buckets }: Pick<Segment, 'slots' | 'buckets'>): void {
  const mask = slots.length - 1
  slots.fill(-1)
  for (let row = 0; row < buckets.length; row++) {
    let slot = hashOf(buckets[row]!) & mask
    while (slots[slot] !== -1) slot = (slot + 1) & mask
    slots[slot] = row
  }
}
