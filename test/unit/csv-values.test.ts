import { describe, expect, test } from 'vitest'

import { codesOf, readColumns, readTable } from '../support/csv.ts'

describe('a row', () => {
  test('is a recording with everything that its columns say', async () => {
    const { recording, errors, warnings } = await readColumns({
      'Track Title': '  Night   Drive ',
      'Primary Artist': 'Earth, Wind & Water | The B-Sides; C',
      'Featured Artist': 'D|E',
      Version: 'Live in Delhi',
      ISRC: 'AA-6Q7-20-00047',
      ISWC: 'T-034.524.680-1',
      UPC: '190295810726',
      'Release Title': 'Roads',
      'Label Name': 'Sample Label',
      'Cat #': 'SL 1',
      'Release Date': '2020-01-31',
      'Track Duration': '3:45',
      'Rights Owner': 'Sample Records',
      'P Year': '2020',
      '℗ Line': '(P) Sample Records',
      '© Line': '© 2021 Sample Art',
      'Parental Advisory': 'Explicit',
      Language: 'German',
      Genre: 'Pop',
      Role: 'Exclusive Licensee',
      'Share %': '62,5 %',
      Territories: 'Worldwide',
      'Excluded Countries': 'US, Canada',
      'Valid From': '2020-01-01',
      'Valid Until': '2030-12-31',
      Policy: 'Block',
      'Authorised URLs': 'https://example.org/band | music.example.com/x',
      'Official Channels': '@band',
      'Audio File': String.raw`wav\01 Night Drive.wav`,
      SHA256: 'AB'.repeat(32),
      'Custom ID': 'x-1',
    })
    expect(codesOf(errors)).toEqual([])
    expect(codesOf(warnings)).toEqual([])
    expect(recording).toEqual({
      title: 'Night Drive',
      artists: ['Earth, Wind & Water', 'The B-Sides', 'C'],
      featured: ['D', 'E'],
      version: 'Live in Delhi',
      isrc: 'AA6Q72000047',
      iswc: 'T0345246801',
      durationMs: 225_000,
      rightsHolder: 'Sample Records',
      pLine: '2020 Sample Records',
      language: 'de',
      genre: 'Pop',
      explicit: true,
      ownId: 'x-1',
      release: {
        title: 'Roads',
        upc: '190295810726',
        catalogNumber: 'SL 1',
        label: 'Sample Label',
        releaseDate: '2020-01-31',
        cLine: '2021 Sample Art',
      },
      rights: {
        role: 'exclusive-licensee',
        sharePercent: 62.5,
        territories: ['Worldwide'],
        excludedTerritories: ['CA', 'US'],
        validFrom: '2020-01-01',
        validTo: '2030-12-31',
      },
      policy: 'block',
      authorised: ['https://example.org/band', 'music.example.com/x', '@band'],
      reference: { file: 'wav/01 Night Drive.wav', sha256: 'ab'.repeat(32) },
    })
  })

  test('that says little is a recording with what it says', async () => {
    const { recording } = await readColumns({ Genre: '', Version: 'N/A', Territories: '-', UPC: ' ' })
    expect(recording).toEqual({ title: 'Song', artists: ['Band'] })
  })

  test('tells everything that is wrong with it at once, by the headings of the file', async () => {
    const { recording, errors } = await readColumns({
      title: '',
      artist: ' | ',
      'ISRC Code': 'AA6Q7200004',
      Barcode: '190295810727',
      Territory: 'DE, Atlantis',
      'Share %': '120',
      'Rights Start': 'soon',
      Policy: 'monetise',
      'Authorised URLs': 'not an address',
      'File Name': '../../etc/passwd',
    })
    expect(recording).toBeUndefined()
    expect(codesOf(errors)).toEqual([
      'title: missing',
      'artist: missing',
      'ISRC Code: identifier-malformed',
      'Barcode: identifier-checksum',
      'Share %: malformed',
      'Territory: unknown-value',
      'Rights Start: malformed',
      'Policy: unknown-value',
      'Authorised URLs: malformed',
      'File Name: malformed',
    ])
    expect(errors.find(({ column }) => column === 'Territory')?.message).toContain('"Atlantis"')
  })

  test('leaves out with a warning what it can do without', async () => {
    const { recording, errors, warnings } = await readColumns({
      Length: 'long',
      Language: 'Klingonese',
      Explicit: 'perhaps',
      'Release Date': '2020-02-31',
      'Release Title': 'Roads',
      'P Year': '20',
      Genre: 'x'.repeat(101),
    })
    expect(errors).toEqual([])
    expect(recording).toEqual({ title: 'Song', artists: ['Band'], release: { title: 'Roads' } })
    expect(codesOf(warnings)).toEqual([
      'Length: malformed',
      'P Year: malformed',
      'Language: unknown-value',
      'Genre: too-long',
      'Explicit: unknown-value',
      'Release Date: malformed',
    ])
  })

  test.each([
    [{ title: 'x'.repeat(501) }, 'title: too-long'],
    [{ title: '…!' }, 'title: malformed'],
    [{ artist: Array.from({ length: 51 }, (_, at) => `A${at}`).join('|') }, 'artist: too-many'],
    [{ artist: 'x'.repeat(301) }, 'artist: too-long'],
    [{ title: 'a\0b' }, 'title: encoding'],
    [{ artist: 'Zo\uFFFD' }, 'artist: encoding'],
    [{ UPC: '1.90296E+11' }, 'UPC: identifier-malformed'],
    [{ valid_from: '2021-01-01', valid_to: '2020-01-01' }, 'valid_to: contradiction'],
    [{ territories: 'DE', excluded_territories: 'DE' }, 'excluded_territories: contradiction'],
    [{ right_type: 'musical_work' }, 'right_type: unknown-value'],
    [{ territories: 'Worldwide except US' }, 'territories: unknown-value'],
    [{ reference_file: '/etc/passwd' }, 'reference_file: malformed'],
    [{ reference_file: String.raw`C:\song.wav` }, 'reference_file: malformed'],
    [{ authorised_urls: 'javascript:alert(1)' }, 'authorised_urls: malformed'],
  ])('that says %o is an error', async (columns, code) => {
    const { errors, recording } = await readColumns(columns)
    expect(codesOf(errors)).toEqual([code])
    expect(recording).toBeUndefined()
    // oxlint-disable-next-line no-control-regex
    expect(errors[0]?.message).not.toMatch(/[\0-\x1F]/)
  })
})

describe('values', () => {
  test.each([
    ['A, B & C', ['A, B & C']],
    ['A feat. B', ['A feat. B']],
    ['A|B', ['A', 'B']],
    ['A; B', ['A', 'B']],
    ['A\nB', ['A', 'B']],
    ['None', ['None']],
  ])('artists %j are %j', async (artist, artists) =>
    expect((await readColumns({ artist })).recording?.artists).toEqual(artists),
  )

  test('artists are not cut at the separator of the columns, and numbered columns count together', async () => {
    const { recordings } = await readTable('title;artist;artist 2;artist 3\nSong;"A; B";C;C\n')
    expect(recordings[0]?.artists).toEqual(['A; B', 'C'])
  })

  test.each([
    ['DE|FR', { territories: ['DE', 'FR'], excludedTerritories: [] }],
    ['', undefined],
  ])('territories %j are %j', async (territories, rights) =>
    expect((await readColumns({ territories })).recording?.rights).toEqual(rights),
  )

  test('exclusions are taken out of a list, and stay beside the whole world', async () => {
    const listed = await readColumns({ territories: 'DE|FR|AT', excluded_territories: 'France' })
    expect(listed.recording?.rights).toEqual({ territories: ['AT', 'DE'], excludedTerritories: [] })
    const alone = await readColumns({ excluded_territories: 'US' })
    expect(alone.recording?.rights).toEqual({ territories: ['Worldwide'], excludedTerritories: ['US'] })
  })

  test.each([
    ['en-gb', 'en-GB'],
    ['pt_BR', 'pt-BR'],
    ['eng', 'en'],
    ['Deutsch', 'de'],
    ['espagnol', 'es'],
    ['Hindi', 'hi'],
    ['Instrumental', 'zxx'],
  ])('language %s is %s', async (language, tag) =>
    expect((await readColumns({ language })).recording?.language).toBe(tag),
  )

  test.each([
    ['duration', '225', 225_000],
    ['duration', 'PT3M45.5S', 225_500],
    ['duration (ms)', '225500', 225_500],
  ])('%s %s is %i ms', async (column, text, durationMs) =>
    expect((await readColumns({ [column]: text })).recording?.durationMs).toBe(durationMs),
  )

  test('a remix is named by its remixer, unless the title does it', async () => {
    expect((await readColumns({ Remixer: 'DJ X' })).recording?.version).toBe('DJ X Remix')
    expect((await readColumns({ Remixer: 'DJ X', Version: 'Club Mix' })).recording?.version).toBe('Club Mix')
    expect(
      (await readColumns({ title: 'Song (DJ X Rework)', Remixer: 'DJ X' })).recording?.version,
    ).toBeUndefined()
  })

  test('a release without a title has that of the recording, and says so', async () => {
    const { recording, warnings } = await readColumns({ Album: '', UPC: '190295810726' })
    expect(recording?.release).toEqual({ title: 'Song', upc: '190295810726' })
    expect(codesOf(warnings)).toEqual(['Album: missing'])
  })

  test('what sheets do to keep zeros does no harm', async () => {
    const { recording } = await readColumns({ UPC: '="012345678905"', 'Custom ID': '="007"' })
    expect(recording).toMatchObject({ release: { upc: '012345678905' }, ownId: '007' })
  })
})
