import { spawn } from 'node:child_process'
import { access, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { orderKey } from '../../services/leaks/gather/checkpoint.ts'
import { gatherManifest } from '../../services/leaks/gather/gather-manifest.ts'
import { makeIndex } from '../../services/leaks/gather/indexing.ts'
import { asOnlyReader } from '../../services/leaks/gather/one-reader.ts'
import type { GatherOrder, GatherProgress } from '../../services/leaks/gather/order.ts'
import { readIntoFolder } from '../../services/leaks/gather/reading.ts'
import { Buckets } from '../../services/leaks/packed/buckets.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import type { KeptRow } from '../../services/leaks/rows/row-line.ts'
import { RowStore } from '../../services/leaks/rows/row-store.ts'
import { manifestLines, sampleIsrc } from '../support/manifest-rows.ts'

/** Some seconds of reading: time enough to be broken off in the middle. */
const ROWS = 20_000

let root: string
let manifest: string
/** The folder of the manifest, read without a disturbance. */
let whole: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'earwitness-gather-'))
  manifest = join(root, 'manifest.jsonl')
  await writeFile(manifest, manifestLines(0, ROWS))
  whole = join(root, 'whole')
})
afterAll(() => rm(root, { recursive: true, force: true }))

const orderOf = (name: string, more: Partial<GatherOrder> = {}): GatherOrder => ({
  files: [manifest],
  mapping: {},
  batch: 3,
  folder: join(root, name),
  ...more,
})

async function rowsOf(folder: string): Promise<KeptRow[]> {
  const store = await RowStore.open(folder)
  const rows: KeptRow[] = []
  for await (const row of store.read(Array.from({ length: store.count }, (_, i) => i))) rows.push(row)
  await store.close()
  return rows
}

/** The same keys, the same rows, the same buckets. */
async function expectSame(one: string, other: string): Promise<void> {
  const [names, others] = [await readdir(one), await readdir(other)]
  expect(names.toSorted()).toEqual(others.toSorted())
  for (const name of names.filter(
    (each) => each.endsWith('.u32') || each === 'buckets' || each === 'rows.nameless',
  ))
    expect((await readFile(join(one, name))).equals(await readFile(join(other, name))), name).toBe(true)
  expect(await rowsOf(one)).toEqual(await rowsOf(other))
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

describe('a manifest', () => {
  test('becomes index, rows and buckets, and says how far it is', async () => {
    const told: GatherProgress[] = []
    const result = await gatherManifest(orderOf('whole'), { onProgress: (progress) => told.push(progress) })
    expect(result).toMatchObject({ rows: ROWS, kept: ROWS, faults: 0, faultSample: [] })
    const nameless = Math.ceil(ROWS / 7)
    expect(result.counts).toEqual({
      isrc: ROWS - nameless,
      upc: 1,
      hash: ROWS / 2,
      track: ROWS / 2,
      nameless,
    })
    expect(result.problem).toBeUndefined()
    expect(await readdir(root)).toEqual(expect.arrayContaining(['whole']))
    expect(
      (await readdir(root)).filter((name) => name.includes('gathering') || name.includes('reader')),
    ).toEqual([])

    const index = await LeakIndex.open(whole)
    const record = index.lookUpIsrc(sampleIsrc(1_234))
    expect(record).toMatchObject({ status: 'audio', batch: 3, popularity: 1_234 % 101 })
    const number = await index.rowOf('isrc', record?.position ?? -1)
    const rows = await RowStore.open(whole)
    for await (const row of rows.read([number]))
      expect(row).toMatchObject({
        title: 'Sample Song 1234',
        artists: ['The Samples 70'],
        trackId: 'track1234',
      })
    // A row whose audio was not taken names the track whose was.
    for await (const row of rows.read([1_235])) {
      const taken = await index.rowOfTrack(row.alternatives[0] ?? '')
      expect(taken).toBe(1_236)
    }
    expect(await index.rowOfTrack('track1235')).toBeUndefined()
    await Promise.all([index.close(), rows.close()])
    const buckets = await Buckets.open(whole)
    expect(buckets).toBeDefined()
    await buckets?.close()

    const shares = told.map(({ share }) => share)
    expect(shares.length).toBeGreaterThan(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(told.at(-1)).toMatchObject({ rows: ROWS, kept: ROWS })
    expect(told.some(({ rowsPerS, leftS }) => rowsPerS > 0 && leftS !== undefined && leftS >= 0)).toBe(true)
  })

  test('has nothing in its folder of users, owners and playlists', async () => {
    for (const name of await readdir(whole)) {
      const text = (await readFile(join(whole, name))).toString('latin1')
      expect(text.includes('a person'), name).toBe(false)
    }
    expect(JSON.stringify(await rowsOf(whole))).not.toContain('a person')
  })

  test('that was read is not read again', async () => {
    const startedAt = performance.now()
    const again = await gatherManifest(orderOf('whole', { files: [join(root, 'deleted since')] }))
    expect(again).toMatchObject({ rows: ROWS, kept: ROWS, counts: { track: ROWS / 2 } })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  test('whose reader is killed is gone on with, to the same end', { timeout: 60_000 }, async () => {
    const order = orderOf('killed', { checkpointEveryMs: 20 })
    const script = new URL('../support/gather-child.ts', import.meta.url).pathname
    const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(order)], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const checkpoint = join(`${order.folder}.gathering`, 'checkpoint.json')
    while (!(await isThere(checkpoint))) await sleep(5)
    await sleep(10)
    child.kill('SIGKILL')
    await ended
    expect(child.signalCode).toBe('SIGKILL')
    const kept = JSON.parse(await readFile(checkpoint, 'utf8')) as { kept: number; isRead: boolean }
    expect(kept).toMatchObject({ isRead: false })
    expect(kept.kept).toBeGreaterThan(0)
    const told: GatherProgress[] = []
    const result = await gatherManifest(order, { onProgress: (progress) => told.push(progress) })
    expect(told[0]?.rows).toBeGreaterThan(kept.kept)
    expect(result).toMatchObject({ rows: ROWS, kept: ROWS, faults: 0 })
    await expectSame(order.folder, whole)
  })

  test('that is stopped leaves a checkpoint, however often', { timeout: 60_000 }, async () => {
    const order = orderOf('stopped')
    let rows = 0
    for (let round = 0; round < 2; round++) {
      const stop = new AbortController()
      const reason = new Error('stopped')
      const onProgress = (progress: GatherProgress): void => {
        expect(progress.rows).toBeGreaterThan(rows)
        rows = progress.rows
        stop.abort(reason)
      }
      await expect(gatherManifest(order, { signal: stop.signal, onProgress })).rejects.toBe(reason)
      expect(await isThere(order.folder)).toBe(false)
    }
    await gatherManifest(order)
    await expectSame(order.folder, whole)
    const already = AbortSignal.abort(new Error('before it began'))
    await expect(gatherManifest(orderOf('never'), { signal: already })).rejects.toThrow('before it began')
  })

  test('that was broken off behind any step is gone on with', { timeout: 60_000 }, async () => {
    const { signal } = new AbortController()
    const steps = ['read', 'index', 'rows moved'] as const
    for (const [until] of steps.entries()) {
      const order = orderOf(`step${until}`)
      const gathering = `${order.folder}.gathering`
      const key = await orderKey(order)
      const read = await readIntoFolder(gathering, order, { key, signal, onRead: () => undefined })
      if (until > 0) await makeIndex(gathering, read, { signal, onShare: () => undefined })
      if (until > 1) await rename(join(gathering, 'rows.blocks'), join(gathering, 'index', 'rows.blocks'))
      await gatherManifest(order)
      await expectSame(order.folder, whole)
    }
  })

  test('is begun anew when its file is another one by now', { timeout: 60_000 }, async () => {
    const path = join(root, 'changed.jsonl')
    await writeFile(path, manifestLines(0, ROWS))
    const order = orderOf('changed', { files: [path] })
    const stop = new AbortController()
    const onProgress = (): void => stop.abort(new Error('stopped'))
    await expect(gatherManifest(order, { signal: stop.signal, onProgress })).rejects.toThrow('stopped')
    await writeFile(path, manifestLines(ROWS, ROWS + 1_000))
    expect(await gatherManifest(order)).toMatchObject({ rows: 1_000, kept: 1_000 })
    expect((await rowsOf(order.folder))[0]).toMatchObject({ title: `Sample Song ${ROWS}` })
  })
})

test(
  'what one does at a time is left to who does it, and taken over from who was killed',
  { timeout: 30_000 },
  async () => {
    const [live, dead] = [join(root, 'live.reader'), join(root, 'dead.reader')]
    await writeFile(dead, '')
    let end = (): void => undefined
    let first: Promise<void> | undefined
    // Two that begin together may come to the file in any order.
    await new Promise<void>((isAtIt) => {
      const work = (): Promise<void> => (isAtIt(), new Promise((resolve) => (end = resolve)))
      first = asOnlyReader(live, work)
    })
    const refused = expect(asOnlyReader(live, () => expect.fail('two at once'))).rejects
    const takenOver = asOnlyReader(dead, async () => 'taken over')
    await refused.toMatchObject({ type: 'request/in-work', retry: true })
    expect(await takenOver).toBe('taken over')
    end()
    await first
    expect(await asOnlyReader(live, async () => 'free again')).toBe('free again')
  },
)
