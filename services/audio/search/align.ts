import { BAND_COUNT, FRAMES_PER_SECOND } from '../constants.ts'
import { lowerBound } from '../peak-list.ts'
import type { Change } from './hypotheses.ts'
import { NEAR_BANDS, NEAR_FRAMES } from './peak-view.ts'
import type { PeakView, SuspectView } from './peak-view.ts'

/**
 * How a suspect lies on a reference: reference frame = `start` + `scale` × (suspect frame − `centre`),
 * suspect band = reference band + `raise`.
 */
export interface Alignment {
  readonly start: number
  readonly scale: number
  readonly centre: number
  readonly raise: number
}

const referenceFrameOf = ({ start, scale, centre }: Alignment, suspectFrame: number): number =>
  start + scale * (suspectFrame - centre)

export const suspectFrameOf = ({ start, scale, centre }: Alignment, referenceFrame: number): number =>
  (referenceFrame - start) / scale + centre

/** Numbers (from, to) of the reference peaks that fall on a stretch of the suspect. */
export function peaksOn(
  reference: PeakView,
  alignment: Alignment,
  fromFrame: number,
  toFrame: number,
): { from: number; to: number } {
  return {
    from: lowerBound(reference.time, referenceFrameOf(alignment, fromFrame), 0, reference.count),
    to: lowerBound(reference.time, referenceFrameOf(alignment, toFrame), 0, reference.count),
  }
}

/** Where a suspect's peaks are, blurred by what an alignment may be off: one byte per frame and band. */
export interface Mask {
  readonly firstFrame: number
  readonly frames: number
  readonly cells: Uint8Array
}

/** Bands above the highest, so that a raised peak need not be checked against the edge. */
const MASK_BANDS = BAND_COUNT + 2

/** A mask of the frames `fromFrame` … `toFrame` of a suspect. */
export function maskOf(view: SuspectView, fromFrame: number, toFrame: number): Mask {
  const firstFrame = Math.floor(fromFrame)
  const frames = Math.ceil(toFrame) - firstFrame + 1
  const cells = new Uint8Array(frames * MASK_BANDS)
  const end = view.firstFrom(toFrame + NEAR_FRAMES)
  for (let index = view.firstFrom(fromFrame - NEAR_FRAMES); index < end; index++) {
    const time = view.time[index]! - firstFrame
    const firstRow = Math.max(0, Math.ceil(time - NEAR_FRAMES))
    const lastRow = Math.min(frames - 1, Math.floor(time + NEAR_FRAMES))
    const firstBand = Math.max(0, Math.ceil(view.bin[index]! - NEAR_BANDS))
    const lastBand = Math.min(MASK_BANDS - 1, Math.floor(view.bin[index]! + NEAR_BANDS))
    for (let row = firstRow; row <= lastRow; row++) {
      cells.fill(1, row * MASK_BANDS + firstBand, row * MASK_BANDS + lastBand + 1)
    }
  }
  return { firstFrame, frames, cells }
}

/** Slack around a window, in frames: how far the search below may move its ends. */
export const SEARCH_SLACK_FRAMES = 40

/** First steps: time in frames, and relative scale and raise by what the vote left open for the change. */
export const COARSE_FRAMES = 26
const COARSE_STEP_FRAMES = 3
const COARSE_SCALES: Record<Change, readonly number[]> = {
  none: [0, -0.012, 0.012, -0.025, 0.025, -0.038, 0.038, -0.05, 0.05],
  speed: [0, -0.007, 0.007, -0.014, 0.014],
  pitch: [0, -0.01, 0.01],
  tempo: [0, -0.01, 0.01, -0.02, 0.02, -0.03, 0.03, -0.04, 0.04, -0.05, 0.05, -0.06, 0.06],
}
const COARSE_RAISES: Record<Change, readonly number[]> = {
  none: [0],
  speed: [0, -0.7, 0.7],
  pitch: [0, -0.7, 0.7],
  tempo: [0],
}

/** Then the steps of a hill climb: frames (at the centre and at the ends of the window) and bands. */
const FINE_STEPS = [
  { frames: 2, bands: 0.5 },
  { frames: 1, bands: 0.35 },
  { frames: 0.5, bands: 0.25 },
] as const
const FINE_ROUNDS = 4
/** Directions of a step: time, scale, raise. */
const DIRECTIONS = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
  [1, 1, 0],
  [-1, -1, 0],
  [1, -1, 0],
  [-1, 1, 0],
] as const

/** A candidate is dropped at once when fewer of the window's reference peaks than this are in the mask. */
export const MATCHED_MIN = 5
export const MATCHED_SHARE_MIN = 0.2

/**
 * Moves a candidate until as many reference peaks as possible meet the mask: a grid, then a hill climb.
 *
 * @returns the best alignment; undefined when even that explains too little.
 */
export function improve(
  reference: PeakView,
  mask: Mask,
  first: Alignment,
  change: Change,
  window: { readonly from: number; readonly to: number },
): Alignment | undefined {
  const slack = SEARCH_SLACK_FRAMES / first.scale
  const { from, to } = peaksOn(reference, first, window.from - slack, window.to + slack)
  if (to - from < MATCHED_MIN) return undefined
  const count = (start: number, scale: number, raise: number) =>
    countInMask(reference, from, to, mask, start, scale, first.centre, raise)

  let { start, scale, raise } = first
  let most = -1
  for (const scaleChange of COARSE_SCALES[change]) {
    for (const raiseChange of COARSE_RAISES[change]) {
      for (let shift = -COARSE_FRAMES; shift <= COARSE_FRAMES; shift += COARSE_STEP_FRAMES) {
        const matched = count(first.start + shift, first.scale * (1 + scaleChange), first.raise + raiseChange)
        if (matched <= most) continue
        most = matched
        start = first.start + shift
        scale = first.scale * (1 + scaleChange)
        raise = first.raise + raiseChange
      }
    }
  }
  const halfFrames = Math.max((window.to - window.from) / 2, FRAMES_PER_SECOND)
  for (const { frames, bands } of FINE_STEPS) {
    for (let round = 0, better = true; better && round < FINE_ROUNDS; round++) {
      better = false
      for (const [alongTime, alongScale, alongBands] of DIRECTIONS) {
        const newStart = start + alongTime * frames
        const newScale = scale * (1 + (alongScale * frames) / halfFrames)
        const newRaise = raise + alongBands * bands
        const matched = count(newStart, newScale, newRaise)
        if (matched <= most) continue
        most = matched
        start = newStart
        scale = newScale
        raise = newRaise
        better = true
      }
    }
  }
  if (most < Math.max(MATCHED_MIN, MATCHED_SHARE_MIN * (to - from))) return undefined
  return { start, scale, raise, centre: first.centre }
}

/** How many reference peaks of `from` … `to` − 1 are in a mask. Flat arguments: this runs some hundred times per candidate. */
export function countInMask(
  reference: PeakView,
  from: number,
  to: number,
  mask: Mask,
  start: number,
  scale: number,
  centre: number,
  raise: number,
): number {
  const { time, bin } = reference
  const { cells, frames } = mask
  const slope = 1 / scale
  const shift = centre - start * slope - mask.firstFrame + 0.5
  let found = 0
  for (let index = from; index < to; index++) {
    const row = Math.floor(time[index]! * slope + shift)
    const band = Math.floor(bin[index]! + raise + 0.5)
    if (row >= 0 && row < frames && band >= 0 && band < MASK_BANDS) found += cells[row * MASK_BANDS + band]!
  }
  return found
}

/** Peaks are paired for the fit when they are so near. */
export const PAIR_FRAMES = 3
export const PAIR_BANDS = 1.2
/** A fit of the scale needs so many pairs over so long (1 s); otherwise only the shift is fitted. */
const FIT_PAIRS_MIN = 8
const FIT_FRAMES_MIN = 86
/** A fit that changes the scale by more than this has gone wrong. */
const FIT_SCALE_CHANGE_MAX = 0.03

/**
 * Fits time and raise by least squares to the peaks that already meet, on a stretch of the suspect.
 *
 * @returns undefined when fewer than five pairs meet.
 */
export function fit(
  reference: PeakView,
  suspect: SuspectView,
  alignment: Alignment,
  fromFrame: number,
  toFrame: number,
): Alignment | undefined {
  const { from, to } = peaksOn(reference, alignment, fromFrame, toFrame)
  const sums = { n: 0, x: 0, y: 0, xx: 0, xy: 0, bands: 0, first: 0, last: 0 }
  for (let index = from; index < to; index++) {
    const time = suspectFrameOf(alignment, reference.time[index]!)
    const pair = nearestPeak(suspect, time, reference.bin[index]! + alignment.raise)
    if (pair < 0) continue
    const x = suspect.time[pair]! - alignment.centre
    const y = reference.time[index]!
    if (sums.n === 0) sums.first = x
    sums.last = x
    sums.n++
    sums.x += x
    sums.y += y
    sums.xx += x * x
    sums.xy += x * y
    sums.bands += suspect.bin[pair]! - reference.bin[index]! - alignment.raise
  }
  const { n, x, y, xx, xy } = sums
  if (n < MATCHED_MIN) return undefined
  const raise = alignment.raise + sums.bands / n
  const spread = n * xx - x * x
  if (n >= FIT_PAIRS_MIN && sums.last - sums.first > FIT_FRAMES_MIN && spread > 0) {
    const scale = (n * xy - x * y) / spread
    if (Math.abs(scale / alignment.scale - 1) >= FIT_SCALE_CHANGE_MAX) return { ...alignment, raise }
    return { start: (y - scale * x) / n, scale, centre: alignment.centre, raise }
  }
  return { ...alignment, start: (y - alignment.scale * x) / n, raise }
}

/** Number of the suspect's peak that is nearest to a place, within `PAIR_FRAMES` and `PAIR_BANDS`; −1 when there is none. */
export function nearestPeak(suspect: SuspectView, time: number, bin: number): number {
  let best = -1
  let bestDistance = Infinity
  for (let index = suspect.firstFrom(time - PAIR_FRAMES); index < suspect.count; index++) {
    const late = suspect.time[index]! - time
    if (late > PAIR_FRAMES) break
    const bands = Math.abs(suspect.bin[index]! - bin)
    if (bands > PAIR_BANDS) continue
    const distance = bands / PAIR_BANDS + Math.abs(late) / PAIR_FRAMES
    if (distance < bestDistance) {
      bestDistance = distance
      best = index
    }
  }
  return best
}
