import { describe, expect, test } from 'vitest'

import { BANDS_PER_OCTAVE } from '../../services/audio/constants.ts'
import {
  ACCEPTANCE_DEFAULT,
  ACCEPTANCE_MAX,
  ACCEPTANCE_MIN,
  changeOf,
  decide,
} from '../../services/audio/search/decide.ts'

/** Scale of time that goes with a raise by so many bands when both are changed alike. */
const scaleOf = (bands: number): number => 2 ** (bands / BANDS_PER_OCTAVE)

const aligned = { exact: [0, 0], none: [0.5, 0], speed: [6, 6], pitch: [0, 6], tempo: [6, 0] } as const
const alignmentOf = (change: keyof typeof aligned) => {
  const [stretch, raise] = aligned[change]
  return { start: 0, centre: 0, scale: scaleOf(stretch), raise }
}

const evidence = {
  bits: 90,
  matched: 30,
  expected: 40,
  firstPeak: 0,
  lastPeak: 39,
  suspectFrom: 0,
  suspectTo: 900,
  referenceFrom: 0,
  referenceTo: 900,
}

const verdict = (
  change: keyof typeof aligned,
  { bits = 90, matched = 40, acceptance = ACCEPTANCE_DEFAULT, indexHours = 1_000, suspectSeconds = 60 } = {},
) =>
  decide(
    { evidence: { ...evidence, bits, matched }, alignment: alignmentOf(change) },
    { indexHours, suspectSeconds },
    acceptance,
  )!

const fits = ['exact', 'none', 'speed', 'pitch', 'tempo'] as const

describe('the verdict on a candidate', () => {
  test.each(fits)('accepts from its threshold on, where chance is what is accepted: %s', (fit) => {
    const change = fit === 'exact' ? 'none' : fit
    for (const acceptance of [ACCEPTANCE_MAX, ACCEPTANCE_DEFAULT, 10]) {
      const { threshold } = verdict(fit, { acceptance })
      const at = verdict(fit, { bits: threshold, acceptance })
      expect(at).toMatchObject({ change, score: threshold, accepted: true })
      expect(at.falseMatchProbability * 1e6).toBeCloseTo(acceptance, 6)
      expect(verdict(fit, { bits: threshold - 0.001, acceptance }).accepted).toBe(false)
    }
  })

  test.each(fits)('asks for more, the more there is to compare and the longer it is: %s', (change) => {
    const { threshold } = verdict(change)
    const larger = verdict(change, { indexHours: 10_000 })
    expect(larger.threshold).toBeGreaterThan(threshold + 10)
    expect(verdict(change, { suspectSeconds: 600 }).threshold).toBeCloseTo(larger.threshold, 9)
    expect(verdict(change, { indexHours: 100, suspectSeconds: 600 }).threshold).toBeCloseTo(threshold, 9)
  })

  test('never accepts less than the least, nor more false claims than may be chosen', () => {
    for (const [change, least] of [
      ['exact', 40],
      ['none', 40],
      ['speed', 55],
      ['pitch', 55],
      ['tempo', 55],
    ] as const) {
      expect(verdict(change, { indexHours: 0, suspectSeconds: 1 }).threshold).toBe(least)
      const bounded = verdict(change, { acceptance: ACCEPTANCE_MAX }).threshold
      for (const acceptance of [ACCEPTANCE_MAX + 1, 1e6, Infinity])
        expect(verdict(change, { acceptance }).threshold).toBe(bounded)
      for (const acceptance of [Number.NaN, -1, 0])
        expect(verdict(change, { bits: 500, acceptance }).accepted).toBe(false)
      expect(verdict(change, { acceptance: ACCEPTANCE_MIN }).threshold).toBeGreaterThan(bounded + 35)
    }
  })

  test('takes off for what is missing from a changed copy', () => {
    for (const fit of ['exact', 'none'] as const) expect(verdict(fit, { matched: 30 }).score).toBe(90)
    for (const change of ['speed', 'pitch', 'tempo'] as const)
      expect(verdict(change, { matched: 30 }).score).toBeCloseTo(90 - 12, 9)
  })

  test('asks for less where nothing but the place was fitted', () => {
    const least = Math.min(...fits.slice(1).map((fit) => verdict(fit).threshold))
    expect(verdict('exact').threshold).toBeLessThan(least - 15)
  })

  test('never tells of a chance that was not measured', () => {
    expect(verdict('none', { bits: 5_000 }).falseMatchProbability).toBe(1e-6)
    expect(verdict('none', { bits: -100 }).falseMatchProbability).toBe(1)
  })
})

describe('what was done to a copy', () => {
  const told = (stretch: number, raise: number) =>
    changeOf({ start: 0, centre: 0, scale: scaleOf(stretch), raise })

  test('is told from how time and pitch were changed', () => {
    expect([told(0, 0), told(1, -0.5), told(-1, 0.5)]).toEqual(['none', 'none', 'none'])
    expect([told(6, 6), told(-20, -20.5), told(17, 17)]).toEqual(['speed', 'speed', 'speed'])
    expect([told(0, 6), told(0.5, -18)]).toEqual(['pitch', 'pitch'])
    expect([told(6, 0), told(-18, 0.5)]).toEqual(['tempo', 'tempo'])
  })

  test('is not believed where the two have nothing to do with each other, or beyond what is looked for', () => {
    for (const [stretch, raise] of [
      [6, 3],
      [-6, 6],
      [19, 19],
      [-28, -28],
      [0, 19],
      [0, -19],
      [19, 0],
      [-19, 0],
    ] as const)
      expect(told(stretch, raise)).toBeUndefined()
  })
})
