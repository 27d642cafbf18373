import {
  BANDS_PER_OCTAVE,
  BIN_UNITS_PER_BAND,
  RADIUS_MAX,
  RADIUS_UNITS,
  TIME_UNITS_PER_FRAME,
} from '../constants.ts'
import type { PeakList } from '../peak-list.ts'

/*
 * A landmark is three peaks: an anchor and two later ones. Five numbers describe it. Three do not change when
 * the audio is played faster or higher (two intervals and the ratio of two times): they make the bucket. Two do
 * (the anchor's band and the length): they order the postings inside a bucket. So one index serves exact copies
 * and every change of speed, pitch or tempo.
 *
 * Source: Sonnleitner and Widmer, "Quad-based audio fingerprinting robust to time and frequency scaling",
 * DAFx 2014, with three peaks instead of four; Six and Leman, "Panako", ISMIR 2014, for three.
 */

/** Largest interval between the anchor and another peak: 1.5 octaves. */
export const INTERVAL_BANDS_MAX = 54
/** Least time from the anchor to the second peak and from there to the third, in frames. */
export const SECOND_FRAMES_MIN = 6
export const THIRD_AFTER_SECOND_FRAMES_MIN = 2
/** Least and greatest time from the anchor to the third peak, in frames: 0.21 to 1.05 s. */
export const LENGTH_FRAMES_MIN = 18
export const LENGTH_FRAMES_MAX = 90
/** Steps of the ratio of the two times. */
export const RATIO_STEPS = 16

const INTERVALS = 2 * INTERVAL_BANDS_MAX + 1
/** Number of different buckets: two intervals and a ratio. */
export const BUCKET_COUNT = INTERVALS * INTERVALS * RATIO_STEPS

/**
 * How a posting is ordered in its bucket: (band + length) in the upper nine bits, length in the lower seven,
 * the length counted in bands too (36 steps for twice as long). A copy played faster has its band raised by as
 * much as its length is lowered: their sum stays, so all its postings lie side by side at any speed.
 */
export const LENGTH_BITS = 7
export const LENGTH_MASK = (1 << LENGTH_BITS) - 1

/** The landmarks of a reference as columns of `count` values. */
export interface LandmarkList {
  readonly count: number
  /** 0 … `BUCKET_COUNT` − 1 */
  readonly bucket: Uint32Array
  /** (band + length) << `LENGTH_BITS` | length */
  readonly order: Uint16Array
  /** Time of the anchor, in whole frames. */
  readonly frame: Uint32Array
}

/** Bucket of two intervals (rounded to bands, −54 … 54) and a ratio step (0 … 15). */
export const bucketOf = (secondInterval: number, thirdInterval: number, ratioStep: number): number =>
  ((secondInterval + INTERVAL_BANDS_MAX) * INTERVALS + thirdInterval + INTERVAL_BANDS_MAX) * RATIO_STEPS +
  ratioStep

/** Length of a landmark in bands above the shortest a reference may have: 0 … 84 there, wider for suspects. */
export const lengthInBands = (frames: number): number =>
  BANDS_PER_OCTAVE * Math.log2(frames / LENGTH_FRAMES_MIN)

/*
 * The same limits in the units of a fingerprint, in which everything is a whole number: what is compared and rounded
 * with shifts below is exactly what comparing and rounding frames and bands would give.
 */
const SECOND_UNITS_MIN = SECOND_FRAMES_MIN * TIME_UNITS_PER_FRAME
const THIRD_AFTER_SECOND_UNITS_MIN = THIRD_AFTER_SECOND_FRAMES_MIN * TIME_UNITS_PER_FRAME
const LENGTH_UNITS_MIN = LENGTH_FRAMES_MIN * TIME_UNITS_PER_FRAME
const LENGTH_UNITS_MAX = LENGTH_FRAMES_MAX * TIME_UNITS_PER_FRAME
const INTERVAL_UNITS_MAX = INTERVAL_BANDS_MAX * BIN_UNITS_PER_BAND

/** Rounded `lengthInBands` of each length there can be, in units of time. */
const lengths = Uint8Array.from({ length: LENGTH_UNITS_MAX + 1 }, (_, units) =>
  units < LENGTH_UNITS_MIN ? 0 : Math.round(lengthInBands(units / TIME_UNITS_PER_FRAME)),
)

/** Units of a band are a power of two, so that shifting is dividing and rounding down, below zero too. */
const BIN_BITS = Math.log2(BIN_UNITS_PER_BAND)

/** Whole bands nearest to a (perhaps negative) number of units; halves go up. */
const roundToBands = (units: number): number => (units + BIN_UNITS_PER_BAND / 2) >> BIN_BITS

/**
 * One landmark for every peak that has one: the anchor with the two most important partners in reach.
 * Works on the rounded values a fingerprint keeps, so that it gives the same wherever that was made.
 */
export function landmarksOf({ count: peakCount, time, bin, radius }: PeakList): LandmarkList {
  const bucket = new Uint32Array(peakCount)
  const order = new Uint16Array(peakCount)
  const frame = new Uint32Array(peakCount)
  let count = 0
  let partners = new Uint32Array(64)
  const pair = new Uint32Array(2)
  // The first peak that is not too near an anchor, and the first that is too far: neither ever goes back.
  let near = 0
  let far = 0
  for (let anchor = 0; anchor < peakCount; anchor++) {
    const from = time[anchor]!
    const own = bin[anchor]!
    while (near < peakCount && time[near]! - from < SECOND_UNITS_MIN) near++
    while (far < peakCount && time[far]! - from <= LENGTH_UNITS_MAX) far++
    while (partners.length < far - near) partners = enlarged(partners)
    let found = 0
    for (let other = near; other < far; other++) {
      partners[found] = other
      // As 1 or 0 and not as a branch, which could not be predicted.
      found += (Math.abs(bin[other]! - own) - INTERVAL_UNITS_MAX - 1) >>> 31
    }
    if (!findBestPair(time, radius, from, partners, found, pair)) continue
    const [second, third] = [pair[0]!, pair[1]!]
    const length = lengths[time[third]! - from]!
    const ratio = (RATIO_STEPS * (time[second]! - from)) / (time[third]! - from)
    bucket[count] = bucketOf(
      roundToBands(bin[second]! - bin[anchor]!),
      roundToBands(bin[third]! - bin[anchor]!),
      Math.min(RATIO_STEPS - 1, Math.floor(ratio)),
    )
    order[count] = ((roundToBands(bin[anchor]!) + length) << LENGTH_BITS) | length
    frame[count] = Math.round(from / TIME_UNITS_PER_FRAME)
    count++
  }
  return { count, bucket: bucket.slice(0, count), order: order.slice(0, count), frame: frame.slice(0, count) }
}

function enlarged(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * column.length)
  larger.set(column)
  return larger
}

/** Largest radius of a peak. */
const RADIUS_LARGEST = RADIUS_MAX * RADIUS_UNITS

/**
 * The weaker partner decides (times 100), since the landmark is found again only if both are; then their sum.
 *
 * @param from     time of the anchor.
 * @param partners the first `count` are peaks in reach of it.
 * @param pair     takes the best two.
 * @returns whether there are two.
 */
function findBestPair(
  time: Uint32Array,
  radius: Uint8Array,
  from: number,
  partners: Uint32Array,
  count: number,
  pair: Uint32Array,
): boolean {
  let bestScore = -1
  for (let index = 0; index < count; index++) {
    const second = partners[index]!
    const a = radius[second]!
    // No third can make a pair with this one that is better than the best.
    if (101 * a + RADIUS_LARGEST <= bestScore) continue
    const thirdFrom = Math.max(time[second]! + THIRD_AFTER_SECOND_UNITS_MIN, from + LENGTH_UNITS_MIN)
    for (let next = index + 1; next < count; next++) {
      const third = partners[next]!
      if (time[third]! < thirdFrom) continue
      const b = radius[third]!
      const score = 100 * Math.min(a, b) + a + b
      if (score > bestScore) {
        bestScore = score
        pair[0] = second
        pair[1] = third
      }
    }
  }
  return bestScore >= 0
}
