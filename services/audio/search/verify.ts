import { FRAMES_PER_SECOND } from '../constants.ts'
import { fit, improve } from './align.ts'
import type { Alignment, Mask } from './align.ts'
import type { Change } from './hypotheses.ts'
import type { PeakView, SuspectView } from './peak-view.ts'
import { weigh } from './score.ts'
import type { Evidence } from './score.ts'
import { fitShift, improveShift } from './shift.ts'

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

/** A window that gives fewer bits than this gives no claim, however far one looks beyond it: the least threshold is 40. */
const WINDOW_BITS_MIN = 8
/** So sure of an unchanged copy, one need not try whether it was changed a little. */
const SURE_BITS = 80
/** A free fit that moves an end of the passage by more than this, or the pitch, is a sign of such a change. */
const DRIFT_FRAMES_MAX = 0.5
const DRIFT_BANDS_MAX = 0.1
/** Scale and raise are fitted too only for so many bits more: by so much the threshold of such a fit is higher. */
const FREEDOM_BITS = 20

/**
 * Checks a candidate: improves it in its window, then fits and weighs it on ever longer stretches until they
 * stop growing. So one window of a whole-file copy leads to the whole file.
 *
 * What may be unchanged is first taken to be so: with nothing to fit but the place, little is left to chance, and few
 * peaks are enough.
 *
 * @returns undefined when the candidate does not hold.
 */
export function verify(
  reference: PeakView,
  suspect: SuspectView,
  mask: Mask,
  candidate: Alignment,
  change: Change,
  window: Window,
): Verified | undefined {
  const shifted = change === 'none' ? improveShift(reference, mask, candidate, window) : undefined
  const exact = shifted && extend(reference, suspect, shifted, window, fitShift)
  const isSure = exact !== undefined && exact.evidence.bits >= SURE_BITS
  if (isSure && !drifts(reference, suspect, exact)) return exact
  const start = isSure ? exact.alignment : improve(reference, mask, candidate, change, window)
  const free = start && extend(reference, suspect, start, window, fit)
  if (!exact || !free) return exact ?? free
  return free.evidence.bits > exact.evidence.bits + FREEDOM_BITS ? free : exact
}

interface Window {
  readonly from: number
  readonly to: number
}

/** Fits and weighs an alignment on ever longer stretches. @param refit as `fit`. */
function extend(
  reference: PeakView,
  suspect: SuspectView,
  start: Alignment,
  window: Window,
  refit: typeof fit,
): Verified | undefined {
  let alignment: Alignment | undefined = start
  let { from, to } = window
  let verified: Verified | undefined
  for (let round = 0; round < ROUNDS_MAX; round++) {
    alignment = refit(reference, suspect, alignment, from, to)
    if (!alignment) return undefined
    if (round > 0) {
      const length = to - from
      from = Math.max(0, from - length)
      to = Math.min(suspect.frames, to + length)
    }
    const evidence = weigh(reference, suspect, alignment, from, to)
    if (!evidence || evidence.bits < WINDOW_BITS_MIN) return undefined
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

/** Whether an unchanged copy looks as if it were a little faster, slower, higher or lower after all. */
function drifts(reference: PeakView, suspect: SuspectView, { alignment, evidence }: Verified): boolean {
  const { suspectFrom, suspectTo } = evidence
  const free = fit(reference, suspect, alignment, suspectFrom, suspectTo)
  if (!free) return false
  const endFrames = (Math.abs(free.scale - 1) * (suspectTo - suspectFrom)) / 2
  return endFrames > DRIFT_FRAMES_MAX || Math.abs(free.raise) > DRIFT_BANDS_MAX
}
