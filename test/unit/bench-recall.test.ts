import { describe, expect, test } from 'vitest'

import { familyShares } from '../../bench/accuracy/families.ts'
import { mixRecall } from '../../bench/accuracy/mixes.ts'
import { type Query, recallOf, relativePair } from '../../bench/accuracy/recall.ts'
import type { Passage } from '../../services/audio/search/search.ts'
import { passage } from './report-samples.ts'

/** A passage of a recording from a second of the suspect on, ten seconds long. */
const found = (referenceId: string, suspectFromS = 0, referenceFromS = 20): Passage => ({
  ...passage(1),
  referenceId,
  suspectFromMs: 1000 * suspectFromS,
  suspectToMs: 1000 * (suspectFromS + 10),
  referenceFromMs: 1000 * referenceFromS,
  speed: 1.01,
  speedError: 0,
  pitchError: 0,
  bits: 90,
  score: 90,
  threshold: 60,
  sharedWith: [],
})

const query = (attack: string, sourceId: string, isCopy: boolean): Query => ({
  id: `${attack} ${sourceId}`,
  path: '',
  attack,
  sourceId,
  isCopy,
  referenceFromMs: 20_000,
  queryFromMs: 0,
  rate: 1,
})

describe('what the accuracy bench counts', () => {
  const copies = ['a', 'b', 'c', 'd'].map((source) => query('clip3', source, true))
  const strangers = ['x', 'y', 'z'].map((source) => query('clip3', source, false))
  const relatives = new Set([relativePair('c', 'c2'), relativePair('y', 'y2')])

  test('as found is a copy whose best claim is right; all others are counted, too', () => {
    const claims = [[found('a', 0, 20.03), found('b')], [found('a'), found('b')], [found('c2')], []]
    const [recall, ...more] = recallOf(copies, claims, relatives)
    expect(more).toEqual([])
    expect(recall).toMatchObject({ attack: 'clip3', copies: 4, found: 1, wrong: 1, furtherWrong: 1 })
    expect(recall!.offsetErrorsMs).toEqual([30])
    expect(recall!.speedErrors).toEqual([expect.closeTo(0.01, 9)])
  })

  test('as claimed is a stranger with any claim, but of a relative of what it is made of', () => {
    const claims = [[], [found('y2')], [found('a')]]
    expect(recallOf(strangers, claims, relatives)).toMatchObject([
      { copies: 0, strangers: 3, falseClaims: 1, found: 0, wrong: 0 },
    ])
  })

  test('in a mix is each of its segments, and each claim of what does not sound at its time', () => {
    const segments = ['a', 'b'].map((referenceId, place) => ({
      referenceId,
      fromMs: 30_000 * place,
      toMs: 30_000 * (place + 1),
      referenceFromMs: 20_000,
    }))
    const claims = [[found('a', 0), found('b', 5), found('b', 31, 21), found('a', 45), found('q', 1)]]
    const [recall] = mixRecall([{ path: '', attack: 'mix', segments }], claims, new Set())
    expect(recall).toMatchObject({ attack: 'mix', copies: 2, found: 2, wrong: 3 })
    expect(recall!.offsetErrorsMs).toEqual([0, 0])
  })

  test('of a family is the mean over its attacks', () => {
    const [some] = recallOf(copies, [[found('a')], [], [], []])
    const all = { ...some!, attack: 'clip20', copies: 1, found: 1 }
    const other = { ...some!, attack: 'pitch_up', copies: 1, found: 0 }
    expect(familyShares([some!, all, other])).toEqual([
      { family: 'clip', percent: 62.5 },
      { family: 'pitch', percent: 0 },
    ])
  })
})
