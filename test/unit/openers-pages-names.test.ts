import { expect, test } from 'vitest'

import { atTime, oneLine, secondsOf, startIn } from '../../services/openers/find-name.ts'

test.each([
  ['31', 31],
  ['31.5', 31.5],
  ['npt:31', 31],
  ['31,45', 31],
  ['0:31', 31],
  ['1:02:03', 3_723],
  ['1m30s', 90],
  ['1h', 3_600],
  ['90s', 90],
  ['', undefined],
  ['-1', undefined],
  ['soon', undefined],
  ['999999', undefined],
  ['1'.repeat(100_000), undefined],
])('%s begins at %s s', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds)
})

test('the start of a player is told by its address', () => {
  expect(startIn('https://a.example/1.mp3#t=31,45')).toBe(31)
  expect(startIn('https://a.example/embed?start=61')).toBe(61)
  expect(startIn('https://a.example/1.mp3#top')).toBeUndefined()
  expect(atTime('player 2', 31)).toBe('player 2 at 0:31')
  expect(atTime('player 2', 3_723.9)).toBe('player 2 at 1:02:03')
  expect(atTime('player 2', undefined)).toBe('player 2')
})

test('words of strangers come on one line', () => {
  expect(oneLine(' a\r\n\tb\u202E\u0007c ')).toBe('a bc')
  expect(oneLine('x'.repeat(10_000))).toHaveLength(200)
})
