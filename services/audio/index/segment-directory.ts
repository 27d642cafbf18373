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

/** Writes a directory, fed with the buckets and orders of all postings in their order. */
export interface DirectoryWriter {
  add(bucket: number, order: number): void
  finish(): void
}

export function directoryWriter(segment: Segment): DirectoryWriter {
  const { offsets, buckets, shape } = segment
  const shift = ORDER_BITS - shape.splitBits
  let count = 0
  let rows = 0
  let last = -1
  return {
    add(bucket, order) {
      if (shape.slots === 0) {
        // The number of the row's postings, for now in the place of the next row.
        const row = (bucket << shape.splitBits) + (order >>> shift)
        offsets[row + 1] = offsets[row + 1]! + 1
        return
      }
      if (bucket !== last) {
        buckets[rows] = bucket
        offsets[rows++] = count
        last = bucket
      }
      count++
    },
    finish() {
      if (shape.slots === 0) {
        for (let row = 0; row < shape.rows; row++) offsets[row + 1] = offsets[row + 1]! + offsets[row]!
        return
      }
      offsets[rows] = count
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
