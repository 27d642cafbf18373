import { SAMPLES_AT, SUMS_AT } from '../layout'

/** Beyond this it is no audio but a mistake. */
const SAMPLE_MAX: f32 = 4

/**
 * Makes samples `from` … `to` (multiples of four) what they must be: within ±4, and 0 where they are no number.
 * Leaves three doubles at `SUMS_AT`: their sum, the sum of their squares, and the largest without its sign.
 */
export function measure(from: i32, to: i32): void {
  const endless = f32x4.splat(Infinity)
  const highest = f32x4.splat(SAMPLE_MAX)
  const lowest = f32x4.splat(-SAMPLE_MAX)
  let sums = f64x2.splat(0)
  let squares = f64x2.splat(0)
  let nextSums = f64x2.splat(0)
  let nextSquares = f64x2.splat(0)
  let largest = f32x4.splat(0)
  const end: i32 = SAMPLES_AT + 4 * to
  for (let at: i32 = SAMPLES_AT + 4 * from; at < end; at += 16) {
    const given = v128.load(at)
    // NaN is not below infinity either.
    const number = v128.and(given, f32x4.lt(f32x4.abs(given), endless))
    const sample = f32x4.pmax(f32x4.pmin(number, highest), lowest)
    v128.store(at, sample)
    largest = f32x4.pmax(largest, f32x4.abs(sample))
    const pair = f64x2.promote_low_f32x4(sample)
    const nextPair = f64x2.promote_low_f32x4(v128.shuffle<f64>(sample, sample, 1, 1))
    sums = f64x2.add(sums, pair)
    nextSums = f64x2.add(nextSums, nextPair)
    squares = f64x2.add(squares, f64x2.mul(pair, pair))
    nextSquares = f64x2.add(nextSquares, f64x2.mul(nextPair, nextPair))
  }
  store<f64>(SUMS_AT, across(sums, nextSums))
  store<f64>(SUMS_AT, across(squares, nextSquares), 8)
  const pairs = f32x4.pmax(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1))
  store<f64>(SUMS_AT, max<f64>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1)), 16)
}

function across(a: v128, b: v128): f64 {
  return (
    f64x2.extract_lane(a, 0) +
    f64x2.extract_lane(a, 1) +
    (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1))
  )
}
