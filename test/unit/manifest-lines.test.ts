import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ManifestBatch } from '../../services/leaks/manifest/batch.ts'
import { ManifestMapping, fieldPaths } from '../../services/leaks/manifest/fields.ts'
import { readJsonLines } from '../../services/leaks/manifest/json-lines.ts'
import { LineSplitter } from '../../services/leaks/manifest/line-splitter.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'earwitness-manifest-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const track = {
  id: '0123456789ABCDEFabcdef',
  name: 'Sample Song',
  artists: [{ name: 'The Samples', followers: 12 }, { name: 'Another' }],
  external_id_isrc: 'AA6Q72000047',
  external_id_upc: '4006381333931',
  duration_ms: 201_000,
  popularity: 41,
  status: 'success',
  reencoded_kbit_vbr: null,
  fetched_at: 1_752_000_000_000,
  sha256_original: 'AB'.repeat(32),
  sha256_with_embedded_meta: 'cd'.repeat(32),
  alternatives: '["x","y"]',
  owner_display_name: 'a person',
  added_by_id: 'a person too',
  playlists: [{ name: 'private', user: 'somebody' }],
}

async function write(name: string, text: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

async function read(path: string, mapping?: ManifestMapping, after?: ManifestBatch['cursor']) {
  const batches: ManifestBatch[] = []
  let problem: unknown
  try {
    for await (const batch of readJsonLines(path, 0, fieldPaths(mapping), after)) batches.push(batch)
  } catch (error) {
    problem = error
  }
  const rows = batches.flatMap((batch) => batch.rows)
  return { rows, faults: batches.flatMap(({ faults }) => faults), batches, problem }
}

describe('lines', () => {
  test('are the same however the bytes come', () => {
    const text = Buffer.from(`a\r\n\nbb\n${'c'.repeat(30)}\nd\nlast`)
    for (let size = 1; size <= text.length; size++) {
      const seen: string[] = []
      const splitter = new LineSplitter(
        10,
        (buffer, from, to) => seen.push(buffer.toString('utf8', from, to)),
        () => seen.push('too long'),
      )
      for (let at = 0; at < text.length; at += size) splitter.push(text.subarray(at, at + size))
      splitter.end()
      expect(seen, `pieces of ${size}`).toEqual(['a', '', 'bb', 'too long', 'd', 'last'])
    }
  })
})

describe('JSON lines', () => {
  test('give what is asked for, and nothing of users, owners and playlists', async () => {
    const line = JSON.stringify(track)
    const container = JSON.stringify({ aacid: 'aacid__sample__1', metadata: track })
    const { rows, faults } = await read(await write('a.jsonl', `${line}\n${container}\n`))
    expect(faults).toEqual([])
    expect(rows).toHaveLength(2)
    expect(rows[1]).toEqual({
      locator: { row: 2, part: 0 },
      isrc: 'AA6Q72000047',
      upc: '4006381333931',
      trackId: '0123456789ABCDEFabcdef',
      alternatives: ['x', 'y'],
      title: 'Sample Song',
      artists: ['The Samples', 'Another'],
      album: undefined,
      durationMs: 201_000,
      popularity: 41,
      status: 'audio',
      codec: 'vorbis-160',
      takenAtMs: 1_752_000_000_000,
      sha256: ['cd'.repeat(32), 'ab'.repeat(32)],
      fileName: undefined,
      address: undefined,
    })
    expect(JSON.stringify(rows)).not.toMatch(/person|private|somebody|followers/)
  })

  test('are read packed, too', async () => {
    const text = `${JSON.stringify(track)}\n`.repeat(5_000)
    const plain = await write('b.jsonl', text)
    const packed = [await write('b.gz', gzipSync(text))]
    const hasZstd = await promisify(execFile)('zstd', ['-q', '-f', plain, '-o', join(folder, 'b.zst')]).then(
      () => true,
      () => false,
    )
    if (hasZstd) packed.push(join(folder, 'b.zst'))
    for (const path of [plain, ...packed]) {
      const { rows, batches } = await read(path)
      expect(rows).toHaveLength(5_000)
      expect(batches.at(-1)).toMatchObject({ cursor: { part: 0, row: 5_000 }, share: 1 })
    }
  })

  test('with faults lose nothing else', async () => {
    const lines = [
      '[1]',
      '',
      '{',
      JSON.stringify({ playlist: 1 }),
      'x'.repeat(17 * 2 ** 20),
      JSON.stringify(track),
    ]
    const { rows, faults } = await read(await write('c.jsonl', lines.join('\n')))
    expect(rows.map(({ locator }) => locator.row)).toEqual([6])
    expect(faults.map(({ locator, detail }) => [locator.row, detail])).toEqual([
      [1, 'The line is no JSON object'],
      [3, 'The line is no JSON object'],
      [4, 'Nothing in it names a recording'],
      [5, 'The line is longer than 16777216 bytes'],
    ])
  })

  test('that are cut off give what came before', async () => {
    const text = Array.from({ length: 3_000 }, (_, i) =>
      JSON.stringify({ ...track, popularity: i % 100 }),
    ).join('\n')
    const { rows, problem } = await read(await write('d.gz', gzipSync(text).subarray(0, 10_000)))
    expect(rows.length).toBeGreaterThan(100)
    expect(problem).toMatchObject({ type: 'open/damaged' })
  })

  test('are taken up where reading was broken off', async () => {
    const lines = Array.from({ length: 10_000 }, (_, i) =>
      JSON.stringify({ isrc: `AA6Q7${String(i).padStart(7, '0')}` }),
    )
    const path = await write('e.jsonl', lines.join('\n'))
    const whole = await read(path)
    const { cursor } = whole.batches[0] ?? expect.fail('no batch')
    const rest = await read(path, undefined, cursor)
    expect(rest.rows[0]?.locator.row).toBe(cursor.row + 1)
    expect((whole.batches[0]?.rows.length ?? 0) + rest.rows.length).toBe(10_000)
    // A plain file is read from there: what lies before is not looked at.
    await write('e.jsonl', `${'x'.repeat((cursor.byte ?? 0) - 1)}\n${lines.slice(cursor.row).join('\n')}`)
    expect((await read(path, undefined, cursor)).rows).toEqual(rest.rows)
    expect(rest.faults).toEqual([])
    const packed = await write('e.gz', gzipSync(lines.join('\n')))
    const [first] = (await read(packed)).batches
    expect(first?.cursor.byte).toBeUndefined()
    expect((await read(packed, undefined, first?.cursor)).rows[0]?.locator.row).toBe(
      (first?.cursor.row ?? 0) + 1,
    )
  })

  test('tell popularity by the folder of the file where they do not tell it else', async () => {
    const names = [
      'track-popularity-41/A/AB/01.ogg',
      'sample__files_pop_0__20260116T000346Z/track7',
      'pop_100.tar',
      'x/pop_101/a.ogg',
      'popular/a.ogg',
    ]
    const lines = names.map((filename) => JSON.stringify({ filename }))
    const { rows } = await read(
      await write('p.jsonl', [...lines, JSON.stringify({ filename: names[0], popularity: 7 })].join('\n')),
    )
    expect(rows.map(({ popularity }) => popularity)).toEqual([41, 0, 100, undefined, undefined, 7])
  })

  test('of another schema are read by a mapping', async () => {
    const odd = { meta: { code: 'aa-6q7-20-00047' }, song: 'T', by: 'A / B', secs: '12.5', 'a.b': 'x.mp3' }
    const mapping = ManifestMapping.parse({
      isrc: 'meta.code',
      title: ['none', 'song'],
      artists: 'by',
      durationS: 'secs',
      fileName: 'a.b',
    })
    const { rows } = await read(await write('f.jsonl', JSON.stringify(odd)), mapping)
    expect(rows[0]).toMatchObject({
      isrc: 'AA6Q72000047',
      title: 'T',
      artists: ['A / B'],
      durationMs: 12_500,
    })
    expect(rows[0]?.fileName).toBe('x.mp3')
    expect(ManifestMapping.safeParse({ owner: 'owner_display_name' }).success).toBe(false)
  })

  test('with odd values keep what is sound', async () => {
    const odd = {
      ...track,
      external_id_isrc: 'not one',
      external_id_upc: 4006381333931,
      duration_ms: '1e99',
      popularity: '41',
      fetched_at: '2025-07-01T00:00:00Z',
      status: 'todo_unk',
      sha256_original: 'short',
      name: '\u0000\u202ename',
      artists: 'One',
      __proto__: { isrc: 'AA6Q72000047' },
    }
    const { rows } = await read(await write('g.jsonl', JSON.stringify(odd)))
    expect(rows[0]).toMatchObject({
      isrc: undefined,
      upc: '4006381333931',
      durationMs: undefined,
      popularity: 41,
      status: 'planned',
      title: 'name',
      artists: ['One'],
      sha256: ['cd'.repeat(32)],
      takenAtMs: Date.UTC(2025, 6, 1),
    })
  })
})
