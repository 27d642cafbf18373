import { describe, expect, test } from 'vitest'

import { waitMsOf } from '../../services/core/fetch-problem.ts'
import {
  type Manners,
  type VisitRules,
  endTurn,
  hostOf,
  strange,
  takeTurn,
} from '../../services/submissions/politeness.ts'

const noon = new Date('2031-05-05T12:00:00Z')
const later = (ms: number): Date => new Date(noon.getTime() + ms)
const single: VisitRules = {
  kind: 'single',
  visitsMax: 2,
  delayMs: 1_000,
  perDayMax: 3,
  longestMs: 60_000,
}
const automatic: VisitRules = { ...single, kind: 'automatic' }

/** Takes a turn that must be free. */
function taken(known: Manners, rules: VisitRules, now: Date): { manners: Manners; until: Date } {
  const turn = takeTurn(known, rules, now)
  if (!turn.isFree) throw new Error(`no turn: ${turn.why}`)
  return turn
}

describe('politeness', () => {
  test('keeps a distance between automatic visits, and lets nobody wait who waits himself', () => {
    const { manners, until } = taken(strange(noon), automatic, noon)
    const rested = endTurn(manners, until, 'answered', later(10))
    expect(takeTurn(rested, automatic, later(300))).toEqual({ isFree: false, why: 'busy', waitMs: 700 })
    expect(takeTurn(rested, automatic, later(1_000)).isFree).toBe(true)
    expect(takeTurn(rested, single, later(300)).isFree).toBe(true)
  })

  test('bounds visits at the same time, and forgets those whose visitor is gone', () => {
    const first = taken(strange(noon), single, noon)
    const second = taken(first.manners, single, later(5))
    expect(takeTurn(second.manners, single, later(10))).toMatchObject({ isFree: false, why: 'busy' })
    const ended = endTurn(second.manners, first.until, 'answered', later(20))
    expect(ended.open).toEqual([second.until])
    expect(takeTurn(ended, single, later(20)).isFree).toBe(true)
    expect(takeTurn(second.manners, single, later(70_000)).isFree).toBe(true)
  })

  test('has a budget of automatic visits for each day, which a person does not spend', () => {
    let known = strange(noon)
    for (let at = 0; at < 3; at += 1) {
      const { manners, until } = taken(known, automatic, later(at * 2_000))
      known = endTurn(manners, until, 'answered', later(at * 2_000))
    }
    const spent = takeTurn(known, automatic, later(10_000))
    expect(spent).toEqual({ isFree: false, why: 'budget', waitMs: 12 * 3_600_000 - 10_000 })
    expect(takeTurn(known, single, later(10_000)).isFree).toBe(true)
    expect(takeTurn(known, automatic, later(12 * 3_600_000)).isFree).toBe(true)
  })

  test('waits as long as the host asks, longer with each refusal, a day at the most, and then says so', () => {
    let known = strange(noon)
    let now = noon
    const refuse = (busyMs: number): number => {
      const { manners, until } = taken(known, single, now)
      known = endTurn(manners, until, { busyMs }, now)
      const waitMs = known.freeAt.getTime() - now.getTime()
      now = known.freeAt
      return waitMs
    }
    expect(refuse(90_000)).toBe(90_000)
    expect(refuse(0)).toBe(60_000)
    expect(refuse(0)).toBe(120_000)
    expect(takeTurn(known, single, new Date(now.getTime() - 1))).toMatchObject({ why: 'busy', waitMs: 1 })
    expect(refuse(10 * 24 * 3_600_000)).toBe(24 * 3_600_000)
    for (let times = 5; times <= 8; times += 1) refuse(0)
    expect(takeTurn(known, single, new Date(now.getTime() - 1))).toMatchObject({ why: 'resting' })
    const { manners, until } = taken(known, single, now)
    expect(endTurn(manners, until, 'silent', now).refusals).toBe(8)
    expect(endTurn(manners, until, 'answered', now).refusals).toBe(0)
  })

  test('counts refusals of visits that were under way together once', () => {
    const first = taken(strange(noon), single, noon)
    const second = taken(first.manners, single, noon)
    const one = endTurn(second.manners, first.until, { busyMs: 0 }, later(100))
    const two = endTurn(one, second.until, { busyMs: 45_000 }, later(200))
    expect(two).toMatchObject({ refusals: 1, open: [], freeAt: later(45_200) })
  })

  test('reads Retry-After in both forms, and knows hosts by name and port', () => {
    expect(waitMsOf('120')).toBe(120_000)
    expect(waitMsOf('Mon, 05 May 2031 12:01:00 GMT', noon.getTime())).toBe(60_000)
    expect(waitMsOf('Mon, 05 May 2031 11:00:00 GMT', noon.getTime())).toBe(0)
    for (const nothing of [undefined, '', 'soon', '-5', '1e9']) expect(waitMsOf(nothing)).toBe(0)
    expect(hostOf('https://Files.Example:443/a')).toBe('files.example')
    expect(hostOf('http://files.example:8080/a')).toBe('files.example:8080')
  })
})
