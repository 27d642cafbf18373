import { describe, expect, test } from 'vitest'

import { claimsOf, identifiedJson, identifiedTable, identifiedText } from '../../bin/engine/identified.ts'
import type { Passage } from '../../services/audio/search/search.ts'
import { passage } from './report-samples.ts'

/** A passage of a recording over a stretch of the suspect, in seconds. */
const found = (
  referenceId: string,
  fromS: number,
  toS: number,
  sharedWith: readonly string[] = [],
): Passage => ({
  ...passage(1),
  referenceId,
  suspectFromMs: fromS * 1000,
  suspectToMs: toS * 1000,
  speed: 1.04,
  pitch: 1.04,
  speedError: 0.0002,
  pitchError: 0.0007,
  bits: 400,
  score: 400,
  threshold: 40,
  sharedWith,
})

const told = (passages: readonly Passage[]): string[] =>
  claimsOf(passages).map(({ referenceId, sharedWith }) => `${referenceId} ${sharedWith.join('+')}`.trim())

describe('claims', () => {
  test('are unique: what a better passage explains is named there', () => {
    expect(told([found('song', 0, 180), found('loop', 20, 40, ['song'])])).toEqual(['song loop'])
    expect(told([found('a', 0, 20, ['b']), found('b', 0, 20, ['a'])])).toEqual(['a b'])
  })

  test('stay where the better one is elsewhere, comes later, or is not said to be shared', () => {
    expect(told([found('song', 0, 20), found('loop', 20, 40, ['song'])])).toEqual(['song', 'loop song'])
    expect(told([found('loop', 20, 40, ['song']), found('song', 0, 180)])).toEqual(['loop song', 'song'])
    expect(told([found('a', 0, 60), found('b', 0, 60)])).toEqual(['a', 'b'])
  })

  test('go under the one that stands, also over one that does not', () => {
    const passages = [found('a', 0, 60), found('b', 0, 60, ['a']), found('c', 30, 40, ['b'])]
    expect(told(passages)).toEqual(['a b+c'])
  })
})

describe('what was found is printed', () => {
  const passages = [found('song', 0, 180), found('loop', 20, 40, ['song'])]

  test('for programs with errors and the others in the last columns', () => {
    const [header = '', row = '', ...more] = identifiedTable(['q1'], [{ passages }]).trimEnd().split('\n')
    expect(header.split('\t').slice(-3)).toEqual(['speed_error', 'pitch_error', 'shared_with'])
    expect(row.split('\t').slice(-3)).toEqual(['2.0e-4', '7.0e-4', 'loop'])
    expect(more).toEqual([])
    const [, none = ''] = identifiedTable(['q2'], [{ passages: [] }]).split('\n')
    expect(none.split('\t')).toHaveLength(header.split('\t').length)
  })

  test('for people with all passages, and a column for the others only where there are any', () => {
    const text = identifiedText(['a.mp3'], [{ passages }])
    expect(text).toContain('sped up by 4.00 % ± 0.02')
    expect(text).toMatch(/loop .*also in song/)
    expect(identifiedText(['a.mp3'], [{ passages: passages.slice(0, 1) }])).not.toContain('shared')
  })

  test('as JSON with all passages and raw numbers', () => {
    const [{ passages: all }] = JSON.parse(identifiedJson(['a.mp3'], [{ passages }])) as [
      { passages: object[] },
    ]
    expect(all).toHaveLength(2)
    expect(all[1]).toMatchObject({ speedError: 0.0002, pitchError: 0.0007, sharedWith: ['song'] })
  })
})
