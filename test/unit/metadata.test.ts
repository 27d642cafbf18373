import { describe, expect, test } from 'vitest'

import { NewRecording, recordingNameKey } from '../../services/catalog/recording.ts'
import { formatIsrc, parseIsrc, parseUpc } from '../../services/metadata/identifiers.ts'
import { artistsKey, nameKey } from '../../services/metadata/normalise.ts'

describe('an ISRC', () => {
  test.each([
    ['AA6Q72000047', 'AA6Q72000047'],
    ['aa-6q7-20-00047', 'AA6Q72000047'],
    ['ISRC: AA 6Q7 20 00047', 'AA6Q72000047'],
    ['ＡＡ６Ｑ７２０００００４', 'AA6Q72000004'],
    ['AA‑6Q7‑20‑00047', 'AA6Q72000047'],
    ['AA6Q7200004', undefined],
    ['AA6Q720000477', undefined],
    ['1A6Q72000047', undefined],
    ['AA6Q7200004O', undefined],
    ['', undefined],
  ])('%s is %s', (text, code) => expect(parseIsrc(text)).toBe(code))

  test('is shown with hyphens', () => expect(formatIsrc('AA6Q72000047')).toBe('AA-6Q7-20-00047'))
})

describe('a UPC or EAN', () => {
  test.each([
    ['036000291452', '036000291452'],
    ['0 36000 29145 2', '036000291452'],
    ['4006381333931', '4006381333931'],
    ['96385074', '96385074'],
    ['036000291453', undefined],
    ['03600029145', undefined],
    ['abc', undefined],
  ])('%s is %s', (text, code) => expect(parseUpc(text)).toBe(code))
})

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
