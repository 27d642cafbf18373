import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { NoticeDocument } from '../../services/notices/notice.ts'
import { combineGates, gateOf } from '../../services/notices/readiness/gate.ts'
import { centralInterval, countDistribution } from '../../services/notices/readiness/poisson-binomial.ts'
import { isPublicInstitution } from '../../services/notices/readiness/public-hosts.ts'
import { readinessOf } from '../../services/notices/readiness/readiness.ts'
import type { ReadinessSubject } from '../../services/notices/readiness/subject.ts'
import {
  SAMPLE_NOW,
  sampleId,
  sampleNotice,
  samplePlace,
  sampleRecipient,
  sampleSubject,
  sampleWorkFacts,
} from '../support/notice-samples.ts'

/** A notice whose locations have these confidences. */
function withConfidences(confidences: readonly number[]): NoticeDocument {
  const document = sampleNotice({ locationCount: confidences.length })
  for (const [index, match] of document.matches.entries()) match.confidence = confidences[index] ?? 0
  return document
}
const gateFor = (doubts: readonly number[]) =>
  gateOf(sampleSubject({ document: withConfidences(doubts.map((doubt) => 1 - doubt)) }))

/** Whole percents: sums of them come out the same in whichever order they are added, nearly. */
const doubt = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
const doubts = fc.array(doubt, { minLength: 1, maxLength: 8 })

/** The same by going through every way in which locations can be wrong. */
function byEnumeration(probabilities: readonly number[]): number[] {
  const masses = Array.from({ length: probabilities.length + 1 }, () => 0)
  for (let ways = 0; ways < 2 ** probabilities.length; ways += 1) {
    const wrong = probabilities.map((_, index) => (ways >> index) % 2 === 1)
    const mass = probabilities.reduce((all, each, index) => all * (wrong[index] ? each : 1 - each), 1)
    masses[wrong.filter(Boolean).length]! += mass
  }
  return masses
}

describe('the estimate', () => {
  test.each([
    { doubts: [0.5, 0.5], expected: 1, interval: [0, 2], none: 0.25 },
    { doubts: [0.1], expected: 0.1, interval: [0, 1], none: 0.9 },
    { doubts: [0.02], expected: 0.02, interval: [0, 0], none: 0.98 },
    { doubts: [0.9, 0.9, 0.9], expected: 2.7, interval: [1, 3], none: 0.001 },
    { doubts: [1, 1, 0], expected: 2, interval: [2, 2], none: 0 },
    // 0.95^40 = 0.1285; P(X ≤ 4) = 0.952, P(X ≤ 5) = 0.986.
    { doubts: Array.from({ length: 40 }, () => 0.05), expected: 2, interval: [0, 5], none: 0.1285 },
  ])('of $doubts', ({ doubts, expected, interval, none }) => {
    const gate = gateFor(doubts)
    expect(gate.count).toBe(doubts.length)
    expect(gate.expectedWrong).toBeCloseTo(expected, 9)
    expect(gate.interval).toEqual(interval)
    expect(gate.chanceOfNone).toBeCloseTo(none, 4)
  })

  test('is the distribution that going through all ways gives', () => {
    fc.assert(
      fc.property(doubts, (probabilities) => {
        const { from, masses } = countDistribution(probabilities)
        const enumerated = byEnumeration(probabilities)
        for (const [count, mass] of enumerated.entries())
          expect(masses[count - from] ?? 0).toBeCloseTo(mass, 12)
      }),
      { numRuns: 100 },
    )
  })

  test('never falls when a location is added or becomes less sure', () => {
    fc.assert(
      fc.property(doubts, doubt, fc.nat(), (before, more, at) => {
        const index = at % before.length
        const raised = before.with(index, Math.max(before[index]!, more))
        for (const after of [[...before, more], raised]) {
          const [a, b] = [gateFor(before), gateFor(after)]
          expect(b.expectedWrong).toBeGreaterThanOrEqual(a.expectedWrong - 1e-12)
          expect(b.chanceOfNone).toBeLessThanOrEqual(a.chanceOfNone + 1e-12)
          expect(b.interval[0]).toBeGreaterThanOrEqual(a.interval[0])
          expect(b.interval[1]).toBeGreaterThanOrEqual(a.interval[1])
        }
      }),
      { numRuns: 100 },
    )
  })

  test('counts every claim at a location, of several matches the surest, and none as wrong', () => {
    const document = withConfidences([0.9])
    const [location, match] = [document.locations[0]!, document.matches[0]!]
    document.matches.push({ ...match, matchId: sampleId(1), confidence: 0.4 })
    expect(gateOf(sampleSubject({ document })).expectedWrong).toBeCloseTo(0.1)

    location.workIds.push(sampleId(102))
    document.matches.push({ ...match, matchId: sampleId(2), workId: sampleId(102), confidence: 0.8 })
    expect(gateOf(sampleSubject({ document })).expectedWrong).toBeCloseTo(1 - 0.9 * 0.8)

    location.workIds.push(sampleId(103))
    expect(gateOf(sampleSubject({ document })).expectedWrong).toBe(1)
  })

  test('says no small doubt away', () => {
    expect(gateFor([1e-6]).words).toBe(
      'By the confidence of the matches, fewer than 0.01 of 1 location would be wrong (95 %: 0); the chance that none is: ' +
        'over 99.9 %.',
    )
    expect(gateFor([0.5, 0.5]).words).toContain('1.00 of 2 locations would be wrong (95 %: 0 to 2)')
  })

  test('and readiness of a thousand locations take no time to speak of', () => {
    const document = withConfidences(Array.from({ length: 1000 }, (_, index) => (index % 100) / 100))
    const subject = sampleSubject({ document, recipient: sampleRecipient({ urlsMax: 1000 }) })
    const startedAt = performance.now()
    expect(readinessOf(subject)).toEqual([])
    const gate = gateOf(subject)
    const together = combineGates(Array.from({ length: 20 }, () => gate))
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(together.expectedWrong).toBeCloseTo(20 * 505, 6)
    // The normal distribution says 10,100 ± 1.96 · sqrt(20 · 166.65).
    expect(together.interval[0]).toBeCloseTo(9987, -1)
    expect(together.interval[1]).toBeCloseTo(10_213, -1)
  })
})

describe('notices that are signed together', () => {
  test('are estimated as one, with pointers into their list', () => {
    fc.assert(
      fc.property(doubts, doubts, (one, other) => {
        const { doubts: _, ...together } = combineGates([gateFor(one), gateFor(other)])
        const { doubts: _same, ...atOnce } = gateFor([...one, ...other])
        expect(together).toEqual(atOnce)
      }),
      { numRuns: 30 },
    )
    const bad = gateOf(stoppedBy({ place: { bar: 'allowed' } }))
    expect(combineGates([gateFor([0]), bad]).stops).toMatchObject([
      { code: 'authorised_use', pointer: '/1/locations/0' },
    ])
  })

  test('are nothing when there are none', () => {
    expect(combineGates([])).toMatchObject({ count: 0, expectedWrong: 0, interval: [0, 0], chanceOfNone: 1 })
  })

  test('an interval holds what it promises', () => {
    fc.assert(
      fc.property(doubts, (probabilities) => {
        const distribution = countDistribution(probabilities)
        const [low, high] = centralInterval(distribution, 0.95)
        const inside = byEnumeration(probabilities).slice(low, high + 1)
        expect(inside.reduce((sum, mass) => sum + mass, 0)).toBeGreaterThanOrEqual(0.95 - 1e-12)
      }),
      { numRuns: 100 },
    )
  })
})

/** The sample with changed facts of its first location or its work, or at another host. */
function stoppedBy(change: {
  readonly place?: Parameters<typeof samplePlace>[1]
  readonly work?: Parameters<typeof sampleWorkFacts>[1]
  readonly url?: string
  readonly territories?: string[]
}): ReadinessSubject {
  const document = sampleNotice()
  if (change.url !== undefined) document.locations[0]!.url = change.url
  if (change.territories) document.works[0]!.authority.territories = change.territories
  const places = new Map(sampleSubject({ document }).places)
  places.set(sampleId(201), samplePlace(sampleId(201), change.place))
  const works = new Map([[sampleId(101), sampleWorkFacts(sampleId(101), change.work)]])
  return sampleSubject({ document, places, works, ownDomains: ['sample-records.example', 'münchen.example'] })
}

describe('hard stops', () => {
  test('are none for the sample', () => expect(gateOf(stoppedBy({})).stops).toEqual([]))

  test.each([
    ['authorised_use', '/locations/0', { place: { bar: 'allowed by the entry “Sample channel”' } }],
    ['capture_stale', '/locations/0/observedAt', { place: { liveAt: undefined } }],
    [
      'capture_stale',
      '/locations/0/observedAt',
      { place: { liveAt: new Date(SAMPLE_NOW.getTime() - 73 * 60 * 60_000) } },
    ],
    ['public_domain', '/works/0', { work: { publicDomain: true } }],
    ['reference_indistinct', '/works/0', { work: { indistinct: true } }],
    ['territory_not_owned', '/works/0/authority/territories', { territories: ['US'] }],
    ['own_domain', '/locations/0/url', { url: 'https://sample-records.example/a.mp3' }],
    ['own_domain', '/locations/0/url', { url: 'https://Media.Sample-Records.example./a.mp3' }],
    ['own_domain', '/locations/0/url', { url: 'https://xn--mnchen-3ya.example/a.mp3' }],
    ['second_look_missing', '/locations/0/url', { url: 'https://archive.gov.in/a.mp3' }],
  ] as const)('%s at %s', (code, pointer, change) => {
    const gate = gateOf(stoppedBy(change as Parameters<typeof stoppedBy>[0]))
    expect(gate.stops.map(({ todo: _, ...stop }) => stop)).toEqual([{ code, pointer }])
    expect(gate.words).toContain('One point forbids signing.')
  })

  test('a second look opens a government host, a name that only ends alike is no own domain', () => {
    const looked = { url: 'https://archive.gov.in/a.mp3', place: { secondLook: true } }
    expect(gateOf(stoppedBy(looked)).stops).toEqual([])
    expect(gateOf(stoppedBy({ url: 'https://not-sample-records.example/a.mp3' })).stops).toEqual([])
  })
})

test.each(
  (
    'loc.gov army.mil www.mit.edu who.int gov.uk www.gov.in gob.mx archives.gouv.fr x.ac.uk u-tokyo.ac.jp ' +
    'lincoln.k12.ca.us ec.europa.eu www.bund.de parlament.gv.at collections.govt.nz www.state.ny.us e.go.jp nhs.uk'
  ).split(' '),
)('%s is of a government or of education', (host) => expect(isPublicInstitution(host)).toBe(true))

test.each(
  'gov.example government.example edu-files.com go.com k12.com ac.com noteuropa.eu mygov.in mp3.mil.ru.net academy.uk us'.split(
    ' ',
  ),
)('%s is not', (host) => expect(isPublicInstitution(host)).toBe(false))
