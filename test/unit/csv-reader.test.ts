import { describe, expect, test } from 'vitest'

import { csvTemplate } from '../../services/catalog/import/csv/columns.ts'
import { readCsv } from '../../services/catalog/import/csv/csv.ts'
import { csvFields, fieldOf } from '../../services/catalog/import/csv/fields.ts'
import { rowErrorCodes } from '../../services/catalog/import/row-error.ts'
import { chunksOf, readTable } from '../support/csv.ts'

describe('a sheet', () => {
  const rows = [
    ['Track Title', 'Artist Name', 'Label'],
    ['One', 'Band', 'House'],
    ['Two', 'Band', ''],
  ]

  test.each([',', ';', '\t', '|'])('with %j between its cells is found out', async (separator) => {
    for (const end of ['\n', '\r\n', '\r']) {
      const read = await readTable(rows.map((row) => row.join(separator)).join(end))
      expect(read.facts).toMatchObject({ separator, headingLine: 1, encoding: 'utf-8', rows: 2 })
      expect(read.recordings.map(({ title }) => title)).toEqual(['One', 'Two'])
      expect(read.entries.map(({ row }) => row)).toEqual([2, 3])
    }
  })

  test('may name its separator in the first line', async () => {
    const read = await readTable('sep=;\r\ntitle;artist;notes, more\r\nOne;Band;a,b,c\r\n')
    expect(read.facts).toMatchObject({ separator: ';', headingLine: 2 })
    expect(read.entries).toMatchObject([{ kind: 'recording', row: 3, recording: { title: 'One' } }])
  })

  test('may have lines above its headings, and its headings again', async () => {
    const read = await readTable(
      'Release report,,\n,,\nTitle,Artist,Year\nOne,Band,2020\nTitle,Artist,Year\nTwo,Band,2021',
    )
    expect(read.facts?.headingLine).toBe(3)
    expect(read.recordings.map(({ title }) => title)).toEqual(['One', 'Two'])
  })

  test('may be in UTF-16, as spreadsheets save Unicode text', async () => {
    const read = await readTable(Buffer.from('\uFEFFTitel\tInterpret\nÄpfel\tZoë\n', 'utf16le'))
    expect(read.facts).toMatchObject({ encoding: 'utf-16le', separator: '\t' })
    expect(read.recordings).toEqual([{ title: 'Äpfel', artists: ['Zoë'] }])
  })

  test('says what each heading was taken for', async () => {
    const read = await readTable(
      'Title,Track Title,Main Artist(s),Mood\nAlbum,Song,Band,sad\n,,,\nOnly,,Band,',
    )
    expect(read.facts?.columns).toEqual([
      { heading: 'Title', field: 'title', after: 'Track Title' },
      { heading: 'Track Title', field: 'title' },
      { heading: 'Main Artist(s)', field: 'artist' },
      { heading: 'Mood' },
    ])
    expect(read.facts?.warnings.map(({ column, code }) => [column, code])).toEqual([
      ['Title', 'duplicate'],
      ['Mood', 'unknown-column'],
    ])
    expect(read.recordings.map(({ title }) => title)).toEqual(['Song', 'Only'])
  })

  test('is read by what its user says of the headings', async () => {
    const read = await readTable('Werk,Wer,Label\nOne,Band,House', {
      columns: { werk: 'title', WER: 'artist', Label: 'ignore' },
    })
    expect(read.recordings).toEqual([{ title: 'One', artists: ['Band'] }])
    expect(read.facts?.warnings).toEqual([])
  })

  test('without the columns that are needed is one error, however long it is', async () => {
    const read = await readTable(`Title,Mood\n${'One,sad\n'.repeat(1000)}`)
    expect(read.entries).toHaveLength(1)
    expect(read.errors).toMatchObject([{ row: 1, column: 'artist', code: 'missing' }])
    expect(read.facts?.columns[0]).toEqual({ heading: 'Title', field: 'title' })
  })

  test.each([
    ['nothing', '', 'missing'],
    ['empty lines', '\n\r\n\n', 'missing'],
    ['what is no text', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0, 0, 9, 0, 0]), 'syntax'],
  ])('of %s is an error', async (_, file, code) => {
    const { entries, errors } = await readTable(file)
    expect(entries).toHaveLength(1)
    expect(errors[0]?.code).toBe(code)
  })

  test('of headings alone is empty', async () => {
    for (const file of ['title,artist', 'title,artist\n'])
      expect(await readTable(file)).toMatchObject({ entries: [], facts: { rows: 0 } })
  })

  test('may leave off empty cells at the end of a row, but not what bears on rights', async () => {
    const short = await readTable('title,artist,isrc,label,genre\nOne,Band,AA6Q72000047\nTwo,Band,,,,,\n')
    expect(short.recordings.map(({ title }) => title)).toEqual(['One', 'Two'])
    const cut = await readTable(
      'title,artist,label,excluded territories\nOne,Band,House\nTwo,Band,House,US\n',
    )
    expect(cut.errors).toMatchObject([{ row: 2, column: '', code: 'malformed' }])
    expect(cut.recordings.map(({ title }) => title)).toEqual(['Two'])
    const wide = await readTable('title,artist\nOne,Band,more\nTwo,Band\n')
    expect(wide.errors).toMatchObject([{ row: 2, code: 'malformed' }])
    expect(wide.recordings.map(({ title }) => title)).toEqual(['Two'])
  })

  test('with too many rows is read up to there', async () => {
    const read = await readTable(`title,artist\n${'One,Band\n\n'.repeat(5)}`, { rowsMax: 3 })
    expect(read.entries.map(({ kind, row }) => [kind, row])).toEqual([
      ['recording', 2],
      ['recording', 4],
      ['recording', 6],
      ['error', 8],
    ])
    expect(read.errors[0]?.code).toBe('limit')
  })

  test('is let go of when nobody reads on', async () => {
    let closed = false
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('title,artist\n')
        for (;;) yield Buffer.from('One,Band\n'.repeat(1000))
      } finally {
        closed = true
      }
    }
    for await (const { row } of readCsv(endless())) if (row > 5000) break
    expect(closed).toBe(true)
  })

  test('of which the source fails, fails', async () => {
    // oxlint-disable-next-line require-yield
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new Error('the disk is gone')
    }
    await expect(async () => {
      for await (const _ of readCsv(broken())) void _
    }).rejects.toThrow('the disk is gone')
  })
})

describe('headings', () => {
  test.each([
    ['TRACK_TITLE', 'title'],
    ['Song Title *', 'title'],
    ['Title (required)', 'title'],
    ['Artist 2', 'artist'],
    ['Künstler', 'artist'],
    ['UPC/EAN', 'upc'],
    ['Code-barres', 'upc'],
    ['℗ Line', 'p_line'],
    ['(P) Line', 'p_line'],
    ['©', 'c_line'],
    ['Cat #', 'catalog_number'],
    ['Duration (ms)', 'duration_ms'],
    ['Duration (mm:ss)', 'duration'],
    ['Fecha de lanzamiento', 'release_date'],
    ['Veröffentlichungsdatum', 'release_date'],
    ['Ownership %', 'share_percent'],
    ['Mood', undefined],
    ['', undefined],
    ['#', undefined],
  ])('%j means %s', (heading, field) => expect(fieldOf(heading)).toBe(field))

  test('of our own are known by their names, and a template has them with a row that is read without remark', async () => {
    for (const field of csvFields) expect(fieldOf(field)).toBe(field)
    const { errors, warnings, facts, recordings } = await readTable(csvTemplate())
    expect({ errors, warnings, remarks: facts?.warnings }).toEqual({ errors: [], warnings: [], remarks: [] })
    expect(recordings).toMatchObject([
      {
        title: 'Sample Song',
        artists: ['Sample Artist', 'Second Sample Artist'],
        isrc: 'AA6Q72000047',
        durationMs: 225_000,
        explicit: false,
        release: { upc: '012345678905', releaseDate: '2020-01-31' },
        rights: { role: 'owner', sharePercent: 100, territories: ['Worldwide'] },
        policy: 'monitor',
      },
    ])
  })
})

describe('hostile files', () => {
  /** Numbers from 0 up to below `end`, the same for each seed (mulberry32). */
  const chance = (seed: number) => (end: number) => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end
  }

  const bytesOfTrouble = [0, 9, 10, 13, 34, 39, 44, 59, 61, 64, 124, 0x80, 0xc3, 0xe2, 0xfe, 0xff]
  const sheet = Buffer.from(
    [
      'Track Title,Artist Name,ISRC,UPC,Release Date,Track Duration,Territories,Label,Explicit,Language',
      ...Array.from(
        { length: 20 },
        (_, at) =>
          `"Song, ${at}",Zoë ${at % 3},AA6Q720000${10 + at},190295810726,2020-01-${10 + at},3:${10 + at},DE|FR,"L ""x""",no,en`,
      ),
    ].join('\r\n'),
  )

  test('two thousand sheets with damage are read to the end, and what is not damaged is there', async () => {
    let recordings = 0
    for (let seed = 0; seed < 2000; seed++) {
      const random = chance(seed)
      const bytes = Buffer.from(sheet)
      const from = 100 + random(bytes.length - 100)
      const cuts = random(4)
      for (let count = 0; count <= cuts; count++) {
        const at = Math.min(from + random(40), bytes.length - 1)
        bytes[at] = random(2) === 0 ? bytesOfTrouble[random(bytesOfTrouble.length)]! : random(256)
      }
      const damaged = random(10) === 0 ? bytes.subarray(0, from) : bytes
      const read = await readTable(damaged, { bytesEach: 1 + random(3000) })
      recordings += read.recordings.length
      for (const { code, row } of [...read.errors, ...read.warnings]) {
        expect(rowErrorCodes).toHaveProperty(code)
        expect(row).toBeGreaterThan(0)
      }
      if (damaged !== bytes || read.facts === undefined) continue
      // At most 40 bytes are damaged, so at most two rows are; their line ends may join or split them.
      expect(read.recordings.length, `seed ${seed}`).toBeGreaterThanOrEqual(18)
    }
    expect(recordings).toBeGreaterThan(30_000)
  })

  test('texts of nothing but trouble are no trouble', async () => {
    for (let seed = 0; seed < 500; seed++) {
      const random = chance(seed)
      const bytes = Buffer.from(
        Array.from({ length: random(400) }, () => bytesOfTrouble[random(bytesOfTrouble.length)]!),
      )
      const { entries } = await readTable(
        random(2) === 0 ? bytes : Buffer.concat([Buffer.from('title,artist\n'), bytes]),
      )
      expect(entries.length).toBeLessThanOrEqual(401)
    }
  })

  test('a chunk of many megabytes is as good as many small ones', async () => {
    const rows = 40_000
    const text = `title,artist\n${Array.from({ length: rows }, (_, at) => `Song ${at},Band`).join('\n')}`
    const { recordings } = await readTable(text, { bytesEach: text.length })
    expect(recordings).toHaveLength(rows)
    expect(recordings.at(-1)?.title).toBe(`Song ${rows - 1}`)
    for await (const entry of readCsv(chunksOf(text, 100_000))) expect(entry.kind).toBe('recording')
  })
})
