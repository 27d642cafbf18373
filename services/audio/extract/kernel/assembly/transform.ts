import { add, mul, sub } from './vectors'

/** √½, the cosine and sine of an eighth of a turn. */
const ROOT_HALF: f32 = 0.707_106_77

/**
 * One step of four transforms at once, value i of transform l lying at 4i + l: butterflies of four values.
 * Real and imaginary parts lie apart. Every lane does the same, so nothing is moved between lanes.
 *
 * Source: T. G. Stockham's order of steps (1966), decimation in frequency: the result of the last step is in
 * natural order without any bit reversal.
 *
 * @param butterflies with twiddles of their own: the length that is left, divided by four.
 * @param strideBytes of values that share a twiddle and lie side by side.
 */
export function stepOfFour(
  inRe: i32,
  inIm: i32,
  outRe: i32,
  outIm: i32,
  twiddles: i32,
  butterflies: i32,
  strideBytes: i32,
): void {
  const quarter = butterflies * strideBytes
  for (let butterfly: i32 = 0; butterfly < butterflies; butterfly++) {
    const cos1 = v128.load32_splat(twiddles)
    const sin1 = v128.load32_splat(twiddles, 4)
    const cos2 = v128.load32_splat(twiddles, 8)
    const sin2 = v128.load32_splat(twiddles, 12)
    const cos3 = v128.load32_splat(twiddles, 16)
    const sin3 = v128.load32_splat(twiddles, 20)
    twiddles += 24
    for (let at: i32 = 0; at < strideBytes; at += 16) {
      const aRe = v128.load(inRe)
      const bRe = v128.load(inRe + quarter)
      const cRe = v128.load(inRe + 2 * quarter)
      const dRe = v128.load(inRe + 3 * quarter)
      const aIm = v128.load(inIm)
      const bIm = v128.load(inIm + quarter)
      const cIm = v128.load(inIm + 2 * quarter)
      const dIm = v128.load(inIm + 3 * quarter)
      inRe += 16
      inIm += 16
      const sumAcRe = add(aRe, cRe)
      const sumAcIm = add(aIm, cIm)
      const sumBdRe = add(bRe, dRe)
      const sumBdIm = add(bIm, dIm)
      const lessAcRe = sub(aRe, cRe)
      const lessAcIm = sub(aIm, cIm)
      const lessBdRe = sub(bRe, dRe)
      const lessBdIm = sub(bIm, dIm)
      v128.store(outRe, add(sumAcRe, sumBdRe))
      v128.store(outIm, add(sumAcIm, sumBdIm))
      // (b − d) times −i
      const firstRe = add(lessAcRe, lessBdIm)
      const firstIm = sub(lessAcIm, lessBdRe)
      v128.store(outRe + strideBytes, add(mul(firstRe, cos1), mul(firstIm, sin1)))
      v128.store(outIm + strideBytes, sub(mul(firstIm, cos1), mul(firstRe, sin1)))
      const secondRe = sub(sumAcRe, sumBdRe)
      const secondIm = sub(sumAcIm, sumBdIm)
      v128.store(outRe + 2 * strideBytes, add(mul(secondRe, cos2), mul(secondIm, sin2)))
      v128.store(outIm + 2 * strideBytes, sub(mul(secondIm, cos2), mul(secondRe, sin2)))
      const thirdRe = sub(lessAcRe, lessBdIm)
      const thirdIm = add(lessAcIm, lessBdRe)
      v128.store(outRe + 3 * strideBytes, add(mul(thirdRe, cos3), mul(thirdIm, sin3)))
      v128.store(outIm + 3 * strideBytes, sub(mul(thirdIm, cos3), mul(thirdRe, sin3)))
      outRe += 16
      outIm += 16
    }
    outRe += 3 * strideBytes
    outIm += 3 * strideBytes
  }
}

@inline
function put(powers: bool, outRe: i32, outIm: i32, re: v128, im: v128, floor: v128): void {
  if (powers) {
    v128.store(outRe, add(add(mul(re, re), mul(im, im)), floor))
  } else {
    v128.store(outRe, re)
    v128.store(outIm, im)
  }
}

/**
 * The last step of four transforms: butterflies of eight, which need no twiddles but eighths of a turn. Each is
 * two butterflies of four, of the even and of the odd values, and four of two.
 *
 * Inlined twice: `powers` is known to the compiler, which leaves the other half out.
 *
 * @param powers   whether `floor` + |value|² is stored at `outRe` instead of the value, and the first and the
 *   last of the eight, which are guard frames, are left out.
 * @param inStride  from one of the eight values to the next, in bytes; as many bytes of each are worked through.
 * @param outStep   from the result of one butterfly to that of the next; @param outStride likewise of the eight.
 */
@inline
function lastStep(
  powers: bool,
  inRe: i32,
  inIm: i32,
  inStride: i32,
  outRe: i32,
  outIm: i32,
  outStep: i32,
  outStride: i32,
  floor: v128,
): void {
  const rootHalf = f32x4.splat(ROOT_HALF)
  for (let at: i32 = 0; at < inStride; at += 16) {
    const aRe = v128.load(inRe)
    const aIm = v128.load(inIm)
    const cRe = v128.load(inRe + 2 * inStride)
    const cIm = v128.load(inIm + 2 * inStride)
    const eRe = v128.load(inRe + 4 * inStride)
    const eIm = v128.load(inIm + 4 * inStride)
    const gRe = v128.load(inRe + 6 * inStride)
    const gIm = v128.load(inIm + 6 * inStride)
    const even0Re = add(add(aRe, eRe), add(cRe, gRe))
    const even0Im = add(add(aIm, eIm), add(cIm, gIm))
    const even1Re = add(sub(aRe, eRe), sub(cIm, gIm))
    const even1Im = sub(sub(aIm, eIm), sub(cRe, gRe))
    const even2Re = sub(add(aRe, eRe), add(cRe, gRe))
    const even2Im = sub(add(aIm, eIm), add(cIm, gIm))
    const even3Re = sub(sub(aRe, eRe), sub(cIm, gIm))
    const even3Im = add(sub(aIm, eIm), sub(cRe, gRe))
    const bRe = v128.load(inRe + inStride)
    const bIm = v128.load(inIm + inStride)
    const dRe = v128.load(inRe + 3 * inStride)
    const dIm = v128.load(inIm + 3 * inStride)
    const fRe = v128.load(inRe + 5 * inStride)
    const fIm = v128.load(inIm + 5 * inStride)
    const hRe = v128.load(inRe + 7 * inStride)
    const hIm = v128.load(inIm + 7 * inStride)
    const odd0Re = add(add(bRe, fRe), add(dRe, hRe))
    const odd0Im = add(add(bIm, fIm), add(dIm, hIm))
    const odd1Re = add(sub(bRe, fRe), sub(dIm, hIm))
    const odd1Im = sub(sub(bIm, fIm), sub(dRe, hRe))
    const odd2Re = sub(add(bRe, fRe), add(dRe, hRe))
    const odd2Im = sub(add(bIm, fIm), add(dIm, hIm))
    const odd3Re = sub(sub(bRe, fRe), sub(dIm, hIm))
    const odd3Im = add(sub(bIm, fIm), sub(dRe, hRe))
    // Odd ones turned back by 0, 1, 2 and 3 eighths.
    const turned1Re = mul(add(odd1Re, odd1Im), rootHalf)
    const turned1Im = mul(sub(odd1Im, odd1Re), rootHalf)
    const turned3Re = mul(sub(odd3Im, odd3Re), rootHalf)
    const turned3Im = mul(add(odd3Re, odd3Im), rootHalf)
    if (!powers) put(powers, outRe, outIm, add(even0Re, odd0Re), add(even0Im, odd0Im), floor)
    let to = powers ? 0 : outStride
    put(powers, outRe + to, outIm + to, add(even1Re, turned1Re), add(even1Im, turned1Im), floor)
    to += outStride
    put(powers, outRe + to, outIm + to, add(even2Re, odd2Im), sub(even2Im, odd2Re), floor)
    to += outStride
    put(powers, outRe + to, outIm + to, add(even3Re, turned3Re), sub(even3Im, turned3Im), floor)
    to += outStride
    put(powers, outRe + to, outIm + to, sub(even0Re, odd0Re), sub(even0Im, odd0Im), floor)
    to += outStride
    put(powers, outRe + to, outIm + to, sub(even1Re, turned1Re), sub(even1Im, turned1Im), floor)
    to += outStride
    put(powers, outRe + to, outIm + to, sub(even2Re, odd2Im), add(even2Im, odd2Re), floor)
    to += outStride
    if (!powers) put(powers, outRe + to, outIm + to, sub(even3Re, turned3Re), add(even3Im, turned3Im), floor)
    inRe += 16
    inIm += 16
    outRe += outStep
    outIm += outStep
  }
}

/** The last step of four transforms whose results are wanted as they are, in natural order. */
export function lastStepOfEight(inRe: i32, inIm: i32, outRe: i32, outIm: i32, strideBytes: i32): void {
  lastStep(false, inRe, inIm, strideBytes, outRe, outIm, 16, strideBytes, f32x4.splat(0))
}

/** The last step of four transforms of which powers are wanted, each result in the next row of cells. */
export function lastStepToPowers(
  inRe: i32,
  inIm: i32,
  strideBytes: i32,
  cells: i32,
  rowBytes: i32,
  floor: f32,
): void {
  const results = strideBytes >> 4
  lastStep(true, inRe, inIm, strideBytes, cells, cells, rowBytes, results * rowBytes, f32x4.splat(floor))
}
