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

/** Many postings: each goes straight to its row of a dense directory, then each row is sorted by itself. */
function writeByRows(segment: Segment, { bucket, order, position }: Postings): void {
  const { offsets, positions, shape } = segment
  const shift = ORDER_BITS - shape.splitBits
  const rowOf = (index: number): number => (bucket[index]! << shape.splitBits) + (order[index]! >>> shift)
  for (let index = 0; index < bucket.length; index++) {
    const next = rowOf(index) + 1
    offsets[next] = offsets[next]! + 1
  }
  for (let row = 0; row < shape.rows; row++) offsets[row + 1] = offsets[row + 1]! + offsets[row]!
  const places = offsets.slice(0, shape.rows)
  for (let index = 0; index < bucket.length; index++) {
    const row = rowOf(index)
    const place = places[row]!
    positions[place] = position[index]!
    segment.order[place] = order[index]!
    places[row] = place + 1
  }
  for (let row = 0; row < shape.rows; row++) sortRow(segment, offsets[row]!, offsets[row + 1]!)
}

/** Rows up to this length are sorted by insertion, longer ones as numbers. */
const INSERTION_MAX = 24

/** Two numbers of 32 and 16 bits in one that is exact. */
const POSITIONS = 2 ** 32

/** Sorts the postings from `from` up to `to` by order; they come in order of position and stay so among equals. */
function sortRow({ order, positions }: Segment, from: number, to: number): void {
  if (to - from > INSERTION_MAX) {
    const keys = new Float64Array(to - from)
    for (let index = from; index < to; index++)
      keys[index - from] = order[index]! * POSITIONS + positions[index]!
    keys.sort()
    for (let index = from; index < to; index++) {
      const key = keys[index - from]!
      order[index] = Math.floor(key / POSITIONS)
      positions[index] = key % POSITIONS
    }
    return
  }
  for (let index = from + 1; index < to; index++) {
    const [ownOrder, ownPosition] = [order[index]!, positions[index]!]
    let place = index
    for (; place > from && order[place - 1]! > ownOrder; place--) {
      order[place] = order[place - 1]!
      positions[place] = positions[place - 1]!
    }
    order[place] = ownOrder
    positions[place] = ownPosition
  }
}
