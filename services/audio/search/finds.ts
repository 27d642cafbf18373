import type { Found, RejectedFind } from './passages.ts'
import type { Evidence } from './score.ts'

/** What one search has found so far. */
export interface Finds {
  /** Takes a find, unless it tells of the same as one that is there: then the better one stays. */
  add(found: Found): void
  /** Those of a recording that were accepted. */
  acceptedOf(recording: number): readonly Found[]
  /** All that were accepted, best first. */
  accepted(): readonly Found[]
  /** The best of what was not accepted and tells of nothing that was. Of each recording only its best is known. */
  strongestRejected(): RejectedFind | undefined
}

/** Two finds of one recording are one when they overlap by more than half of the shorter. */
const SAME_SHARE = 0.5

/** Makes an empty list; it grows with what is accepted, and by a few numbers for each recording that is not. */
export function createFinds(): Finds {
  const accepted = new Map<number, Found[]>()
  const rejected = new Map<number, RejectedFind>()

  const accept = (found: Found): void => {
    const others = accepted.get(found.recording)
    if (!others) {
      accepted.set(found.recording, [found])
      return
    }
    const same = others.findIndex((other) => isSame(other, found))
    if (same < 0) others.push(found)
    else if (margin(found) > margin(others[same]!)) others[same] = found
  }

  return {
    add(found) {
      if (found.decision.accepted) {
        accept(found)
        return
      }
      const { recording, evidence, decision } = found
      const before = rejected.get(recording)
      if (!before || margin(found) > margin(before))
        rejected.set(recording, { recording, evidence, decision })
    },
    acceptedOf: (recording) => accepted.get(recording) ?? [],
    accepted: () => [...accepted.values()].flat().toSorted(byMargin),
    strongestRejected: () =>
      [...rejected.values()]
        .toSorted(byMargin)
        .find((one) => !accepted.get(one.recording)?.some((other) => isSame(other, one))),
  }
}

const margin = ({ decision }: RejectedFind): number => decision.score - decision.threshold

const byMargin = (a: RejectedFind, b: RejectedFind): number => margin(b) - margin(a)

const isSame = ({ evidence: a }: RejectedFind, { evidence: b }: RejectedFind): boolean =>
  Math.min(a.suspectTo, b.suspectTo) - Math.max(a.suspectFrom, b.suspectFrom) >
  SAME_SHARE * Math.min(lengthOf(a), lengthOf(b))

const lengthOf = ({ suspectFrom, suspectTo }: Evidence): number => suspectTo - suspectFrom
