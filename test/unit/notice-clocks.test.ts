import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  addDays,
  businessDaysAfter,
  isBusinessDay,
  putBackWindow,
} from '../../services/notices/clocks/business-days.ts'
import { alertDays, businessDaysLeft, missingElements } from '../../services/notices/clocks/counter-notice.ts'
import {
  type Clocked,
  STAY_DOWN_DAYS,
  nextDue,
  nextRecheck,
  timersOf,
} from '../../services/notices/clocks/timers.ts'

const HOUR_MS = 60 * 60_000
const hours = (start: Date, count: number): Date => new Date(start.getTime() + count * HOUR_MS)

describe('business days of the United States', () => {
  test.each([
    ['2026-11-20', '2026-12-07', '2026-12-11'], // over Thanksgiving
    ['2026-12-21', '2027-01-06', '2027-01-12'], // over Christmas and New Year
  ])('a counter-notice of %s: back from %s, at the latest %s', (receivedOn, from, latest) => {
    expect(putBackWindow(receivedOn)).toEqual({ from, latest })
  })

  test.each([
    ['2027-12-31', 'New Year’s Day 2028 is a Saturday and kept on the Friday before'],
    ['2026-07-03', 'Independence Day 2026 is a Saturday'],
    ['2027-07-05', 'Independence Day 2027 is a Sunday'],
    ['2026-01-19', 'third Monday of January'],
    ['2026-05-25', 'last Monday of May'],
    ['2026-11-26', 'fourth Thursday of November'],
  ])('%s is none: %s', (day) => {
    expect(isBusinessDay(day, 'US')).toBe(false)
    expect(isBusinessDay(day, 'weekends')).toBe(true)
  })

  test('counting is the same in one step and in many', () => {
    const days = integer({ min: 0, max: 20_000 }).map((count) => addDays('2000-01-01', count))
    assert(
      property(days, integer({ min: 1, max: 20 }), integer({ min: 1, max: 20 }), (day, a, b) => {
        const twice = businessDaysAfter(businessDaysAfter(day, a, 'US'), b, 'US')
        expect(businessDaysAfter(day, a + b, 'US')).toBe(twice)
        expect(businessDaysLeft(day, twice)).toBe(a + b)
      }),
    )
  })
})

describe('the clocks of a notice', () => {
  const sentAt = new Date('2026-11-20T12:00:00Z')
  const sent: Clocked = {
    state: 'sent',
    regimes: ['US_512C'],
    sentAt,
    acknowledgedAt: null,
    lastSentAt: sentAt,
    decidedAt: null,
    reminders: 0,
    acknowledgeH: 48,
    removeH: 72,
  }

  test('run from when it was sent', () => {
    expect(timersOf(sent)).toEqual([
      { kind: 'acknowledgement_late', at: hours(sentAt, 48) },
      { kind: 'reminder', at: hours(sentAt, 72) },
      { kind: 'no_response', at: hours(sentAt, 240) },
    ])
    expect(timersOf({ ...sent, sentAt: null, lastSentAt: null })).toEqual([])
  })

  test('remind twice, three days apart, and then no more', () => {
    const once = { ...sent, reminders: 1, lastSentAt: hours(sentAt, 72) }
    expect(timersOf(once).find(({ kind }) => kind === 'reminder')?.at).toEqual(hours(sentAt, 144))
    expect(timersOf({ ...once, reminders: 2 }).map(({ kind }) => kind)).not.toContain('reminder')
  })

  test('India: 36 hours, a warning after 14 days, the order after 21', () => {
    const india: Clocked = { ...sent, regimes: ['IN_RULE_75'], state: 'actioned' }
    expect(timersOf({ ...india, state: 'sent' }).find(({ kind }) => kind === 'reminder')?.at).toEqual(
      hours(sentAt, 36),
    )
    expect(timersOf(india)).toEqual([
      { kind: 'india_order_warning', at: hours(sentAt, 14 * 24) },
      { kind: 'india_order_due', at: hours(sentAt, 21 * 24) },
    ])
  })

  test('DSA: six months to complain, which end with a shorter month', () => {
    const decidedAt = new Date('2026-08-31T10:00:00Z')
    const decided: Clocked = { ...sent, regimes: ['EU_DSA_16'], state: 'rejected', decidedAt }
    expect(timersOf(decided)).toEqual([{ kind: 'complaint_ends', at: new Date('2027-02-28T10:00:00Z') }])
  })

  test('the next one is that which has not run out', () => {
    expect(nextDue(sent, hours(sentAt, 50))).toEqual(hours(sentAt, 72))
    expect(nextDue(sent, hours(sentAt, 1000))).toBeUndefined()
  })
})

describe('looking again', () => {
  const since = new Date('2026-11-20T12:00:00Z')
  test('after 24 and 72 hours, a week, then weekly for 90 days', () => {
    const looks: number[] = []
    for (let now = since; ;) {
      const next = nextRecheck(since, now)
      if (!next) break
      expect(next.getTime()).toBeGreaterThan(now.getTime())
      looks.push((next.getTime() - since.getTime()) / (24 * HOUR_MS))
      now = next
    }
    expect(looks.slice(0, 5)).toEqual([1, 3, 7, 14, 21])
    expect(looks.at(-1)).toBe(84)
    expect(nextRecheck(since, hours(since, STAY_DOWN_DAYS * 24))).toBeUndefined()
  })
})

describe('a counter-notice', () => {
  test('is told of on the day, and after 3, 7 and 9 business days', () => {
    expect(alertDays('2026-11-20')).toEqual(['2026-11-20', '2026-11-25', '2026-12-02', '2026-12-04'])
  })
  test('names what it lacks', () => {
    const checks = {
      signature: true,
      material_and_location: true,
      perjury_statement: false,
      name_address_phone: true,
      jurisdiction_consent: false,
    }
    expect(missingElements(checks)).toEqual(['perjury_statement', 'jurisdiction_consent'])
  })
})
