/*
 * The few functions that a fingerprint depends on, made of +, −, × and ÷ alone. IEEE 754 fixes those to the
 * last bit; what Math.sin, Math.exp or Math.log2 return is left to each engine and does differ between them.
 */

const LN_2 = 0.693_147_180_559_945_3
const HALF_PI = 1.570_796_326_794_896_6

/** 1/0!, 1/1!, 1/2! … up to where the next term is below the precision of a double for all that is asked. */
const INVERSE_FACTORIALS = Float64Array.from({ length: 18 }, () => 1)
for (let order = 2; order < INVERSE_FACTORIALS.length; order++) {
  INVERSE_FACTORIALS[order] = INVERSE_FACTORIALS[order - 1]! / order
}

/** A Taylor series from its last term on: of the cosine (0, 2), the sine (1, 2), both for |x| ≤ π/4, or e^x (0, 1) for |x| ≤ ½. */
function series(x: number, first: 0 | 1, step: 1 | 2): number {
  const factor = step === 2 ? -(x * x) : x
  let sum = 0
  for (let order = first === 0 ? 16 : 17; order >= first; order -= step) {
    sum = sum * factor + INVERSE_FACTORIALS[order]!
  }
  return first === 0 ? sum : sum * x
}

/**
 * Sines of all 1/`whole` parts of a full turn, and a quarter of a turn more: the cosine of part i is the sine at
 * i + whole / 4. `whole` is a power of two, at least 8.
 */
export function sines(whole: number): Float64Array {
  const table = new Float64Array((whole * 5) / 4)
  const quarter = whole / 4
  for (let part = 0; part <= quarter / 2; part++) {
    const angle = (part / quarter) * HALF_PI
    table[part] = series(angle, 1, 2)
    table[quarter - part] = series(angle, 0, 2)
  }
  for (let part = 1; part <= quarter; part++) table[2 * quarter - part] = table[part]!
  table[2 * quarter] = 0
  for (let part = 1; part < 2 * quarter; part++) table[2 * quarter + part] = -table[part]!
  table.copyWithin(whole, 0, quarter)
  return table
}

/** 2^x for −1000 ≤ x ≤ 1000. */
export function exp2(x: number): number {
  const whole = Math.round(x)
  let sum = series((x - whole) * LN_2, 0, 1)
  for (let left = Math.abs(whole); left > 0; left--) sum *= whole > 0 ? 2 : 0.5
  return sum
}

/** e^x for −600 ≤ x ≤ 600. */
export const exp = (x: number): number => exp2(x / LN_2)

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

const MANTISSA_BITS = 23
const MANTISSA_MASK = 0x7f_ff_ff
const EXPONENT_OF_ONE = 127
/** Mantissa bits of √2: above it the exponent is raised, so that the series gets numbers around 1. */
const MANTISSA_OF_ROOT_2 = 0x35_04_f3

/**
 * Binary logarithm of a positive, normal single-precision number, exact to 1e-12.
 *
 * The exponent is read off; the rest m lies in √½ … √2 and log m = 2 artanh z with z = (m − 1)/(m + 1).
 */
export function log2(power: number): number {
  float[0] = power
  const mantissa = bits[0]! & MANTISSA_MASK
  const raised = mantissa > MANTISSA_OF_ROOT_2 ? 1 : 0
  const exponent = (bits[0]! >>> MANTISSA_BITS) - EXPONENT_OF_ONE + raised
  bits[0] = mantissa | ((EXPONENT_OF_ONE - raised) << MANTISSA_BITS)
  const rest = float[0]
  const z = (rest - 1) / (rest + 1)
  const s = z * z
  const series = 1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13))))))
  return exponent + ((2 * z) / LN_2) * series
}
