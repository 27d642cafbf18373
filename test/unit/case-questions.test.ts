import { describe, expect, test } from 'vitest'

import {
  ExceptionAnswers,
  dePresumedPermitted,
  exceptionsInWords,
  outcomeOf,
} from '../../services/matches/exceptions.ts'
import { type Harm, priorityOf } from '../../services/matches/priority.ts'
import { FLOOD_CASES_MAX, isFlood } from '../../services/matches/quarantine.ts'
import { noException } from '../support/confirming.ts'

describe('a review of the exceptions', () => {
  test('answers every question with a reason, its own or a shared one', () => {
    expect(ExceptionAnswers.parse(noException)).toEqual(noException)
    const { reason: _reason, ...unfounded } = noException
    expect(ExceptionAnswers.safeParse(unfounded).error?.issues).toHaveLength(5)
    const { quotation: _quotation, ...fewer } = noException.answers
    expect(ExceptionAnswers.safeParse({ ...noException, answers: fewer }).success).toBe(false)
    expect(ExceptionAnswers.safeParse({ ...noException, reason: '  no   ' }).success).toBe(false)
  })

  test.each(['yes', 'unclear'] as const)('clears nothing when one answer is %s', (applies) => {
    const answers = { ...noException.answers, parody: { applies, reason: 'New words to the old song' } }
    expect(outcomeOf(noException)).toBe('not_excepted')
    expect(outcomeOf({ ...noException, answers })).toBe('excepted')
    expect(exceptionsInWords({ ...noException, answers })).toContainEqual(
      expect.stringMatching(/^Parody, .*New words to the old song$/),
    )
    expect(exceptionsInWords(noException)).toHaveLength(5)
  })
})

describe('the hint for minor use in Germany', () => {
  const find = (seconds: number, shareOfRecording: number, shareOfSuspect: number) => ({
    match: { shareOfRecording, shareOfSuspect },
    passages: [{ referenceFromMs: 60_000, referenceToMs: 60_000 + seconds * 1000 }],
  })
  test.each<[string, ReturnType<typeof find>[], string[], boolean]>([
    ['15 s with other content', [find(15, 0.07, 0.3)], ['Worldwide'], true],
    ['15.1 s', [find(15.1, 0.07, 0.3)], ['DE', 'FR'], false],
    ['half of a short work', [find(14, 0.5, 0.3)], ['DE'], false],
    ['nothing but the recording', [find(14, 0.07, 0.96)], ['DE'], false],
    ['rights that leave Germany out', [find(14, 0.07, 0.3)], ['Worldwide', 'except DE'], false],
    ['rights elsewhere', [find(14, 0.07, 0.3)], ['US'], false],
    ['nothing found', [], ['DE'], false],
  ])('with %s', (_, finds, territories, presumed) => {
    expect(dePresumedPermitted(finds, territories).presumed).toBe(presumed)
  })

  test('counts what passages have in common once, and the rest of all together', () => {
    const two = [{ ...find(10, 0.05, 0.3) }, { ...find(10, 0.05, 0.3) }]
    expect(dePresumedPermitted(two, ['DE']).presumed).toBe(true)
    const apart = [
      find(10, 0.05, 0.3),
      { ...find(10, 0.05, 0.3), passages: [{ referenceFromMs: 0, referenceToMs: 9_000 }] },
    ]
    expect(dePresumedPermitted(apart, ['DE'])).toMatchObject({
      presumed: false,
      reasons: [expect.stringContaining('19 s')],
    })
  })
})

describe('a priority', () => {
  const harm: Harm = {
    unreleased: false,
    releasedDays: 400,
    locations: 1,
    days: 1,
    shareOfRecording: 0.5,
    confidence: 0.99,
  }
  const of = (more: Partial<Harm>): number => priorityOf({ ...harm, ...more }).priority

  test('grows with each kind of harm, and with nothing else', () => {
    expect(of({ locations: 8 })).toBeGreaterThan(of({}))
    expect(of({ days: 4 })).toBeGreaterThan(of({}))
    expect(of({ shareOfRecording: 1 })).toBeGreaterThan(of({}))
    expect(of({ releasedDays: 3 })).toBeGreaterThan(of({ releasedDays: 40 }))
    expect(of({ confidence: 0.5 })).toBeLessThan(of({}))
    // What leaks before its release comes before anything that is out.
    expect(of({ unreleased: true })).toBeGreaterThan(
      of({ releasedDays: 0, locations: 2, shareOfRecording: 0.8 }),
    )
  })

  test('stays between 0 and 1, and its reasons add up to it', () => {
    const most = { unreleased: true, locations: 10_000, days: 30, shareOfRecording: 1, confidence: 1 }
    expect(of(most)).toBeCloseTo(1)
    expect(of({ releasedDays: undefined, shareOfRecording: 0, confidence: 0 })).toBe(0)
    const { priority, reasons } = priorityOf({
      ...harm,
      unreleased: true,
      locations: 5,
      days: 3,
      confidence: 0.8,
    })
    expect(reasons.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(priority)
    expect(reasons[0]?.text).toBe('Not released yet')
  })
})

test('a flood begins with one case too many, and lasts until somebody has looked', () => {
  expect(isFlood({ opened: FLOOD_CASES_MAX, quarantined: false })).toBe(false)
  expect(isFlood({ opened: FLOOD_CASES_MAX + 1, quarantined: false })).toBe(true)
  expect(isFlood({ opened: 1, quarantined: true })).toBe(true)
})
