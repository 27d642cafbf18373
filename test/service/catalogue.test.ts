import { randomUUID } from 'node:crypto'
import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { pino } from 'pino'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { ENGINE_VERSION } from '../../services/audio/constants.ts'
import { fingerprintFile } from '../../services/audio/fingerprint/fingerprint-file.ts'
import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { createSegmentFolder } from '../../services/audio/index/segment-folder.ts'
import { type LiveIndex, createLiveIndex } from '../../services/catalog/live-index.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import { keepReference } from '../../services/catalog/references.ts'
import * as recordings from '../../services/catalog/store.ts'
import type { RecordingId } from '../../services/core/ids.ts'
import { ffmpegPath, piece } from '../support/music.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const given = (over: Record<string, unknown> = {}) =>
  NewRecording.parse({ title: 'Morning', artists: ['The Samples'], ...over })

const reference = async (number: number): Promise<Uint8Array> =>
  encodeFingerprint(
    (await fingerprintFile(await piece(number), { ffmpegPath: await ffmpegPath() })).reference,
  )

const register = ({ house, owner }: World, ...rest: [ReturnType<typeof given>, Uint8Array?]) =>
  registerRecording(house, owner, ...rest)

describe('registering', () => {
  test('the same recording twice is recognised, also when both come at once', async ({ world }) => {
    const both = await Promise.all([register(world, given()), register(world, given({ title: 'MORNING' }))])
    expect(new Set(both.map(({ recording }) => recording.id)).size).toBe(1)
    expect(both.filter(({ created }) => created)).toHaveLength(1)
  })

  test('again with an ISRC fills it in; another ISRC of the same names is another recording', async ({
    world,
  }) => {
    const { recording } = await register(world, given())
    const again = await register(world, given({ isrc: 'AA6Q72000047' }))
    expect(again).toMatchObject({ created: false, recording: { id: recording.id, isrc: 'AA6Q72000047' } })
    expect(await register(world, given({ isrc: 'AA6Q72000048' }))).toMatchObject({ created: true })
    expect(await register(world, given({ isrc: 'AA6Q72000047', title: 'Other title' }))).toMatchObject({
      created: false,
      recording: { id: recording.id, title: 'Morning' },
    })
    const find = (query: string) =>
      world.house.db.tenant(world.owner.tenantId, (tx) => recordings.list(tx, { query, limit: 10 }))
    expect(await find('other title')).toEqual([])
    expect(await find('AA6Q72000047')).toHaveLength(1)
  })

  test('without an ISRC what is there with one is recognised; what could be several is asked about', async ({
    world,
  }) => {
    const { recording } = await register(world, given({ isrc: 'AA6Q72000047' }))
    expect(await register(world, given())).toMatchObject({ created: false, recording: { id: recording.id } })
    await register(world, given({ isrc: 'AA6Q72000048' }))
    await expect(register(world, given())).rejects.toMatchObject({ type: 'request/conflict' })
  })

  test('one ISRC under many names at once makes one recording', async ({ world }) => {
    const titles = ['A', 'B', 'C', 'D', 'E', 'F']
    const made = await Promise.all(
      titles.map((title) => register(world, given({ title, isrc: 'AA6Q72000047' }))),
    )
    expect(new Set(made.map(({ recording }) => recording.id)).size).toBe(1)
  })

  test('puts recordings of one release on one release', async ({ world }) => {
    const release = { title: 'Sample Album', upc: '036000291452', label: 'Sample Records' }
    const first = await register(world, given({ title: 'One', release }))
    const second = await register(world, given({ title: 'Two', release }))
    expect(first.recording.releaseId).toBe(second.recording.releaseId)
    expect(second.recording).toMatchObject({
      releaseTitle: 'Sample Album',
      label: 'Sample Records',
      upc: '036000291452',
    })
  })

  test('the same audio under another name is refused, saying which recording it is', async ({ world }) => {
    const fingerprint = await reference(1)
    await register(world, given({ title: 'One' }), fingerprint)
    await expect(register(world, given({ title: 'Two' }), fingerprint)).rejects.toMatchObject({
      type: 'request/conflict',
      message: expect.stringContaining('“One”'),
    })
    await register(world, given({ title: 'One' }), fingerprint)
    await registerRecording(world.house, world.stranger, given({ title: 'Theirs' }), fingerprint)
  })

  test('a damaged or foreign fingerprint is refused before anything is written', async ({ world }) => {
    const fingerprint = await reference(1)
    const flipped = fingerprint.slice()
    flipped[40] = (flipped[40] ?? 0) ^ 1
    for (const bad of [flipped, fingerprint.slice(0, -1), new Uint8Array(), new Uint8Array(1000)])
      await expect(register(world, given(), bad)).rejects.toMatchObject({ type: 'fingerprint/malformed' })
    const { suspect } = await fingerprintFile(await piece(1), { ffmpegPath: await ffmpegPath() })
    await expect(register(world, given(), encodeFingerprint(suspect))).rejects.toMatchObject({
      type: 'fingerprint/malformed',
    })
    const { recordings: count } = await world.house.db.tenant(world.owner.tenantId, recordings.counts)
    expect(count).toBe(0)
  })

  test('makes what was registered findable by words in any order, without accents', async ({ world }) => {
    await register(world, given({ title: 'Café del Mar', artists: ['Ångström'] }))
    await register(world, given({ title: 'सुबह की धुन' }))
    await register(world, given({ title: '100 % Cotton' }))
    const find = async (query: string) =>
      (
        await world.house.db.tenant(world.owner.tenantId, (tx) => recordings.list(tx, { query, limit: 10 }))
      ).map(({ title }) => title)
    expect(await find('angstrom CAFE')).toEqual(['Café del Mar'])
    expect(await find('धुन')).toEqual(['सुबह की धुन'])
    expect(await find('%')).toHaveLength(3)
    expect(await find('nowhere')).toEqual([])
  })
})

describe('the index in memory', () => {
  test('has what was committed before it was asked, forgets what was removed, and misses no slow writer', async ({
    world,
  }) => {
    const { db, log } = world.house
    const live = createLiveIndex(db, log)
    const { recording: first } = await register(world, given({ title: 'One' }), await reference(1))
    await live.catchUp()
    expect(live.index.has(first.id)).toBe(true)

    // A transaction that began before the next look and commits after it.
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const fingerprint = await reference(2)
    const slow = db.tenant(world.owner.tenantId, async (tx) => {
      const { recording } = await recordings.register(tx, world.owner.tenantId, given({ title: 'Slow' }), 'x')
      await keepReference(tx, recording, {
        engineVersion: ENGINE_VERSION,
        fingerprint,
        durationMs: 60_000,
        madeBy: 'local',
      })
      await held
      return recording.id
    })
    const { recording: quick } = await register(world, given({ title: 'Quick' }), await reference(3))
    await live.catchUp()
    expect(live.index.size).toBe(2)
    expect(live.index.has(quick.id)).toBe(true)
    release()
    const slowId = await slow
    await live.catchUp()
    expect(live.index.has(slowId)).toBe(true)

    await db.tenant(world.owner.tenantId, (tx) => recordings.remove(tx, first.id))
    await Promise.all([live.catchUp(), live.catchUp(), live.catchUp()])
    expect(live.index.has(first.id)).toBe(false)
    expect(live.index.size).toBe(2)
  })

  test('leaves out a fingerprint that was damaged in the database and takes the others', async ({
    world,
  }) => {
    const { db, log } = world.house
    const { recording: good } = await register(world, given({ title: 'One' }), await reference(1))
    const { recording: bad } = await register(world, given({ title: 'Two' }), await reference(2))
    await db.system(
      (tx) =>
        tx.run`update reference set fingerprint = ${Buffer.from(randomUUID())} where recording_id = ${bad.id}`,
    )
    const live = createLiveIndex(db, log)
    await live.catchUp()
    expect([live.index.has(good.id), live.index.has(bad.id)]).toEqual([true, false])
  })
})

describe('the index in files', () => {
  /** Lines that an index logged, and a catalogue that keeps its index in the world's folder. */
  const opened = (world: World) => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const folder = join(world.folder, 'index')
    const live = createLiveIndex(world.house.db, log, { folder })
    return { live, lines, folder, said: (text: string) => lines.some((line) => line.includes(text)) }
  }
  const idsIn = (live: LiveIndex, ids: readonly string[]) => ids.map((id) => live.index.has(id))

  test('is read at the next start, with what is newer, and without what is gone', async ({ world }) => {
    const { db } = world.house
    const ids: RecordingId[] = []
    for (const [place, title] of ['One', 'Two', 'Three'].entries())
      ids.push((await register(world, given({ title }), await reference(place + 1))).recording.id)
    const first = opened(world)
    await first.live.catchUp()
    await first.live.close()
    expect(first.said('the index was saved')).toBe(true)

    await db.tenant(world.owner.tenantId, (tx) => recordings.remove(tx, ids[0]!))
    await db.system(
      (tx) => tx.run`update reference set changed_in = pg_current_xact_id() where recording_id = ${ids[1]}`,
    )
    const { recording: late } = await register(world, given({ title: 'Late' }), await reference(4))
    const second = opened(world)
    const taken: number[] = []
    await second.live.catchUp((_done, total) => void taken.push(total))
    expect(second.said('the index was read from its files')).toBe(true)
    expect(taken).toEqual([2])
    expect(idsIn(second.live, [...ids, late.id])).toEqual([false, true, true, true])
    await second.live.close()

    const third = opened(world)
    await third.live.catchUp(() => expect.unreachable('nothing is newer'))
    expect(third.live.index.size).toBe(3)
    await third.live.close()
    expect(third.said('the index was saved')).toBe(false)
  })

  test('that is damaged, or of another database, is told of and read from the database again', async ({
    world,
  }) => {
    const ids: string[] = []
    for (const [place, title] of ['One', 'Two'].entries())
      ids.push((await register(world, given({ title }), await reference(place + 1))).recording.id)
    const first = opened(world)
    await first.live.catchUp()
    await first.live.close()
    const segment = (await readdir(first.folder)).find((name) => name.endsWith('.ewsg'))!
    await truncate(join(first.folder, segment), 1_000)

    const second = opened(world)
    await second.live.catchUp()
    expect(second.said('a file of the saved index cannot be used')).toBe(true)
    expect(idsIn(second.live, ids)).toEqual([true, true])
    await second.live.close()
    expect(await readdir(second.folder)).not.toContain(segment)

    await createSegmentFolder(second.folder).save(createReferenceIndex(), 'postgresql 1 1 1', () => '')
    const third = opened(world)
    await third.live.catchUp()
    expect(third.said('of another database')).toBe(true)
    expect(idsIn(third.live, ids)).toEqual([true, true])
    await third.live.close()

    await writeFile(join(third.folder, 'index.json'), 'nonsense')
    const fourth = opened(world)
    await fourth.live.catchUp()
    expect(fourth.said('the saved index cannot be used')).toBe(true)
    expect(idsIn(fourth.live, ids)).toEqual([true, true])
    await fourth.live.close()
    await opened(world).live.catchUp(() => expect.unreachable('all of it was saved'))
  })

  test('is shared by several workers, and saved while they work', async ({ world }) => {
    const folder = join(world.folder, 'index')
    const { db, log } = world.house
    const workers = [1, 2, 3].map(() => createLiveIndex(db, log, { folder, saveAfterMs: 20 }))
    for (let number = 1; number <= 4; number++) {
      await register(world, given({ title: `Number ${number}` }), await reference(number))
      await Promise.all(workers.map((worker) => worker.catchUp()))
      await setTimeout(50)
    }
    await Promise.all(workers.map((worker) => worker.close()))
    const next = opened(world)
    await next.live.catchUp(() => expect.unreachable('all of it was saved'))
    expect(next.live.index.size).toBe(4)
    expect(next.lines.filter((line) => line.includes('"level":40'))).toEqual([])
  })
})
