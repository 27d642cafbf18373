import { type CoverHashes, SAME_DISTANCE_MAX, isComparable } from './cover.ts'
import { HASH_BITS, HASH_BYTES } from './pdq.ts'

export interface FoundCover {
  readonly id: string
  /** Of the closest two parts, as `compareCovers` has it. */
  readonly distance: number
}

/** Covers in memory. */
export interface CoverIndex {
  /** Adds a cover, or replaces the one with this id. @returns false when it is too plain to be found, and is left out. */
  add(id: string, cover: CoverHashes): boolean
  /** @returns false when there was none. */
  remove(id: string): boolean
  /**
   * All covers within a distance, the closest first, `FOUND_MAX` at most. Takes time in proportion to the number
   * of covers; nothing is found for a cover that is too plain.
   *
   * @param within in bits; 31 when not given, the distance at which pictures are the same.
   */
  nearest(cover: CoverHashes, within?: number): readonly FoundCover[]
  readonly size: number
}

/** A stock picture may be on thousands of covers: nobody looks at more than these. */
export const FOUND_MAX = 100

const HASH_WORDS = HASH_BYTES / 4
/** Each cover has two hashes; one without a centre has its whole twice, which finds the same. */
const COVER_WORDS = 2 * HASH_WORDS
const CAPACITY_FIRST = 1_024

/**
 * Makes an empty index: one flat list that each search goes through. Strangers differ in half of all bits, so that
 * of most hashes half is enough to pass them over. Lists by parts of the hash (multi-index hashing) would
 * save more, but looking among 100,000 covers takes a third of the time of opening the picture, or less.
 */
export function createCoverIndex(): CoverIndex {
  let words = new Uint32Array(CAPACITY_FIRST * COVER_WORDS)
  const ids: string[] = []
  const places = new Map<string, number>()
  return {
    add(id, cover) {
      if (!isComparable(cover)) {
        this.remove(id)
        return false
      }
      const place = places.get(id) ?? ids.length
      if ((place + 1) * COVER_WORDS > words.length) {
        const wider = new Uint32Array(2 * words.length)
        wider.set(words)
        words = wider
      }
      const { whole, centre = whole } = cover
      words.set(wordsOf(whole), place * COVER_WORDS)
      words.set(wordsOf(centre), place * COVER_WORDS + HASH_WORDS)
      ids[place] = id
      places.set(id, place)
      return true
    },
    remove(id) {
      const place = places.get(id)
      if (place === undefined) return false
      // The last one moves into the gap.
      const last = ids.length - 1
      const moved = ids[last]!
      words.copyWithin(place * COVER_WORDS, last * COVER_WORDS, (last + 1) * COVER_WORDS)
      ids[place] = moved
      places.set(moved, place)
      ids.length = last
      places.delete(id)
      return true
    },
    nearest(cover, within = SAME_DISTANCE_MAX) {
      if (!isComparable(cover)) return []
      const found = new Map<number, number>()
      for (const hash of [cover.whole, ...(cover.centre ? [cover.centre] : [])])
        scan(words, ids.length, wordsOf(hash), within, found)
      return [...found]
        .map(([place, distance]) => ({ id: ids[place]!, distance }))
        .toSorted((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
        .slice(0, FOUND_MAX)
    },
    get size() {
      return ids.length
    },
  }
}

/** A hash as numbers of 32 bits, in whatever order this machine has: the same for all. */
const wordsOf = (hash: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(hash).buffer)

/** Notes the distance of every cover of which a part is within `within` of a hash, the smaller one if it has two. */
function scan(
  words: Uint32Array,
  count: number,
  hash: Uint32Array,
  within: number,
  found: Map<number, number>,
): void {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  const end = count * COVER_WORDS
  for (let at = 0; at < end; at += HASH_WORDS) {
    let distance = bitsOfFour(words[at]! ^ a, words[at + 1]! ^ b, words[at + 2]! ^ c, words[at + 3]! ^ d)
    if (distance > within) continue
    distance += bitsOfFour(words[at + 4]! ^ e, words[at + 5]! ^ f, words[at + 6]! ^ g, words[at + 7]! ^ h)
    if (distance > within) continue
    const place = Math.floor(at / COVER_WORDS)
    found.set(place, Math.min(distance, found.get(place) ?? HASH_BITS))
  }
}

/** How many bits are set in four numbers of 32. Their counts are added while they are small: one multiplication. */
function bitsOfFour(a: number, b: number, c: number, d: number): number {
  const upper = countsByFour(a) + countsByFour(b)
  const lower = countsByFour(c) + countsByFour(d)
  return Math.imul(countsByEight(upper) + countsByEight(lower), 0x01010101) >>> 24
}

/** How many bits are set in each four of 32, four bits for each count. */
function countsByFour(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
}

/** Counts of fours, up to 15 each, added in pairs; eight bits for each sum. */
const countsByEight = (counts: number): number => (counts & 0x0f0f0f0f) + ((counts >>> 4) & 0x0f0f0f0f)
