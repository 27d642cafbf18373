import { nearestPeak, peaksOn, suspectFrameOf } from './align.ts'
import type { Found } from './passages.ts'

/** Two passages share their audio when more than half of what speaks for one speaks for the other too. */
const SHARED_SHARE = 0.5

/**
 * Finds passages that rest on the same audio of the suspect as a passage of another recording: a loop, sample or stem
 * that both recordings have, or one master registered twice. Two songs that sound at the same time are not shared:
 * each has peaks of its own.
 *
 * @param accepted of one search.
 * @returns for each passage of which more than half is shared, the numbers of the other recordings, best first.
 */
export function findShared(accepted: readonly Found[]): Map<Found, number[]> {
  const shared = new Map<Found, number[]>()
  const peaks = new Map<Found, Set<number>>()
  const peaksOf = (found: Found): Set<number> => {
    const known = peaks.get(found) ?? suspectPeaks(found)
    peaks.set(found, known)
    return known
  }
  for (const found of accepted) {
    const others = accepted.filter(
      (other) =>
        other.recording !== found.recording &&
        overlaps(found, other) &&
        isWithin(peaksOf(found), peaksOf(other)),
    )
    if (others.length > 0) shared.set(found, [...new Set(others.map(({ recording }) => recording))])
  }
  return shared
}

const overlaps = ({ evidence: a }: Found, { evidence: b }: Found): boolean =>
  a.suspectFrom < b.suspectTo && b.suspectFrom < a.suspectTo

function isWithin(peaks: ReadonlySet<number>, others: ReadonlySet<number>): boolean {
  let common = 0
  for (const peak of peaks) if (others.has(peak)) common++
  return common > SHARED_SHARE * peaks.size
}

/** The peaks of the suspect that a passage rests on, each as one number: passages may be of views of different density. */
function suspectPeaks({ reference, suspect, alignment, evidence }: Found): Set<number> {
  const { from, to } = peaksOn(reference, alignment, evidence.suspectFrom - 1, evidence.suspectTo + 1)
  const met = new Set<number>()
  for (let index = from; index < to; index++) {
    const time = suspectFrameOf(alignment, reference.time[index]!)
    const peak = nearestPeak(suspect, time, reference.bin[index]! + alignment.raise)
    if (peak >= 0) met.add(suspect.time[peak]! * BANDS_APART + suspect.bin[peak]!)
  }
  return met
}

/** Bands are fewer than this, so that time and band together are one number. */
const BANDS_APART = 1_024
