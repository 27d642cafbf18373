/*
 * The twin of assembly/transform.ts: the same steps in the same order. Each result is rounded to a single, as
 * the vector instructions do; storing into a Float32Array rounds too.
 */

const { fround } = Math

/** √½ as a single. */
const ROOT_HALF = fround(0.707_106_77)

/** Real and imaginary parts of complex values. */
export interface Complex {
  readonly re: Float32Array
  readonly im: Float32Array
}

/* These loops are hot: plain indices, and `!` instead of checks. */

/**
 * One step of four transforms at once: butterflies of four values, value i of transform l lying at 4i + l.
 *
 * @param twiddlesAt  where the twiddles of this step begin.
 * @param butterflies with twiddles of their own: the length that is left, divided by four.
 * @param stride      values that share a twiddle and lie side by side.
 *
 * Source: T. G. Stockham's order of steps (1966), decimation in frequency: the result of the last step is in
 * natural order without any bit reversal.
 */
export function stepOfFour(
  from: Complex,
  to: Complex,
  twiddles: Float32Array,
  twiddlesAt: number,
  butterflies: number,
  stride: number,
): void {
  const { re, im } = from
  const { re: outRe, im: outIm } = to
  const quarter = butterflies * stride
  for (let butterfly = 0; butterfly < butterflies; butterfly++) {
    const turns = twiddlesAt + 6 * butterfly
    const cos1 = twiddles[turns]!
    const sin1 = twiddles[turns + 1]!
    const cos2 = twiddles[turns + 2]!
    const sin2 = twiddles[turns + 3]!
    const cos3 = twiddles[turns + 4]!
    const sin3 = twiddles[turns + 5]!
    for (let index = 0; index < stride; index++) {
      const a = butterfly * stride + index
      const b = a + quarter
      const c = b + quarter
      const d = c + quarter
      const sumAcRe = fround(re[a]! + re[c]!)
      const sumAcIm = fround(im[a]! + im[c]!)
      const sumBdRe = fround(re[b]! + re[d]!)
      const sumBdIm = fround(im[b]! + im[d]!)
      const lessAcRe = fround(re[a]! - re[c]!)
      const lessAcIm = fround(im[a]! - im[c]!)
      const lessBdRe = fround(re[b]! - re[d]!)
      const lessBdIm = fround(im[b]! - im[d]!)
      const out = 4 * butterfly * stride + index
      outRe[out] = sumAcRe + sumBdRe
      outIm[out] = sumAcIm + sumBdIm
      // (b − d) times −i
      const firstRe = fround(lessAcRe + lessBdIm)
      const firstIm = fround(lessAcIm - lessBdRe)
      outRe[out + stride] = fround(firstRe * cos1) + fround(firstIm * sin1)
      outIm[out + stride] = fround(firstIm * cos1) - fround(firstRe * sin1)
      const secondRe = fround(sumAcRe - sumBdRe)
      const secondIm = fround(sumAcIm - sumBdIm)
      outRe[out + 2 * stride] = fround(secondRe * cos2) + fround(secondIm * sin2)
      outIm[out + 2 * stride] = fround(secondIm * cos2) - fround(secondRe * sin2)
      const thirdRe = fround(lessAcRe - lessBdIm)
      const thirdIm = fround(lessAcIm + lessBdRe)
      outRe[out + 3 * stride] = fround(thirdRe * cos3) + fround(thirdIm * sin3)
      outIm[out + 3 * stride] = fround(thirdIm * cos3) - fround(thirdRe * sin3)
    }
  }
}

/**
 * The last step of four transforms: butterflies of eight, which need no twiddles but eighths of a turn. Each is
 * two butterflies of four, of the even and of the odd values, and four of two.
 *
 * @param stride from one of the eight values to the next; the results lie the same way.
 */
export function lastStepOfEight(
  { re, im }: Complex,
  { re: outRe, im: outIm }: Complex,
  stride: number,
): void {
  for (let a = 0; a < stride; a++) {
    const b = a + stride
    const c = b + stride
    const d = c + stride
    const e = d + stride
    const f = e + stride
    const g = f + stride
    const h = g + stride
    const evenSumRe = fround(re[a]! + re[e]!)
    const evenSumIm = fround(im[a]! + im[e]!)
    const evenLessRe = fround(re[a]! - re[e]!)
    const evenLessIm = fround(im[a]! - im[e]!)
    const evenNextSumRe = fround(re[c]! + re[g]!)
    const evenNextSumIm = fround(im[c]! + im[g]!)
    const evenNextLessRe = fround(re[c]! - re[g]!)
    const evenNextLessIm = fround(im[c]! - im[g]!)
    const oddSumRe = fround(re[b]! + re[f]!)
    const oddSumIm = fround(im[b]! + im[f]!)
    const oddLessRe = fround(re[b]! - re[f]!)
    const oddLessIm = fround(im[b]! - im[f]!)
    const oddNextSumRe = fround(re[d]! + re[h]!)
    const oddNextSumIm = fround(im[d]! + im[h]!)
    const oddNextLessRe = fround(re[d]! - re[h]!)
    const oddNextLessIm = fround(im[d]! - im[h]!)
    const even0Re = fround(evenSumRe + evenNextSumRe)
    const even0Im = fround(evenSumIm + evenNextSumIm)
    const even1Re = fround(evenLessRe + evenNextLessIm)
    const even1Im = fround(evenLessIm - evenNextLessRe)
    const even2Re = fround(evenSumRe - evenNextSumRe)
    const even2Im = fround(evenSumIm - evenNextSumIm)
    const even3Re = fround(evenLessRe - evenNextLessIm)
    const even3Im = fround(evenLessIm + evenNextLessRe)
    const odd0Re = fround(oddSumRe + oddNextSumRe)
    const odd0Im = fround(oddSumIm + oddNextSumIm)
    const odd1Re = fround(oddLessRe + oddNextLessIm)
    const odd1Im = fround(oddLessIm - oddNextLessRe)
    const odd2Re = fround(oddSumRe - oddNextSumRe)
    const odd2Im = fround(oddSumIm - oddNextSumIm)
    const odd3Re = fround(oddLessRe - oddNextLessIm)
    const odd3Im = fround(oddLessIm + oddNextLessRe)
    // Odd ones turned back by 0, 1, 2 and 3 eighths.
    const turned1Re = fround(fround(odd1Re + odd1Im) * ROOT_HALF)
    const turned1Im = fround(fround(odd1Im - odd1Re) * ROOT_HALF)
    const turned3Re = fround(fround(odd3Im - odd3Re) * ROOT_HALF)
    const turned3Im = fround(fround(odd3Re + odd3Im) * ROOT_HALF)
    outRe[a] = even0Re + odd0Re
    outIm[a] = even0Im + odd0Im
    outRe[b] = even1Re + turned1Re
    outIm[b] = even1Im + turned1Im
    outRe[c] = even2Re + odd2Im
    outIm[c] = even2Im - odd2Re
    outRe[d] = even3Re + turned3Re
    outIm[d] = even3Im - turned3Im
    outRe[e] = even0Re - odd0Re
    outIm[e] = even0Im - odd0Im
    outRe[f] = even1Re - turned1Re
    outIm[f] = even1Im - turned1Im
    outRe[g] = even2Re - odd2Im
    outIm[g] = even2Im + odd2Re
    outRe[h] = even3Re - turned3Re
    outIm[h] = even3Im + turned3Im
  }
}
