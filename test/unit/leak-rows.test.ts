import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ManifestRow } from '../../services/leaks/manifest-row.ts'
import type { KeptRow } from '../../services/leaks/rows/row-line.ts'
import { RowStoreWriter } from '../../services/leaks/rows/row-store-writer.ts'
import { RowStore } from '../../services/leaks/rows/row-store.ts'
import { sampleRow } from '../support/manifest-rows.ts'

let root: string
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'earwitness-rows-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

async function newFolder(name: string): Promise<string> {
  const folder = join(root, name)
  await mkdir(folder)
  return folder
}

const rowOf = (number: number): ManifestRow =>
  sampleRow({
    locator: { row: number + 1, part: 0 },
    title: `Song ${number}\nwith a break`,
    artists: ['The Samples', 'Æther'],
    ...(number % 5 !== 0 && { isrc: `AA6Q7${String(number).padStart(7, '0')}` }),
  })

async function write(folder: string, count: number): Promise<void> {
  const writer = await RowStoreWriter.open(folder)
  for (let number = 0; number < count; number++) expect(writer.append(rowOf(number))).toBe(number)
  await writer.finish()
}

async function read(store: RowStore, numbers: readonly number[]): Promise<KeptRow[]> {
  const rows: KeptRow[] = []
  for await (const row of store.read(numbers)) rows.push(row)
  return rows
}

describe('a row store', () => {
  test('gives back what an answer needs, and of hashes their beginnings', async () => {
    const folder = await newFolder('whole')
    const row: ManifestRow = {
      locator: { row: 7, part: 2 },
      isrc: 'AA6Q72000047',
      upc: '4006381333931',
      trackId: 'track7',
      alternatives: ['x', 'y'],
      title: 'Sample “Song”',
      artists: ['The Samples'],
      album: 'Sample Album',
      durationMs: 201_000,
      popularity: 0,
      status: 'audio',
      codec: 'opus-75',
      takenAtMs: 1_752_000_000_000,
      sha256: ['ab'.repeat(32), 'cd'.repeat(32)],
      fileName: 'track-popularity-0/7.ogg',
      address: 'https://videos.example/7',
    }
    const writer = await RowStoreWriter.open(folder)
    writer.append(row)
    writer.append(sampleRow({ address: 'video7', status: 'unknown' }))
    await writer.finish()
    const store = await RowStore.open(folder)
    expect(await read(store, [0])).toEqual([{ ...row, number: 0, sha256: ['ab'.repeat(8), 'cd'.repeat(8)] }])
    const [bare] = await read(store, [1])
    expect(bare).toEqual({ ...sampleRow({ address: 'video7', status: 'unknown' }), number: 1 })
    await store.close()
  })

  test('is asked by numbers, and lists the rows without a code', async () => {
    const folder = await newFolder('many')
    await write(folder, 5_000)
    const store = await RowStore.open(folder)
    expect([store.count, store.namelessCount]).toEqual([5_000, 1_000])
    const numbers = [0, 1, 1_023, 1_024, 1_024, 4_999]
    const rows = await read(store, numbers)
    expect(rows.map(({ number }) => number)).toEqual(numbers)
    for (const row of rows)
      expect(row).toMatchObject({ locator: { row: row.number + 1 }, title: rowOf(row.number).title })
    const nameless: number[] = []
    for await (const some of store.nameless()) {
      expect(some.length).toBeLessThanOrEqual(1_024)
      nameless.push(...some.map(({ number }) => number))
    }
    expect(nameless).toEqual(Array.from({ length: 1_000 }, (_, i) => i * 5))
    await expect(read(store, [5, 4])).rejects.toThrow(RangeError)
    await expect(read(store, [5_000])).rejects.toMatchObject({ type: 'index/damaged' })
    await store.close()
  })

  test('of nothing is one', async () => {
    const folder = await newFolder('empty')
    await write(folder, 0)
    const store = await RowStore.open(folder)
    expect(await read(store, [])).toEqual([])
    for await (const rows of store.nameless()) expect.fail(`${rows.length} rows`)
    await store.close()
  })

  test('goes on from a mark, whatever was written behind it', async () => {
    const folder = await newFolder('resumed')
    const first = await RowStoreWriter.open(folder)
    for (let number = 0; number < 1_500; number++) first.append(rowOf(number))
    const mark = await first.mark()
    for (let number = 1_500; number < 9_000; number++) first.append(sampleRow({ title: 'lost' }))
    await first.mark()
    first.close()
    await appendFile(join(folder, 'rows.blocks'), 'half a block')
    const second = await RowStoreWriter.open(folder, mark)
    expect(second.count).toBe(1_500)
    for (let number = 1_500; number < 3_000; number++) expect(second.append(rowOf(number))).toBe(number)
    await second.finish()
    await write(await newFolder('undisturbed'), 3_000)
    const [resumed, undisturbed] = [
      await RowStore.open(folder),
      await RowStore.open(join(root, 'undisturbed')),
    ]
    const all = Array.from({ length: 3_000 }, (_, i) => i)
    expect(await read(resumed, all)).toEqual(await read(undisturbed, all))
    expect(resumed.namelessCount).toBe(undisturbed.namelessCount)
    await Promise.all([resumed.close(), undisturbed.close()])
  })

  test('holds rows as long as a stranger makes them', async () => {
    const folder = await newFolder('long')
    const long = sampleRow({
      title: '€'.repeat(500),
      artists: Array.from({ length: 50 }, () => '"'.repeat(500)),
    })
    const writer = await RowStoreWriter.open(folder)
    for (let i = 0; i < 300; i++) writer.append(long)
    await writer.finish()
    const store = await RowStore.open(folder)
    expect((await read(store, [299]))[0]).toEqual({ ...long, number: 299 })
    await store.close()
  })

  test('that is damaged is told by name', async () => {
    const folder = await newFolder('damaged')
    await write(folder, 3_000)
    const damage = async (name: string): Promise<() => Promise<void>> => {
      const path = join(folder, name)
      const bytes = await readFile(path)
      await writeFile(path, bytes.with(bytes.length >> 1, (bytes.at(bytes.length >> 1) ?? 0) ^ 1))
      return () => writeFile(path, bytes)
    }
    for (const name of ['rows.json', 'rows.directory']) {
      const mend = await damage(name)
      await expect(RowStore.open(folder), name).rejects.toMatchObject({ type: 'index/damaged' })
      await mend()
    }
    for (const name of ['rows.blocks', 'rows.nameless']) {
      const mend = await damage(name)
      const store = await RowStore.open(folder)
      const reading = async () => {
        for await (const rows of store.nameless()) expect(rows.length).toBeGreaterThan(0)
      }
      await expect(reading(), name).rejects.toMatchObject({ type: 'index/damaged' })
      await store.close()
      await mend()
    }
    await truncate(join(folder, 'rows.blocks'), 100)
    const store = await RowStore.open(folder)
    await expect(read(store, [2_999])).rejects.toMatchObject({ type: 'index/damaged' })
    await store.close()
    await rm(join(folder, 'rows.nameless'))
    await expect(RowStore.open(folder)).rejects.toMatchObject({ type: 'index/damaged' })
    await expect(RowStore.open(join(root, 'none'))).rejects.toMatchObject({ type: 'index/damaged' })
  })
})
