import { describe, expect, test } from 'vitest'

import type { Regime } from '../../services/notices/notice.ts'
import { checklistOf } from '../../services/notices/readiness/checklist.ts'
import { readinessOf } from '../../services/notices/readiness/readiness.ts'
import { vaguenessOf } from '../../services/notices/readiness/specific.ts'
import { breaks, broken } from '../support/notice-breaks.ts'

test.each([
  ['https://files.example/d/abc', true],
  ['https://files.example/?d=abc', true],
  ['https://files.example/#!abc!key', true],
  ['https://files.example/#/d/abc', true],
  ['magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a', true],
  ['https://files.example/research/light.mp3', true],
  ['https://files.example', false],
  ['https://files.example/#top', false],
  ['https://files.example/?q=first+light', false],
  ['https://files.example/search/first-light', false],
  ['https://files.example/search.php?term=first+light', false],
  ['https://files.example/results?search_query=first+light', false],
  ['magnet:?dn=First+Light', false],
  ['ftp://files.example/light.mp3', false],
  ['files.example/d/abc', false],
])('%s is exact: %s', (address, exact) => {
  expect(vaguenessOf(address) === undefined).toBe(exact)
})

describe('the checklist', () => {
  test('shows every rule: what holds, what is open, what is not asked, what comes with the signature', () => {
    const points = readinessOf(broken(['US_512C'], [breaks['R04 gone at the last look']!]))
    const standings = Object.fromEntries(
      checklistOf(['US_512C'], points).map(({ rule, standing }) => [rule, standing]),
    )
    expect(standings).toMatchObject({ R04: 'open', R08: 'at_signing', R09: 'holds', R10: 'holds' })
    expect(standings).toMatchObject({ R11: 'not_asked', R12: 'not_asked' })
    expect(Object.values(standings).filter((standing) => standing === 'holds')).toHaveLength(13)
  })

  test('asks for what each law asks', () => {
    const notAsked = (regime: Regime) =>
      checklistOf([regime], []).flatMap(({ rule, standing }) => (standing === 'not_asked' ? [rule] : []))
    expect(notAsked('EU_DSA_16')).toEqual(['R09', 'R12'])
    expect(notAsked('IN_RULE_75')).toEqual(['R09', 'R11'])
    expect(notAsked('GENERIC')).toEqual(['R11', 'R12'])
  })
})
