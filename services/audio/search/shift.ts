import {
  COARSE_FRAMES,
  MATCHED_MIN,
  MATCHED_SHARE_MIN,
  PAIR_BANDS,
  PAIR_FRAMES,
  SEARCH_SLACK_FRAMES,
  countInMask,
  peaksOn,
  suspectFrameOf,
} from './align.ts'
import type { Alignment, Mask } from './align.ts'
import type { PeakView, SuspectView } from './peak-view.ts'

/** Whether nothing but the place was fitted: the copy plays as fast and as high as the recording. */
export const isShift = ({ scale, raise }: Alignment): boolean => scale === 1 && raise === 0

/**
 * Moves a candidate in time alone until as many reference peaks as possible meet the mask, as if nothing else had been
 * done to the copy; to the middle of places that are equally good, which the blur of the mask makes.
 *
 * @returns the best alignment; undefined when even that explains too little.
 */
export function improveShift(
  reference: PeakView,
  mask: Mask,
  { start, centre }: Alignment,
  window: { readonly from: number; readonly to: number },
): Alignment | undefined {
  const first: Alignment = { start, centre, scale: 1, raise: 0 }
  const { from, to } = peaksOn(
    reference,
    first,
    window.from - SEARCH_SLACK_FRAMES,
    window.to + SEARCH_SLACK_FRAMES,
  )
  if (to - from < MATCHED_MIN) return undefined
  const best = { matched: -1, firstShift: 0, lastShift: 0 }
  for (let shift = -COARSE_FRAMES; shift <= COARSE_FRAMES; shift++) {
    const matched = countInMask(reference, from, to, mask, start + shift, 1, centre, 0)
    if (matched > best.matched) Object.assign(best, { matched, firstShift: shift, lastShift: shift })
    else if (matched === best.matched && shift === best.lastShift + 1) best.lastShift = shift
  }
  if (best.matched < Math.max(MATCHED_MIN, MATCHED_SHARE_MIN * (to - from))) return undefined
  return { ...first, start: start + (best.firstShift + best.lastShift) / 2 }
}

/** A pair that is off by so much counts for 0.6 of one that is not: true ones of unchanged copies scatter by less. */
const SHIFT_FRAMES = 1
const SHIFT_BANDS = 0.3

/**
 * Fits the time alone, to all pairs of near peaks, each by how near it is: under noise most pairs are chance.
 *
 * @returns undefined when fewer than five pairs meet.
 */
export function fitShift(
  reference: PeakView,
  suspect: SuspectView,
  alignment: Alignment,
  fromFrame: number,
  toFrame: number,
): Alignment | undefined {
  const { from, to } = peaksOn(reference, alignment, fromFrame, toFrame)
  const sums = { pairs: 0, weight: 0, late: 0 }
  for (let index = from; index < to; index++) {
    const time = suspectFrameOf(alignment, reference.time[index]!)
    const bin = reference.bin[index]! + alignment.raise
    for (let near = suspect.firstFrom(time - PAIR_FRAMES); near < suspect.count; near++) {
      const late = suspect.time[near]! - time
      if (late > PAIR_FRAMES) break
      const bands = suspect.bin[near]! - bin
      if (Math.abs(bands) > PAIR_BANDS) continue
      const weight = Math.exp(-0.5 * ((late / SHIFT_FRAMES) ** 2 + (bands / SHIFT_BANDS) ** 2))
      sums.pairs++
      sums.weight += weight
      sums.late += weight * late
    }
  }
  if (sums.pairs < MATCHED_MIN || sums.weight === 0) return undefined
  return { ...alignment, start: alignment.start - (sums.late / sums.weight) * alignment.scale }
}
