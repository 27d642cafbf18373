/** One stage of the transform: butterflies over `length` values, two radix-2 steps at once when `paired`. */
interface Stage {
  readonly length: number
  readonly paired: boolean
  /** Per butterfly: cos and sin of the first step, then of the second. */
  readonly twiddles: Float64Array
}

/** A complex transform of one size; make it once, use it many times. */
export interface Fft {
  readonly size: number
  /** Where value i of the input must be put before `forward` is called. */
  readonly order: Uint32Array
  /**
   * Forward transform in place. `real` and `imaginary` hold the input already permuted by `order`;
   * afterwards they hold the spectrum in natural order, not scaled. Swap the two arguments for the inverse.
   */
  forward(real: Float64Array, imaginary: Float64Array): void
}

/**
 * A fast Fourier transform whose steps are merged in pairs, which halves the passes over memory.
 *
 * @param size a power of two, at least 4.
 * @throws {RangeError} when it is not.
 *
 * Source: Cooley and Tukey 1965, in the decimation-in-time form; radix 2² after He and Torkelson 1996.
 */
export function createFft(size: number): Fft {
  if (size < 4 || (size & (size - 1)) !== 0) throw new RangeError(`FFT size: ${size}`)
  const stages = stagesOf(size)
  return {
    size,
    order: bitReversal(size),
    forward(real, imaginary) {
      firstTwoSteps(real, imaginary, size)
      for (const stage of stages) {
        if (stage.paired) pairedStep(real, imaginary, size, stage)
        else singleStep(real, imaginary, size, stage)
      }
    },
  }
}

function bitReversal(size: number): Uint32Array {
  const bits = Math.round(Math.log2(size))
  const order = new Uint32Array(size)
  for (let index = 0; index < size; index++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) if (index & (1 << bit)) reversed |= 1 << (bits - 1 - bit)
    order[index] = reversed
  }
  return order
}

function stagesOf(size: number): Stage[] {
  const stages: Stage[] = []
  let length = 8
  while (length <= size) {
    const paired = length * 2 <= size
    const half = length / 2
    const twiddles = new Float64Array(half * 4)
    for (let index = 0; index < half; index++) {
      const angle = (2 * Math.PI * index) / length
      twiddles[4 * index] = Math.cos(angle)
      twiddles[4 * index + 1] = Math.sin(angle)
      twiddles[4 * index + 2] = Math.cos(angle / 2)
      twiddles[4 * index + 3] = Math.sin(angle / 2)
    }
    stages.push({ length, paired, twiddles })
    length *= paired ? 4 : 2
  }
  return stages
}

/* The three loops below are the hottest of the program: plain indices, and `!` instead of checks. */

function firstTwoSteps(re: Float64Array, im: Float64Array, size: number): void {
  for (let a = 0; a < size; a += 4) {
    const sumR = re[a]! + re[a + 1]!
    const sumI = im[a]! + im[a + 1]!
    const differenceR = re[a]! - re[a + 1]!
    const differenceI = im[a]! - im[a + 1]!
    const nextSumR = re[a + 2]! + re[a + 3]!
    const nextSumI = im[a + 2]! + im[a + 3]!
    const nextDifferenceR = re[a + 2]! - re[a + 3]!
    const nextDifferenceI = im[a + 2]! - im[a + 3]!
    re[a] = sumR + nextSumR
    im[a] = sumI + nextSumI
    re[a + 2] = sumR - nextSumR
    im[a + 2] = sumI - nextSumI
    // times -i
    re[a + 1] = differenceR + nextDifferenceI
    im[a + 1] = differenceI - nextDifferenceR
    re[a + 3] = differenceR - nextDifferenceI
    im[a + 3] = differenceI + nextDifferenceR
  }
}

function singleStep(re: Float64Array, im: Float64Array, size: number, { length, twiddles }: Stage): void {
  const half = length / 2
  for (let start = 0; start < size; start += length) {
    for (let index = 0; index < half; index++) {
      const cos = twiddles[4 * index]!
      const sin = twiddles[4 * index + 1]!
      const a = start + index
      const b = a + half
      const turnedR = re[b]! * cos + im[b]! * sin
      const turnedI = im[b]! * cos - re[b]! * sin
      const keptR = re[a]!
      const keptI = im[a]!
      re[b] = keptR - turnedR
      im[b] = keptI - turnedI
      re[a] = keptR + turnedR
      im[a] = keptI + turnedI
    }
  }
}

function pairedStep(re: Float64Array, im: Float64Array, size: number, { length, twiddles }: Stage): void {
  const half = length / 2
  for (let start = 0; start < size; start += 2 * length) {
    for (let index = 0; index < half; index++) {
      const cos1 = twiddles[4 * index]!
      const sin1 = twiddles[4 * index + 1]!
      const cos2 = twiddles[4 * index + 2]!
      const sin2 = twiddles[4 * index + 3]!
      const a = start + index
      const b = a + half
      const c = a + length
      const d = c + half

      const bR = re[b]! * cos1 + im[b]! * sin1
      const bI = im[b]! * cos1 - re[b]! * sin1
      const dR = re[d]! * cos1 + im[d]! * sin1
      const dI = im[d]! * cos1 - re[d]! * sin1
      const a1R = re[a]! + bR
      const a1I = im[a]! + bI
      const b1R = re[a]! - bR
      const b1I = im[a]! - bI
      const c1R = re[c]! + dR
      const c1I = im[c]! + dI
      const d1R = re[c]! - dR
      const d1I = im[c]! - dI

      const cR = c1R * cos2 + c1I * sin2
      const cI = c1I * cos2 - c1R * sin2
      // The fourth corner's twiddle is the third's, turned by -i.
      const eR = d1R * cos2 + d1I * sin2
      const eI = d1I * cos2 - d1R * sin2
      re[a] = a1R + cR
      im[a] = a1I + cI
      re[c] = a1R - cR
      im[c] = a1I - cI
      re[b] = b1R + eI
      im[b] = b1I - eR
      re[d] = b1R - eI
      im[d] = b1I + eR
    }
  }
}
