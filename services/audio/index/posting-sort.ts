import { BUCKET_COUNT } from './landmarks.ts'
import type { LandmarkList } from './landmarks.ts'
import { directoryWriter } from './segment-directory.ts'
import type { DirectoryWriter } from './segment-directory.ts'
import { ORDER_BITS } from './segment.ts'
import type { Segment } from './segment.ts'

/*
 * Postings are sorted in two steps. First they are dealt out to parts of a thousand neighbouring buckets each: so few
 * places to write to at once stay in the nearest caches. Then every part is sorted by itself, which is small enough for
 * the cache too: a radix sort, of which the last pass writes into the segment.
 */

/** Bits of a bucket that tell the buckets of a part apart. */
const LOW_BITS = 10
const PART_BUCKETS = 1 << LOW_BITS
const PARTS = Math.ceil(BUCKET_COUNT / PART_BUCKETS)

/** Landmarks as postings, part by part; those of a part as they came. Holds until the next are gathered. */
export interface Postings {
  readonly count: number
  /** Where each part begins, and after the last one where that ends. */
  readonly parts: Uint32Array
  /** Of each posting its key, which is its bucket within the part << `ORDER_BITS` | order, and its position. */
  readonly pairs: Uint32Array
}

/** So much is kept from segment to segment (20 MB, a batch of songs), because memory costs most when it is first touched. */
const KEPT_WORDS_MAX = 5_000_000
let kept = new Uint32Array(0)
let keptBeside = new Uint32Array(0)

/**
 * The landmarks of some recordings as postings.
 *
 * @param starts where each recording begins on the time line.
 */
export function gatherPostings(lists: readonly LandmarkList[], starts: readonly number[]): Postings {
  const parts = new Uint32Array(PARTS + 1)
  let total = 0
  for (const { count, bucket } of lists) {
    total += count
    for (let index = 0; index < count; index++) {
      const part = bucket[index]! >>> LOW_BITS
      parts[part] = parts[part]! + 1
    }
  }
  let end = 0
  for (let part = 0; part <= PARTS; part++) {
    const count = parts[part]!
    parts[part] = end
    end += count
  }
  const pairs = 2 * total <= kept.length ? kept : new Uint32Array(2 * total)
  if (pairs.length <= KEPT_WORDS_MAX) kept = pairs
  const places = parts.slice()
  for (const [number, list] of lists.entries()) deal(list, starts[number]!, places, pairs)
  return { count: total, parts, pairs }
}

/** Writes one recording's landmarks to the next places of their parts. */
function deal(list: LandmarkList, start: number, places: Uint32Array, pairs: Uint32Array): void {
  const { count, bucket, order, frame } = list
  for (let index = 0; index < count; index++) {
    const own = bucket[index]!
    const part = own >>> LOW_BITS
    const place = places[part]!
    places[part] = place + 1
    pairs[2 * place] = ((own & (PART_BUCKETS - 1)) << ORDER_BITS) | order[index]!
    pairs[2 * place + 1] = start + frame[index]!
  }
}

/** How many different buckets there are: as many as a sparse directory has rows. */
export function differentBuckets({ parts, pairs }: Postings): number {
  let different = 0
  for (let part = 0; part < PARTS; part++) {
    const seen = new Set<number>()
    for (let at = parts[part]!; at < parts[part + 1]!; at++) seen.add(pairs[2 * at]! >>> ORDER_BITS)
    different += seen.size
  }
  return different
}

/** Parts of up to so many postings are sorted by insertion: a radix sort would count up to the number of buckets first. */
const INSERTION_MAX = 64

/** Writes postings into a segment laid out for them, in order of bucket, then `order`, then position, with the directory. */
export function writePostings(segment: Segment, { parts, pairs }: Postings): void {
  const directory = directoryWriter(segment)
  for (let part = 0; part < PARTS; part++) {
    const [from, to] = [parts[part]!, parts[part + 1]!]
    if (to - from <= INSERTION_MAX) writeFew(segment, pairs, from, to, part, directory)
    else writeMany(segment, pairs, from, to, part, directory)
  }
  directory.finish()
}

/** Sorts a part by insertion and writes it. */
function writeFew(
  { positions, order }: Segment,
  pairs: Uint32Array,
  from: number,
  to: number,
  part: number,
  directory: DirectoryWriter,
): void {
  for (let index = from; index < to; index++) {
    const key = pairs[2 * index]!
    const position = pairs[2 * index + 1]!
    let place = index
    for (; place > from && pairs[2 * place - 2]! > key; place--) {
      pairs[2 * place] = pairs[2 * place - 2]!
      pairs[2 * place + 1] = pairs[2 * place - 1]!
    }
    pairs[2 * place] = key
    pairs[2 * place + 1] = position
  }
  let first = from
  for (let index = from; index < to; index++) {
    const key = pairs[2 * index]!
    positions[index] = pairs[2 * index + 1]!
    order[index] = key
    const bucket = key >>> ORDER_BITS
    if (index + 1 < to && pairs[2 * index + 2]! >>> ORDER_BITS === bucket) continue
    directory.add(part * PART_BUCKETS + bucket, first, index + 1)
    first = index + 1
  }
}

/** Digits of an order, of which it has two; a bucket of a part is the third. */
const DIGIT_BITS = ORDER_BITS / 2
const DIGITS = 1 << DIGIT_BITS
const low = new Uint32Array(DIGITS)
const high = new Uint32Array(DIGITS)
const buckets = new Uint32Array(PART_BUCKETS)

/** The same by a radix sort of three stable passes, of which the last one writes. */
function writeMany(
  { positions, order }: Segment,
  pairs: Uint32Array,
  from: number,
  to: number,
  part: number,
  directory: DirectoryWriter,
): void {
  countDigits(pairs, from, to)
  const beside = roomBeside(to - from)
  for (let at = 2 * from; at < 2 * to; at += 2) {
    const key = pairs[at]!
    const place = low[key & (DIGITS - 1)]!
    low[key & (DIGITS - 1)] = place + 1
    beside[2 * place] = key
    beside[2 * place + 1] = pairs[at + 1]!
  }
  const sorted = pairs.subarray(2 * from, 2 * to)
  for (let at = 0; at < sorted.length; at += 2) {
    const key = beside[at]!
    const digit = (key >>> DIGIT_BITS) & (DIGITS - 1)
    const place = high[digit]!
    high[digit] = place + 1
    sorted[2 * place] = key
    sorted[2 * place + 1] = beside[at + 1]!
  }
  for (let at = 0; at < sorted.length; at += 2) {
    const key = sorted[at]!
    const bucket = key >>> ORDER_BITS
    const place = buckets[bucket]!
    buckets[bucket] = place + 1
    positions[from + place] = sorted[at + 1]!
    order[from + place] = key
  }
  // Where the next posting of a bucket would go is now where the bucket ends.
  for (let bucket = 0, first = 0; bucket < PART_BUCKETS; bucket++) {
    const end = buckets[bucket]!
    if (end > first) directory.add(part * PART_BUCKETS + bucket, from + first, from + end)
    first = end
  }
}

/** Makes `low`, `high` and `buckets` say where the first key of each digit goes. */
function countDigits(pairs: Uint32Array, from: number, to: number): void {
  for (const counts of [low, high, buckets]) counts.fill(0)
  for (let at = 2 * from; at < 2 * to; at += 2) {
    const key = pairs[at]!
    const digit = (key >>> DIGIT_BITS) & (DIGITS - 1)
    const bucket = key >>> ORDER_BITS
    low[key & (DIGITS - 1)] = low[key & (DIGITS - 1)]! + 1
    high[digit] = high[digit]! + 1
    buckets[bucket] = buckets[bucket]! + 1
  }
  for (const counts of [low, high, buckets]) {
    let next = 0
    for (let digit = 0; digit < counts.length; digit++) {
      const count = counts[digit]!
      counts[digit] = next
      next += count
    }
  }
}

function roomBeside(postings: number): Uint32Array {
  if (2 * postings <= keptBeside.length) return keptBeside
  const room = new Uint32Array(4 * postings)
  if (room.length <= KEPT_WORDS_MAX) keptBeside = room
  return room
}
