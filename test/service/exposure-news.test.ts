import { editRecording } from '../../services/actions/catalogue.ts'
import { RecordingEdit } from '../../services/catalog/recording.ts'
import { startAudits, startDueAudits } from '../../services/leaks/audit-store.ts'
import { changeLeak, removeLeak } from '../../services/leaks/leak-store.ts'
import type { Leak } from '../../services/leaks/leak.ts'
import { auditOf, leakOf, manifestOf } from '../support/audited.ts'
import {
  changes,
  doStarted,
  exposures,
  isrcOf,
  newsOf,
  register,
  scene,
  taken,
  track,
} from '../support/exposed.ts'
import { describe, expect, test } from '../support/world.ts'

describe('what nobody asked for', () => {
  test('a recording that is registered later, or under another code, is asked for and told', async ({
    world,
  }) => {
    const { leak } = await scene(world)
    await doStarted(world)
    const recording = await register(world, {
      title: 'Of nobody here',
      artists: ['Nobody'],
      isrc: isrcOf(98),
      embargoUntil: new Date(Date.now() + 86_400_000).toISOString(),
    })
    await doStarted(world)
    expect(await exposures(world, recording)).toEqual([])
    await editRecording(world.house, world.owner, recording.id, RecordingEdit.parse({ isrc: isrcOf(99) }))
    await doStarted(world)
    expect(await exposures(world, recording)).toMatchObject([{ leakId: leak.id, status: 'audio' }])
    expect((await newsOf(world)).map(({ details }) => details)).toMatchObject([
      { cause: 'registered', recordings: 1, audio: 1, unreleased: 1, leaks: ['Sample dump'] },
    ])
    expect(JSON.stringify(await newsOf(world))).not.toContain('Of nobody')
  })

  test('a batch that is published changes answers, and is told; other names of it do not', async ({
    world,
  }) => {
    const { recordings, leak } = await scene(world)
    await auditOf(world)
    const publish = (changed: Leak['batches']) =>
      world.house.db.system(async (tx) => {
        await changeLeak(tx, leak, { batches: changed })
        return startAudits(tx, leak, 'batch')
      })
    const [first, second] = leak.batches
    if (!first || !second) throw new Error('no batches')
    const started = await publish([first, { ...second, publishedOn: '2026-02-01' }])
    // Asked for again before it has begun, one is enough.
    expect(await publish([first, { ...second, publishedOn: '2026-02-01', name: 'Others' }])).toEqual([])
    expect(started).toHaveLength(1)
    await doStarted(world)
    expect(await changes(world, recordings.sibling)).toMatchObject([
      { before: { publishedOn: null }, after: { publishedOn: '2026-02-01' } },
      { before: null },
    ])
    expect(await changes(world, recordings.audio)).toHaveLength(1)
    // Names of audio that was not taken are in no batch worse than before.
    expect((await newsOf(world)).map(({ details }) => details)).toMatchObject([
      { cause: 'batch', recordings: 1, audio: 1 },
    ])
  })

  test('a batch that was announced is told of on its day', async ({ world }) => {
    const { recordings, leak } = await scene(world)
    const [first, second] = leak.batches
    if (!first || !second) throw new Error('no batches')
    const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const announce = (publishedOn: string) =>
      world.house.db.system((tx) => changeLeak(tx, leak, { batches: [first, { ...second, publishedOn }] }))
    await announce(dayIn(2))
    expect((await auditOf(world)).summary).toMatchObject({
      published: 2,
      forecasts: [{ reason: expect.stringContaining('announced for') }],
    })
    expect(await world.house.db.system(startDueAudits)).toEqual([])
    await announce(dayIn(-1)) // As if two days had gone by.
    expect(await world.house.db.system(startDueAudits)).toHaveLength(1)
    expect(await world.house.db.system(startDueAudits)).toEqual([])
    await doStarted(world)
    expect(await changes(world, recordings.sibling)).toMatchObject([
      { before: { publishedOn: null }, after: { publishedOn: dayIn(-1) } },
      { before: null },
    ])
    expect(await newsOf(world)).toHaveLength(1)
  })

  test('a leak that is removed takes its answers with it', async ({ world }) => {
    const { recordings, leak } = await scene(world)
    await auditOf(world)
    await world.house.db.system(async (tx) => {
      await removeLeak(tx, leak.id)
      await startAudits(tx, leak, 'manifest')
    })
    expect(await exposures(world, recordings.audio)).toEqual([])
    await doStarted(world)
    expect(await changes(world, recordings.audio)).toMatchObject([{ after: null }, { before: null }])
    expect(await newsOf(world)).toEqual([])
  })

  test('another account’s leak is not asked, and starts nothing here', async ({ world }) => {
    const recording = await register(world, { title: 'Taken as it is', isrc: isrcOf(1) })
    const leak = await leakOf(world, {}, world.stranger.tenantId)
    await manifestOf(world, leak, [track('Taken as it is', { external_id_isrc: isrcOf(1), ...taken })])
    expect(await world.house.db.system((tx) => startAudits(tx, leak, 'manifest'))).toEqual([])
    expect((await auditOf(world)).summary).toMatchObject({ asked: 1, listed: 0, leaks: [] })
    expect(await exposures(world, recording)).toEqual([])
  })
})
