import { describe, expect, test } from 'vitest'

import type { ImportEntry } from '../../services/catalog/import/entry.ts'
import {
  JSON_BYTES_MAX,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
} from '../../services/catalog/import/musicbrainz/json-lines.ts'
import { readMusicBrainz } from '../../services/catalog/import/musicbrainz/musicbrainz.ts'
import { inPieces, mutate } from '../support/mutate.ts'

const recording = {
  id: '11111111-2222-4333-8444-555555555555',
  title: 'First Light',
  disambiguation: 'live, 2019-05-01: Delhi',
  length: 225_400,
  'artist-credit': [
    { name: 'The Samples', joinphrase: ' & ', artist: { name: 'Samples, The' } },
    { name: 'Second Sample', joinphrase: ' feat. ' },
    { name: 'Guest', joinphrase: '' },
  ],
  isrcs: ['AA6Q72000047'],
  genres: [
    { name: 'rock', count: 1 },
    { name: 'folk', count: 4 },
  ],
  relations: [{ type: 'performance', work: { iswcs: ['T-034.524.680-1'], language: 'hin' } }],
  releases: [
    {
      title: 'First Songs',
      barcode: '190295810726',
      date: '2020-01-31',
      'label-info': [{ 'catalog-number': 'EX 1', label: { name: 'Example Records' } }],
    },
  ],
}

const readText = async (text: string | Buffer): Promise<readonly ImportEntry[]> =>
  (await readMusicBrainz(inPieces(text))).entries
const read = (value: unknown): Promise<readonly ImportEntry[]> => readText(JSON.stringify(value, null, 2))

const titles = (entries: readonly ImportEntry[]): string[] =>
  entries.map((entry) => (entry.kind === 'recording' ? `${entry.row} ${entry.recording.title}` : entry.kind))

/** What is wrong, as `line column code`. */
const errors = (entries: readonly ImportEntry[]): string[] =>
  entries.flatMap((entry) =>
    entry.kind === 'error' ? entry.errors.map(({ row, column, code }) => `${row} ${column} ${code}`) : [],
  )

test('a recording has what is known of it', async () => {
  expect(await read(recording)).toEqual([
    {
      kind: 'recording',
      row: 1,
      warnings: [],
      recording: {
        title: 'First Light',
        version: 'live, 2019-05-01: Delhi',
        artists: ['The Samples', 'Second Sample'],
        featured: ['Guest'],
        isrc: 'AA6Q72000047',
        iswc: 'T0345246801',
        durationMs: 225_400,
        language: 'hi',
        genre: 'folk',
        ownId: '11111111-2222-4333-8444-555555555555',
        release: {
          title: 'First Songs',
          upc: '190295810726',
          catalogNumber: 'EX 1',
          label: 'Example Records',
          releaseDate: '2020-01-31',
        },
      },
    },
  ])
})

describe('recordings are found, with their lines,', () => {
  const one = { title: 'One', 'artist-credit': [{ name: 'A' }] }
  const two = { title: 'Two', length: null, 'artist-credit': [{ artist: { name: 'B' } }] }
  test('in a list', async () => expect(titles(await read([one, two]))).toEqual(['2 One', '10 Two']))
  test('in a search', async () =>
    expect(titles(await read({ count: 2, recordings: [one, two] }))).toEqual(['4 One', '12 Two']))
  test('in a release, which is then theirs', async () => {
    const release = {
      title: 'Both',
      barcode: '4006381333931',
      media: [{ tracks: [{ title: 'track', recording: one }] }, { tracks: [{ recording: two }] }],
    }
    const entries = await read(release)
    expect(titles(entries)).toEqual(['9 One', '23 Two'])
    const found = entries.flatMap((entry) => (entry.kind === 'recording' ? [entry.recording.release] : []))
    expect(found).toEqual(Array.from({ length: 2 }, () => ({ title: 'Both', upc: '4006381333931' })))
    expect(titles(await read({ 'release-count': 1, releases: [release] }))).toHaveLength(2)
  })
})

describe('what is wrong', () => {
  test('with one recording stops only that', async () => {
    const entries = await read([
      { ...recording, title: '' },
      { ...recording, 'artist-credit': [] },
      { ...recording, isrcs: ['AA6Q7200004O'] },
      { ...recording, length: -5 },
      { ...recording, length: 'long' },
      17,
      recording,
    ])
    expect(errors(entries).map((error) => error.replace(/^\d+ /, ''))).toEqual([
      'title missing',
      'artist-credit missing',
      'isrcs identifier-malformed',
      'length malformed',
      'length malformed',
      ' malformed',
    ])
    expect(entries.at(-1)?.kind).toBe('recording')
  })

  test('around a recording is a warning', async () => {
    const [entry] = await read({
      ...recording,
      isrcs: ['AA6Q72000047', 'AA6Q72000048'],
      relations: [{ work: { iswcs: ['T-034.524.680-2'] } }],
      releases: [{ title: 'First Songs', barcode: '190295810727', date: '2020' }],
    })
    if (entry?.kind !== 'recording') throw new Error('no recording')
    expect(entry.recording).toMatchObject({ isrc: 'AA6Q72000047', release: { title: 'First Songs' } })
    expect(entry.warnings.map(({ column, code }) => `${column} ${code}`)).toEqual([
      'isrcs too-many',
      'relations.work.iswcs identifier-checksum',
      'releases.barcode identifier-checksum',
      'releases.date malformed',
    ])
  })

  test.each([
    ['a comma too many', '{"title": "One",\n}', '2  syntax'],
    ['a missing comma', '[\n1\n2]', '3  syntax'],
    ['a missing colon', '{"a"\n1}', '2  syntax'],
    ['the end too early', '{"title":\n\n', '3  syntax'],
    ['something after the end', '{}\n{}', '2  syntax'],
    ['no JSON', 'title,artist', '1  syntax'],
    ['nothing', '', '1  syntax'],
    ['a text that does not end', '["a\\"]', '1  syntax'],
    ['a line break in a text', '[\n"a\nb"]', '2  syntax'],
    ['a number that is none', '[01]', '1  syntax'],
    ['too deep', '['.repeat(JSON_DEPTH_MAX + 2), '1  limit'],
    ['too many values', `[${'1,'.repeat(JSON_VALUES_MAX)}1]`, '1  limit'],
  ])('with the file as a whole refuses it: %s', async (_, text, error) => {
    expect(errors(await readText(text))).toEqual([error])
  })

  test('in its size is seen before it is read to the end', async () => {
    let pieces = 0
    async function* huge(): AsyncGenerator<Buffer> {
      yield Buffer.from('[')
      for (; pieces < 10; pieces += 1) yield Buffer.alloc(JSON_BYTES_MAX, ' ')
    }
    expect(errors((await readMusicBrainz(huge())).entries)).toEqual(['1  limit'])
    expect(pieces).toBe(0)
  })
})

test('JSON is read as the language itself reads it', async () => {
  const odd =
    '{"title":"a\\u0041\\ud83d\\ude00\\\\\\"","__proto__":{"title":1},"artist-credit":[{"name":" é\\t"}],"length":1e3}'
  const [entry] = await readText(odd)
  expect(entry).toMatchObject({ recording: { title: 'aA😀\\"', artists: ['é'], durationMs: 1_000 } })
})

test('a thousand broken files are read or refused, never more', async () => {
  const base = Buffer.from(
    JSON.stringify({ recordings: [recording, { ...recording, title: 'Other' }] }, null, 1),
  )
  let refused = 0
  for (let seed = 0; seed < 1_000; seed += 1) {
    const entries = await readText(mutate(base, seed))
    for (const entry of entries) {
      expect(entry.row).toBeGreaterThan(0)
      if (entry.kind === 'recording') expect(entry.recording.artists.length).toBeGreaterThan(0)
      else if (entry.kind === 'error') expect(entry.errors.length).toBeGreaterThan(0)
    }
    if (errors(entries).length > 0) refused += 1
  }
  expect(refused).toBeGreaterThan(300)
  expect(refused).toBeLessThan(1_000)
}, 60_000)
