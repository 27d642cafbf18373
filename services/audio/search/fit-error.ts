import { nearestPeak, peaksOn, suspectFrameOf } from './align.ts'
import type { Alignment } from './align.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import type { Evidence } from './score.ts'

/** Half the width of an interval that holds 95 % of a normal distribution, in standard deviations. */
const SIGMAS = 1.96

/** With fewer pairs than this there is no telling; then it is as uncertain as an alignment may be (half a percent). */
const PAIRS_MIN = 4
const UNKNOWN = { scale: 0.005, raise: 0.3 } as const

/**
 * How far scale and raise (in bands) of an alignment may be off, with 95 % confidence, from how the pairs of peaks
 * that it rests on scatter about it: the standard error of a line fitted by least squares, and of a mean. It takes
 * the pairs as independent of each other.
 */
export function fitError(fitted: {
  readonly reference: PeakView
  readonly suspect: SuspectView
  readonly alignment: Alignment
  readonly evidence: Evidence
}): { readonly scale: number; readonly raise: number } {
  const { reference, suspect, alignment, evidence } = fitted
  const { from, to } = peaksOn(reference, alignment, evidence.suspectFrom - 1, evidence.suspectTo + 1)
  const sums = { n: 0, x: 0, xx: 0, late: 0, lateSquares: 0, bands: 0, bandSquares: 0 }
  for (let index = from; index < to; index++) {
    const expected = suspectFrameOf(alignment, reference.time[index]!)
    const pair = nearestPeak(suspect, expected, reference.bin[index]! + alignment.raise)
    if (pair < 0) continue
    const late = (suspect.time[pair]! - expected) * alignment.scale
    const bands = suspect.bin[pair]! - reference.bin[index]! - alignment.raise
    const x = suspect.time[pair]! - alignment.centre
    sums.n++
    sums.x += x
    sums.xx += x * x
    sums.late += late
    sums.lateSquares += late * late
    sums.bands += bands
    sums.bandSquares += bands * bands
  }
  const { n } = sums
  const spread = sums.xx - (sums.x * sums.x) / n
  if (n < PAIRS_MIN || spread <= 0) return UNKNOWN
  const lateVariance = (sums.lateSquares - (sums.late * sums.late) / n) / (n - 2)
  const bandVariance = (sums.bandSquares - (sums.bands * sums.bands) / n) / (n - 1)
  return {
    scale: SIGMAS * Math.sqrt(Math.max(0, lateVariance) / spread),
    raise: SIGMAS * Math.sqrt(Math.max(0, bandVariance) / n),
  }
}
