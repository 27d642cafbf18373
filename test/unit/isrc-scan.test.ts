import { describe, expect, test } from 'vitest'

import { IsrcSet } from '../../services/leaks/isrc-set.ts'
import { IsrcScan } from '../../services/leaks/manifest/isrc-scan.ts'
import { isrcValue } from '../../services/leaks/packed/word.ts'
import { randomOf } from '../support/audio.ts'

const isrcOf = (number: number): string => `AA6Q7${String(number).padStart(7, '0')}`
const valueOf = (isrc: string): number => isrcValue((at) => isrc.charCodeAt(at))

describe('a set of ISRCs', () => {
  test('has what was added and nothing else', () => {
    const set = new IsrcSet(100_000)
    for (let number = 0; number < 100_000; number++) expect(set.add(isrcOf(number * 3), number)).toBe(true)
    expect(set.count).toBe(100_000)
    for (let number = 0; number < 300_000; number += 7)
      expect(set.numberOf(valueOf(isrcOf(number)))).toBe(number % 3 === 0 ? number / 3 : -1)
    expect(set.add(isrcOf(3), 99)).toBe(true)
    expect(set.numberOf(valueOf(isrcOf(3)))).toBe(1)
    expect(set.add('no code', 1)).toBe(false)
  })
})

/** The hits of a text that comes in pieces of a size. */
function scan(text: string, size: number, codes: readonly string[], lineBytesMax = 1_000) {
  const set = new IsrcSet(codes.length)
  for (const [number, code] of codes.entries()) set.add(code, number)
  const hits: [number, string][] = []
  const scanner = new IsrcScan(set, lineBytesMax, ({ line, row }) => hits.push([row, line.toString()]))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size))
  scanner.end()
  return { hits, rows: scanner.rows }
}

describe('a scan', () => {
  const lines = [
    `{"isrc":"${isrcOf(1)}"}`,
    `{"name":"x","external_id_isrc" : "${isrcOf(2)}","a":1}`,
    '',
    `{"isrc":"${isrcOf(3)}"}`,
    `{"name":"isrc","note":"${isrcOf(1)}"}`,
    `{"isrc":null,"isrc":["${isrcOf(1)}"]}`,
    `{"external_ids":{"isrc":"aa6q70000001"},"isrc":"${isrcOf(2)}"}`,
    `{"isrc":"${isrcOf(1)}x"}`,
    `{"isrc":"${isrcOf(2)}"}`,
  ]
  const wanted = [1, 2, 7, 9].map((row) => [row, lines[row - 1]])

  test('finds the lines, however the bytes come', () => {
    const codes = [isrcOf(1), isrcOf(2)]
    for (const text of [lines.join('\n'), `${lines.join('\n')}\n`])
      for (let size = 1; size < 120; size++)
        expect(scan(text, size, codes), `pieces of ${size}`).toEqual({ hits: wanted, rows: lines.length })
  })

  test('passes over lines that are too long and keeps count', () => {
    const long = `{"name":"${'y'.repeat(5_000)}","isrc":"${isrcOf(1)}"}`
    const text = [lines[0], long, lines[1]].join('\n')
    for (const size of [64, 1_000, 2_000])
      expect(scan(text, size, [isrcOf(1), isrcOf(2)]).hits.map(([row]) => row)).toEqual([1, 3])
  })

  test('of noise ends, and finds nothing', () => {
    const random = randomOf(5)
    const pieces = ['isrc"', ':', ' ', '"', '\n', isrcOf(9), '{', '\\', 'é', 'x'.repeat(50)]
    for (let turn = 0; turn < 200; turn++) {
      const text = Array.from({ length: 300 }, () => pieces[Math.floor(random() * pieces.length)]).join('')
      expect(scan(text, 97, [isrcOf(1)]).hits).toEqual([])
      expect(scan(text, 97, [isrcOf(9)]).rows).toBe(
        text.split('\n').filter((line, at, all) => at < all.length - 1 || line !== '').length,
      )
    }
  })
})
