import type { ExtractionKernel, SampleSums } from './kernel.ts'
import {
  BAND_LENGTH,
  BLOCK_FRAMES,
  BLOCK_SAMPLES,
  GROUPS,
  GROUP_NUMBERS,
  GUARD_FRAMES,
  LANES,
  LINES,
  LINE_LOWEST,
  PEAKS_MAX,
  QUARTER,
  RANKED_MAX,
  ROWS_MAX,
  ROW_CELLS,
  TWIDDLES_LENGTH,
} from './layout.ts'
import { kernelTables } from './tables.ts'
import type { Tables } from './tables.ts'
import { findPeaks } from './typescript-peaks.ts'
import { rank } from './typescript-ranking.ts'
import { lastStepOfEight, stepOfFour } from './typescript-transform.ts'
import type { Complex } from './typescript-transform.ts'

const { abs, fround, max, min } = Math

/** Beyond this it is no audio but a mistake; the square of a larger number might not fit a single. */
const SAMPLE_MAX = 4

const complex = (length: number): Complex => ({ re: new Float32Array(length), im: new Float32Array(length) })

/** The twin of the kernel in assembly/: ten times slower, and the same to the last bit. */
export function createTypeScriptKernel(): ExtractionKernel {
  const tables = kernelTables()
  const samples = new Float32Array(BLOCK_SAMPLES)
  const cells = new Float32Array(ROWS_MAX * ROW_CELLS)
  const floors = new Float32Array(ROWS_MAX)
  const peaks = new Uint32Array(PEAKS_MAX)
  const ranked = {
    times: new Float32Array(RANKED_MAX),
    bins: new Float32Array(RANKED_MAX),
    levels: new Float32Array(RANKED_MAX),
    radii: new Float32Array(RANKED_MAX),
  }
  const first = complex(LINES)
  const second = complex(LINES)
  const bandFirst = complex(LANES * BAND_LENGTH)
  const bandSecond = complex(LANES * BAND_LENGTH)
  return {
    name: 'typescript',
    samples,
    cells,
    floors,
    peaks,
    measure: (from, to) => measure(samples, from, to),
    analyse(row, floor) {
      for (let index = 0; index < LINES; index++) {
        first.re[index] = samples[2 * index]!
        first.im[index] = samples[2 * index + 1]!
      }
      transform(first, second, tables.twiddles, QUARTER)
      joinQuarters(first, second, tables.join)
      unpackLines(second, first, tables.unpack)
      let weightsAt = 0
      for (let group = 0; group < GROUPS; group++) {
        weightsAt = cutOut(first, bandFirst, tables, group, weightsAt)
        transform(bandFirst, bandSecond, tables.twiddles, BAND_LENGTH)
        keepPowers(bandFirst, cells, row * ROW_CELLS + LANES * group, floor)
      }
    },
    findPeaks: (from, to, rows) => findPeaks(cells, floors, peaks, from, to, rows),
    ranked,
    rank: (from, to) => rank(ranked, from, to),
  }
}

function measure(samples: Float32Array, from: number, to: number): SampleSums {
  const sums = new Float64Array(4)
  const squares = new Float64Array(4)
  let largest = 0
  for (let index = from; index < to; index++) {
    const given = samples[index]!
    const sample = Number.isFinite(given) ? max(-SAMPLE_MAX, min(SAMPLE_MAX, given)) : 0
    samples[index] = sample
    sums[index & 3]! += sample
    squares[index & 3]! += sample * sample
    largest = max(largest, abs(sample))
  }
  // In the order in which the vectors add up.
  const across = (lanes: Float64Array) => lanes[0]! + lanes[1]! + (lanes[2]! + lanes[3]!)
  return { sum: across(sums), squares: across(squares), largest }
}

/** Four transforms of a length that is 8 times an odd power of 4: the result is in `place` again. */
function transform(place: Complex, other: Complex, twiddles: Float32Array, length: number): void {
  let [here, there] = [place, other]
  let stride = LANES
  // The table holds the steps of the longest transform; those of a shorter one are its end.
  let twiddlesAt = TWIDDLES_LENGTH - 6 * butterfliesFrom(length)
  for (let left = length; left > 8; left /= 4) {
    stepOfFour(here, there, twiddles, twiddlesAt, left / 4, stride)
    ;[here, there] = [there, here]
    twiddlesAt += 6 * (left / 4)
    stride *= 4
  }
  lastStepOfEight(here, there, stride)
}

/** Butterflies with twiddles in a transform of this length, all its steps together. */
function butterfliesFrom(length: number): number {
  let sum = 0
  for (let left = length; left > 8; left /= 4) sum += left / 4
  return sum
}

/** One transform from four of every fourth value. */
function joinQuarters({ re, im }: Complex, { re: outRe, im: outIm }: Complex, join: Float32Array): void {
  for (let line = 0; line < QUARTER; line++) {
    const turns = 24 * (line >> 2) + (line & 3)
    const at = 4 * line
    const turned = (lane: number) => {
      const cos = join[turns + 8 * (lane - 1)]!
      const sin = join[turns + 8 * (lane - 1) + 4]!
      const x = re[at + lane]!
      const y = im[at + lane]!
      return [fround(fround(x * cos) + fround(y * sin)), fround(fround(y * cos) - fround(x * sin))] as const
    }
    const [bRe, bIm] = turned(1)
    const [cRe, cIm] = turned(2)
    const [dRe, dIm] = turned(3)
    const sumAcRe = fround(re[at]! + cRe)
    const sumAcIm = fround(im[at]! + cIm)
    const lessAcRe = fround(re[at]! - cRe)
    const lessAcIm = fround(im[at]! - cIm)
    const sumBdRe = fround(bRe + dRe)
    const sumBdIm = fround(bIm + dIm)
    const lessBdRe = fround(bRe - dRe)
    const lessBdIm = fround(bIm - dIm)
    outRe[line] = sumAcRe + sumBdRe
    outIm[line] = sumAcIm + sumBdIm
    outRe[line + QUARTER] = lessAcRe + lessBdIm
    outIm[line + QUARTER] = lessAcIm - lessBdRe
    outRe[line + 2 * QUARTER] = sumAcRe - sumBdRe
    outIm[line + 2 * QUARTER] = sumAcIm - sumBdIm
    outRe[line + 3 * QUARTER] = lessAcRe - lessBdIm
    outIm[line + 3 * QUARTER] = lessAcIm + lessBdRe
  }
}

/** The spectrum of the real samples, times two, from that of even and odd ones. */
function unpackLines({ re, im }: Complex, { re: outRe, im: outIm }: Complex, unpack: Float32Array): void {
  for (let line = LINE_LOWEST; line < LINES; line++) {
    const mirror = LINES - line
    const cos = unpack[8 * (line >> 2) + (line & 3)]!
    const sin = unpack[8 * (line >> 2) + (line & 3) + 4]!
    const oddRe = fround(im[line]! + im[mirror]!)
    const oddIm = fround(re[mirror]! - re[line]!)
    outRe[line] = fround(fround(re[line]! + re[mirror]!) + fround(oddRe * cos)) + fround(oddIm * sin)
    outIm[line] = fround(fround(im[line]! - im[mirror]!) + fround(oddIm * cos)) - fround(oddRe * sin)
  }
}

/**
 * Weighs the lines of four bands and lays them side by side, folded to the length of a band's transform.
 * Real and imaginary parts change places: then the forward transform is the inverse one.
 *
 * @returns where the weights of the next group are.
 */
function cutOut(lines: Complex, to: Complex, tables: Tables, group: number, weightsAt: number): number {
  const { plan, weights } = tables
  const count = plan[GROUP_NUMBERS * group + LANES]!
  to.re.fill(0)
  to.im.fill(0)
  for (let lane = 0; lane < LANES; lane++) {
    const first = plan[GROUP_NUMBERS * group + lane]!
    for (let index = 0; index < count; index++) {
      const weight = weights[weightsAt + 4 * LANES * (index >> 2) + 4 * lane + (index & 3)]!
      const at = LANES * (index & (BAND_LENGTH - 1)) + lane
      to.im[at] = to.im[at]! + fround(lines.re[first + index]! * weight)
      to.re[at] = to.re[at]! + fround(lines.im[first + index]! * weight)
    }
  }
  return weightsAt + LANES * count
}

function keepPowers({ re, im }: Complex, cells: Float32Array, offset: number, floor: number): void {
  for (let frame = 0; frame < BLOCK_FRAMES; frame++) {
    for (let lane = 0; lane < LANES; lane++) {
      const at = LANES * (frame + GUARD_FRAMES) + lane
      const power = fround(fround(re[at]! * re[at]!) + fround(im[at]! * im[at]!))
      cells[offset + frame * ROW_CELLS + lane] = power + floor
    }
  }
}
