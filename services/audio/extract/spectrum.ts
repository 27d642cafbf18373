import { BAND_COUNT, BAND_LOWEST_HZ, BANDS_PER_OCTAVE, HOP_SAMPLES, SAMPLE_RATE } from '../constants.ts'
import { createFft } from './fft.ts'

/** Samples under one transform (5.9 s). Long, so that one transform serves hundreds of frames of all bands. */
export const BLOCK_SAMPLES = 65_536

/** Samples at either end of a block that only absorb the wrap-around of the circular convolution. */
export const GUARD_SAMPLES = 8_192

/** Samples, and frames, that a block adds. */
export const BLOCK_STEP_SAMPLES = BLOCK_SAMPLES - 2 * GUARD_SAMPLES
export const BLOCK_FRAMES = BLOCK_STEP_SAMPLES / HOP_SAMPLES

const HALF = BLOCK_SAMPLES / 2
const BAND_FFT_SIZE = BLOCK_SAMPLES / HOP_SAMPLES
const GUARD_FRAMES = GUARD_SAMPLES / HOP_SAMPLES
const HZ_PER_LINE = SAMPLE_RATE / BLOCK_SAMPLES

/** Width (sigma) of a band's Gaussian: a share of its centre, so that a change of speed only shifts the picture … */
const SIGMA_SHARE = 0.022
/** … up to this, beyond which the hop of 11.6 ms would be too coarse for it. */
const SIGMA_HZ_MAX = 30
/** Where the Gaussian is cut off, in sigmas: 0.6 % of its height. */
const SIGMA_CUT = 3.2

/** Nothing is distinguished 60 dB below the mean power: codecs fill that range with noise. */
const FLOOR_SHARE = 1e-6
/** Nor below −84 dB of full scale, so that the rounding noise and dither of 16-bit silence (−99 dB) have no peaks. */
const FLOOR_POWER_MIN = 4e-9

interface Band {
  readonly firstLine: number
  readonly weights: Float64Array
}

/** Turns blocks of samples into power per frame and band. */
export interface SpectrumAnalyser {
  /**
   * @param block     `BLOCK_SAMPLES` samples; the `GUARD_SAMPLES` at either end belong to the neighbours.
   * @param meanPower of the signal around here (mean square); sets the floor that is added to every cell.
   * @param into      receives `BLOCK_FRAMES` rows of `BAND_COUNT` powers, from index `offset` on.
   * @returns the floor that was added.
   */
  analyse(block: Float32Array, meanPower: number, into: Float32Array, offset: number): number
}

/**
 * A constant-Q spectrogram: one long transform of the block, then for each band a Gaussian cut-out of the
 * spectrum and a short inverse transform of it. Folding the cut-out into the short transform subsamples the
 * band's signal; its phase does not matter, as only the power is kept.
 *
 * Costs less than a short-time transform, and a copy played faster gives the same picture, only shifted in
 * (logarithmic) frequency and squeezed in time.
 *
 * Source: Velasco, Holighaus, Dörfler, Grill, "Constructing an invertible constant-Q transform with
 * non-stationary Gabor frames", DAFx 2011; here with fixed time sampling and without the inverse.
 */
export function createSpectrumAnalyser(): SpectrumAnalyser {
  const blockFft = createFft(HALF)
  const bandFft = createFft(BAND_FFT_SIZE)
  const bands = Array.from({ length: BAND_COUNT }, (_, band) => bandAt(band))
  const re = new Float64Array(HALF)
  const im = new Float64Array(HALF)
  const linesRe = new Float64Array(HALF)
  const linesIm = new Float64Array(HALF)
  const bandRe = new Float64Array(BAND_FFT_SIZE)
  const bandIm = new Float64Array(BAND_FFT_SIZE)
  const unpack = createUnpacker()
  const foldMask = BAND_FFT_SIZE - 1

  return {
    analyse(block, meanPower, into, offset) {
      const floor = Math.max(meanPower * FLOOR_SHARE, FLOOR_POWER_MIN) * HALF
      const { order } = blockFft
      for (let index = 0; index < HALF; index++) {
        const at = order[index]!
        re[at] = block[2 * index]!
        im[at] = block[2 * index + 1]!
      }
      blockFft.forward(re, im)
      unpack(re, im, linesRe, linesIm)

      const bandOrder = bandFft.order
      for (let band = 0; band < BAND_COUNT; band++) {
        const { firstLine, weights } = bands[band]!
        bandRe.fill(0)
        bandIm.fill(0)
        for (let index = 0; index < weights.length; index++) {
          const line = firstLine + index
          const at = bandOrder[line & foldMask]!
          const weight = weights[index]!
          bandRe[at] = bandRe[at]! + linesRe[line]! * weight
          bandIm[at] = bandIm[at]! + linesIm[line]! * weight
        }
        bandFft.forward(bandIm, bandRe) // swapped: the inverse
        let cell = offset + band
        for (let frame = GUARD_FRAMES; frame < GUARD_FRAMES + BLOCK_FRAMES; frame++) {
          const x = bandRe[frame]!
          const y = bandIm[frame]!
          into[cell] = x * x + y * y + floor
          cell += BAND_COUNT
        }
      }
      return floor
    },
  }
}

function bandAt(band: number): Band {
  const centreHz = BAND_LOWEST_HZ * 2 ** (band / BANDS_PER_OCTAVE)
  const sigmaHz = Math.min(SIGMA_SHARE * centreHz, SIGMA_HZ_MAX)
  const reach = Math.ceil((SIGMA_CUT * sigmaHz) / HZ_PER_LINE)
  const centreLine = Math.round(centreHz / HZ_PER_LINE)
  const firstLine = Math.max(1, centreLine - reach)
  const lastLine = Math.min(HALF - 1, centreLine + reach)
  const weights = Float64Array.from({ length: lastLine - firstLine + 1 }, (_, index) =>
    Math.exp(-0.5 * (((firstLine + index) * HZ_PER_LINE - centreHz) / sigmaHz) ** 2),
  )
  // Unit energy: white noise has the same power in every band.
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0))
  return { firstLine, weights: weights.map((weight) => weight / norm) }
}

/**
 * The spectrum of a real block from the complex transform of half its length
 * (even samples as real, odd samples as imaginary parts).
 */
function createUnpacker(): (
  re: Float64Array,
  im: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
) => void {
  const cos = Float64Array.from({ length: HALF }, (_, line) => Math.cos((2 * Math.PI * line) / BLOCK_SAMPLES))
  const sin = Float64Array.from({ length: HALF }, (_, line) => Math.sin((2 * Math.PI * line) / BLOCK_SAMPLES))
  return (re, im, outRe, outIm) => {
    for (let line = 0; line < HALF; line++) {
      const mirror = line === 0 ? 0 : HALF - line
      const evenRe = 0.5 * (re[line]! + re[mirror]!)
      const evenIm = 0.5 * (im[line]! - im[mirror]!)
      const oddRe = 0.5 * (im[line]! + im[mirror]!)
      const oddIm = 0.5 * (re[mirror]! - re[line]!)
      const c = cos[line]!
      const s = sin[line]!
      outRe[line] = evenRe + oddRe * c + oddIm * s
      outIm[line] = evenIm + oddIm * c - oddRe * s
    }
  }
}
