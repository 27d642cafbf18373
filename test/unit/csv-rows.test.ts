import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ROW_CHARACTERS_MAX, RowSplitter, type CsvRow } from '../../services/catalog/import/csv/rows.ts'

/** Rows of a text that comes in pieces of some length. */
function split(text: string, pieceLength = text.length): CsvRow[] {
  const splitter = new RowSplitter(',')
  const rows: CsvRow[] = []
  const take = (): void => {
    for (let row = splitter.next(); row !== undefined; row = splitter.next()) rows.push(row)
  }
  for (let at = 0; at < text.length; at += pieceLength) {
    splitter.push(text.slice(at, at + pieceLength))
    take()
  }
  splitter.end()
  take()
  return rows
}

const cellsOf = (rows: readonly CsvRow[]): unknown[] =>
  rows.map((row) => (row.fault ? row.fault.code : [row.line, ...row.cells]))

describe('rows', () => {
  const text =
    'a,b,c\r\n"x, y","say ""hi""",\n\n"two\r\nlines",6" disc, "spaced" \r"old\rmac",,""\n,,\nlast,"one",end'
  const rows = [
    [1, 'a', 'b', 'c'],
    [2, 'x, y', 'say "hi"', ''],
    [4, 'two\r\nlines', '6" disc', 'spaced'],
    [6, 'old\rmac', '', ''],
    [8, '', '', ''],
    [9, 'last', 'one', 'end'],
  ]

  test('are cut as RFC 4180 has them, with the line where each begins', () => {
    expect(cellsOf(split(text))).toEqual(rows)
  })

  test('are the same in pieces of any length', () => {
    for (let length = 1; length < 40; length++) expect(cellsOf(split(text, length))).toEqual(rows)
  })

  test('of texts of nothing but trouble are the same in pieces of any length, too', () => {
    const signs = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' '), maxLength: 60 })
    fc.assert(
      fc.property(signs, fc.integer({ min: 1, max: 20 }), (text, length) => {
        expect(split(text, length)).toEqual(split(text))
      }),
      { numRuns: 3000, seed: 1 },
    )
  })

  test('begin on lines that are in the file, each later than the one before', () => {
    const signs = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n'), maxLength: 60 })
    fc.assert(
      fc.property(signs, (text) => {
        const lines = [0, ...split(text).map(({ line }) => line), text.split(/\r\n|\r|\n/).length + 1]
        expect(lines).toEqual([...new Set(lines)].toSorted((a, b) => a - b))
      }),
      { numRuns: 2000, seed: 1 },
    )
  })

  test('a stray quote costs its line, wherever the next quote is', () => {
    expect(cellsOf(split('a,"b\nc,d\n'))).toEqual(['malformed', [2, 'c', 'd']])
    expect(cellsOf(split('a,"b\nc,d\ne,"f"\n'))).toEqual(['malformed', [2, 'c', 'd'], [3, 'e', 'f']])
    expect(cellsOf(split('"a "b" c",d\ne,f'))).toEqual(['malformed', [2, 'e', 'f']])
    expect(cellsOf(split('"x\ny","b "c",d\ne,f'))).toEqual(['malformed', [3, 'e', 'f']])
  })

  test('a quote that a later line closes is seen by the number of cells', () => {
    const splitter = new RowSplitter(',')
    splitter.expect({ min: 2, max: 2 })
    splitter.push('"a,b\nc,d\ne",f,g\nh,i\n')
    splitter.end()
    const found = [splitter.next(), splitter.next(), splitter.next(), splitter.next()]
    expect(cellsOf(found.filter((row) => row !== undefined))).toEqual([
      'malformed',
      [2, 'c', 'd'],
      'malformed',
      [4, 'h', 'i'],
    ])
  })

  test.each([
    ['without quotes', 'x'.repeat(5_000_000)],
    ['of separators', ','.repeat(5_000_000)],
    ['of quotes', '"'.repeat(5_000_001)],
    ['in quotes', `"${'x'.repeat(5_000_000)}"`],
    ['with a quote that is never closed', `"${'x,'.repeat(2_500_000)}`],
  ])('a row of 5 MB %s is one fault, and the next is read', (_, long) => {
    const found = split(`a,b\n${long}\nc,d\n`, 65_536)
    expect(cellsOf(found)).toEqual([[1, 'a', 'b'], 'limit', [3, 'c', 'd']])
  })

  test('the limit is for rows, not for what they are part of', () => {
    const row = `${'x'.repeat(ROW_CHARACTERS_MAX - 2)},y`
    expect(cellsOf(split(`${row}\n${row}x\n`, 100_000))).toEqual([[1, row.slice(0, -2), 'y'], 'limit'])
  })

  test.each([
    ['opened on each line', '",\n'],
    ['closed and opened on each line', 'a","b\n'],
    ['opened on each line and filled', 'a,b,"c\n'],
    ['doubled', 'a,"""\n'],
    ['odd', 'a,"b""\n'],
  ])('quotes %s take no more than a while', (_, line) => {
    const before = process.cpuUsage().user
    split(line.repeat(100_000), 65_536)
    // Linear, it takes about a tenth of a second; quadratic, minutes.
    expect(process.cpuUsage().user - before).toBeLessThan(3_000_000)
  })
})
