import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

import sqlite from 'node-sqlite3-wasm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { gather } from '../../services/leaks/gather/gather.ts'
import type { GatherResult } from '../../services/leaks/gather/order.ts'
import type { ManifestMapping } from '../../services/leaks/manifest/fields.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import { RowStore } from '../../services/leaks/rows/row-store.ts'
import { manifestLine, manifestLines, sampleIsrc } from '../support/manifest-rows.ts'

let root: string
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'earwitness-damage-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(root, name)
  await writeFile(path, content)
  return path
}

let readings = 0
const lastFolder = (): string => join(root, `leak${readings}`)
function read(files: string | readonly string[], mapping: ManifestMapping = {}): Promise<GatherResult> {
  readings += 1
  const run = { signal: new AbortController().signal, onProgress: () => undefined }
  return gather({ files: [files].flat(), mapping, batch: 0, folder: lastFolder() }, run)
}

async function titles(): Promise<(string | undefined)[]> {
  const store = await RowStore.open(lastFolder())
  const found: (string | undefined)[] = []
  for await (const row of store.read(Array.from({ length: store.count }, (_, i) => i))) found.push(row.title)
  await store.close()
  return found
}

describe('a damaged manifest', () => {
  test('that was compressed and is cut off keeps what came before, and the files behind it', async () => {
    const text = manifestLines(0, 8_000)
    const packed = gzipSync(text)
    const files = [
      await write('cut.gz', packed.subarray(0, packed.length / 2)),
      await write('2.jsonl', manifestLines(8_000, 8_010)),
    ]
    const plain = await write('plain.jsonl', text)
    const zst = join(root, 'cut.zst')
    const hasZstd = await promisify(execFile)('zstd', ['-q', '-f', plain, '-o', zst]).then(
      () => true,
      () => false,
    )
    const cuts = [files]
    if (hasZstd) {
      const bytes = await readFile(zst)
      // Short enough that the first look at it meets the end.
      for (const share of [0.5, 0.95])
        cuts.push([
          await write(`cut${share}.zst`, bytes.subarray(0, Math.floor(bytes.length * share))),
          files[1] ?? '',
        ])
    }
    for (const each of cuts) {
      const { kept, rows, problem } = await read(each)
      expect(problem).toMatchObject({ type: '/problems/open/damaged' })
      expect(problem?.detail).toMatch(/^File 1 of 2: /)
      expect(kept).toBeGreaterThan(1_000)
      expect(kept).toBeLessThan(8_000)
      expect(rows).toBe(kept)
      expect((await titles()).at(-1)).toBe('Sample Song 8009')
    }
  })

  test('with half a line, foreign lines and repeated rows loses only what cannot be read', async () => {
    const lines = [
      manifestLine(1),
      'no JSON',
      '',
      '[]',
      '{"other":1}',
      manifestLine(1),
      manifestLine(2),
      manifestLine(3).slice(0, -9),
    ]
    const result = await read(await write('half.jsonl', `\u{FEFF}${lines.join('\n')}`))
    expect(result).toMatchObject({ rows: 7, kept: 3, faults: 4 })
    expect(result.problem).toBeUndefined()
    expect(result.faultSample).toEqual([
      { locator: { row: 2, part: 0 }, detail: 'The line is no JSON object' },
      { locator: { row: 4, part: 0 }, detail: 'The line is no JSON object' },
      { locator: { row: 5, part: 0 }, detail: 'Nothing in it names a recording' },
      { locator: { row: 8, part: 0 }, detail: 'The line is no JSON object' },
    ])
    // A row that is there twice is kept twice and is one record.
    expect(result.counts).toMatchObject({ isrc: 2, track: 1, nameless: 0 })
  })

  test('counts all faults and tells the first hundred', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => (i % 3 === 0 ? manifestLine(i) : '{'))
    const result = await read(await write('faults.jsonl', lines.join('\n')))
    expect(result).toMatchObject({ rows: 3_000, kept: 1_000, faults: 2_000 })
    expect(result.faultSample).toHaveLength(100)
    expect(result.faultSample[0]).toMatchObject({ locator: { row: 2, part: 0 } })
  })

  test('with a line of a gigabyte is read in bounded memory', { timeout: 60_000 }, async () => {
    const path = join(root, 'long.jsonl.gz')
    const piece = gzipSync(Buffer.alloc(2 ** 24, 'x'))
    const pieces = function* () {
      yield gzipSync(`${manifestLine(1)}\n{"name":"`)
      for (let i = 0; i < 64; i++) yield piece
      yield gzipSync(`"}\n${manifestLine(2)}\n`)
    }
    await pipeline(Readable.from(pieces()), createWriteStream(path))
    const before = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
    const result = await read(path).finally(() => clearInterval(watch))
    expect(result).toMatchObject({ rows: 3, kept: 2, faults: 1 })
    expect(result.faultSample[0]?.detail).toMatch(/longer than/)
    expect(most - before).toBeLessThan(500 * 2 ** 20)
  })

  test('in another encoding keeps its identifiers and says so', async () => {
    const latin = Buffer.from(
      'isrc,title,artist\nAA6Q72000047,Caf\xe9,The Samples\nAA6Q72000048,Plain,The Samples\n',
      'latin1',
    )
    const result = await read(await write('latin.csv', latin))
    expect(result).toMatchObject({ rows: 2, kept: 2, faults: 1, counts: { isrc: 2 } })
    expect(result.faultSample[0]).toMatchObject({
      locator: { row: 1, part: 0 },
      detail: expect.stringMatching(/UTF-8/) as string,
    })
    const wide = Buffer.from('\u{FEFF}isrc,title\nAA6Q72000047,A\n', 'utf16le')
    await expect(read(await write('wide.csv', wide))).rejects.toMatchObject({
      type: 'file/unsupported',
      message: expect.stringMatching(/UTF-16/) as string,
    })
  })

  test('with numbers as text is read as if they were numbers', async () => {
    const row = {
      isrc: 'aa-6q7-20-00047',
      title: 4_711,
      popularity: ' 41 ',
      duration_ms: '201000.0',
      fetched_at: '1752000000',
      upc: 4_006_381_333_931,
    }
    await read(
      await write(
        'text.jsonl',
        `${JSON.stringify(row)}\n${JSON.stringify({ ...row, popularity: 'many' })}\n`,
      ),
    )
    const store = await RowStore.open(lastFolder())
    for await (const kept of store.read([0]))
      expect(kept).toMatchObject({
        isrc: 'AA6Q72000047',
        title: '4711',
        popularity: 41,
        durationMs: 201_000,
        takenAtMs: 1_752_000_000_000,
        upc: '4006381333931',
      })
    for await (const kept of store.read([1])) expect(kept.popularity).toBeUndefined()
    await store.close()
  })

  test('of which nothing can be read is refused by name, and leaves nothing behind', async () => {
    const database = new sqlite.Database(join(root, 'foreign.db'))
    database.exec('create table people (owner text); insert into people values (1)')
    database.close()
    const files = {
      'open/damaged': [
        await write('none.db', 'SQLite format 3\0 and nonsense'),
        await write('none.gz', Buffer.from('1f8b0800', 'hex')),
      ],
      'file/unsupported': [join(root, 'foreign.db'), await write('noise.bin', 'ab\0cd')],
      'file/empty': [await write('empty.jsonl', '')],
      'open/nothing': [
        await write('nothing.jsonl', '{"a":1}\n{"b":2}\n'),
        await write('notes.txt', 'a note\nand another\n'),
      ],
      'file/gone': [join(root, 'not there')],
    }
    for (const [type, paths] of Object.entries(files))
      for (const path of paths) {
        await expect(read(path), path).rejects.toMatchObject({ type })
        expect(
          (await readdir(root)).filter((name) => name.startsWith('leak')),
          path,
        ).toEqual((await readdir(root)).filter((name) => /^leak\d+$/.test(name)))
      }
  })

  test('among others costs only itself', async () => {
    const files = [
      await write('first.jsonl', manifestLines(0, 10)),
      await write('second.db', 'SQLite format 3\0 and nonsense'),
      await write('third.jsonl', manifestLines(10, 20)),
    ]
    const result = await read(files)
    expect(result).toMatchObject({ rows: 20, kept: 20, problem: { type: '/problems/open/damaged' } })
    expect(result.problem?.detail).toMatch(/^File 2 of 3: /)
  })
})

describe('a database', () => {
  test('is read where nothing may be written, and after a reader that was killed', async () => {
    const folder = join(root, 'locked')
    await mkdir(folder)
    const path = join(folder, 'a.db')
    const database = new sqlite.Database(path)
    database.exec(
      `create table tracks (isrc text, title text); insert into tracks values ('${sampleIsrc(1)}', 'A')`,
    )
    database.close()
    await mkdir(`${path}.lock`)
    // As one that was used with a write-ahead log says of itself (the file format's versions, bytes 18 and 19).
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(2, 18, 20))
    await chmod(folder, 0o555)
    expect(await read(path)).toMatchObject({ kept: 1 })
    await chmod(folder, 0o755)
    expect(await readFile(path)).toEqual(bytes)
    const index = await LeakIndex.open(lastFolder())
    expect(index.lookUpIsrc(sampleIsrc(1))).toMatchObject({ status: 'metadata' })
    await index.close()
    await writeFile(`${path}-wal`, 'rows that are not in it yet')
    await expect(read(path)).rejects.toMatchObject({ type: 'file/unsupported' })
  })
})
