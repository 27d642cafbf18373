import type { RankedPeaks } from './kernel.ts'

/* The twin of assembly/ranking.ts. */

const { abs, fround, max, min } = Math

/** One unit of distance: 10 frames (116 ms), and a sixth of an octave. */
const RADIUS_PER_FRAME = fround(0.1)
const RADIUS_PER_BAND = fround(1 / 6)

/** How far back others are looked at, in frames: the largest radius, and one for peaks whose fractions swapped them. */
const REACH = 81

/**
 * Only a peak that is 3 dB stronger limits another's radius. Without the margin, which of two equals
 * dominates is up to chance, and in noise a tenth fewer of the peaks are found again.
 */
const MARGIN = 1

/** As `rank` of a kernel. */
export function rank({ times, bins, levels, radii }: RankedPeaks, from: number, to: number): void {
  let first = 0
  for (let one = from; one < to; one++) {
    const earliest = fround(times[one]! - REACH)
    while (times[first]! < earliest) first++
    for (let other = first; other < one; other++) {
      const over = fround(levels[one]! - levels[other]!)
      if (abs(over) <= MARGIN) continue
      const inTime = fround(abs(fround(times[one]! - times[other]!)) * RADIUS_PER_FRAME)
      const inPitch = fround(abs(fround(bins[one]! - bins[other]!)) * RADIUS_PER_BAND)
      const weaker = over > 0 ? other : one
      radii[weaker] = min(radii[weaker]!, max(inTime, inPitch))
    }
  }
}
