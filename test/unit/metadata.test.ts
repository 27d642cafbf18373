import { describe, expect, test } from 'vitest'

import { NewRecording, recordingNameKey } from '../../services/catalog/recording.ts'
import { artistsKey, nameKey } from '../../services/metadata/normalise.ts'

describe('a name key', () => {
  test.each([
    ['Café del Mar', 'cafe del mar'],
    ['ＦＵＬＬ　ｗｉｄｔｈ', 'full width'],
    ['Rock & Roll!! (Live)', 'rock roll live'],
    ['ﬁre', 'fire'],
    ['सुबह की धुन', 'सुबह की धुन'],
    ['がらす', 'がらす'],
    ['Ёлка', 'ёлка'],
    ['…', ''],
  ])('of %s is %s', (text, key) => expect(nameKey(text)).toBe(key))

  test('keeps vowel signs and voicing marks, which make other words', () => {
    expect(nameKey('की')).not.toBe(nameKey('क'))
    expect(nameKey('が')).not.toBe(nameKey('か'))
  })

  test('of a pile of marks takes no longer than of other text', () => {
    for (const marks of ['\u0301', '\u3099', '\u0301\u0316']) {
      const before = performance.now()
      nameKey(`a${marks.repeat(50_000)}`)
      expect(performance.now() - before).toBeLessThan(1_000)
    }
  })

  test('of artists does not depend on their order', () => {
    expect(artistsKey(['B', 'A'])).toBe(artistsKey(['a', 'b']))
    expect(artistsKey(['A B'])).not.toBe(artistsKey(['A', 'B']))
  })
})

describe('a registration', () => {
  const faults = (given: unknown): string[] =>
    NewRecording.safeParse(given).error?.issues.map(({ path }) => path.join('/')) ?? []

  test('is normalised while it is checked', () => {
    const given = {
      title: '  Morning ',
      artists: [' The Samples '],
      isrc: 'aa-6q7-20-00047',
      release: { title: 'R', upc: '0 36000 29145 2' },
    }
    expect(NewRecording.parse(given)).toMatchObject({
      title: 'Morning',
      artists: ['The Samples'],
      isrc: 'AA6Q72000047',
      territories: ['Worldwide'],
      release: { upc: '036000291452' },
    })
  })

  test('says at which field something is wrong', () => {
    expect(faults({ title: 'x', artists: ['y'], isrc: 'nonsense' })).toEqual(['isrc'])
    expect(faults({ title: '…', artists: [] })).toEqual(['title', 'artists'])
    expect(
      faults({ title: 'x', artists: ['y'], territories: ['Mars'], release: { title: 'r', upc: '123' } }),
    ).toEqual(['territories/0', 'release/upc'])
  })

  test('has the same names without regard to spelling and order', () => {
    const names = { title: 'Café', version: undefined, artists: ['B', 'A'] }
    expect(recordingNameKey(names)).toBe(recordingNameKey({ ...names, title: 'CAFE', artists: ['a', 'b'] }))
    expect(recordingNameKey({ ...names, version: 'Live' })).not.toBe(recordingNameKey(names))
  })
})
