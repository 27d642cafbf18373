import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

import { readClaims } from '../../services/metadata/claims/claimed-names.ts'
import { type Names, keysOfNames } from '../../services/metadata/compare/name-keys.ts'
import { type NamesCatalogue, identifyNames } from '../../services/metadata/lookup/identify-names.ts'
import { buildNamesIndex } from '../../services/metadata/lookup/names-index.ts'
import { NameRows } from '../../services/metadata/lookup/names-rows.ts'

const syllables = [
  'ba',
  'ke',
  'lo',
  'mi',
  'nu',
  'ra',
  'so',
  'ti',
  'vu',
  'zan',
  'dor',
  'fel',
  'gri',
  'hux',
  'pol',
  'tsa',
]

/** A name from a number: other numbers have other names. */
function wordOf(number: number): string {
  let [word, rest] = ['', number + syllables.length ** 2]
  for (; rest > 0; rest = Math.floor(rest / syllables.length)) word += syllables[rest % syllables.length]!
  return word
}

const COUNT = 5_000

const recordingOf = (number: number): Names => ({
  title: `${wordOf(number * 7)} ${wordOf(number * 13 + 5)}`,
  artists: [`${wordOf(Math.floor(number / 8))} ${wordOf(Math.floor(number / 8) + 99)}`],
  isrc: `AA6Q7${String(number).padStart(7, '0')}`,
  durationMs: 120_000 + ((number * 7_919) % 180_000),
})

function catalogueOf(recordings: readonly Names[]): NamesCatalogue {
  const rows = new NameRows()
  for (const recording of recordings) rows.add(keysOfNames(recording))
  return { rows, index: buildNamesIndex(rows) }
}

const extra: readonly Names[] = [
  { title: 'Ночная песня', artists: ['Хор Щегол'], durationMs: 190_000 },
  {
    title: 'Glass Harbour',
    version: 'Live',
    artists: ['Stone & Feather', 'Moss'],
    releaseTitle: 'Piers',
    year: 1999,
  },
  { title: '÷', artists: ['Signs'] },
]

let catalogue: NamesCatalogue
beforeAll(() => {
  catalogue = catalogueOf([...Array.from({ length: COUNT }, (_, number) => recordingOf(number)), ...extra])
})

describe('a row', () => {
  test('gives back the keys that were put in', () => {
    for (const [at, names] of extra.entries()) {
      const keys = keysOfNames(names)
      expect(catalogue.rows.keysOf(COUNT + at)).toEqual({
        ...keys,
        versions: { ...keys.versions, year: undefined },
      })
    }
  })

  test('gives back the keys of any names', () => {
    const text = fc.string({ unit: 'binary' })
    const names = fc.record({ title: text, version: text, artists: fc.array(text), releaseTitle: text })
    fc.assert(
      fc.property(names, (given) => {
        const rows = new NameRows()
        const keys = keysOfNames(given)
        rows.add(keys)
        expect(rows.keysOf(0)).toEqual({ ...keys, versions: { ...keys.versions, year: undefined } })
      }),
    )
  })

  test('that is not there is an error', () =>
    expect(() => catalogue.rows.keysOf(COUNT + 99)).toThrow(RangeError))
})

describe('a lookup', () => {
  const found = (claim: Names): number[] => [...catalogue.index.lookup(keysOfNames(claim), 8)]
  const { title = '', artists = [], isrc } = recordingOf(4_321)

  test.each<[string, Names]>([
    ['ISRC', { isrc }],
    ['title', { title }],
    ['words in another order', { title: title.split(' ').toReversed().join(' '), artists }],
    ['a title with more words', { title: `${title} and something`, artists }],
    ['a title that was cut off', { title: title.slice(0, 6), artists }],
    ['a title with a typing error', { title: `${title.slice(0, 5)}q${title.slice(5)}`, artists }],
    ['an artist with a typing error', { title, artists: [`q${artists[0]}`] }],
    ['a derivative', { title: `${title} (sped up)`, artists }],
  ])('finds by %s', (_, claim) => expect(found(claim)).toContain(4_321))

  test('finds across scripts', () => {
    expect(found({ title: 'Nochnaia pesnia', artists: ['Khor Schegol'] })).toContain(COUNT)
    expect(found({ title: 'ночная песня' })).toContain(COUNT)
  })

  test('gives at most so many, each once, and the best first', () => {
    const rows = [...catalogue.index.lookup(keysOfNames(recordingOf(77)), 3)]
    expect(rows[0]).toBe(77)
    expect(rows.length).toBeLessThanOrEqual(3)
    expect(new Set(rows).size).toBe(rows.length)
  })

  test('finds nothing for a claim without names', () => expect(found({})).toEqual([]))

  test('of a name that thousands share stays bounded', () => {
    const same = catalogueOf(Array.from({ length: 3_000 }, () => ({ title: 'Intro', artists: ['Band'] })))
    expect(
      same.index.lookup(keysOfNames({ title: 'Intro', artists: ['Band'] }), 10_000).length,
    ).toBeLessThanOrEqual(512)
  })

  test('of any names throws nothing and leaves nothing behind for the next', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(text, fc.array(text), (anyTitle, anyArtists) => {
        catalogue.index.lookup(keysOfNames({ title: anyTitle, artists: anyArtists }), 16)
        expect(found({ isrc })).toEqual([4_321])
      }),
    )
  })

  test('of an empty catalogue finds nothing', () => {
    expect(catalogueOf([]).index.lookup(keysOfNames({ title: 'x' }), 5)).toHaveLength(0)
  })
})

describe('a suspect', () => {
  test('is identified by its file name, with reasons', () => {
    const { title, artists } = recordingOf(1_234)
    const readings = readClaims({
      kind: 'file-name',
      text: `01. ${artists![0]} - ${title} (Official Video).mp3`,
    })
    const [best] = identifyNames(readings, catalogue, 3)
    expect(best?.row).toBe(1_234)
    expect(best?.comparison.probability).toBeGreaterThan(0.9)
    expect(best?.comparison.reasons.map(({ field }) => field)).toContain('title')
  })

  test('whose artist and title are swapped is identified too', () => {
    const { title, artists, durationMs } = recordingOf(999)
    const readings = readClaims({ kind: 'tags', tags: { title: artists![0], artists: [title!] } }).map(
      (reading) => ({
        ...reading,
        names: { ...reading.names, durationMs },
      }),
    )
    expect(identifyNames(readings, catalogue, 1)[0]?.row).toBe(999)
  })
})
