import {
  BAND_FIRST_IM_AT,
  BAND_FIRST_RE_AT,
  BAND_LENGTH,
  BAND_SECOND_IM_AT,
  BAND_SECOND_RE_AT,
  CELLS_AT,
  FIRST_IM_AT,
  FIRST_RE_AT,
  GROUPS,
  GROUP_NUMBERS,
  JOIN_AT,
  LINES,
  LINE_LOWEST,
  PLAN_AT,
  QUARTER,
  ROW_CELLS,
  SAMPLES_AT,
  SECOND_IM_AT,
  SECOND_RE_AT,
  TWIDDLES_AT,
  TWIDDLES_LENGTH,
  UNPACK_AT,
  WEIGHTS_AT,
} from '../layout'
import { lastStepOfEight, lastStepToPowers, stepOfFour } from './transform'
import { add, joinHigh, joinLow, mixHigh, mixLow, mul, reversed, sub } from './vectors'

/** Bytes of four values, one of each lane. */
const VECTOR: i32 = 16
/** Bytes of the twiddles of one butterfly of four: three complex singles. */
const TWIDDLE_BYTES: i32 = 24

/** Powers of all bands in the frames of the block at `SAMPLES_AT`, into the rows of cells from `row` on. */
export function analyse(row: i32, floor: f32): void {
  splitSamples()
  transformQuarters()
  joinQuarters()
  unpackLines()
  let weights: i32 = WEIGHTS_AT
  for (let group = 0; group < GROUPS; group++) {
    weights = cutOut(PLAN_AT + 4 * GROUP_NUMBERS * group, weights)
    transformBands()
    const cells = CELLS_AT + 4 * (row * ROW_CELLS + 4 * group)
    const stride = (BAND_LENGTH / 8) * VECTOR
    lastStepToPowers(BAND_SECOND_RE_AT, BAND_SECOND_IM_AT, stride, cells, 4 * ROW_CELLS, floor)
  }
}

/** Even samples as real, odd samples as imaginary parts: one transform of half the length does for both. */
function splitSamples(): void {
  let from: i32 = SAMPLES_AT
  for (let at: i32 = 0; at < 4 * LINES; at += VECTOR) {
    const a = v128.load(from)
    const b = v128.load(from, 16)
    v128.store(FIRST_RE_AT + at, v128.shuffle<f32>(a, b, 0, 2, 4, 6))
    v128.store(FIRST_IM_AT + at, v128.shuffle<f32>(a, b, 1, 3, 5, 7))
    from += 2 * VECTOR
  }
}

/** Every fourth value is a transform of its own: they lie as `stepOfFour` wants them already. */
function transformQuarters(): void {
  let twiddles: i32 = TWIDDLES_AT
  let stride = VECTOR
  let inFirst = true
  for (let length: i32 = QUARTER; length > 8; length /= 4) {
    if (inFirst) {
      stepOfFour(FIRST_RE_AT, FIRST_IM_AT, SECOND_RE_AT, SECOND_IM_AT, twiddles, length / 4, stride)
    } else {
      stepOfFour(SECOND_RE_AT, SECOND_IM_AT, FIRST_RE_AT, FIRST_IM_AT, twiddles, length / 4, stride)
    }
    inFirst = !inFirst
    twiddles += (length / 4) * TWIDDLE_BYTES
    stride *= 4
  }
  // Five steps: the values are in the second place now.
  lastStepOfEight(SECOND_RE_AT, SECOND_IM_AT, FIRST_RE_AT, FIRST_IM_AT, stride)
}

/** One transform from four of every fourth value; from the first place to the second. */
function joinQuarters(): void {
  let twiddles: i32 = JOIN_AT
  let re: i32 = SECOND_RE_AT
  let im: i32 = SECOND_IM_AT
  for (let at: i32 = 0; at < 16 * QUARTER; at += 4 * VECTOR) {
    const low01Re = mixLow(v128.load(FIRST_RE_AT + at), v128.load(FIRST_RE_AT + at, 16))
    const high01Re = mixHigh(v128.load(FIRST_RE_AT + at), v128.load(FIRST_RE_AT + at, 16))
    const low23Re = mixLow(v128.load(FIRST_RE_AT + at, 32), v128.load(FIRST_RE_AT + at, 48))
    const high23Re = mixHigh(v128.load(FIRST_RE_AT + at, 32), v128.load(FIRST_RE_AT + at, 48))
    const low01Im = mixLow(v128.load(FIRST_IM_AT + at), v128.load(FIRST_IM_AT + at, 16))
    const high01Im = mixHigh(v128.load(FIRST_IM_AT + at), v128.load(FIRST_IM_AT + at, 16))
    const low23Im = mixLow(v128.load(FIRST_IM_AT + at, 32), v128.load(FIRST_IM_AT + at, 48))
    const high23Im = mixHigh(v128.load(FIRST_IM_AT + at, 32), v128.load(FIRST_IM_AT + at, 48))
    const aRe = joinLow(low01Re, low23Re)
    const aIm = joinLow(low01Im, low23Im)
    const givenBRe = joinHigh(low01Re, low23Re)
    const givenBIm = joinHigh(low01Im, low23Im)
    const givenCRe = joinLow(high01Re, high23Re)
    const givenCIm = joinLow(high01Im, high23Im)
    const givenDRe = joinHigh(high01Re, high23Re)
    const givenDIm = joinHigh(high01Im, high23Im)
    const bRe = add(mul(givenBRe, v128.load(twiddles)), mul(givenBIm, v128.load(twiddles, 16)))
    const bIm = sub(mul(givenBIm, v128.load(twiddles)), mul(givenBRe, v128.load(twiddles, 16)))
    const cRe = add(mul(givenCRe, v128.load(twiddles, 32)), mul(givenCIm, v128.load(twiddles, 48)))
    const cIm = sub(mul(givenCIm, v128.load(twiddles, 32)), mul(givenCRe, v128.load(twiddles, 48)))
    const dRe = add(mul(givenDRe, v128.load(twiddles, 64)), mul(givenDIm, v128.load(twiddles, 80)))
    const dIm = sub(mul(givenDIm, v128.load(twiddles, 64)), mul(givenDRe, v128.load(twiddles, 80)))
    twiddles += 6 * VECTOR
    const sumAcRe = add(aRe, cRe)
    const sumAcIm = add(aIm, cIm)
    const lessAcRe = sub(aRe, cRe)
    const lessAcIm = sub(aIm, cIm)
    const sumBdRe = add(bRe, dRe)
    const sumBdIm = add(bIm, dIm)
    const lessBdRe = sub(bRe, dRe)
    const lessBdIm = sub(bIm, dIm)
    v128.store(re, add(sumAcRe, sumBdRe))
    v128.store(im, add(sumAcIm, sumBdIm))
    v128.store(re, add(lessAcRe, lessBdIm), 4 * QUARTER)
    v128.store(im, sub(lessAcIm, lessBdRe), 4 * QUARTER)
    v128.store(re, sub(sumAcRe, sumBdRe), 8 * QUARTER)
    v128.store(im, sub(sumAcIm, sumBdIm), 8 * QUARTER)
    v128.store(re, sub(lessAcRe, lessBdIm), 12 * QUARTER)
    v128.store(im, add(lessAcIm, lessBdRe), 12 * QUARTER)
    re += VECTOR
    im += VECTOR
  }
}

/**
 * The spectrum of the real samples, times two, from that of even and odd ones; from the second place to the
 * first.
 */
function unpackLines(): void {
  let twiddles: i32 = UNPACK_AT + 8 * LINE_LOWEST
  for (let line: i32 = LINE_LOWEST; line < LINES; line += 4) {
    const at = 4 * line
    const mirror: i32 = 4 * (LINES - 3) - at
    const re = v128.load(SECOND_RE_AT + at)
    const im = v128.load(SECOND_IM_AT + at)
    const mirrorRe = reversed(v128.load(SECOND_RE_AT + mirror))
    const mirrorIm = reversed(v128.load(SECOND_IM_AT + mirror))
    const cos = v128.load(twiddles)
    const sin = v128.load(twiddles, 16)
    twiddles += 2 * VECTOR
    const oddRe = add(im, mirrorIm)
    const oddIm = sub(mirrorRe, re)
    v128.store(FIRST_RE_AT + at, add(add(add(re, mirrorRe), mul(oddRe, cos)), mul(oddIm, sin)))
    v128.store(FIRST_IM_AT + at, sub(add(sub(im, mirrorIm), mul(oddIm, cos)), mul(oddRe, sin)))
  }
}

/**
 * Weighs the lines of four bands and lays them side by side, folded to the length of a band's transform.
 * Real and imaginary parts change places: then the forward transform is the inverse one.
 *
 * @returns where the weights of the next group are.
 */
function cutOut(plan: i32, weights: i32): i32 {
  const first0: i32 = 4 * load<u32>(plan)
  const first1: i32 = 4 * load<u32>(plan, 4)
  const first2: i32 = 4 * load<u32>(plan, 8)
  const first3: i32 = 4 * load<u32>(plan, 12)
  const lines: i32 = load<u32>(plan, 16)
  for (let line: i32 = 0; line < lines; line += 4) {
    const weight0 = v128.load(weights)
    const weight1 = v128.load(weights, 16)
    const weight2 = v128.load(weights, 32)
    const weight3 = v128.load(weights, 48)
    weights += 64
    const at = 4 * line
    const to = VECTOR * (line & (BAND_LENGTH - 1))
    keepWeighed(
      BAND_FIRST_IM_AT + to,
      line < BAND_LENGTH,
      mul(v128.load(FIRST_RE_AT + first0 + at), weight0),
      mul(v128.load(FIRST_RE_AT + first1 + at), weight1),
      mul(v128.load(FIRST_RE_AT + first2 + at), weight2),
      mul(v128.load(FIRST_RE_AT + first3 + at), weight3),
    )
    keepWeighed(
      BAND_FIRST_RE_AT + to,
      line < BAND_LENGTH,
      mul(v128.load(FIRST_IM_AT + first0 + at), weight0),
      mul(v128.load(FIRST_IM_AT + first1 + at), weight1),
      mul(v128.load(FIRST_IM_AT + first2 + at), weight2),
      mul(v128.load(FIRST_IM_AT + first3 + at), weight3),
    )
  }
  if (lines < BAND_LENGTH) {
    memory.fill(BAND_FIRST_RE_AT + VECTOR * lines, 0, VECTOR * (BAND_LENGTH - lines))
    memory.fill(BAND_FIRST_IM_AT + VECTOR * lines, 0, VECTOR * (BAND_LENGTH - lines))
  }
  return weights
}

/** Four lines of each of four bands, turned into four lanes of each line; stored, or added to what is there. */
@inline
function keepWeighed(to: i32, isFirst: bool, band0: v128, band1: v128, band2: v128, band3: v128): void {
  const low01 = mixLow(band0, band1)
  const high01 = mixHigh(band0, band1)
  const low23 = mixLow(band2, band3)
  const high23 = mixHigh(band2, band3)
  if (isFirst) {
    v128.store(to, joinLow(low01, low23))
    v128.store(to, joinHigh(low01, low23), 16)
    v128.store(to, joinLow(high01, high23), 32)
    v128.store(to, joinHigh(high01, high23), 48)
  } else {
    v128.store(to, add(v128.load(to), joinLow(low01, low23)))
    v128.store(to, add(v128.load(to, 16), joinHigh(low01, low23)), 16)
    v128.store(to, add(v128.load(to, 32), joinLow(high01, high23)), 32)
    v128.store(to, add(v128.load(to, 48), joinHigh(high01, high23)), 48)
  }
}

/**
 * All steps but the last for four bands; from their first place to their second. Their twiddles are the last of
 * the table.
 */
function transformBands(): void {
  const steps: i32 = TWIDDLES_AT + 4 * TWIDDLES_LENGTH
  const of32: i32 = steps - 8 * TWIDDLE_BYTES
  const of128: i32 = of32 - 32 * TWIDDLE_BYTES
  const of512: i32 = of128 - 128 * TWIDDLE_BYTES
  stepOfFour(BAND_FIRST_RE_AT, BAND_FIRST_IM_AT, BAND_SECOND_RE_AT, BAND_SECOND_IM_AT, of512, 128, VECTOR)
  stepOfFour(BAND_SECOND_RE_AT, BAND_SECOND_IM_AT, BAND_FIRST_RE_AT, BAND_FIRST_IM_AT, of128, 32, 4 * VECTOR)
  stepOfFour(BAND_FIRST_RE_AT, BAND_FIRST_IM_AT, BAND_SECOND_RE_AT, BAND_SECOND_IM_AT, of32, 8, 16 * VECTOR)
}
