import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Buckets, isrcHash, makeBuckets } from '../../services/leaks/packed/buckets.ts'
import { IndexBuilder } from '../../services/leaks/packed/build.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import {
  mergePayloads,
  packIsrc,
  packPayload,
  packUpc,
  unpackIsrc,
  unpackPayload,
} from '../../services/leaks/packed/word.ts'
import { randomOf } from '../support/audio.ts'

const random = randomOf(3)
const below = (limit: number): number => Math.floor(random() * limit)
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const signs = `0123456789${letters}`
const pick = (text: string, length: number): string =>
  Array.from({ length }, () => text[below(text.length)]).join('')
/** Half of them of one registrant, as a large label has them. */
const someIsrc = (): string =>
  (below(2) === 0 ? 'QZ9AB' : pick(letters, 2) + pick(signs, 3)) + pick('0123456789', 7)

let root: string
beforeAll(async () => (root = await mkdtemp(join(tmpdir(), 'earwitness-leaks-'))))
afterAll(() => rm(root, { recursive: true, force: true }))

const nothing = { isrc: undefined, upc: undefined, sha256: [], popularity: undefined } as const

describe('a word', () => {
  test('has every ISRC, and in their order', () => {
    const isrcs = ['AA0000000000', 'ZZZZZ9999999', ...Array.from({ length: 2_000 }, someIsrc)]
    for (const isrc of isrcs) expect(unpackIsrc(packIsrc(isrc) ?? { high: 0, low: 0 })).toBe(isrc)
    const byWord = isrcs.toSorted((a, b) => {
      const [one, other] = [packIsrc(a), packIsrc(b)]
      return (one?.high ?? 0) - (other?.high ?? 0) || (one?.low ?? 0) - (other?.low ?? 0)
    })
    expect(byWord).toEqual(isrcs.toSorted((a, b) => (a < b ? -1 : Number(a > b))))
  })

  test('has nothing else', () => {
    for (const text of ['', 'aa6Q72000047', 'AA6Q7200004', 'AA6Q720000477', '1A6Q72000047', 'AA6Q7200004É'])
      expect(packIsrc(text), text).toBeUndefined()
    for (const text of ['', '1234567', '123456789012345', '12345678x']) expect(packUpc(text)).toBeUndefined()
    expect(packUpc('00012345678905')).toEqual(packUpc('012345678905'))
  })

  test('keeps what a leak says', () => {
    for (const popularity of [undefined, 0, 57, 100])
      for (const status of ['audio', 'sibling', 'planned', 'metadata', 'failed', 'unknown'] as const)
        for (const batch of [0, 7]) {
          const said = { popularity, status, codec: 'opus-75', batch } as const
          expect(unpackPayload(packPayload(said))).toEqual(said)
        }
    expect(() => packPayload({ popularity: 1, status: 'audio', codec: 'other', batch: 8 })).toThrow(
      RangeError,
    )
  })

  test('made of two says what was taken, and how well it is known', () => {
    const audio = { popularity: 12, status: 'audio', codec: 'vorbis-160', batch: 2 } as const
    const known = { popularity: 80, status: 'metadata', codec: 'unknown', batch: 0 } as const
    const both = [packPayload(audio), packPayload(known)] as const
    expect(unpackPayload(mergePayloads(both[0], both[1]))).toEqual({ ...audio, popularity: 80 })
    expect(mergePayloads(both[1], both[0])).toBe(mergePayloads(both[0], both[1]))
  })
})

describe('an index', () => {
  test('finds what was added and nothing else, whatever the order', async () => {
    const truth = new Map<string, number>()
    const builder = await IndexBuilder.create(join(root, 'a'))
    for (let row = 0; row < 300_000; row++) {
      const isrc = someIsrc()
      if (truth.has(isrc)) continue
      truth.set(isrc, row)
      builder.add({ ...nothing, isrc, status: 'audio', codec: 'other', popularity: row % 101 }, row, row % 8)
    }
    const seen: number[] = []
    await builder.finish({ onProgress: (done, total) => seen.push(done / total) })
    expect(seen.at(-1)).toBe(1)
    expect(await readdir(root)).toEqual(['a'])
    const index = await LeakIndex.open(join(root, 'a'))
    expect(index.count('isrc')).toBe(truth.size)
    for (const [isrc, row] of truth)
      if (row % 7 === 0) {
        const record = index.lookUpIsrc(isrc)
        expect(record).toMatchObject({ popularity: row % 101, batch: row % 8, status: 'audio' })
        if (row % 49 === 0) expect(await index.rowOf('isrc', record?.position ?? -1)).toBe(row)
      }
    const strangers = Array.from({ length: 5_000 }, someIsrc).filter((isrc) => !truth.has(isrc))
    const asked = [...strangers, ...[...truth.keys()].slice(0, 5_000), 'no isrc'].toSorted()
    for (const order of [asked, asked.toReversed()]) {
      const found = await index.lookUpMany(order)
      expect(found.map((record) => record !== undefined)).toEqual(order.map((isrc) => truth.has(isrc)))
    }
    await index.close()
  })

  test('has one record of each identifier, of the row that says most', async () => {
    const builder = await IndexBuilder.create(join(root, 'b'))
    const isrc = 'AA6Q72000047'
    const sha256 = ['ab'.repeat(32), 'cd'.repeat(32)]
    builder.add(
      { isrc, upc: '4006381333931', sha256: [], popularity: 90, status: 'metadata', codec: 'unknown' },
      5,
      0,
    )
    builder.add({ isrc, upc: undefined, sha256, popularity: 3, status: 'audio', codec: 'opus-75' }, 6, 2)
    builder.add(
      { isrc, upc: undefined, sha256: [], popularity: undefined, status: 'planned', codec: 'other' },
      7,
      3,
    )
    const head = await builder.finish()
    expect(head).toMatchObject({
      rows: 3,
      keys: { isrc: { count: 1 }, upc: { count: 1 }, hash: { count: 2 } },
    })
    const index = await LeakIndex.open(join(root, 'b'))
    const record = index.lookUpIsrc(isrc)
    expect(record).toMatchObject({ popularity: 90, status: 'audio', codec: 'opus-75', batch: 2 })
    expect(await index.rowOf('isrc', record?.position ?? -1)).toBe(6)
    expect(await index.rowsOf('isrc', record?.position ?? -1)).toEqual([6, 5, 7])
    expect(index.lookUpUpc('04006381333931')).toMatchObject({ status: 'metadata' })
    expect(index.lookUpHash('cd'.repeat(32))).toMatchObject({ batch: 2 })
    expect(index.lookUpHash('ce'.repeat(32))).toBeUndefined()
    await index.close()
  })

  test('knows the tracks whose audio was taken, in its files', async () => {
    const folder = join(root, 'tracks')
    const builder = await IndexBuilder.create(folder)
    const statusOf = (row: number) => (row % 3 === 0 ? 'sibling' : 'audio')
    for (let row = 0; row < 20_000; row++)
      builder.add({ ...nothing, trackId: `track${row}`, status: statusOf(row), codec: 'other' }, row, 1)
    builder.add({ ...nothing, trackId: 'track1', status: 'audio', codec: 'other' }, 99_999, 1)
    await builder.finish()
    const index = await LeakIndex.open(folder)
    expect(index.count('track')).toBe(20_000 - Math.ceil(20_000 / 3))
    for (let row = 0; row < 20_000; row += 97)
      expect(await index.rowOfTrack(`track${row}`), `${row}`).toBe(row % 3 === 0 ? undefined : row)
    // Of two rows of one track the first.
    expect(await index.rowOfTrack('track1')).toBe(1)
    for (const id of ['', 'track20000', 'another']) expect(await index.rowOfTrack(id)).toBeUndefined()
    await index.close()
    await writeFile(join(folder, 'track.high.u32'), 'cut')
    const damaged = await LeakIndex.open(folder)
    await expect(damaged.rowOfTrack('track1')).rejects.toMatchObject({ type: 'index/damaged' })
    await damaged.close()
  })

  test('of nothing is one, and a damaged one is none', async () => {
    const empty = join(root, 'c')
    await (await IndexBuilder.create(empty)).finish()
    const none = await LeakIndex.open(empty)
    expect(none.lookUpIsrc('AA6Q72000047')).toBeUndefined()
    expect(await none.rowOfTrack('track1')).toBeUndefined()
    await none.close()
    const high = join(root, 'b', 'isrc.high.u32')
    await writeFile(
      high,
      (await readFile(high)).map((byte) => byte ^ 1),
    )
    await expect(LeakIndex.open(join(root, 'b'))).rejects.toMatchObject({ type: 'index/damaged' })
    await expect(LeakIndex.open(join(root, 'none'))).rejects.toMatchObject({ type: 'index/damaged' })
  })

  test('that is given up leaves nothing behind', async () => {
    const stop = new AbortController()
    const builder = await IndexBuilder.create(join(root, 'd'))
    for (let row = 0; row < 200_000; row++)
      builder.add({ ...nothing, isrc: someIsrc(), status: 'audio', codec: 'other' }, row, 0)
    const finished = builder.finish({
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped')),
    })
    await expect(finished).rejects.toThrow('stopped')
    expect((await readdir(root)).filter((name) => name.startsWith('d'))).toEqual([])
  })
})

describe('buckets', () => {
  test('have the records whose hash begins alike, and only those', async () => {
    const folder = join(root, 'e')
    const isrcs = [...new Set(Array.from({ length: 20_000 }, someIsrc))]
    const builder = await IndexBuilder.create(folder)
    for (const [row, isrc] of isrcs.entries())
      builder.add({ ...nothing, isrc, status: 'planned', codec: 'other', popularity: 7 }, row, 1)
    await builder.finish()
    expect(await Buckets.open(folder)).toBeUndefined()
    await makeBuckets(folder)
    const buckets = await Buckets.open(folder)
    let records = 0
    for (let beginning = 0; beginning < 65_536; beginning += 97)
      records += ((await buckets?.read(beginning)) ?? []).length / 8
    expect(records).toBeGreaterThan(isrcs.length / 97 / 2)
    for (const isrc of isrcs.slice(0, 300)) {
      const hash = isrcHash(isrc)
      const bucket = (await buckets?.read(hash.readUInt16BE(0))) ?? Buffer.alloc(0)
      const mine = Array.from({ length: bucket.length / 8 }, (_, i) =>
        bucket.subarray(i * 8, i * 8 + 8),
      ).find((record) => record.subarray(0, 6).equals(hash.subarray(2, 8)))
      expect(unpackPayload(mine?.readUInt16BE(6) ?? 0)).toMatchObject({
        status: 'planned',
        popularity: 7,
        batch: 1,
      })
    }
    await buckets?.close()
  })
})
