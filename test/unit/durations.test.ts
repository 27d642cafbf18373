import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseDuration } from '../../services/metadata/values/durations.ts'

/** Any text, of characters that are few enough to meet, among them some that change their length when folded. */
const oddText = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 .-:,\'"=ßİﬁ²½Ⅷ①𝟙\u0000\u200B\uD800')) })

describe('a duration of', () => {
  test.each([
    ['PT4M23.583S', 263_583],
    ['PT3M45S', 225_000],
    ['PT225S', 225_000],
    ['PT1H', 3_600_000],
    ['PT1H2M3S', 3_723_000],
    ['PT0H3M45,5S', 225_500],
    ['P0Y0M0DT0H3M45S', 225_000],
    ['pt3m45s', 225_000],
    ['3:45', 225_000],
    ['03:45', 225_000],
    ['75:30', 4_530_000],
    ['1:02:03', 3_723_000],
    ['00:03:45', 225_000],
    ['3:45.678', 225_678],
    ['3:45,678', 225_678],
    ['1:02:03.5', 3_723_500],
    ['225', 225_000],
    ['225.4', 225_400],
    ['225,4', 225_400],
    [' 225.0 ', 225_000],
    ['２２５', 225_000],
    ['225 s', 225_000],
    ['225s', 225_000],
    ['225 seconds', 225_000],
    ['0.5 s', 500],
    ['225000 ms', 225_000],
    ['225000ms', 225_000],
    ['4 min', 240_000],
    ['4m23s', 263_000],
    ['4 min 23 sec', 263_000],
    ['1h 2m 3s', 3_723_000],
    ['1 hour 5 minutes', 3_900_000],
    ['24:00:00', 86_400_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each([
    'PT',
    'P',
    'P3M45S',
    'P1DT1H',
    'PT3M45',
    'PT-3M',
    'PT4.5M',
    '3:5',
    '3:60',
    '1:60:00',
    '1:2:3',
    ':45',
    '3:45:',
    '-225',
    '+225',
    '0',
    '0:00',
    'PT0S',
    '0 ms',
    '0.002604',
    '1e3',
    '0x10',
    'Infinity',
    '1.234.567',
    '225000',
    '225,000 ms',
    '24:00:01',
    '86400.001',
    '99999999999999999999',
    '4 parsecs',
    'three minutes',
    '',
    ' ',
    '1'.repeat(100_000),
  ])('%.30j is none', (text) => expect(parseDuration(text)).toBeUndefined())

  test('any length up to a day is the same in every spelling', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 86_400_000 }), (ms) => {
        const [hours, minutes, rest] = [
          Math.floor(ms / 3_600_000),
          Math.floor(ms / 60_000) % 60,
          (ms % 60_000) / 1000,
        ]
        const seconds = rest.toFixed(3)
        const spellings = [
          `PT${hours}H${minutes}M${seconds}S`,
          `${hours}:${String(minutes).padStart(2, '0')}:${seconds.padStart(6, '0')}`,
          `${hours * 60 + minutes}:${seconds.padStart(6, '0')}`,
          `${hours}h ${minutes}m ${seconds}s`,
          (ms / 1000).toFixed(3),
          `${ms} ms`,
        ]
        expect(spellings.map(parseDuration)).toEqual(spellings.map(() => ms))
      }),
    ))

  test('no text breaks it', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          oddText,
          fc.string({ unit: fc.constantFrom(...Array.from('PTHMS0123:.,ms ')), maxLength: 60 }),
        ),
        (text) => {
          const ms = parseDuration(text)
          expect(ms === undefined || (Number.isInteger(ms) && ms > 0 && ms <= 86_400_000)).toBe(true)
        },
      ),
    ))
})
