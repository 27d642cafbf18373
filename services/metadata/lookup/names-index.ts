import type { NameKeys } from '../compare/name-keys.ts'
import { type KeyList, WordCounts, createKeyList, readKeys } from './blocking-keys.ts'
import type { NameRows } from './names-rows.ts'

/** A key that more recordings share tells too little: only the first of them are found by it. */
const SHARING_MAX = 64
/** No more candidates are gathered for a claim. */
const CANDIDATES_MAX = 512
/** Places of the table in which candidates are counted: a power of two, twice the candidates. */
const PLACES = 2 * CANDIDATES_MAX
/** Shared keys are worth at most so much together. */
const WORTH_MAX = 63
/** Candidates worth less than this share of the best are not looked at: they share a common word with the claim. */
const WORTH_SHARE_MIN = 0.4
/** Postings in a bucket: one cache line. */
const BUCKET_POSTINGS = 4

/**
 * Finds the recordings that a claim could mean, without looking at the others: hashed blocking keys in buckets, each
 * posting a hash and the number of a recording side by side. About 14 postings of eight bytes a recording.
 */
export interface NamesIndex {
  readonly size: number
  readonly bytes: number
  /**
   * @returns rows that share keys with the claim, those first that share most: at most `limit`. The list is new;
   *   a lookup must not be interrupted by another, which JavaScript guarantees.
   */
  readonly lookup: (claim: NameKeys, limit: number) => Uint32Array
}

/** Postings as they are gathered: hash and row, side by side. */
class Postings {
  pairs = new Uint32Array(2 ** 16)
  count = 0

  add(list: KeyList, row: number): void {
    if (2 * (this.count + list.count) > this.pairs.length) {
      const larger = new Uint32Array(this.pairs.length * 2)
      larger.set(this.pairs)
      this.pairs = larger
    }
    for (let at = 0; at < list.count; at++) {
      this.pairs[2 * this.count] = list.hashes[at]!
      this.pairs[2 * this.count++ + 1] = row
    }
  }
}

interface Buckets {
  /** Where each bucket begins, in postings; one more for the end. */
  readonly offsets: Uint32Array
  readonly pairs: Uint32Array
  readonly shift: number
}

/** Sorts postings into buckets by the upper bits of their hashes; rows keep their order. */
function bucketsOf({ pairs, count }: Postings): Buckets {
  const bits = Math.max(1, Math.ceil(Math.log2(Math.max(1, count) / BUCKET_POSTINGS)))
  const shift = 32 - bits
  const offsets = new Uint32Array(2 ** bits + 1)
  for (let at = 0; at < count; at++) offsets[(pairs[2 * at]! >>> shift) + 1]! += 1
  for (let bucket = 1; bucket < offsets.length; bucket++) offsets[bucket]! += offsets[bucket - 1]!
  const places = offsets.slice()
  const sorted = new Uint32Array(2 * count)
  for (let at = 0; at < count; at++) {
    const place = places[pairs[2 * at]! >>> shift]!++
    sorted[2 * place] = pairs[2 * at]!
    sorted[2 * place + 1] = pairs[2 * at + 1]!
  }
  return withoutCommon({ offsets, pairs: sorted, shift })
}

/** Drops the postings of a key beyond the first 64, so that common keys do not lengthen the buckets they are in. */
function withoutCommon({ offsets, pairs, shift }: Buckets): Buckets {
  let kept = 0
  let from = 0
  for (let bucket = 0; bucket + 1 < offsets.length; bucket++) {
    const to = offsets[bucket + 1]!
    const counts = to - from > SHARING_MAX ? new Map<number, number>() : undefined
    for (let at = from; at < to; at++) {
      const hash = pairs[2 * at]!
      const before = counts?.get(hash) ?? 0
      counts?.set(hash, before + 1)
      if (before >= SHARING_MAX) continue
      pairs[2 * kept] = hash
      pairs[2 * kept++ + 1] = pairs[2 * at + 1]!
    }
    from = to
    offsets[bucket + 1] = kept
  }
  return { offsets, pairs: pairs.slice(0, 2 * kept), shift }
}

/** Candidates of the lookup at hand: an open-addressing table from row to place, and worths by place. */
const places = new Int16Array(PLACES)
const rowsFound = new Uint32Array(CANDIDATES_MAX)
const worths = new Uint8Array(CANDIDATES_MAX)
const slots = new Uint16Array(CANDIDATES_MAX)
let found = 0

function count(row: number, worth: number): void {
  let slot = Math.imul(row, 0x9e_37_79_b1) >>> 22
  while (places[slot] !== 0) {
    const place = places[slot]! - 1
    if (rowsFound[place] === row) {
      worths[place] = Math.min(WORTH_MAX, worths[place]! + worth)
      return
    }
    slot = (slot + 1) % PLACES
  }
  if (found === CANDIDATES_MAX) return
  rowsFound[found] = row
  worths[found] = worth
  slots[found] = slot
  places[slot] = ++found
}

/** Takes the best candidates and empties the table. */
function takeBest(limit: number): Uint32Array {
  const best = new Uint32Array(Math.min(limit, found))
  let taken = 0
  let most = 0
  for (let place = 0; place < found; place++) most = Math.max(most, worths[place]!)
  const least = Math.ceil(most * WORTH_SHARE_MIN)
  for (let worth = most; worth >= least && taken < best.length; worth--) {
    for (let place = 0; place < found && taken < best.length; place++) {
      if (worths[place] === worth) best[taken++] = rowsFound[place]!
    }
  }
  for (let place = 0; place < found; place++) places[slots[place]!] = 0
  found = 0
  return best.subarray(0, taken)
}

const asked = createKeyList()
/** Kept, so that the compiler cannot leave the reads out. */
let touched = 0
const starts = new Uint32Array(asked.hashes.length)

function lookup(
  { offsets, pairs, shift }: Buckets,
  counts: WordCounts,
  claim: NameKeys,
  limit: number,
): Uint32Array {
  readKeys(asked, claim, counts, true)
  // First all buckets are touched: reads that do not wait for each other are what makes this fast.
  for (let key = 0; key < asked.count; key++) {
    const from = offsets[asked.hashes[key]! >>> shift]!
    starts[key] = from
    touched |= pairs[2 * from] ?? 0
  }
  for (let key = 0; key < asked.count; key++) {
    const hash = asked.hashes[key]!
    const to = offsets[(hash >>> shift) + 1]!
    for (let at = starts[key]!; at < to; at++) {
      if (pairs[2 * at] === hash) count(pairs[2 * at + 1]!, asked.worths[key]!)
    }
  }
  return takeBest(limit)
}

/** Rows of one step of building: some ten milliseconds. */
const ROWS_A_STEP = 1_000

/**
 * Indexes all rows that there are now, in steps between which a program that has other work can do it. The last one, which
 * sorts the postings, takes a second for each million rows.
 */
export function* namesIndexInSteps(rows: NameRows): Generator<void, NamesIndex> {
  const counts = new WordCounts(rows.size)
  for (let row = 0; row < rows.size; row++) {
    counts.add(rows.keysOf(row))
    if (row % ROWS_A_STEP === ROWS_A_STEP - 1) yield
  }
  const postings = new Postings()
  const list = createKeyList()
  for (let row = 0; row < rows.size; row++) {
    readKeys(list, rows.keysOf(row), counts, false)
    postings.add(list, row)
    if (row % ROWS_A_STEP === ROWS_A_STEP - 1) yield
  }
  const buckets = bucketsOf(postings)
  return {
    size: rows.size,
    bytes: buckets.offsets.byteLength + buckets.pairs.byteLength + counts.counts.byteLength,
    lookup: (claim, limit) => lookup(buckets, counts, claim, limit),
  }
}

/** Indexes all rows that there are now. */
export function buildNamesIndex(rows: NameRows): NamesIndex {
  const steps = namesIndexInSteps(rows)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
