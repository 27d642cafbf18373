import { BAND_LOWEST_HZ, BANDS_PER_OCTAVE, SAMPLE_RATE } from '../constants.ts'
import { exp, exp2 } from './kernel/elementary.ts'
import { BLOCK_SAMPLES, LINES } from './kernel/layout.ts'

/*
 * A constant-Q spectrogram: one long transform of a block, then for each band a Gaussian cut-out of the
 * spectrum and a short inverse transform of it. Folding the cut-out into the short transform subsamples the
 * band's signal; its phase does not matter, as only the power is kept.
 *
 * Costs less than a short-time transform, and a copy played faster gives the same picture, only shifted in
 * (logarithmic) frequency and squeezed in time.
 *
 * Source: Velasco, Holighaus, Dörfler, Grill, "Constructing an invertible constant-Q transform with
 * non-stationary Gabor frames", DAFx 2011; here with fixed time sampling and without the inverse.
 *
 * This file says which bands there are; kernel/ does the work.
 */

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

/** A band as a cut-out of a block's spectrum. */
export interface Band {
  readonly firstLine: number
  /** Of the lines from the first on; the sum of their squares is 1: white noise has the same power in every band. */
  readonly weights: Float64Array
}

/** The cut-out of a band, 0 = the lowest. */
export function bandAt(band: number): Band {
  const centreHz = BAND_LOWEST_HZ * exp2(band / BANDS_PER_OCTAVE)
  const sigmaHz = Math.min(SIGMA_SHARE * centreHz, SIGMA_HZ_MAX)
  const reach = Math.ceil((SIGMA_CUT * sigmaHz) / HZ_PER_LINE)
  const centreLine = Math.round(centreHz / HZ_PER_LINE)
  const firstLine = centreLine - reach
  const lastLine = Math.min(LINES - 1, centreLine + reach)
  const weights = Float64Array.from({ length: lastLine - firstLine + 1 }, (_, index) => {
    const sigmas = ((firstLine + index) * HZ_PER_LINE - centreHz) / sigmaHz
    return exp(-0.5 * sigmas * sigmas)
  })
  const norm = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0))
  return { firstLine, weights: weights.map((weight) => weight / norm) }
}

/**
 * The power that is added to every cell, so that nothing is distinguished below it.
 *
 * @param meanPower of the signal around here (mean square).
 */
export const floorOf = (meanPower: number): number =>
  Math.fround(Math.max(meanPower * FLOOR_SHARE, FLOOR_POWER_MIN) * LINES)
