import { describe, expect, test } from 'vitest'

import { RecordingId } from '../../services/core/ids.ts'
import type { Passage } from '../../services/matches/match.ts'
import { besideWhich, isShared, sharedInWords } from '../../services/matches/shared.ts'
import { passage, uuid } from './report-samples.ts'

const id = (number: number): RecordingId => RecordingId.parse(uuid(number))

/** A recording with one passage for each list of those it is shared with; all of the same score. */
const recording = (number: number, score: number, ...sharedWith: readonly number[][]) => ({
  recordingId: id(number),
  passages: sharedWith.map((others): Passage => ({
    ...passage(0),
    speedError: null,
    pitchError: null,
    bits: score,
    score,
    threshold: 40,
    sharedWith: others.map(id),
    excluded: false,
  })),
})

const beside = (...found: readonly ReturnType<typeof recording>[]): Record<string, string> =>
  Object.fromEntries(besideWhich(found))

describe('a recording stands beside another', () => {
  test('when all of its passages are shared with it, and it has far less', () => {
    expect(beside(recording(1, 900, []), recording(2, 200, [1]))).toEqual({ [id(2)]: id(1) })
    expect(beside(recording(2, 200, [1], [1]), recording(1, 900, []))).toEqual({ [id(2)]: id(1) })
  })

  test('never when a passage of it is its own, or shared with a third only', () => {
    expect(beside(recording(1, 900, []), recording(2, 200, [1], []))).toEqual({})
    expect(beside(recording(1, 900, []), recording(3, 900, []), recording(2, 200, [1], [3]))).toEqual({})
  })

  test('never when both are about as good: what was copied is for a person to say', () => {
    expect(beside(recording(1, 500, [2]), recording(2, 500, [1]))).toEqual({})
    expect(beside(recording(1, 550, [2]), recording(2, 500, [1]))).toEqual({})
  })

  test('that stands for itself, also when the better one stands beside a third', () => {
    const found = [recording(3, 100, [2]), recording(2, 300, [1]), recording(1, 900, [])]
    expect(beside(...found)).toEqual({ [id(2)]: id(1), [id(3)]: id(1) })
  })
})

test('a match is shared when every passage is, and one without passages is not', () => {
  expect(isShared(recording(1, 1, [2], [2]).passages)).toBe(true)
  expect(isShared(recording(1, 1, [2], []).passages)).toBe(false)
  expect(isShared([])).toBe(false)
})

describe('shared passages in words', () => {
  const [one, two] = [
    { title: 'One', isrc: 'AA6Q72000001' },
    { title: 'Two', isrc: null },
  ]

  test('name the other recordings, and say what is not known', () => {
    expect(sharedInWords([[one, two]], 'your')).toEqual([
      'Shared passage: the same audio is also in “One” (ISRC AA-6Q7-20-00001) and “Two” of your catalogue. ' +
        'This passage alone does not tell which of them was copied.',
    ])
  })

  test('are told by number where there are several, and once for the same recordings', () => {
    expect(sharedInWords([[one], [], [two], [one], undefined, [one]], 'the same')).toEqual([
      expect.stringMatching(/^Shared passages 1, 4 and 6: .*“One”.* of the same catalogue\. These passages/),
      expect.stringMatching(/^Shared passage 3: .*“Two” of the same catalogue\. This passage/),
    ])
    expect(sharedInWords([[], undefined], 'your')).toEqual([])
  })
})
