import { RANKED_BINS_AT, RANKED_LEVELS_AT, RANKED_RADII_AT, RANKED_TIMES_AT } from '../layout'
import { mul, sub } from './vectors'

/** One unit of distance: 10 frames (116 ms), and a sixth of an octave. */
const RADIUS_PER_FRAME: f32 = 0.1
const RADIUS_PER_BAND: f32 = 1.0 / 6.0

/** How far back others are looked at, in frames: the largest radius, and one for peaks whose fractions swapped them. */
const REACH: f32 = 81

/** Only a peak that is 3 dB stronger limits another's radius. */
const MARGIN: f32 = 1

/**
 * Lets peaks `from` … `to` and those in reach before them limit each other's radius: the stronger one that of the
 * weaker one to their distance. Peaks are in order of time; behind the last are three whose level is NaN.
 *
 * Some pairs are met twice; that changes nothing.
 */
export function rank(from: i32, to: i32): void {
  const margin = f32x4.splat(MARGIN)
  const minusMargin = f32x4.splat(-MARGIN)
  const perFrame = f32x4.splat(RADIUS_PER_FRAME)
  const perBand = f32x4.splat(RADIUS_PER_BAND)
  let first = 0
  for (let at = 4 * from; at < 4 * to; at += 4) {
    const time = v128.load32_splat(RANKED_TIMES_AT + at)
    const bin = v128.load32_splat(RANKED_BINS_AT + at)
    const level = v128.load32_splat(RANKED_LEVELS_AT + at)
    let own = v128.load32_splat(RANKED_RADII_AT + at)
    const earliest = load<f32>(RANKED_TIMES_AT + at) - REACH
    while (load<f32>(RANKED_TIMES_AT + first) < earliest) first += 4
    for (let other = first & ~15; other < at; other += 16) {
      const inTime = mul(f32x4.abs(sub(time, v128.load(RANKED_TIMES_AT + other))), perFrame)
      const inPitch = mul(f32x4.abs(sub(bin, v128.load(RANKED_BINS_AT + other))), perBand)
      const distance = f32x4.pmax(inTime, inPitch)
      const over = sub(level, v128.load(RANKED_LEVELS_AT + other))
      const radii = v128.load(RANKED_RADII_AT + other)
      const limited = v128.bitselect(f32x4.pmin(radii, distance), radii, f32x4.gt(over, margin))
      v128.store(RANKED_RADII_AT + other, limited)
      own = v128.bitselect(f32x4.pmin(own, distance), own, f32x4.lt(over, minusMargin))
    }
    const pairs = f32x4.pmin(own, v128.shuffle<f32>(own, own, 2, 3, 0, 1))
    store<f32>(RANKED_RADII_AT + at, min(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1)))
  }
}
