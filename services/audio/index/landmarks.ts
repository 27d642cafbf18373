import { BANDS_PER_OCTAVE, BIN_UNITS_PER_BAND, TIME_UNITS_PER_FRAME } from '../constants.ts'
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

export const INTERVALS = 2 * INTERVAL_BANDS_MAX + 1
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

/**
 * One landmark for every peak that has one: the anchor with the two most important partners in reach.
 * Works on the rounded values a fingerprint keeps, so that it gives the same wherever that was made.
 */
export function landmarksOf(peaks: PeakList): LandmarkList {
  const bucket = new Uint32Array(peaks.count)
  const order = new Uint16Array(peaks.count)
  const frame = new Uint32Array(peaks.count)
  let count = 0
  const partners: number[] = []
  for (let anchor = 0; anchor < peaks.count; anchor++) {
    findPartners(peaks, anchor, partners)
    const best = bestPair(peaks, anchor, partners)
    if (!best) continue
    const second = timeBetween(peaks, anchor, best.second)
    const third = timeBetween(peaks, anchor, best.third)
    const band = Math.round(peaks.bin[anchor]! / BIN_UNITS_PER_BAND)
    const length = Math.round(lengthInBands(third))
    bucket[count] = bucketOf(
      Math.round(bandsBetween(peaks, anchor, best.second)),
      Math.round(bandsBetween(peaks, anchor, best.third)),
      Math.min(RATIO_STEPS - 1, Math.floor((RATIO_STEPS * second) / third)),
    )
    order[count] = ((band + length) << LENGTH_BITS) | length
    frame[count] = Math.round(peaks.time[anchor]! / TIME_UNITS_PER_FRAME)
    count++
  }
  return { count, bucket: bucket.slice(0, count), order: order.slice(0, count), frame: frame.slice(0, count) }
}

const timeBetween = (peaks: PeakList, from: number, to: number): number =>
  (peaks.time[to]! - peaks.time[from]!) / TIME_UNITS_PER_FRAME

const bandsBetween = (peaks: PeakList, from: number, to: number): number =>
  (peaks.bin[to]! - peaks.bin[from]!) / BIN_UNITS_PER_BAND

function findPartners(peaks: PeakList, anchor: number, partners: number[]): void {
  partners.length = 0
  for (let other = anchor + 1; other < peaks.count; other++) {
    const time = timeBetween(peaks, anchor, other)
    if (time > LENGTH_FRAMES_MAX) return
    if (time < SECOND_FRAMES_MIN) continue
    if (Math.abs(bandsBetween(peaks, anchor, other)) <= INTERVAL_BANDS_MAX) partners.push(other)
  }
}

/** The weaker partner decides (times 100), since the landmark is found again only if both are; then their sum. */
function bestPair(
  peaks: PeakList,
  anchor: number,
  partners: readonly number[],
): { second: number; third: number } | undefined {
  let best: { second: number; third: number } | undefined
  let bestScore = -1
  for (const [index, second] of partners.entries()) {
    for (let next = index + 1; next < partners.length; next++) {
      const third = partners[next]!
      if (timeBetween(peaks, second, third) < THIRD_AFTER_SECOND_FRAMES_MIN) continue
      if (timeBetween(peaks, anchor, third) < LENGTH_FRAMES_MIN) continue
      const a = peaks.radius[second]!
      const b = peaks.radius[third]!
      const score = 100 * Math.min(a, b) + a + b
      if (score > bestScore) {
        bestScore = score
        best = { second, third }
      }
    }
  }
  return best
}
