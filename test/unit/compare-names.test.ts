import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Comparison, compareNames } from '../../services/metadata/compare/compare-names.ts'
import type { Names } from '../../services/metadata/compare/name-keys.ts'
import { ACCEPTED_PROBABILITY } from '../../services/metadata/compare/name-weights.ts'
import { editDistance, similarity } from '../../services/metadata/similarity.ts'

const ours: Names = {
  title: 'Morning Rain',
  artists: ['The Samples'],
  isrc: 'AA6Q72000047',
  upc: '036000291452',
  releaseTitle: 'Weather',
  year: 2020,
  durationMs: 201_000,
}
const RECORDINGS = 20_000

const held = (claim: Names, recordings = RECORDINGS): Comparison => compareNames(claim, ours, recordings)
const accepted = (claim: Names): boolean => held(claim).probability >= ACCEPTED_PROBABILITY

describe('a claim is accepted', () => {
  test.each<[string, Names]>([
    ['that says the same', ours],
    ['with typing errors', { title: 'Mornign Rain', artists: ['The Sampels'], durationMs: 200_000 }],
    [
      'in other case and without the article',
      { title: 'MORNING RAIN', artists: ['samples'], durationMs: 201_900 },
    ],
    [
      'of a remaster',
      { title: 'Morning Rain - 2011 Remaster', artists: ['The Samples'], durationMs: 202_000 },
    ],
    [
      'of a radio edit',
      { title: 'Morning Rain (Radio Edit)', artists: ['The Samples'], durationMs: 170_000 },
    ],
    ['with a guest', { title: 'Morning Rain (feat. Moss)', artists: ['The Samples'], durationMs: 201_000 }],
    ['with the ISRC of another recording', { ...ours, upc: undefined, isrc: 'ZZ6Q72000001' }],
    ['that was cut off', { title: 'Morning Ra', artists: ['The Samples'], durationMs: 201_000 }],
    ['of ISRC and length alone', { isrc: ours.isrc, durationMs: 201_000 }],
  ])('%s', (_, claim) => expect(accepted(claim)).toBe(true))
})

describe('a claim is refused', () => {
  test.each<[string, Names]>([
    ['of another song', { title: 'Evening Sun', artists: ['The Samples'], durationMs: 201_000 }],
    ['of another artist', { title: 'Morning Rain', artists: ['Quartz Harbour'], durationMs: 240_000 }],
    ['of a live version', { title: 'Morning Rain (Live)', artists: ['The Samples'], durationMs: 230_000 }],
    ['of a remix', { title: 'Morning Rain (Moss Remix)', artists: ['The Samples'], durationMs: 260_000 }],
    ['of a cover', { title: 'Morning Rain (The Samples Cover)', artists: ['Moss'], durationMs: 199_000 }],
    ['of an instrumental', { title: 'Morning Rain', version: 'Instrumental', artists: ['The Samples'] }],
    ['of another part', { title: 'Morning Rain 2', artists: ['The Samples'], durationMs: 240_000 }],
    ['that only has our ISRC', { title: 'Other', artists: ['Moss'], isrc: ours.isrc, durationMs: 90_000 }],
    ['of nothing', {}],
  ])('%s', (_, claim) => expect(accepted(claim)).toBe(false))
})

describe('a comparison', () => {
  test('lists its reasons for people, which add up', () => {
    const claim = { title: 'Morning Rain', artists: ['The Samples'], isrc: ours.isrc, durationMs: 242_000 }
    const { reasons, logOdds } = held(claim)
    const texts = reasons.map(({ text }) => text)
    expect(texts).toContainEqual(expect.stringMatching(/^ISRC equal \+\d+\.\d$/))
    expect(texts).toContainEqual(expect.stringMatching(/^duration off by 41 s −\d+\.\d$/))
    const prior = held({}).logOdds
    expect(prior + reasons.reduce((sum, reason) => sum + reason.logOdds, 0)).toBeCloseTo(logOdds)
  })

  test('does not count an ISRC that title and length contradict, and says so', () => {
    const { flags, reasons } = held({
      title: 'Evening Sun',
      artists: ['Moss'],
      isrc: ours.isrc,
      durationMs: 90_000,
    })
    expect(flags).toEqual(['isrc-contradicted'])
    expect(reasons.find(({ field }) => field === 'isrc')?.logOdds).toBe(0)
    expect(held({ title: 'Morning Rain (Live)', isrc: ours.isrc, durationMs: 300_000 }).flags).toEqual([
      'isrc-contradicted',
    ])
  })

  test('flags an ISRC that differs where the names are ours', () => {
    expect(held({ ...ours, isrc: 'ZZ6Q72000001' }).flags).toEqual(['isrc-differs'])
  })

  test('believes an ISRC against a title in another script when the length is ours', () => {
    const { flags } = held({ title: 'Утренний дождь', isrc: ours.isrc, durationMs: 201_000 })
    expect(flags).toEqual([])
  })

  test.each<[string, Names, Comparison['relation']]>([
    [
      'sped up',
      { title: 'Morning Rain (Sped Up)', artists: ['The Samples'], durationMs: 161_000 },
      'derivative',
    ],
    [
      'slowed',
      { title: 'Morning Rain slowed + reverb', artists: ['The Samples'], durationMs: 240_000 },
      'derivative',
    ],
    ['8D', { title: 'Morning Rain [8D Audio]', artists: ['The Samples'] }, 'derivative'],
    ['live', { title: 'Morning Rain (Live)', artists: ['The Samples'] }, 'other-version'],
    ['a remaster', { title: 'Morning Rain (Remastered)', artists: ['The Samples'] }, 'same'],
  ])('tells that a claim is %s', (_, claim, relation) => expect(held(claim).relation).toBe(relation))

  test('accepts what was made of ours', () => {
    const claim = { title: 'Morning Rain (Nightcore)', artists: ['The Samples'], durationMs: 155_000 }
    expect(accepted(claim)).toBe(true)
    const { reasons } = held({ ...claim, title: 'Morning Rain', speed: 201 / 155 })
    expect(reasons.map(({ text }) => text)).toContainEqual(expect.stringContaining('equal at speed 1.30'))
  })

  test('is less sure in a larger catalogue', () => {
    const claim = { title: 'Morning Rain', artists: ['The Samples'] }
    expect(held(claim, 1_000_000).logOdds).toBeLessThan(held(claim, 20_000).logOdds)
    expect(held(claim, 10).logOdds).toBe(held(claim, 1_000).logOdds)
  })

  test('takes GTINs of other lengths for the same', () => {
    const { reasons } = held({ upc: '0036000291452' })
    expect(reasons[0]).toMatchObject({ field: 'upc', level: 'equal' })
  })

  test('compares joined names as a set and as a whole', () => {
    const duo: Names = { title: 'Song', artists: ['Stone & Feather'] }
    const level = (artists: string[]) =>
      compareNames({ title: 'Song', artists }, duo, RECORDINGS).reasons.find(
        ({ field }) => field === 'artists',
      )?.level
    expect(level(['Feather', 'Stone'])).toBe('equal')
    expect(level(['Stone and Feather'])).toBe('equal')
    expect(level(['Stone & Feather feat. Moss'])).toBe('equal')
    expect(level(['Stone'])).toBe('shared')
    expect(level(['Quartz'])).toBe('other')
  })

  test('of any names is a probability', () => {
    const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
    const names = fc.record({
      title: text,
      version: text,
      artists: fc.option(fc.array(fc.string({ unit: 'binary' })), { nil: undefined }),
      releaseTitle: text,
      durationMs: fc.option(fc.nat(), { nil: undefined }),
    })
    fc.assert(
      fc.property(names, names, (one, other) => {
        const { probability, reasons } = compareNames(one, other, RECORDINGS)
        expect(probability).toBeGreaterThanOrEqual(0)
        expect(probability).toBeLessThanOrEqual(1)
        expect(reasons.every(({ text }) => !text.includes('undefined') && !text.includes('NaN'))).toBe(true)
      }),
    )
  })
})

describe('the edit distance', () => {
  /** By the book: a row at a time. */
  function plainDistance(one: string, other: string): number {
    let row = Array.from({ length: other.length + 1 }, (_, column) => column)
    for (let at = 1; at <= one.length; at++) {
      const next = [at]
      for (let column = 1; column <= other.length; column++) {
        const replaced = row[column - 1]! + (one[at - 1] === other[column - 1] ? 0 : 1)
        next.push(Math.min(row[column]! + 1, next[column - 1]! + 1, replaced))
      }
      row = next
    }
    return row.at(-1)!
  }

  test('is that of the plain method, also across blocks of 32', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ж'), maxLength: 100 })
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(editDistance(one, other)).toBe(plainDistance(one, other))
      }),
    )
  })

  test('gives similarities between 0 and 1', () => {
    expect(similarity('', '')).toBe(1)
    expect(similarity('abc', 'xyz')).toBe(0)
    expect(similarity('a'.repeat(10_000), 'b')).toBe(0)
  })
})
