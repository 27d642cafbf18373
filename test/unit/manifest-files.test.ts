import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { parquetWriteBuffer } from 'hyparquet-writer'
import sqlite from 'node-sqlite3-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ManifestBatch } from '../../services/leaks/manifest/batch.ts'
import type { ManifestMapping } from '../../services/leaks/manifest/fields.ts'
import { manifestFormatOf, readManifest } from '../../services/leaks/manifest/open-manifest.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'earwitness-manifest-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

async function read(files: readonly string[], mapping?: ManifestMapping, after?: ManifestBatch['cursor']) {
  const batches: ManifestBatch[] = []
  for await (const batch of readManifest(files, mapping, after)) batches.push(batch)
  return {
    rows: batches.flatMap(({ rows }) => rows),
    faults: batches.flatMap(({ faults }) => faults),
    batches,
  }
}

const isrcOf = (number: number): string => `AA6Q7${String(number).padStart(7, '0')}`

/** The published schema, with what must never be read beside it. */
function publishedDatabase(name: string, tracks: number, files: 'within' | 'apart'): string[] {
  const paths = [join(folder, `${name}.sqlite3`), join(folder, `${name}-files.sqlite3`)]
  const main = new sqlite.Database(paths[0])
  main.exec(`
    create table tracks (rowid integer primary key, id text, name text, album_rowid integer, external_id_isrc text,
      popularity integer, duration_ms integer, fetched_at integer, explicit integer);
    create table albums (rowid integer primary key, name text, label text);
    create table artists (rowid integer primary key, name text);
    create table track_artists (track_rowid integer, artist_rowid integer, primary key (track_rowid, artist_rowid)) without rowid;
    create table playlists (rowid integer primary key, name text, owner_display_name text);
    insert into playlists values (1, 'private', 'a person');
    insert into albums values (1, 'Sample Album', 'Sample Records');
    insert into artists values (1, 'The Samples'), (2, 'Another');`)
  const second = files === 'apart' ? new sqlite.Database(paths[1]) : main
  second.exec(
    'create table track_files (track_id text primary key, filename text, status text, reencoded_kbit_vbr integer, sha256_original text, alternatives text)',
  )
  for (const database of new Set([main, second])) database.exec('begin')
  for (let row = 1; row <= tracks; row++) {
    main.run('insert into tracks values (?, ?, ?, 1, ?, ?, 200000, 1752000000000, 0)', [
      row,
      `id${row}`,
      `Song ${row}`,
      row % 5 === 0 ? null : isrcOf(row),
      row % 101,
    ])
    main.run('insert into track_artists values (?, 1), (?, 2)', [row, row])
    if (row % 3 === 0)
      second.run('insert into track_files values (?, ?, ?, ?, ?, null)', [
        `id${row}`,
        `track-popularity-${row % 101}/${row}.ogg`,
        'success',
        row % 2 === 0 ? 75 : null,
        'ab'.repeat(32),
      ])
  }
  for (const database of new Set([main, second])) {
    database.exec('commit')
    database.close()
  }
  return files === 'apart' ? paths : paths.slice(0, 1)
}

describe('an SQLite manifest', () => {
  test.for(['within', 'apart'] as const)('of the published schema, its files %s', async (files) => {
    const paths = publishedDatabase(`pub-${files}`, 4_500, files)
    const { rows, batches } = await read(paths)
    expect(rows).toHaveLength(4_500)
    expect(rows[5]).toEqual({
      locator: { row: 6, part: 0 },
      isrc: isrcOf(6),
      upc: undefined,
      trackId: 'id6',
      alternatives: [],
      title: 'Song 6',
      artists: ['The Samples', 'Another'],
      album: 'Sample Album',
      durationMs: 200_000,
      popularity: 6,
      status: 'audio',
      codec: 'opus-75',
      takenAtMs: 1_752_000_000_000,
      sha256: ['ab'.repeat(32)],
      fileName: 'track-popularity-6/6.ogg',
      address: undefined,
    })
    expect(rows[2]).toMatchObject({ codec: 'vorbis-160' })
    expect(rows[0]).toMatchObject({ status: 'metadata' })
    expect(rows[4]?.isrc).toBeUndefined()
    expect(JSON.stringify(rows)).not.toMatch(/private|a person/)
    const { cursor } = batches[0] ?? expect.fail('no batch')
    const rest = await read(paths, undefined, cursor)
    expect(rest.rows[0]?.locator.row).toBe(cursor.row + 1)
    expect(rest.rows).toHaveLength(4_500 - cursor.row)
  })

  test('of another schema is read by its best table, or by a mapping', async () => {
    const path = join(folder, 'other.db')
    const database = new sqlite.Database(path)
    database.exec(`create table "odd ""name" (code text, isrc text, title text); create table empty (isrc text);
      insert into "odd ""name" values ('AA6Q72000047', 'AA6Q70000001', 'T')`)
    database.close()
    expect((await read([path])).rows).toMatchObject([{ isrc: 'AA6Q70000001', title: 'T' }])
    expect((await read([path], { isrc: 'code' })).rows).toMatchObject([{ isrc: 'AA6Q72000047' }])
  })

  test('that is none, is cut off, or has nothing known, is refused by name', async () => {
    await expect(read([await write('no.db', 'SQLite format 3\0 and nonsense')])).rejects.toMatchObject({
      type: 'open/damaged',
    })
    const [whole = ''] = publishedDatabase('whole', 3_000, 'within')
    const bytes = await readFile(whole)
    await expect(read([await write('cut.db', bytes.subarray(0, bytes.length / 2))])).rejects.toMatchObject({
      type: 'open/damaged',
    })
    const path = join(folder, 'foreign.db')
    const database = new sqlite.Database(path)
    database.exec('create table people (owner text); insert into people values (1)')
    database.close()
    await expect(read([path])).rejects.toMatchObject({ type: 'file/unsupported' })
  })
})

describe('a Parquet manifest', () => {
  test('is read by the columns that are known, and taken up again', async () => {
    const count = 25_000
    const numbers = Array.from({ length: count }, (_, i) => i)
    const path = await write(
      'a.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'isrc', data: numbers.map((i) => isrcOf(i)) },
            { name: 'track_name', data: numbers.map((i) => `Song ${i}`) },
            { name: 'popularity', data: numbers.map((i) => i % 101), type: 'INT32' },
            { name: 'owner', data: numbers.map(() => 'a person') },
          ],
        }),
      ),
    )
    const { rows, batches } = await read([path])
    expect(rows).toHaveLength(count)
    expect(rows[7]).toMatchObject({
      isrc: isrcOf(7),
      title: 'Song 7',
      popularity: 7,
      locator: { row: 8, part: 0 },
    })
    expect(JSON.stringify(rows.slice(0, 9))).not.toContain('a person')
    const rest = await read([path], undefined, batches[0]?.cursor)
    expect((batches[0]?.rows.length ?? 0) + rest.rows.length).toBe(count)
    const bytes = await readFile(path)
    await expect(read([await write('cut.parquet', bytes.subarray(0, 5_000))])).rejects.toMatchObject({
      type: 'open/damaged',
    })
  })
})

describe('a table', () => {
  test.for([',', ';', '\t', '|'])('with %j between its cells', async (separator) => {
    const line = (...cells: string[]) => cells.join(separator)
    const text = [
      `\u{FEFF}${line('title', 'artist', 'isrc', 'owner', 'popularity')}`,
      line('"A ""b""', '"', 'x', 'y', 'z'),
      line('"One\nTwo"', 'The Samples', 'aa-6q7-20-00047', 'a person', '12'),
      '',
      line('Three', 'Æther', 'AA6Q70000001', 'a person', ''),
    ].join('\r\n')
    for (const path of [await write('t.csv', text), await write('t.csv.gz', gzipSync(text))]) {
      const { rows } = await read([path])
      expect(rows.filter(({ isrc }) => isrc !== undefined)).toMatchObject([
        { title: 'One Two', isrc: 'AA6Q72000047', popularity: 12 },
        { title: 'Three', artists: ['Æther'], isrc: 'AA6Q70000001', popularity: undefined },
      ])
      expect(JSON.stringify(rows)).not.toContain('a person')
    }
  })

  test('in another encoding keeps its identifiers', async () => {
    const text = Buffer.from('isrc,title\nAA6Q72000047,Caf\xe9\n', 'latin1')
    expect((await read([await write('latin.csv', text)])).rows).toMatchObject([{ isrc: 'AA6Q72000047' }])
  })
})

describe('a list of files', () => {
  test('is read as programs write it', async () => {
    const text = [
      `${'ab'.repeat(32)}  Sample Album/01 The Samples - One.ogg`,
      '-rw-r--r-- 1 root root 4096000 Jul  1 12:30 Sample Album/02 The Samples - Two.mp3',
      '4.1M\tSample Album/03 The Samples - Three.flac',
      'Sample Album/',
      'Sample Album/readme.txt',
      './04 The Samples - Four.opus',
    ].join('\n')
    const { rows } = await read([await write('list.txt', text)])
    expect(rows.map(({ fileName }) => fileName)).toEqual([
      'Sample Album/01 The Samples - One.ogg',
      'Sample Album/02 The Samples - Two.mp3',
      'Sample Album/03 The Samples - Three.flac',
      './04 The Samples - Four.opus',
    ])
    expect(rows[0]).toMatchObject({ sha256: ['ab'.repeat(32)], status: 'audio' })
  })
})

test('a manifest of several files is one list', async () => {
  const lines = (from: number) =>
    Array.from({ length: 3_000 }, (_, i) => JSON.stringify({ isrc: isrcOf(from + i) })).join('\n')
  const files = [await write('1.jsonl', lines(0)), await write('2.jsonl', lines(3_000))]
  const { rows, batches } = await read(files)
  expect(rows.map(({ isrc }) => isrc)).toEqual(Array.from({ length: 6_000 }, (_, i) => isrcOf(i)))
  const at = batches.findIndex(({ cursor }) => cursor.part === 1)
  const rest = await read(files, undefined, batches[at]?.cursor)
  expect(rest.rows[0]?.isrc).toBe(isrcOf(3_000 + (batches[at]?.cursor.row ?? 0)))
})

test('a file is what its bytes are', async () => {
  expect(await manifestFormatOf(await write('x.csv', '{"isrc":"AA6Q72000047"}'))).toBe('json-lines')
  expect(await manifestFormatOf(await write('x.json', 'isrc,title\n'))).toBe('delimited')
  expect(await manifestFormatOf(await write('x.db', 'a.mp3\nb.mp3\n'))).toBe('file-list')
  await expect(manifestFormatOf(await write('x.bin', 'ab\0cd'))).rejects.toMatchObject({
    type: 'file/unsupported',
  })
  await expect(manifestFormatOf(await write('x.nil', ''))).rejects.toMatchObject({ type: 'file/empty' })
})
