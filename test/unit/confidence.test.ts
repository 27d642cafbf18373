import { readFile } from 'node:fs/promises'

import { describe, expect, test } from 'vitest'

import { fitConfidence, isotonic } from '../../bench/confidence/fit.ts'
import { type LabelledEvidence, readLabelled, writeLabelled } from '../../bench/confidence/set.ts'
import { ACCEPTANCE_DEFAULT } from '../../services/audio/search/decide.ts'
import { confidenceWeights } from '../../services/matches/confidence-weights.ts'
import {
  type ConfidenceEvidence,
  NAMES_LOG_ODDS_MAX,
  confidenceOf,
  namesLogOdds,
} from '../../services/matches/confidence.ts'
import { confidenceInWords } from '../../services/matches/match.ts'

const ACCEPTED = ACCEPTANCE_DEFAULT / 1e6
const heard = [1, 0.3, 0.01, ACCEPTED, 1e-5, 1e-6, 1e-12] as const
const names = [-NAMES_LOG_ODDS_MAX, -3, 0, 3, NAMES_LOG_ODDS_MAX] as const
const covers = ['different', 'similar', 'same'] as const

const sure = (evidence: ConfidenceEvidence, accepted: number = ACCEPTANCE_DEFAULT): number =>
  confidenceOf(evidence, accepted).confidence
const rises = (values: readonly number[]): boolean =>
  values.every((value, at) => at === 0 || value >= values[at - 1]!)

describe('a confidence', () => {
  test('never falls when the audio is surer, the names fit better or the cover is closer', () => {
    for (const artwork of [undefined, ...covers])
      for (const namesLogOdds of [undefined, ...names])
        expect(
          rises(heard.map((falseMatchProbability) => sure({ falseMatchProbability, namesLogOdds, artwork }))),
        ).toBe(true)
    for (const falseMatchProbability of heard) {
      for (const artwork of [undefined, ...covers])
        expect(
          rises(names.map((namesLogOdds) => sure({ falseMatchProbability, namesLogOdds, artwork }))),
        ).toBe(true)
      for (const namesLogOdds of [undefined, ...names])
        expect(rises(covers.map((artwork) => sure({ falseMatchProbability, namesLogOdds, artwork })))).toBe(
          true,
        )
    }
  })

  test('is moved by names and covers where the audio leaves a doubt', () => {
    const falseMatchProbability = ACCEPTED
    const alone = sure({ falseMatchProbability })
    expect(sure({ falseMatchProbability, namesLogOdds: NAMES_LOG_ODDS_MAX })).toBeGreaterThan(alone)
    expect(sure({ falseMatchProbability, namesLogOdds: -NAMES_LOG_ODDS_MAX })).toBeLessThan(alone)
    expect(sure({ falseMatchProbability, artwork: 'same' })).toBeGreaterThan(alone)
    expect(sure({ falseMatchProbability, artwork: 'different' })).toBeLessThan(alone)
  })

  test('is not lifted by names and covers where the audio is not accepted', () => {
    const friendly = { namesLogOdds: NAMES_LOG_ODDS_MAX, artwork: 'same' } as const
    for (const falseMatchProbability of [1, 0.1, 0.001])
      expect(sure({ falseMatchProbability, ...friendly })).toBe(sure({ falseMatchProbability }))
  })

  test('stays above what the account accepts where the audio is surer than one in a million', () => {
    const hostile = { namesLogOdds: -NAMES_LOG_ODDS_MAX, artwork: 'different' } as const
    for (const accepted of [1, 10, ACCEPTANCE_DEFAULT, 1_000])
      expect(sure({ falseMatchProbability: 1e-6, ...hostile }, accepted)).toBeGreaterThanOrEqual(
        1 - accepted / 1e6 - 1e-12,
      )
  })

  test('is never surer than one in a million, and says so', () => {
    const all = { falseMatchProbability: 0, namesLogOdds: NAMES_LOG_ODDS_MAX, artwork: 'same' } as const
    const { confidence, reasons } = confidenceOf(all, 1)
    expect(confidence).toBeLessThanOrEqual(1 - 1e-6 + 1e-15)
    expect(confidenceInWords(1 - confidence)).toBe('> 99.9999 %')
    expect(reasons.map(({ part }) => part)).toContain('limit')
  })

  test('is the sum of its reasons', () => {
    for (const falseMatchProbability of heard)
      for (const namesLogOdds of [undefined, ...names])
        for (const artwork of [undefined, ...covers]) {
          const { confidence, reasons } = confidenceOf({ falseMatchProbability, namesLogOdds, artwork }, 500)
          const sum = reasons.reduce((before, { logOdds }) => before + logOdds, 0)
          expect(Math.abs(Math.log(confidence / (1 - confidence)) - sum)).toBeLessThan(0.06)
          for (const { text, logOdds } of reasons)
            expect(text).toContain(`${logOdds < 0 ? '−' : '+'}${Math.abs(logOdds).toFixed(1)}`)
        }
  })
})

describe('what names add up to', () => {
  const reason = (field: string, logOdds: number) => ({ field, logOdds, text: field })

  test.each([
    ['all that agrees', 'same', [reason('title', 7), reason('duration', -2.4)], 4.6],
    ['no more than the limit', 'same', [reason('title', 8), reason('isrc', 10)], NAMES_LOG_ODDS_MAX],
    [
      'agreement with another version counts nothing',
      'other-version',
      [reason('title', 7), reason('version', -7)],
      -7,
    ],
    ['nothing known', 'same', [], 0],
  ] as const)('%s', (_, relation, reasons, sum) => {
    expect(namesLogOdds({ relation, reasons: [...reasons] })).toBeCloseTo(sum, 9)
  })
})

describe('the labelled set and its fit', () => {
  test('the weights in the product are those that the set gives, and each has its sign', async () => {
    const text = await readFile(new URL('../../bench/confidence/labelled.tsv', import.meta.url), 'utf8')
    const rows = readLabelled(text)
    expect(rows.length).toBeGreaterThanOrEqual(3_000)
    expect(writeLabelled(rows)).toBe(text)
    expect(fitConfidence(rows.filter(({ heldOut }) => !heldOut))).toEqual(confidenceWeights)
    const { audio, namesFor, namesAgainst, artwork } = confidenceWeights
    expect(Math.min(audio, namesFor, namesAgainst, artwork.same, -artwork.different)).toBeGreaterThan(0)
  })

  test('finds what a set was made with', () => {
    // Of ten pairs with the same cover nine are true, of ten with another one is.
    const row = (at: number): LabelledEvidence => ({
      same: at % 10 !== 0,
      heldOut: false,
      falseMatchProbability: 0.5,
      artwork: 'same',
    })
    const rows = Array.from({ length: 2_000 }, (_, at) => row(at)).flatMap((one) => [
      one,
      { ...one, same: !one.same, artwork: 'different' as const },
    ])
    const { artwork } = fitConfidence(rows)
    expect(artwork.same - artwork.different).toBeCloseTo(2 * Math.log(9), 1)
  })

  test('isotonic steps rise and keep the mean', () => {
    const said = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((probability, at) => ({
      probability,
      same: [false, true, false, false, true, true][at]!,
    }))
    const steps = isotonic(said)
    expect(said.map(({ probability }) => steps(probability))).toEqual([0, 1 / 3, 1 / 3, 1 / 3, 1, 1])
  })
})
