import { describe, expect, test } from 'vitest'

import type { ImportedRights } from '../../services/catalog/import/entry.ts'
import { describeTerritories, expandTerritories } from '../../services/metadata/values/territories.ts'
import {
  message43,
  readMessage,
  recording43,
  recordingOf,
  recordingsOf,
  release43,
  releaseDeal,
  terms,
} from '../support/ern.ts'

describe('rights', () => {
  const everyCountry = [...expandTerritories(['Worldwide'], [])].toSorted()
  const nowhere = { territories: ['Worldwide'], excludedTerritories: everyCountry }
  const takeDown = '<TakeDown>true</TakeDown>'
  const always = '<ValidityPeriod><StartDate>2020-01-01</StartDate></ValidityPeriod>'
  /** Each: what the deals of release R0 say, and what rights its recording then has. */
  const cases: [string, string[], Partial<ImportedRights>][] = [
    [
      'add up over deals of one period',
      [terms(['DE']), terms(['FR', 'DE'])],
      { territories: ['DE', 'FR'], validFrom: '2020-01-01' },
    ],
    [
      'go on where one deal follows another',
      [terms(['DE'], '2020-01-01', '2023-12-31'), terms(['DE'], '2024-01-01')],
      { territories: ['DE'], validFrom: '2020-01-01' },
    ],
    [
      'are those in force when deals differ, and never the sum of places and times',
      [
        terms(['DE', 'FR'], '2024-01-01'),
        terms(['US'], '2010-01-01', '2012-12-31'),
        terms(['JP'], '2030-01-01'),
      ],
      { territories: ['DE', 'FR'], validFrom: '2024-01-01' },
    ],
    [
      'end with a deal that is over',
      [terms(['DE'], '2020-01-01', '2021-01-31')],
      { territories: ['DE'], validFrom: '2020-01-01', validTo: '2021-01-31' },
    ],
    [
      'end the day before a moment at midnight',
      [
        '<TerritoryCode>DE</TerritoryCode><ValidityPeriod><StartDateTime>2020-01-01T00:00:00+05:30</StartDateTime><EndDateTime>2025-01-01T00:00:00</EndDateTime></ValidityPeriod>',
      ],
      { territories: ['DE'], validFrom: '2020-01-01', validTo: '2024-12-31' },
    ],
    [
      'have no end in the year 9999',
      [terms(['DE'], '2020-01-01', '9999-12-31')],
      { territories: ['DE'], validFrom: '2020-01-01' },
    ],
    [
      'leave out what is excluded',
      [
        `<ExcludedTerritoryCode>US</ExcludedTerritoryCode><ExcludedTerritoryCode>CA</ExcludedTerritoryCode>${always}`,
      ],
      { territories: ['Worldwide'], excludedTerritories: ['CA', 'US'], validFrom: '2020-01-01' },
    ],
    [
      'leave out the country when a part of it is excluded',
      [`<ExcludedTerritoryCode>ES-CN</ExcludedTerritoryCode>${always}`],
      { territories: ['Worldwide'], excludedTerritories: ['ES'], validFrom: '2020-01-01' },
    ],
    [
      'do not take a country for its part',
      [terms(['ES-CN', 'DE'])],
      { territories: ['DE'], validFrom: '2020-01-01' },
    ],
    [
      'are nowhere when what is excluded is not understood',
      [`<ExcludedTerritoryCode>Atlantis</ExcludedTerritoryCode>${always}`],
      nowhere,
    ],
    ['are nowhere when the deal names no territory', [always], nowhere],
    ['are nowhere when the days are none', [terms(['DE'], 'soon')], nowhere],
    ['are nowhere when the deal ends before it begins', [terms(['DE'], '2024-01-01', '2023-01-01')], nowhere],
    [
      'shrink by what is taken down',
      [terms(['Worldwide']), `${takeDown}<TerritoryCode>US</TerritoryCode>`],
      { territories: ['Worldwide'], excludedTerritories: ['US'], validFrom: '2020-01-01' },
    ],
    [
      'are nowhere when all is taken down',
      [terms(['DE']), `${takeDown}<TerritoryCode>Worldwide</TerritoryCode>`],
      nowhere,
    ],
    [
      'are nowhere when what is taken down is not understood',
      [terms(['DE']), `${takeDown}<TerritoryCode>Atlantis</TerritoryCode>`],
      nowhere,
    ],
  ]
  test.each(cases)('%s', async (_, deals, rights) => {
    const found = await recordingOf(message43({ deals: releaseDeal(['R0'], ...deals) }))
    expect(found.rights).toEqual({ excludedTerritories: [], ...rights })
  })

  test('are only those of the deals of its own releases', async () => {
    const reading = await readMessage(
      message43({
        resources: [1, 2, 3].map((number) => recording43(number)).join(''),
        releases: `${release43('R0', ['A1'])}${release43('R1', ['A2'])}
          <TrackRelease><ReleaseReference>R2</ReleaseReference><ReleaseResourceReference>A2</ReleaseResourceReference></TrackRelease>`,
        deals: `${releaseDeal(['R0'], terms(['DE']))}${releaseDeal(['R1', 'R2'], terms(['US']))}${releaseDeal(['R9'], terms(['Worldwide']))}`,
      }),
    )
    const places = recordingsOf(reading).flatMap(({ recording: { rights } }) =>
      rights ? describeTerritories(rights.territories, rights.excludedTerritories) : [],
    )
    expect(places).toEqual(['DE', 'US', 'nowhere'])
    expect(recordingsOf(reading)[2]?.warnings.map(({ column, code }) => `${column} ${code}`)).toEqual([
      'ReleaseDeal missing',
    ])
  })

  test('stay within what the controller delegates', async () => {
    const more = `<ResourceRightsController><RightsControllerPartyReference>P3</RightsControllerPartyReference><RightsControlType>RightsController</RightsControlType>
      <DelegatedUsageRights><UseType>Stream</UseType><PeriodOfRightsDelegation><EndDate>2030-12-31</EndDate></PeriodOfRightsDelegation><TerritoryOfRightsDelegation>IN</TerritoryOfRightsDelegation><TerritoryOfRightsDelegation>LK</TerritoryOfRightsDelegation></DelegatedUsageRights>
      </ResourceRightsController>`
    const resources = recording43(1, { more })
    const delegated = { excludedTerritories: [], validTo: '2030-12-31' }
    expect((await recordingOf(message43({ resources }))).rights).toEqual({
      ...delegated,
      territories: ['IN', 'LK'],
      validFrom: '2020-01-01',
    })
    expect((await recordingOf(message43({ resources, deals: '' }))).rights).toEqual({
      ...delegated,
      territories: ['IN', 'LK'],
    })
    const deals = releaseDeal(['R0'], terms(['IN', 'US']))
    expect((await recordingOf(message43({ resources, deals }))).rights?.territories).toEqual(['IN'])
  })

  test('are not told by a message without deals', async () => {
    expect((await recordingOf(message43({ deals: '' }))).rights).toBeUndefined()
  })

  test.each([
    [['BlockAccess'], 'block'],
    [['Monetize'], 'monitor'],
    [['BlockAccess', 'ReportUsage'], 'monitor'],
    [['Teleport'], undefined],
  ])('with the policies %s make the policy %s', async (types, policy) => {
    const claims = types.map(
      (type) =>
        `${terms(['DE'])}<RightsClaimPolicy><RightsClaimPolicyType>${type}</RightsClaimPolicyType></RightsClaimPolicy>`,
    )
    expect((await recordingOf(message43({ deals: releaseDeal(['R0'], ...claims) }))).policy).toBe(policy)
  })

  test('of an album with a deal for each country cost little time', async () => {
    const codes = ['DE', 'FR', 'GB', 'IN', 'JP', 'US', 'BR', 'AU', 'CA', 'MX']
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    const resources = numbers.map((number) =>
      recording43(number, { isrc: `AA6Q72${String(number).padStart(6, '0')}` }),
    )
    const deals = numbers.map((number) =>
      releaseDeal([`R${number}`], ...codes.flatMap((code) => [terms([code]), terms([code], '2021-01-01')])),
    )
    const releases = numbers.map((number) => release43(`R${number}`, [`A${number}`, 'A1']))
    const before = process.cpuUsage()
    const reading = await readMessage(
      message43({ resources: resources.join(''), releases: releases.join(''), deals: deals.join('') }),
    )
    expect(recordingsOf(reading)).toHaveLength(200)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(3_000)
  })
})
