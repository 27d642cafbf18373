import { describe, expect, test } from 'vitest'

import { createPeakListBuilder } from '../../services/audio/peak-list.ts'
import { createFinds } from '../../services/audio/search/finds.ts'
import type { Found } from '../../services/audio/search/passages.ts'
import { suspectViewOf } from '../../services/audio/search/peak-view.ts'

const FRAMES = 10_000
const suspect = suspectViewOf(createPeakListBuilder().build(), FRAMES)

/** A find on a stretch of the suspect; accepted when its margin is not negative. */
const find = (recording: number, suspectFrom: number, suspectTo: number, margin: number): Found => ({
  recording,
  reference: suspect,
  suspect,
  alignment: { start: 0, scale: 1, centre: 0, raise: 0 },
  evidence: {
    bits: 60 + margin,
    matched: 30,
    expected: 40,
    firstPeak: 0,
    lastPeak: 40,
    suspectFrom,
    suspectTo,
    referenceFrom: suspectFrom,
    referenceTo: suspectTo,
  },
  decision: {
    change: 'none',
    score: 60 + margin,
    threshold: 60,
    accepted: margin >= 0,
    falseMatchProbability: 1e-3,
  },
})

const findsOf = (...all: readonly Found[]) => {
  const finds = createFinds()
  for (const one of all) finds.add(one)
  return finds
}

describe('what a search has found', () => {
  test('of two finds of one stretch the better stays, of others both, best first', () => {
    const [weak, strong, elsewhere, other] = [
      find(1, 0, 800, 5),
      find(1, 300, 1_000, 20),
      find(1, 950, 2_000, 30),
      find(2, 0, 800, 1),
    ]
    expect(findsOf(weak, strong, elsewhere, other).accepted()).toEqual([elsewhere, strong, other])
    expect(findsOf(strong, weak).accepted()).toEqual([strong])
    expect(findsOf(weak, strong, other).acceptedOf(1)).toEqual([strong])
    expect(findsOf(weak).acceptedOf(2)).toEqual([])
  })

  test('a passage is told of once, also when a part of it was rejected before', () => {
    const [part, most, whole] = [find(1, 0, 800, -10), find(1, 1_200, 3_000, 40), find(1, 200, 3_000, 50)]
    const finds = findsOf(part, most, whole)
    expect(finds.accepted()).toEqual([whole])
    expect(finds.strongestRejected()).toBeUndefined()
  })

  test('the strongest that was rejected is the nearest to its threshold, of what nothing accepted explains', () => {
    const finds = findsOf(
      find(1, 0, 800, -3),
      find(2, 0, 800, -9),
      find(2, 4_000, 4_800, -5),
      find(3, 0, 800, -7),
    )
    expect(finds.strongestRejected()).toMatchObject({ recording: 1, decision: { score: 57 } })
    finds.add(find(1, 0, 2_000, 10))
    expect(finds.strongestRejected()).toMatchObject({ recording: 2, evidence: { suspectFrom: 4_000 } })
    expect(findsOf().strongestRejected()).toBeUndefined()
  })

  test('no peaks are kept of what was rejected: there are ten thousands of such finds in a long file', () => {
    const kept = findsOf(find(1, 0, 800, -3)).strongestRejected()!
    expect(Object.keys(kept).toSorted()).toEqual(['decision', 'evidence', 'recording'])
  })
})
