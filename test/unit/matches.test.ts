import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { clockTime } from '../../services/core/clock-time.ts'
import {
  changeInWords,
  changesInWords,
  confidenceInWords,
  coveredShare,
} from '../../services/matches/match.ts'
import { type ItemStanding, defang, standing } from '../../services/submissions/submission.ts'

describe('a share that ranges cover', () => {
  test.each([
    [[], 0],
    [[[0, 50]], 0.5],
    [
      [
        [0, 50],
        [25, 75],
      ],
      0.75,
    ],
    [
      [
        [50, 60],
        [0, 10],
      ],
      0.2,
    ],
    [[[0, 500]], 1],
  ] as const)('%j of 100 is %d', (ranges, share) => expect(coveredShare(ranges, 100)).toBeCloseTo(share))

  test('lies between 0 and 1 and grows with every range', () => {
    const range = fc
      .tuple(fc.nat(1000), fc.nat(1000))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), range, (ranges, more) => {
        const before = coveredShare(ranges, 1000)
        expect(before).toBeGreaterThanOrEqual(0)
        expect(coveredShare([...ranges, more], 1000)).toBeGreaterThanOrEqual(before)
        expect(coveredShare([...ranges, more], 1000)).toBeLessThanOrEqual(1)
      }),
    )
  })
  test('of nothing is nothing', () => expect(coveredShare([[0, 5]], 0)).toBe(0))
})

describe('in words', () => {
  test.each([
    [{ change: 'none', speed: 1, pitch: 1 }, 'as the original'],
    [{ change: 'speed', speed: 1.04, pitch: 1.04 }, 'sped up by 4.0 %'],
    [{ change: 'speed', speed: 0.8, pitch: 0.8 }, 'slowed down by 20.0 %'],
    [{ change: 'tempo', speed: 1.1, pitch: 1 }, 'faster by 10.0 %, pitch kept'],
    [{ change: 'pitch', speed: 1, pitch: 2 ** (-2 / 12) }, 'lowered by 2.0 semitones'],
  ] as const)('%j is %s', (passage, words) => expect(changeInWords(passage)).toBe(words))

  test.each([
    [1.04, 0.0002, 'sped up by 4.00 % ± 0.02'],
    [1.04, 0.000213, 'sped up by 4.00 % ± 0.03'],
    [1.04, 0.00096, 'sped up by 4.0 % ± 0.1'],
    [1.0437, 0.0034, 'sped up by 4.4 % ± 0.4'],
    [1.0437, 0.03, 'sped up by 4 % ± 3'],
    [1.2437, 0.15, 'sped up by 20 % ± 20'],
    [0.96, 0.0000001, 'slowed down by 4.00 % ± 0.01'],
    [0.96, 0, 'slowed down by 4.00 % ± 0.01'],
    [1.04, null, 'sped up by 4.0 %'],
  ])('a speed of %d, known to ± %d, is %s', (speed, speedError, words) =>
    expect(changeInWords({ change: 'speed', speed, pitch: speed, speedError, pitchError: speedError })).toBe(
      words,
    ),
  )

  test('an error is told of what was changed, and of nothing that was not', () => {
    const errors = { speedError: 0.0004, pitchError: 0.0007 }
    expect(changeInWords({ change: 'none', speed: 1.0001, pitch: 1, ...errors })).toBe('as the original')
    expect(changeInWords({ change: 'tempo', speed: 0.9, pitch: 1, ...errors })).toBe(
      'slower by 10.00 % ± 0.04, pitch kept',
    )
    expect(changeInWords({ change: 'pitch', speed: 1, pitch: 2 ** (2 / 12), ...errors })).toBe(
      'raised by 2.00 semitones ± 0.02',
    )
  })

  test('an error is never told smaller than it is, nor a value finer than its error', () => {
    const number = fc.double({ min: 1e-7, max: 0.4, noNaN: true })
    fc.assert(
      fc.property(number, number, (change, speedError) => {
        const words = changeInWords({ change: 'speed', speed: 1 + change, pitch: 1 + change, speedError })
        const [, value = '', error = ''] = words.match(/by ([\d.]+) % ± ([\d.]+)$/) ?? []
        expect(Number(error)).toBeGreaterThanOrEqual(speedError * 100 * (1 - 1e-6))
        expect(error.replaceAll(/[0.]/g, '')).toHaveLength(1)
        expect(value.split('.')[1]?.length ?? 0).toBe(error.split('.')[1]?.length ?? 0)
      }),
    )
  })

  test('the changes of several passages are told once each, by the passage that is known best', () => {
    const sped = { change: 'speed', pitch: 1.04, pitchError: 0.001 } as const
    expect(
      changesInWords([
        { ...sped, speed: 1.0402, speedError: 0.003 },
        { change: 'none', speed: 1, pitch: 1 },
        { ...sped, speed: 1.0399, speedError: 0.0002 },
      ]),
    ).toEqual(['sped up by 3.99 % ± 0.02', 'as the original'])
  })

  test.each([
    [0, '0:00'],
    [59_999, '0:59'],
    [3_723_000, '1:02:03'],
  ])('%d ms is %s', (ms, text) => expect(clockTime(ms)).toBe(text))

  test.each([
    [1e-12, '> 99.9999 %'],
    [2e-6, '99.9998 %'],
    [0.00019, '99.98 %'],
    [0.0025, '99.75 %'],
    [0.02, '98.0 %'],
    [1, '0.0 %'],
  ])('a false-match probability of %d is shown as %s, never surer than it is', (probability, text) =>
    expect(confidenceInWords(probability)).toBe(text),
  )
})

describe('an address', () => {
  test('is shown so that nothing turns it into a link', () => {
    expect(defang('https://files.example.org/a.b/c')).toBe('hxxps://files[.]example[.]org/a[.]b/c')
    expect(defang('https://a.example/web/http://leak.example/x?u=https%3A//b.example')).toBe(
      'hxxps://a[.]example/web/hxxp://leak[.]example/x?u=hxxps%3A//b[.]example',
    )
    expect(defang('www.leak.example')).toBe('www[.]leak[.]example')
    expect(defang('song.mp3')).toBe('song.mp3')
  })
})

describe('where a submission stands', () => {
  const submission = { stage: 'compare', progress: 0 } as Parameters<typeof standing>[0]
  const items = (stage: ItemStanding['stage'], progress: number, count = 1): ItemStanding => ({
    stage,
    items: count,
    progress,
  })

  test('is where the item furthest behind stands', () => {
    expect(standing(submission, [items('match', 0.5), items('fingerprint', 0.5)])).toEqual({
      step: 'fingerprint',
      progress: 0.75,
    })
    expect(standing(submission, [items('done', 0), items('match', 0.5)])).toEqual({
      step: 'match',
      progress: 0.75,
    })
    expect(standing(submission, [items('done', 0, 6), items('follow', 1, 4), items('match', 0)])).toEqual({
      step: 'follow',
      progress: 8 / 11,
    })
    expect(standing({ ...submission, stage: 'fetch', progress: 0.2 }, [])).toEqual({
      step: 'fetch',
      progress: 0.2,
    })
  })
})
