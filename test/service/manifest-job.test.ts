import { access, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { z } from 'zod'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { LeakManifestId, type TenantId, newId } from '../../services/core/ids.ts'
import type { Run } from '../../services/core/queue.ts'
import { jobs } from '../../services/jobs.ts'
import { manifestFolder, sweepLeakFolders, uploadFolder } from '../../services/leaks/folders.ts'
import { addLeak, removeLeak } from '../../services/leaks/leak-store.ts'
import { type LeakManifest, NewLeak } from '../../services/leaks/leak.ts'
import { addManifest, findManifest, neededOf } from '../../services/leaks/manifest-store.ts'
import { LeakIndex } from '../../services/leaks/packed/leak-index.ts'
import { manifest } from '../../workers/manifest.ts'
import { manifestLines, sampleIsrc } from '../support/manifest-rows.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const Audit = z.object({ tenantId: z.string(), cause: z.string(), stage: z.string() })

const runOf = (world: World, more: Partial<Run> = {}): Run => ({
  log: world.house.log,
  progress: async () => undefined,
  signal: new AbortController().signal,
  ...more,
})

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** A manifest of two files: one uploaded, one where the operator said. */
async function given(
  { house, folder }: World,
  tenantId: TenantId | null,
  uploaded: string,
): Promise<LeakManifest> {
  const id = newId(LeakManifestId)
  await mkdir(uploadFolder(house.config, id), { recursive: true })
  await writeFile(join(uploadFolder(house.config, id), '0'), uploaded)
  const path = join(folder, 'second.jsonl')
  await writeFile(path, manifestLines(1_000, 1_500))
  const files = [
    { name: '../first.jsonl', bytes: uploaded.length, path: null },
    { name: 'second.jsonl', bytes: 1, path },
  ]
  const leak = NewLeak.parse({ name: 'Sample Dump', kind: 'streaming-dump', lawfulBasis: 'a test' })
  return house.db.system(async (tx) => {
    const leakId = await addLeak(tx, tenantId, leak, { by: 'test' })
    return addManifest(
      tx,
      { id: leakId, tenantId },
      { id, name: 'Sample', files, mapping: {}, batch: 2, by: 'test' },
    )
  })
}

const rowOf = ({ house }: World, id: LeakManifestId) => house.db.system((tx) => findManifest(tx, id))

describe('the job of a manifest', () => {
  test('reads it, tells its row, and removes what was uploaded', async ({ world }) => {
    const { house, owner, stranger } = world
    const recording = NewRecording.parse({ title: 'Sample Song', artists: ['The Samples'] })
    for (const caller of [owner, stranger]) await registerRecording(house, caller, recording)
    const { id } = await given(world, owner.tenantId, `${manifestLines(0, 1_000)}no JSON\n`)
    const shares: number[] = []
    const progress = async (share: number): Promise<void> => void shares.push(share)
    await manifest(house)({ id }, runOf(world, { progress }))
    expect(shares.length).toBeGreaterThan(0)
    const row = await rowOf(world, id)
    expect(row).toMatchObject({
      stage: 'done',
      rows: 1_501,
      faults: 1,
      faultSample: [{ row: 1_001, part: 0, detail: 'The line is no JSON object' }],
      secondsLeft: 0,
      remark: null,
      counts: { hash: 750, track: 750, upc: 1 },
    })
    const index = await LeakIndex.open(manifestFolder(house.config, id))
    expect(index.lookUpIsrc(sampleIsrc(1_234))).toMatchObject({ status: 'audio', batch: 2 })
    await index.close()
    expect(await isThere(uploadFolder(house.config, id))).toBe(false)
    expect(await isThere(join(world.folder, 'second.jsonl'))).toBe(true)
    // The account whose leak it is is audited, and no other.
    const audits = await house.db.system(
      (tx) => tx.all(Audit)`select tenant_id, cause, stage from exposure_audit`,
    )
    expect(audits).toEqual([{ tenantId: owner.tenantId, cause: 'manifest', stage: 'audit' }])
    expect(await house.queues.counts(jobs.audit as never)).toMatchObject({ waiting: 1 })
    // Once more, as after its end was not heard: nothing happens.
    await manifest(house)({ id }, runOf(world))
    expect(await rowOf(world, id)).toEqual(row)
    expect(await house.queues.counts(jobs.audit as never)).toMatchObject({ waiting: 1 })
  })

  test('says what ended the reading of a file, and why nothing could be read at all', async ({ world }) => {
    const { house, owner } = world
    const cut = await given(world, owner.tenantId, 'SQLite format 3\0 and nonsense')
    await manifest(house)({ id: cut.id }, runOf(world))
    expect(await rowOf(world, cut.id)).toMatchObject({
      stage: 'done',
      rows: 500,
      remark: { type: '/problems/open/damaged' },
    })
    const gone = await given(world, owner.tenantId, manifestLines(0, 10))
    await rm(join(world.folder, 'second.jsonl'))
    await expect(manifest(house)({ id: gone.id }, runOf(world))).rejects.toMatchObject({ type: 'file/gone' })
    expect(await isThere(uploadFolder(house.config, gone.id))).toBe(true)
  })

  test('of a leak that was removed meanwhile ends, and leaves nothing', async ({ world }) => {
    const { house, owner } = world
    const { id, leakId } = await given(world, owner.tenantId, manifestLines(0, 60_000))
    const progress = async (): Promise<void> => {
      await house.db.system((tx) => removeLeak(tx, leakId))
    }
    await manifest(house)({ id }, runOf(world, { progress }))
    expect(await readdir(join(house.config.DATA_DIR, 'leaks'))).toEqual(['uploads'])
    expect(await readdir(join(house.config.DATA_DIR, 'leaks', 'uploads'))).toEqual([])
  })
})

test('what no manifest needs any more is swept', async ({ world }) => {
  const { house, owner } = world
  const { config, db } = house
  const kept = await given(world, owner.tenantId, manifestLines(0, 10))
  const removed = await given(world, owner.tenantId, manifestLines(0, 10))
  await db.system((tx) => removeLeak(tx, removed.leakId))
  const [givenUp, coming] = [newId(LeakManifestId), newId(LeakManifestId)]
  const folders = {
    kept: manifestFolder(config, kept.id),
    reading: `${manifestFolder(config, kept.id)}.gathering`,
    removed: manifestFolder(config, removed.id),
    removedReading: `${manifestFolder(config, removed.id)}.gathering`,
    givenUp: uploadFolder(config, givenUp),
    coming: uploadFolder(config, coming),
  }
  for (const folder of Object.values(folders)) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, '0'), 'x')
  }
  const twoDaysAgo = new Date(Date.now() - 2 * 24 * 3_600_000)
  for (const path of [join(folders.givenUp, '0'), folders.givenUp, folders.coming])
    await utimes(path, twoDaysAgo, twoDaysAgo)
  const sweep = () => sweepLeakFolders(config, (ids) => db.system((tx) => neededOf(tx, ids)), new Date())
  // The upload of the removed one stays a day: it may be one that is coming in.
  expect(await sweep()).toBe(3)
  const left = await Promise.all(
    Object.entries(folders).map(async ([name, path]) => ((await isThere(path)) ? [name] : [])),
  )
  expect(left.flat()).toEqual(['kept', 'reading', 'coming'])
  await manifest(house)({ id: kept.id }, runOf(world))
  await mkdir(uploadFolder(config, kept.id), { recursive: true })
  expect(await sweep()).toBe(1)
  expect(await isThere(uploadFolder(config, kept.id))).toBe(false)
})
