import type { LandmarkList } from './landmarks.ts'
import { directoryWriter } from './segment-directory.ts'
import { ORDER_BITS } from './segment.ts'
import type { Segment } from './segment.ts'

/** Postings by the upper bits of their order; those that are equal in them by position. */
export interface Postings {
  readonly bucket: Uint32Array
  readonly order: Uint16Array
  readonly position: Uint32Array
}

/** So many places to write to at once stay in the nearest cache; what is left for the rows to sort is little. */
const ROUGH_BITS = 7
const ROUGH_SHIFT = ORDER_BITS - ROUGH_BITS

/**
 * The landmarks of some recordings as postings. Already here they are put roughly in order, so that those of a bucket
 * come nearly as they have to stand in its row.
 *
 * @param starts where each recording begins on the time line.
 */
export function gatherPostings(lists: readonly LandmarkList[], starts: readonly number[]): Postings {
  const places = new Uint32Array(2 ** ROUGH_BITS + 1)
  let total = 0
  for (const { count, order } of lists) {
    total += count
    for (let index = 0; index < count; index++) {
      const next = (order[index]! >>> ROUGH_SHIFT) + 1
      places[next] = places[next]! + 1
    }
  }
  for (let part = 0; part < 2 ** ROUGH_BITS; part++) places[part + 1] = places[part + 1]! + places[part]!
  const postings = {
    bucket: new Uint32Array(total),
    order: new Uint16Array(total),
    position: new Uint32Array(total),
  }
  for (const [number, list] of lists.entries()) spread(list, starts[number]!, places, postings)
  return postings
}

/** Writes one recording's landmarks to the next places of their parts. */
function spread(list: LandmarkList, start: number, places: Uint32Array, into: Postings): void {
  const { count, bucket, order, frame } = list
  for (let index = 0; index < count; index++) {
    const own = order[index]!
    const place = places[own >>> ROUGH_SHIFT]!
    into.bucket[place] = bucket[index]!
    into.order[place] = own
    into.position[place] = start + frame[index]!
    places[own >>> ROUGH_SHIFT] = place + 1
  }
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
  let ranks = naturalRanks(bucket.length)
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

function naturalRanks(count: number): Uint32Array<ArrayBuffer> {
  const ranks = new Uint32Array(count)
  for (let index = 0; index < count; index++) ranks[index] = index
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

/** Rows of up to so many postings are sorted by insertion, which is quick where they are nearly in order. */
const INSERTION_MAX = 512

/** Many postings: each goes straight to its row of a dense directory, which is then sorted. */
function writeByRows(segment: Segment, { bucket, order, position }: Postings): void {
  const { offsets, positions, order: orders, shape } = segment
  const { splitBits } = shape
  const shift = ORDER_BITS - splitBits
  // First how many each row has, then where its next one goes.
  const places = new Uint32Array(shape.rows)
  for (let index = 0; index < bucket.length; index++) {
    const row = (bucket[index]! << splitBits) + (order[index]! >>> shift)
    places[row] = places[row]! + 1
  }
  let end = 0
  for (let row = 0; row < shape.rows; row++) {
    const count = places[row]!
    places[row] = end
    end += count
    offsets[row + 1] = end
  }
  for (let index = 0; index < bucket.length; index++) {
    const own = order[index]!
    const row = (bucket[index]! << splitBits) + (own >>> shift)
    const place = places[row]!
    positions[place] = position[index]!
    orders[place] = own
    places[row] = place + 1
  }
  for (let row = 0; row < shape.rows; row++) sortRow(orders, positions, offsets[row]!, offsets[row + 1]!)
}

/** Sorts the postings of a row by order; equal ones stay as they came, which is by position. */
function sortRow(orders: Uint16Array, positions: Uint32Array, from: number, to: number): void {
  if (to - from > INSERTION_MAX) return sortLongRow(orders, positions, from, to)
  for (let index = from + 1; index < to; index++) {
    const order = orders[index]!
    let place = index
    if (orders[place - 1]! <= order) continue
    const position = positions[index]!
    for (; place > from && orders[place - 1]! > order; place--) {
      orders[place] = orders[place - 1]!
      positions[place] = positions[place - 1]!
    }
    orders[place] = order
    positions[place] = position
  }
}

/** The same for a bucket that is much fuller than others, in time that grows no faster than it. */
function sortLongRow(orders: Uint16Array, positions: Uint32Array, from: number, to: number): void {
  const [ownOrders, ownPositions] = [orders.slice(from, to), positions.slice(from, to)]
  const ranks = countingPass(countingPass(naturalRanks(to - from), ownOrders, 0), ownOrders, DIGIT_BITS)
  for (let index = 0; index < ranks.length; index++) {
    orders[from + index] = ownOrders[ranks[index]!]!
    positions[from + index] = ownPositions[ranks[index]!]!
  }
}
