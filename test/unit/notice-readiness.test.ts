import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { CaseState } from '../../services/matches/case.ts'
import { NoticeDocument, OpenPoint } from '../../services/notices/notice.ts'
import { checklistOf } from '../../services/notices/readiness/checklist.ts'
import { readinessOf, signatoryPoint } from '../../services/notices/readiness/readiness.ts'
import type { ReadinessSubject } from '../../services/notices/readiness/subject.ts'
import { breaks, broken } from '../support/notice-breaks.ts'
import {
  SAMPLE_NOW,
  sampleNotice,
  sampleRegimes,
  sampleSubject,
  signedSampleNotice,
} from '../support/notice-samples.ts'

const unconfirmed = breaks['R03 a case that nobody confirmed']!
const first = <T>(list: readonly T[]): T => list[0]!

describe('the sample', () => {
  test.each(sampleRegimes)('is ready under %s', (regime) => {
    expect(readinessOf(broken([regime], []))).toEqual([])
  })

  test('is ready under all laws at once, and valid by its schema', () => {
    const document = sampleNotice({ regimes: [...sampleRegimes] })
    expect(NoticeDocument.parse(document)).toEqual(document)
    expect(() => NoticeDocument.parse(signedSampleNotice())).not.toThrow()
    expect(readinessOf(sampleSubject({ document }))).toEqual([])
  })
})

describe.each(Object.entries(breaks))('%s', (_, one) => {
  const { rule, code, pointer, regimes = sampleRegimes } = one

  test.each(sampleRegimes)('under %s', (regime) => {
    const points = readinessOf(broken([regime], [one]))
    const wanted = regimes.includes(regime) ? [{ rule, code, pointer }] : []
    expect(points.map(({ todo: _todo, ...point }) => point)).toEqual(wanted)
    for (const point of points) expect(OpenPoint.parse(point)).toEqual(point)
  })
})

test('every rule but R08 is broken by a test above', () => {
  const numbers = new Set(Object.values(breaks).map(({ rule }) => rule))
  expect([...numbers, signatoryPoint().rule].toSorted()).toEqual(checklistOf([], []).map(({ rule }) => rule))
})

test('a match score alone never makes a notice ready', () => {
  const scored = (confidence: number, falseMatchProbability: number, subject: ReadinessSubject) => {
    const matches = subject.document.matches.map((match) => ({ ...match, confidence, falseMatchProbability }))
    return readinessOf({ ...subject, document: { ...subject.document, matches } })
  }
  const unreviewed = broken(['US_512C'], [unconfirmed])
  expect(scored(1, 0, unreviewed).map(({ code }) => code)).toEqual(['match_missing'])
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.subarray(Object.values(breaks)),
      (confidence, chance, several) => {
        const subject = broken(['US_512C', 'EU_DSA_16'], several)
        expect(scored(confidence, chance, subject)).toEqual(readinessOf(subject))
      },
    ),
    { numRuns: 50 },
  )
})

describe('several things wrong', () => {
  /** Of those that change the same fact, only the last would be seen. */
  const apart = [
    'R01 a work without any identifier',
    'R02 the front page of a site',
    'R03 a case that nobody confirmed',
    'R04 gone at the last look',
    'R05 on the allow-list',
    'R06 no mail address',
    'R07 a right that ended yesterday',
    'R09 no statement of accuracy',
    'R10 no review of exceptions',
    'R11 no explanation',
    'R12 not said where the copies are stored',
    'R13 the same address twice in one notice',
    'R14 looked up 31 days ago by machine',
    'R15 two hosts',
    'R16 evidence that changed',
    'R17 held nowhere',
  ].map((name) => breaks[name]!)

  test('are all listed at once, in the order of the document', () => {
    const parts = Object.keys(NoticeDocument.shape)
    fc.assert(
      fc.property(fc.subarray(apart), (several) => {
        const points = readinessOf(broken(sampleRegimes, several))
        expect(points.map(({ code }) => code).toSorted()).toEqual(several.map(({ code }) => code).toSorted())
        const order = points.map(({ pointer }) => parts.indexOf(pointer.split('/')[1] ?? ''))
        expect(order).toEqual(order.toSorted((a, b) => a - b))
      }),
      { numRuns: 100 },
    )
  })

  test('are listed location by location and not rule by rule, the tenth after the second', () => {
    const document = sampleNotice({ locationCount: 12 })
    for (const location of document.locations) location.url = 'https://files.sample-hosting.example/'
    const subject = sampleSubject({ document })
    const places = new Map(
      [...subject.places].map(([id, facts]) => [id, { ...facts, tampered: ['capture'] }]),
    )
    const points = readinessOf({ ...subject, places })
    expect(points.map(({ rule, pointer }) => `${rule} ${pointer}`)).toEqual(
      document.locations.flatMap((_, index) => [`R02 /locations/${index}/url`, `R16 /locations/${index}`]),
    )
  })
})

test('only what a person confirmed, and no other notice demands, may be demanded', () => {
  const free = CaseState.options.filter(
    (caseState) => readinessOf(broken(['GENERIC'], [{ ...unconfirmed, place: { caseState } }])).length === 0,
  )
  expect(free).toEqual(['confirmed', 'escalated', 'restored'])
})

test('a sighting is good for 72 hours to the millisecond', () => {
  const seen = (ms: number) =>
    readinessOf(
      broken(['GENERIC'], [{ ...unconfirmed, place: { liveAt: new Date(SAMPLE_NOW.getTime() - ms) } }]),
    )
  expect(seen(72 * 3_600_000)).toEqual([])
  expect(seen(72 * 3_600_000 + 1)).toHaveLength(1)
})

test('a right is good on its first and its last day', () => {
  const day = '2026-11-20'
  const subject = broken(['GENERIC'], [])
  Object.assign(first(subject.document.works).authority, { validFrom: day, validTo: day })
  expect(readinessOf(subject)).toEqual([])
})

test('one member of the European Union is enough for the DSA, its neighbour is not', () => {
  const held = (territory: string) => {
    const subject = broken(['EU_DSA_16'], [])
    first(subject.document.works).authority.territories = [territory]
    return readinessOf(subject).map(({ code }) => code)
  }
  expect(held('PT')).toEqual([])
  expect(held('CH')).toEqual(['territory_not_owned'])
})

test('a recipient that takes several hosts gets them', () => {
  const subject = broken(['GENERIC'], [{ ...breaks['R15 two hosts']!, recipient: { sameHost: false } }])
  expect(readinessOf(subject)).toEqual([])
})

test('words of others never make a point too long to be kept', () => {
  const bar = `${'x'.repeat(298)}🌅${'y'.repeat(400)}`
  const points = readinessOf(broken(['GENERIC'], [{ ...breaks['R05 on the allow-list']!, place: { bar } }]))
  expect(points.map((point) => OpenPoint.parse(point).code)).toEqual(['authorised_use'])
})

test('facts that are missing are our fault and no open point', () => {
  expect(() => readinessOf({ ...sampleSubject(), places: new Map() })).toThrow(/No facts of location/)
})
