import { BAND_COUNT, FRAMES_PER_SECOND } from '../constants.ts'
import { peaksOn, suspectFrameOf } from './align.ts'
import type { Alignment } from './align.ts'
import { NEAR_BANDS, NEAR_FRAMES } from './peak-view.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import { pulseBeats } from './pulse.ts'

/** How well an alignment explains a stretch, and which stretch that is. */
export interface Evidence {
  /** Log-likelihood ratio of 'copy' against 'chance', in bits, less a price for each peak that is missing. */
  readonly bits: number
  /** Reference peaks found in the suspect, of those expected there. */
  readonly matched: number
  readonly expected: number
  /** Numbers of the first and the last reference peak of the stretch. */
  readonly firstPeak: number
  readonly lastPeak: number
  /** The stretch in frames of the suspect and of the reference. */
  readonly suspectFrom: number
  readonly suspectTo: number
  readonly referenceFrom: number
  readonly referenceTo: number
}

/** Chance is estimated from the suspect's peaks within so many frames (4 s) to either side. */
const AROUND_FRAMES = 4 * FRAMES_PER_SECOND
/** Bands in which peaks are at all likely. */
const USED_BANDS = 180
/** Fewest peaks that are assumed around, so that a silence does not make every peak a wonder. */
const AROUND_PEAKS_MIN = 10
/** Bounds of the chance that a reference peak meets a suspect peak by accident. */
const CHANCE_MIN = 0.01
const CHANCE_MAX = 0.6
/**
 * Shares of its peaks that a copy still has: under loud noise, after much coding, and nearly as it was. Which of them
 * explains a stretch best is found for each stretch: what is missing tells against a clean copy, not against a noisy one.
 */
const FOUND_SHARES = [0.3, 0.55, 0.8] as const
/**
 * What each missing peak costs beyond its likelihood, in bits. Chance is only estimated: over a minute of another song of
 * the same tempo a small error of the estimate would add up to a claim.
 */
const MISS_BITS = 0.4

/** Wrong alignments that say how much meets by accident: so many bands off, and so many seconds off. */
const DECOY_BANDS = [2.5, -2.5, 3.6, -3.6, 5, -5, 7, -7, 9, -9, 12, -12] as const
const DECOY_SECONDS = [0.83, -0.71, 1.9, -2.3, 3.1, -3.7, 0.41, -0.37, 1.13, -1.27, 2.7, -1.6] as const
/** Reference peaks that the decoys are tried with: with 24 decoys each, enough for an estimate to 2 %, however long the stretch. */
const DECOY_PEAKS_MAX = 300
/** Matches added to the decoys' and trials added to theirs, so that few trials do not look like certainty. */
const DECOY_PRIOR = { matches: 1, trials: 20 } as const

/** Height of a uniform distribution over the box in which peaks count as met. */
const UNIFORM = 1 / (4 * NEAR_FRAMES * NEAR_BANDS)

/**
 * Density of the residuals of true matches: a narrow core (same encoding), a wider one (transformed), and
 * a share that is chance. In frames and bands; measured on coded, noisy and stretched copies.
 */
function residualDensity(frames: number, bands: number): number {
  return (
    0.45 * gauss(frames, 0.6) * gauss(bands, 0.12) +
    0.4 * gauss(frames, 1.5) * gauss(bands, 0.4) +
    0.15 * UNIFORM
  )
}

const gauss = (value: number, sigma: number): number =>
  Math.exp(-0.5 * (value / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI))

/**
 * Weighs an alignment on a stretch of the suspect and finds the part of it that speaks most for a copy.
 *
 * Each reference peak counts by how surprising its match is. Chance is modelled per peak: how many suspect peaks
 * lie in its row anyway, and how many begin at that moment anyway (the beat), without the matched one; scaled
 * up when decoys meet more often than that. The further beats of a pulse say nothing, found or missing (pulse.ts). The
 * stretch is the run of the largest sum.
 *
 * @returns undefined when fewer than five reference peaks are expected or nothing speaks for a copy.
 *
 * Source of the run: Kadane's algorithm (Bentley, "Programming Pearls", CACM 27, 1984).
 */
export function weigh(
  reference: PeakView,
  suspect: SuspectView,
  alignment: Alignment,
  fromFrame: number,
  toFrame: number,
): Evidence | undefined {
  const { from, to } = peaksOn(reference, alignment, fromFrame, toFrame)
  if (to - from < PEAKS_MIN) return undefined
  const meetings = meet(reference, suspect, alignment, from, to)
  let usable = 0
  let chanceSum = 0
  for (let index = 0; index < to - from; index++) {
    const expectation = meetings.expectation[index]!
    if (Number.isNaN(expectation)) continue
    usable++
    chanceSum += 1 - Math.exp(-expectation)
  }
  if (usable < PEAKS_MIN) return undefined
  const scale = Math.max(1, decoyRate(reference, suspect, alignment, from, to) / (chanceSum / usable))

  const beats = pulseBeats(reference, from, to)
  const surprises = meetings.expectation.map((expectation, index) =>
    beats[index] === 1 ? Number.NaN : surpriseOf(expectation * scale, meetings.density[index]!),
  )
  const best = FOUND_SHARES.map((share) => bestRun(surprises, share)).reduce((one, other) =>
    other.bits > one.bits ? other : one,
  )
  if (best.bits <= 0) return undefined
  let matched = 0
  let expected = 0
  for (let index = best.first; index <= best.last; index++) {
    if (Number.isNaN(meetings.expectation[index]!)) continue
    expected++
    if (meetings.density[index]! > 0) matched++
  }
  const firstPeak = from + best.first
  const lastPeak = from + best.last
  return {
    bits: best.bits,
    matched,
    expected,
    firstPeak,
    lastPeak,
    suspectFrom: suspectFrameOf(alignment, reference.time[firstPeak]!),
    suspectTo: suspectFrameOf(alignment, reference.time[lastPeak]!),
    referenceFrom: reference.time[firstPeak]!,
    referenceTo: reference.time[lastPeak]!,
  }
}

/** A stretch with fewer reference peaks than this is not weighed. */
const PEAKS_MIN = 5

/**
 * How much likelier a peak of a copy, where it is found again, meets as it does than by chance; 0 where nothing meets,
 * NaN where the suspect has no such place, or the peak is a further beat of a pulse.
 */
function surpriseOf(expectation: number, density: number): number {
  const chance = Math.min(CHANCE_MAX, Math.max(CHANCE_MIN, 1 - Math.exp(-expectation)))
  return density / (chance * UNIFORM)
}

interface Run {
  readonly bits: number
  readonly first: number
  readonly last: number
}

/** The run that speaks most for a copy that has this share of its peaks; where a peak is lost, chance may still meet. */
function bestRun(surprises: Float64Array, foundShare: number): Run {
  const missBits = Math.log2(1 - foundShare) - MISS_BITS
  let sum = 0
  let first = 0
  let best: Run = { bits: 0, first: 0, last: -1 }
  for (let index = 0; index < surprises.length; index++) {
    const surprise = surprises[index]!
    if (Number.isNaN(surprise)) continue
    sum += surprise === 0 ? missBits : Math.log2(foundShare * surprise + 1 - foundShare)
    if (sum <= 0) {
      sum = 0
      first = index + 1
    } else if (sum > best.bits) {
      best = { bits: sum, first, last: index }
    }
  }
  return best
}

/** Per reference peak: how many matches chance would bring (NaN outside the suspect), and how well it matched. */
interface Meetings {
  readonly expectation: Float64Array
  /** Residual density of the best match, 0 for none. */
  readonly density: Float64Array
}

/** Which reference peaks of `from` … `to` − 1 the suspect has. Also used for the picture of a passage. */
export function meet(
  reference: PeakView,
  suspect: SuspectView,
  alignment: Alignment,
  from: number,
  to: number,
): Meetings {
  const expectation = new Float64Array(to - from).fill(Number.NaN)
  const density = new Float64Array(to - from)
  let firstAround = 0
  let endAround = 0
  for (let index = from; index < to; index++) {
    const time = suspectFrameOf(alignment, reference.time[index]!)
    const bin = reference.bin[index]! + alignment.raise
    if (time < 0 || time >= suspect.frames || bin < 0 || bin >= BAND_COUNT) continue
    if (index === from || endAround === 0) firstAround = suspect.firstFrom(time - AROUND_FRAMES)
    while (firstAround < suspect.count && suspect.time[firstAround]! < time - AROUND_FRAMES) firstAround++
    endAround = Math.max(endAround, firstAround)
    while (endAround < suspect.count && suspect.time[endAround]! <= time + AROUND_FRAMES) endAround++

    let onset = 0
    let best = 0
    for (let near = suspect.firstFrom(time - NEAR_FRAMES); near < suspect.count; near++) {
      const frames = suspect.time[near]! - time
      if (frames > NEAR_FRAMES) break
      onset++
      const bands = suspect.bin[near]! - bin
      if (Math.abs(bands) <= NEAR_BANDS) best = Math.max(best, residualDensity(frames, bands))
    }
    const own = best > 0 ? 1 : 0
    const inRow = suspect.countInRows(bin, time - AROUND_FRAMES, time + AROUND_FRAMES)
    const around = Math.max(AROUND_PEAKS_MIN, endAround - firstAround)
    const length = Math.min(suspect.frames, time + AROUND_FRAMES) - Math.max(0, time - AROUND_FRAMES)
    const rowPrior = (around * ((2 * NEAR_BANDS) / USED_BANDS)) / 2
    const onsetPrior = (around * ((2 * NEAR_FRAMES) / length)) / 2
    density[index - from] = best
    expectation[index - from] =
      ((Math.max(0, inRow - own) + rowPrior) * (Math.max(0, onset - own) + onsetPrior)) / around
  }
  return { expectation, density }
}

/** Share of reference peaks that meet something under wrong alignments: the worse of the two kinds. */
function decoyRate(
  reference: PeakView,
  suspect: SuspectView,
  alignment: Alignment,
  from: number,
  to: number,
): number {
  const stride = Math.ceil((to - from) / DECOY_PEAKS_MAX)
  let trials = 0
  let bandMatches = 0
  let timeMatches = 0
  for (let index = from; index < to; index += stride) {
    const time = suspectFrameOf(alignment, reference.time[index]!)
    const bin = reference.bin[index]! + alignment.raise
    trials++
    for (const bands of DECOY_BANDS) if (hasNear(suspect, time, bin + bands)) bandMatches++
    for (const seconds of DECOY_SECONDS) {
      if (hasNear(suspect, time - (seconds * FRAMES_PER_SECOND) / alignment.scale, bin)) timeMatches++
    }
  }
  const rate = (matches: number, decoys: number) =>
    (matches + DECOY_PRIOR.matches) / (trials * decoys + DECOY_PRIOR.trials)
  return Math.max(rate(bandMatches, DECOY_BANDS.length), rate(timeMatches, DECOY_SECONDS.length))
}

function hasNear(suspect: SuspectView, time: number, bin: number): boolean {
  if (time < -NEAR_FRAMES || time > suspect.frames + NEAR_FRAMES) return false
  for (let index = suspect.firstFrom(time - NEAR_FRAMES); index < suspect.count; index++) {
    if (suspect.time[index]! - time > NEAR_FRAMES) return false
    if (Math.abs(suspect.bin[index]! - bin) <= NEAR_BANDS) return true
  }
  return false
}
