import { describe, expect, test } from 'vitest'

import { CellFix } from '../../services/catalog/import/import.ts'
import { kindOf } from '../../services/catalog/import/kind.ts'
import { faultsOf } from '../../services/catalog/import/merge/check.ts'
import { keysOf } from '../../services/catalog/import/merge/keys.ts'
import { SeenRows } from '../../services/catalog/import/merge/seen.ts'
import { readShare } from '../../services/catalog/import/row-checks.ts'
import { recordingNameKey, searchKey } from '../../services/catalog/recording.ts'
import { type RecordingRight, territoriesHeld, wholeRight } from '../../services/catalog/rights.ts'
import { copyLine } from '../../services/core/copy-text.ts'
import { Problem } from '../../services/core/problem.ts'

describe('territories that are held', () => {
  const day = '2026-06-15'
  const held = (...rights: Partial<RecordingRight>[]) =>
    territoriesHeld(
      rights.map((right) => ({ ...wholeRight, ...right })),
      day,
    )

  test.each([
    ['nothing told', [], ['Worldwide']],
    [
      'countries of several rights',
      [{ territories: ['FR', 'DE'] }, { territories: ['DE', 'AT'] }],
      ['AT', 'DE', 'FR'],
    ],
    ['an exclusion', [{ excludedTerritories: ['US', 'CA'] }], ['Worldwide', 'except CA', 'except US']],
    [
      'an exclusion that another right fills',
      [{ excludedTerritories: ['US'] }, { territories: ['US'] }],
      ['Worldwide'],
    ],
    [
      'exclusions of two worldwide rights',
      [{ excludedTerritories: ['US', 'CA'] }, { excludedTerritories: ['CA'] }],
      ['Worldwide', 'except CA'],
    ],
    ['the last day', [{ validFrom: day, validTo: day, documentExpires: day }], ['Worldwide']],
    ['a right that has ended', [{ validTo: '2026-06-14' }, { territories: ['DE'] }], ['DE']],
    ['a right that has not begun', [{ validFrom: '2026-06-16' }], []],
    ['a document that has expired', [{ documentExpires: '2026-06-14' }], []],
  ] as [string, Partial<RecordingRight>[], string[]][])('%s', (_, rights, expected) => {
    expect(held(...rights)).toEqual(expected)
  })
})

describe('keys of a row', () => {
  test.each([
    ['plain', { title: 'Song of the Sea', artists: ['The Band'], isrc: 'AA6Q72000047' }],
    ['order of artists', { title: 'Song', version: 'Live', artists: ['Zed', 'Älpha'] }],
    ['signs', { title: '“Song”… (I/II)', artists: ['A$AP & Co.', 'J-P'], version: 'Remix [2020]' }],
    ['scripts', { title: 'सुबह की धुन', artists: ['Ångström', '東京'] }],
  ])(
    'are those of a registration: %s',
    (
      _,
      { version, isrc, ...names }: { title: string; artists: string[]; version?: string; isrc?: string },
    ) => {
      const keys = keysOf({ ...names, version, isrc })
      expect(keys.name).toBe(recordingNameKey({ ...names, version }))
      expect(keys.search).toBe(searchKey({ ...names, version: version ?? null, isrc: isrc ?? null }))
    },
  )
})

test('rows that were seen are told from a hundred thousand others', () => {
  const seen = new SeenRows()
  const note = (number: number) => seen.note(`AA6Q7${number}`, { row: number, namesHash: 2 * number })
  for (let number = 1; number <= 100_000; number++) expect(note(number)).toBeUndefined()
  for (const row of [1, 77, 50_000, 100_000]) expect(note(row)).toEqual({ row, namesHash: 2 * row })
})

test('a line of COPY keeps its cells apart, whatever is in them', () => {
  expect(copyLine(['a\tb', 'c\\N\n\r', null, undefined, 7, true, false, ''])).toBe(
    'a\\tb\tc\\\\N\\n\\r\t\\N\t\\N\t7\tt\tf\t\n',
  )
  expect(copyLine([[], ['plain'], ['say "no"', 'a\\b', 'NULL', '{,}']])).toBe(
    '{}\t{"plain"}\t{"say \\\\"no\\\\"","a\\\\\\\\b","NULL","{,}"}\n',
  )
})

describe('the kind of a file', () => {
  test.each([
    ['ern', '\uFEFF\n <?xml version="1.0"?>'],
    ['musicbrainz', ' {"recordings": []}'],
    ['musicbrainz', '[{}]'],
    ['csv', 'Title;Artist'],
  ] as const)('%s', (kind, text) => {
    expect(kindOf(Buffer.from(text))).toBe(kind)
  })
  test('in UTF-16', () => {
    expect(kindOf(Buffer.from('\uFEFF<a/>', 'utf16le'))).toBe('ern')
  })
  test.each([
    ['Excel or ZIP', Buffer.from('PK\u0003\u0004')],
    ['old Excel', Buffer.from([0xd0, 0xcf, 0x11, 0xe0])],
  ])('%s is refused with advice', (_, head) => {
    expect(() => kindOf(head)).toThrow(Problem)
    expect(() => kindOf(head)).toThrow(/as CSV/)
  })
})

test('what the database could not keep is told by column', () => {
  const codesOf = (more: object, titleKey = 'song') =>
    faultsOf(7, { title: 'Song', artists: ['Band'], ...more }, titleKey).map(({ column, code }) => [
      column,
      code,
    ])
  expect(codesOf({})).toEqual([])
  expect(codesOf({ title: '…' }, '')).toEqual([['title', 'malformed']])
  expect(codesOf({ artists: [], isrc: 'x', durationMs: 0.5, genre: 'a\0b' })).toEqual([
    ['genre', 'encoding'],
    ['artists', 'missing'],
    ['isrc', 'identifier-malformed'],
    ['durationMs', 'malformed'],
  ])
  expect(codesOf({ release: { title: 'R', upc: '1', releaseDate: 'May' } })).toEqual([
    ['release.upc', 'identifier-malformed'],
    ['release.releaseDate', 'identifier-malformed'],
  ])
})

test('a corrected cell holds no control characters but white space', () => {
  const fits = (value: string) => CellFix.safeParse({ row: 1, column: 'Title', value }).success
  expect(['', 'one\ntwo\tthree\r\n', 'a\0b', 'a\x07', 'a\x9F'].map(fits)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  expect(CellFix.safeParse({ row: 2 ** 31, column: 'Title', value: '' }).success).toBe(false)
})

test.each([
  ['62.5', 62.5],
  ['33,333 %', 33.33],
  ['0.01', 0.01],
  ['100%', 100],
  ['0', undefined],
  ['0.004', undefined],
  ['100.01', undefined],
  ['half', undefined],
])('a share of %s percent', (text, share) => {
  expect(readShare(text)).toBe(share)
})
