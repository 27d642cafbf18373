import { describe, expect, test } from 'vitest'

import {
  errorsOf,
  message38,
  message43,
  readMessage,
  recording43,
  recordingOf,
  recordingsOf,
  release43,
  releaseDeal,
  terms,
} from '../support/ern.ts'

describe('a recording of ERN 4.3', () => {
  test('has what its elements, its release and its deal say', async () => {
    const edition = `<PLine><Year>2020</Year><PLineText>Example Records</PLineText></PLine>
      <TechnicalDetails><DeliveryFile><Type>AudioFile</Type><File><URI>audio/1.flac</URI>
      <HashSum><Algorithm>SHA-256</Algorithm><HashSumValue>${'0f'.repeat(32)}</HashSumValue></HashSum></File></DeliveryFile></TechnicalDetails>`
    const more = `<WorkId><ISWC>T0345246801</ISWC></WorkId><VersionType>LiveVersion</VersionType>
      <DisplayArtist SequenceNumber="2"><ArtistPartyReference>P2</ArtistPartyReference><DisplayArtistRole>FeaturedArtist</DisplayArtistRole></DisplayArtist>
      <ResourceRightsController><RightsControllerPartyReference>P3</RightsControllerPartyReference><RightsControlType>RightsHolder</RightsControlType><RightSharePercentage>75</RightSharePercentage></ResourceRightsController>
      <LanguageOfPerformance>hi</LanguageOfPerformance>`
    const block = `${terms(['Worldwide'])}<RightsClaimPolicy><RightsClaimPolicyType>BlockAccess</RightsClaimPolicyType></RightsClaimPolicy>`
    const message = message43({
      resources: recording43(1, { edition, more }),
      deals: releaseDeal(['R0'], block),
    })
    const { facts, entries } = await readMessage(message)
    expect(facts).toEqual({ messageId: 'M-1', sender: 'PADPIDA2007050901U', test: false })
    expect(entries).toEqual([
      {
        kind: 'recording',
        row: message.split('\n').indexOf('<SoundRecording>') + 1,
        warnings: [],
        recording: {
          title: 'Song 1',
          version: 'Live Version',
          artists: ['The Samples'],
          featured: ['Second Sample'],
          isrc: 'AA6Q72000001',
          iswc: 'T0345246801',
          durationMs: 225_500,
          rightsHolder: 'Example Records',
          pLine: '2020 Example Records',
          language: 'hi',
          genre: 'Pop',
          explicit: false,
          ownId: 'OWN-1',
          release: {
            title: 'Songs (Deluxe)',
            upc: '190295810726',
            grid: 'A12425GABC1234002M',
            catalogNumber: 'EX 1',
            label: 'Example Records',
            releaseDate: '2020-01-31',
            cLine: '2020 Example Records',
          },
          rights: {
            role: 'owner',
            sharePercent: 75,
            territories: ['Worldwide'],
            excludedTerritories: [],
            validFrom: '2020-01-01',
          },
          policy: 'block',
          reference: { file: 'audio/1.flac', sha256: '0f'.repeat(32) },
        },
      },
    ])
  })

  test('is one for each edition with an ISRC of its own; a video is one as well', async () => {
    const immersive =
      '<SoundRecordingEdition><ResourceId><ISRC>AA6Q72000009</ISRC></ResourceId></SoundRecordingEdition>'
    const resources = recording43(1, { more: immersive }) + recording43(2, { element: 'Video' })
    const found = recordingsOf(await readMessage(message43({ resources })))
    expect(found.map(({ recording }) => recording.isrc)).toEqual([
      'AA6Q72000001',
      'AA6Q72000009',
      'AA6Q72000002',
    ])
    expect(found.map(({ recording }) => recording.title)).toEqual(['Song 1', 'Song 1', 'Song 2'])
  })

  test('with something missing or wrong is an error of its own, and the others survive', async () => {
    const whole = recording43(2)
    const resources = [
      whole,
      recording43(3).replace(/<Duration>.*<\/Duration>\n/, ''),
      recording43(4, { isrc: 'USTEST0000001' }),
      recording43(5).replace('PT3M45.5S', '3 minutes or so'),
      recording43(6).replaceAll('Song 6', '…'),
      recording43(7),
    ].join('\n')
    const message = message43({ resources, releases: release43('R0', ['A2', 'A7']) })
    const reading = await readMessage(message)
    expect(recordingsOf(reading).map(({ recording }) => recording.title)).toEqual(['Song 2', 'Song 7'])
    const first = message.split('\n').indexOf('<SoundRecording>') + 1
    const length = whole.split('\n').length
    expect(errorsOf(reading)).toEqual([
      `${first + length} SoundRecording/Duration missing`,
      `${first + 2 * length - 1} SoundRecording/ISRC identifier-malformed`,
      `${first + 3 * length - 1} SoundRecording/Duration malformed`,
      `${first + 4 * length - 1} SoundRecording/DisplayTitle malformed`,
    ])
  })

  test('is kept when only what is around it is wrong, with a warning', async () => {
    const releases = release43('R0', ['A1'])
      .replace('190295810726', '190295810727')
      .replace('A12425GABC1234002M', 'A1-PLACEHOLDER')
      .replace('2020-01-31', '2020')
    const edition = '<TechnicalDetails><File><URI>../../etc/passwd</URI></File></TechnicalDetails>'
    const [entry] = recordingsOf(
      await readMessage(message43({ releases, resources: recording43(1, { edition }) })),
    )
    expect(entry?.warnings.map(({ column, code }) => `${column} ${code}`)).toEqual([
      'Release/ReleaseId/ICPN identifier-checksum',
      'Release/ReleaseId/GRid identifier-malformed',
      'Release/ReleaseDate malformed',
      'File malformed',
    ])
    expect(entry?.recording.release).toEqual({
      title: 'Songs (Deluxe)',
      catalogNumber: 'EX 1',
      label: 'Example Records',
      cLine: '2020 Example Records',
    })
    expect(entry?.recording.reference).toBeUndefined()
  })

  test('has its artists in the order of their numbers, and the display name when no party is known', async () => {
    const second =
      '<DisplayArtist SequenceNumber="2"><ArtistPartyReference>P1</ArtistPartyReference><DisplayArtistRole>MainArtist</DisplayArtistRole></DisplayArtist>'
    const swapped = recording43(1, { more: second }).replace(
      '<ArtistPartyReference>P1',
      '<ArtistPartyReference>P2',
    )
    expect((await recordingOf(message43({ resources: swapped }))).artists).toEqual([
      'Second Sample',
      'The Samples',
    ])
    const unknown = recording43(1).replace('<ArtistPartyReference>P1', '<ArtistPartyReference>P9')
    const [entry] = recordingsOf(await readMessage(message43({ resources: unknown })))
    expect(entry?.recording.artists).toEqual(['The Samples'])
    expect(entry?.warnings.map(({ code }) => code)).toEqual(['unknown-value'])
  })

  test.each([
    ['<VersionType>OriginalVersion</VersionType>', '', undefined],
    ['<VersionType>LiveVersion</VersionType>', '<SubTitle>Delhi 2019</SubTitle>', 'Delhi 2019, Live Version'],
    ['<VersionType>LiveVersion</VersionType>', '<SubTitle>Live in Delhi</SubTitle>', 'Live in Delhi'],
    ['<VersionType UserDefinedValue="Nightcore" Namespace="x">UserDefined</VersionType>', '', 'Nightcore'],
  ])('%s and %s make the version %s', async (more, subTitle, version) => {
    const resources = recording43(1, { more }).replace('</TitleText>', `</TitleText>${subTitle}`)
    expect((await recordingOf(message43({ resources }))).version).toBe(version)
  })
})

test('a recording of ERN 4.1 has its identifiers without editions', async () => {
  const resources = recording43(1).replaceAll(/<\/?SoundRecordingEdition>/g, '')
  const root = 'xmlns:ern="http://ddex.net/xml/ern/41" LanguageAndScriptCode="en"'
  expect(await recordingOf(message43({ root, resources }))).toMatchObject({
    isrc: 'AA6Q72000001',
    ownId: 'OWN-1',
  })
})

test('a recording of ERN 3.8 has what its composites for territories say', async () => {
  expect(await recordingOf(message38())).toEqual({
    title: 'Old Song',
    version: 'Live',
    artists: ['The Samples'],
    featured: ['Guest Sample'],
    isrc: 'AA6Q72000047',
    iswc: 'T0345246801',
    durationMs: 243_000,
    rightsHolder: 'Example Masters',
    pLine: '1999 Example Records',
    genre: 'Folk',
    explicit: true,
    ownId: 'OWN-47',
    release: {
      title: 'Old Songs',
      upc: '4006381333931',
      label: 'Example Label',
      releaseDate: '1999-12-31',
      cLine: '1999 Example Records',
    },
    rights: {
      role: 'owner',
      sharePercent: 50,
      territories: ['Worldwide'],
      excludedTerritories: ['US'],
      validFrom: '2020-01-01',
    },
    reference: { file: 'resources/1.flac', sha256: 'ab'.repeat(32) },
  })
})
