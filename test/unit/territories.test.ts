import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { countries, countryAliases, countryGroups } from '../../services/metadata/values/countries.ts'
import {
  describeTerritories,
  expandTerritories,
  readTerritories,
} from '../../services/metadata/values/territories.ts'

const territoriesOf = (...texts: string[]): string[] => {
  const { territories, unknown } = readTerritories(texts)
  expect(unknown).toEqual([])
  return territories
}

/** Any text, of characters that are few enough to meet, among them some that change their length when folded. */
const oddText = fc.string({ unit: fc.constantFrom(...Array.from('aZ09 .-:,\'"=ßİﬁ²½Ⅷ①𝟙\u0000\u200B\uD800')) })

describe('the list of countries', () => {
  test('is that of ISO 3166-1 and Kosovo, each code once', () => {
    expect(countries).toHaveLength(250)
    for (const key of ['alpha2', 'alpha3', 'name'] as const)
      expect(new Set(countries.map((country) => country[key]))).toHaveProperty('size', 250)
    expect(new Set(countries.map(({ numeric }) => numeric))).toHaveProperty('size', 250)
    for (const { alpha2, alpha3, numeric, name } of countries) {
      expect(alpha2).toMatch(/^[A-Z]{2}$/)
      expect(alpha3).toMatch(/^[A-Z]{3}$/)
      if (alpha2 !== 'XK') expect(numeric).toMatch(/^\d{3}$/)
      expect(name).toMatch(/^\p{Lu}/u)
    }
  })

  test('is read back from each code, number, name and alias', () => {
    for (const { alpha2, alpha3, numeric, name } of countries) {
      const texts = [alpha2, alpha3, name, name.toUpperCase(), ...(numeric ? [numeric, `0${numeric}`] : [])]
      const aliases = countryAliases[alpha2]?.split('; ') ?? []
      for (const text of [...texts, ...aliases]) expect([text, territoriesOf(text)]).toEqual([text, [alpha2]])
    }
  })

  test('has every member of a group and every country with an alias', () => {
    const codes = new Set(countries.map(({ alpha2 }) => alpha2))
    for (const code of [...countryGroups.flatMap(({ members }) => members), ...Object.keys(countryAliases)])
      expect(codes).toContain(code)
  })

  test('has 27 members of the EU and 30 of the EEA', () => {
    expect(territoriesOf('EU')).toHaveLength(27)
    expect(territoriesOf('European Economic Area')).toHaveLength(30)
    expect(territoriesOf('EU')).not.toContain('GB')
  })
})

describe('territories', () => {
  test.each([
    [
      ['DE', 'AT'],
      ['AT', 'DE'],
    ],
    [['de'], ['DE']],
    [['DE', 'Germany', 'DEU', '276', 'germany'], ['DE']],
    [['36'], ['AU']],
    [['U.S.A.', 'The United States of America', 'U.S.'], ['US']],
    [['UK', 'Great Britain'], ['GB']],
    [['Côte d’Ivoire', 'Ivory Coast', 'Cote d Ivoire'], ['CI']],
    [
      ['St. Lucia', 'St Kitts & Nevis'],
      ['KN', 'LC'],
    ],
    [['Trinidad & Tobago'], ['TT']],
    [['US & Canada'], ['CA', 'US']],
    [['Congo - Kinshasa'], ['CD']],
    [['The Gambia'], ['GM']],
    [['UK and Ireland'], ['GB', 'IE']],
    [['US, CA; MX | GB/IE'], ['CA', 'GB', 'IE', 'MX', 'US']],
    [['US CA GB'], ['CA', 'GB', 'US']],
    [
      ['Korea, Republic of', 'Bolivia, Plurinational State of'],
      ['BO', 'KR'],
    ],
    [['GAS'], ['AT', 'CH', 'DE']],
    [
      ['Benelux', 'CH'],
      ['BE', 'CH', 'LU', 'NL'],
    ],
    [['Worldwide'], ['Worldwide']],
    [['WORLD'], ['Worldwide']],
    [['ww'], ['Worldwide']],
    [['2136'], ['Worldwide']],
    [['The World', 'DE'], ['Worldwide']],
    [['NO'], ['NO']],
    [['', ' ', 'DE,'], ['DE']],
    [[], []],
  ])('%j are %j', (texts, territories) => expect(territoriesOf(...texts)).toEqual(territories))

  test.each([
    [['XX'], [], ['XX']],
    [['ES-CN'], [], ['ES-CN']],
    [['DE', 'Narnia'], ['DE'], ['Narnia']],
    [['DE, Narnia, FR'], ['DE', 'FR'], ['Narnia']],
    [['No'], [], ['No']],
    [['no'], [], ['no']],
    [['It'], [], ['It']],
    [['9999'], [], ['9999']],
    [['North America'], [], ['North America']],
    [['Korea', 'Congo', 'Virgin Islands'], [], ['Korea', 'Congo', 'Virgin Islands']],
    [['World except US, CA'], [], ['World except US, CA']],
    [['WW ex. US'], [], ['WW ex. US']],
    [['World (excl. Germany & Austria)'], [], ['World (excl. Germany & Austria)']],
    [['WW, -USA'], [], ['WW, -USA']],
    [['Worldwide', '- Germany'], ['Worldwide'], ['- Germany']],
    [['World –US'], [], ['World –US']],
    [['Rest of World'], [], ['Rest of World']],
    [['DE and Narnia'], [], ['DE and Narnia']],
    [['__proto__', 'constructor'], [], ['__proto__', 'constructor']],
  ])('%j are %j with %j unknown', (texts, territories, unknown) =>
    expect(readTerritories(texts)).toEqual({ territories, unknown }),
  )

  test('of any text are codes that are read as themselves', () =>
    fc.assert(
      fc.property(fc.array(oddText), (texts) => {
        const { territories } = readTerritories(texts)
        expect(territoriesOf(...territories)).toEqual(territories)
      }),
    ))
})

describe('what remains', () => {
  const codes = fc.subarray(countries.map(({ alpha2 }) => alpha2))

  test('is the world, a list, or nothing', () => {
    expect(expandTerritories(['Worldwide'], [])).toHaveProperty('size', 250)
    expect(expandTerritories(['DE', 'FR'], ['FR'])).toEqual(new Set(['DE']))
    expect(expandTerritories(['DE'], ['Worldwide'])).toEqual(new Set())
    expect(expandTerritories([], [])).toEqual(new Set())
  })

  test('never has an excluded country', () =>
    fc.assert(
      fc.property(fc.oneof(codes, fc.constant(['Worldwide'])), codes, (territories, excluded) => {
        const remaining = expandTerritories(territories, excluded)
        const all = expandTerritories(territories, [])
        expect([...remaining]).toEqual([...all].filter((code) => !excluded.includes(code)))
      }),
    ))

  test.each([
    [['Worldwide'], [], 'Worldwide'],
    [['Worldwide'], ['US', 'CA'], 'Worldwide except US, CA'],
    [['DE', 'FR'], [], 'DE, FR'],
    [['DE', 'FR', 'US'], ['US', 'CA'], 'DE, FR'],
    [['DE'], ['DE'], 'nowhere'],
    [[], [], 'nowhere'],
  ])('of %j less %j is told as %s', (territories, excluded, text) =>
    expect(describeTerritories(territories, excluded)).toBe(text),
  )
})
