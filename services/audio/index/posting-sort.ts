import { directoryWriter } from './segment-directory.ts'
import { ORDER_BITS } from './segment.ts'
import type { Segment } from './segment.ts'

/** Postings as they come: in order of their position. */
export interface Postings {
  readonly bucket: Uint32Array
  readonly order: Uint16Array
  readonly position: Uint32Array
}

/** Writes postings into a segment laid out for them, in order of bucket, then `order`, then position, with the directory. */
export function writePostings(segment: Segment, postings: Postings): void {
  if (segment.shape.slots > 0) writeByRanks(segment, postings)
  else writeByRows(segment, postings)
}

/** How many different buckets there are: as many as a sparse directory has rows. */
export const differentBuckets = ({ bucket }: Postings): number => new Set(bucket).size

/** Few postings, of which hardly two are in one bucket: sorted as a whole. */
function writeByRanks(segment: Segment, { bucket, order, position }: Postings): void {
  const ranks = sortedRanks(bucket, order)
  const directory = directoryWriter(segment)
  for (let index = 0; index < ranks.length; index++) {
    const from = ranks[index]!
    segment.positions[index] = position[from]!
    segment.order[index] = order[from]!
    directory.add(bucket[from]!, order[from]!)
  }
  directory.finish()
}

/** Ranks of the postings by bucket, then order: a radix sort of four stable counting passes. */
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

/** Many postings: first by order, then each goes straight to its row of a dense directory, which keeps their order. */
function writeByRows(segment: Segment, { bucket, order, position }: Postings): void {
  const { offsets, positions, shape } = segment
  const { splitBits } = shape
  const shift = ORDER_BITS - splitBits
  for (let index = 0; index < bucket.length; index++) {
    const next = (bucket[index]! << splitBits) + (order[index]! >>> shift) + 1
    offsets[next] = offsets[next]! + 1
  }
  for (let row = 0; row < shape.rows; row++) offsets[row + 1] = offsets[row + 1]! + offsets[row]!
  const places = offsets.slice(0, shape.rows)
  const ranks = ranksByOrder(order)
  for (let index = 0; index < ranks.length; index++) {
    const from = ranks[index]!
    const ownOrder = order[from]!
    const row = (bucket[from]! << splitBits) + (ownOrder >>> shift)
    const place = places[row]!
    positions[place] = position[from]!
    segment.order[place] = ownOrder
    places[row] = place + 1
  }
}

/** Ranks of the postings by order alone, in one counting pass: its counters are few enough for a processor's cache. */
function ranksByOrder(order: Uint16Array): Uint32Array {
  const places = new Uint32Array(2 ** ORDER_BITS + 1)
  for (let index = 0; index < order.length; index++) {
    const next = order[index]! + 1
    places[next] = places[next]! + 1
  }
  for (let value = 0; value < 2 ** ORDER_BITS; value++)
    places[value + 1] = places[value + 1]! + places[value]!
  const ranks = new Uint32Array(order.length)
  for (let index = 0; index < order.length; index++) {
    const value = order[index]!
    const place = places[value]!
    ranks[place] = index
    places[value] = place + 1
  }
  return ranks
}
