import { describe, expect, test } from 'vitest'

import type { CsvOptions } from '../../services/catalog/import/csv/csv.ts'
import { codesOf, readColumns, readTable } from '../support/csv.ts'

describe('dates of a sheet', () => {
  const sheet = (...dates: readonly string[]): string =>
    `title,artist,album,release date\n${dates.map((date, at) => `Song ${at},Band,A,${date}`).join('\n')}`
  const dates = async (text: string, options: CsvOptions = {}): Promise<unknown[]> =>
    (await readTable(text, options)).recordings.map(({ release }) => release?.releaseDate)

  test('are read in the order that one of them tells', async () => {
    expect(await dates(sheet('05/06/2020', '31/01/2020'))).toEqual(['2020-06-05', '2020-01-31'])
    expect(await dates(sheet('05/06/2020', '01/31/2020'))).toEqual(['2020-05-06', '2020-01-31'])
  })

  test('are left out where none tells, but not those that are the same either way', async () => {
    const { recordings, warnings, facts } = await readTable(sheet('05/06/2020', '05/05/2020', '2020-01-31'))
    expect(recordings.map(({ release }) => release?.releaseDate)).toEqual([
      undefined,
      '2020-05-05',
      '2020-01-31',
    ])
    expect(codesOf(warnings)).toEqual(['release date: malformed'])
    expect(facts?.dateOrder).toBeUndefined()
  })

  test('are read as their user says', async () => {
    expect(await dates(sheet('05/06/2020'), { dateOrder: 'mdy' })).toEqual(['2020-05-06'])
  })

  test('of rights are an error where none tells', async () => {
    const { errors } = await readColumns({ valid_from: '05/06/2020' })
    expect(codesOf(errors)).toEqual(['valid_from: malformed'])
  })
})

describe('what a user adds', () => {
  test('defaults count where a row says nothing', async () => {
    const { recordings } = await readTable('title,artist,label,policy\nOne,Band,House,block\nTwo,Band,,\n', {
      defaults: { label: 'Mine', policy: 'monitor', territories: 'DE|AT' },
    })
    expect(
      recordings.map(({ policy, release, rights }) => [policy, release?.label, rights?.territories]),
    ).toEqual([
      ['block', 'House', ['AT', 'DE']],
      ['monitor', 'Mine', ['AT', 'DE']],
    ])
  })

  test('a default that no cell could hold is refused at once', async () => {
    await expect(
      readColumns({}, { defaults: { policy: 'maybe', language: 'Klingonese' } }),
    ).rejects.toMatchObject({
      type: 'request/invalid',
      faults: [{ pointer: '/defaults/policy' }],
    })
    await expect(readColumns({}, { defaults: { genre: 'x'.repeat(101) } })).rejects.toMatchObject({
      faults: [{ pointer: '/defaults/genre' }],
    })
  })

  test('a corrected cell stands in for that of the file', async () => {
    const text = 'Track Title,Artist,ISRC\nOne,,wrong\nTwo,Band,\n'
    const fixes = new Map([
      [
        2,
        new Map([
          ['Artist', 'Band'],
          ['ISRC', 'AA6Q72000047'],
        ]),
      ],
    ])
    const { recordings, errors } = await readTable(text, { fixes })
    expect(errors).toEqual([])
    expect(recordings).toEqual([
      { title: 'One', artists: ['Band'], isrc: 'AA6Q72000047' },
      { title: 'Two', artists: ['Band'] },
    ])
  })
})

test('a byte that is no character costs its row, and no other', async () => {
  const bytes = Buffer.concat([
    Buffer.from('title,artist,notes\nÉtude,Zoë,\nBr'),
    Buffer.from([0xff]),
    Buffer.from('ken,Band,\nLast,Band,'),
    Buffer.from([0xfe]),
    Buffer.from('\n'),
  ])
  const { recordings, errors, facts } = await readTable(bytes)
  expect(facts?.encoding).toBe('utf-8')
  expect(recordings.map(({ title }) => title)).toEqual(['Étude', 'Last'])
  expect(errors).toMatchObject([{ row: 3, column: 'title', code: 'encoding' }])
})
