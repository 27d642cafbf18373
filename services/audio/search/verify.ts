import { FRAMES_PER_SECOND } from '../constants.ts'
import { fit, improve } from './align.ts'
import type { Alignment, Mask } from './align.ts'
import type { Change } from './hypotheses.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import { weigh } from './score.ts'
import type { Evidence } from './score.ts'

/** An alignment that was checked against the peaks themselves. */
export interface Verified {
  readonly alignment: Alignment
  readonly evidence: Evidence
}

/** Beyond what the last round found, the next one looks so much further (4 s), then as far again. */
const PAD_FRAMES = 4 * FRAMES_PER_SECOND
/** Every round at least doubles the stretch: from ten seconds to a day in fourteen. */
const ROUNDS_MAX = 16
/** From this round on, a stretch that has stopped growing is final. */
const ROUNDS_MIN = 4
/** A stretch has stopped growing when it gained less than this (2 s). */
const GROWTH_FRAMES_MIN = 2 * FRAMES_PER_SECOND

/**
 * Checks a candidate: improves it in its window, then fits and weighs it on ever longer stretches until they
 * stop growing. So one window of a whole-file copy leads to the whole file.
 *
 * @returns undefined when the candidate does not hold.
 */
export function verify(
  reference: PeakView,
  suspect: SuspectView,
  mask: Mask,
  candidate: Alignment,
  change: Change,
  window: { readonly from: number; readonly to: number },
): Verified | undefined {
  let alignment = improve(reference, mask, candidate, change, window)
  if (!alignment) return undefined
  let { from, to } = window
  let verified: Verified | undefined
  for (let round = 0; round < ROUNDS_MAX; round++) {
    alignment = fit(reference, suspect, alignment, from, to)
    if (!alignment) return undefined
    if (round > 0) {
      const length = to - from
      from = Math.max(0, from - length)
      to = Math.min(suspect.frames, to + length)
    }
    const evidence = weigh(reference, suspect, alignment, from, to)
    if (!evidence) return undefined
    const before: Evidence | undefined = verified?.evidence
    verified = { alignment, evidence }
    if (round + 1 >= ROUNDS_MIN && before && growth(before, evidence) < GROWTH_FRAMES_MIN) break
    from = Math.max(0, evidence.suspectFrom - PAD_FRAMES)
    to = Math.min(suspect.frames, evidence.suspectTo + PAD_FRAMES)
  }
  return verified
}

const growth = (before: Evidence, after: Evidence): number =>
  after.suspectTo - after.suspectFrom - (before.suspectTo - before.suspectFrom)
