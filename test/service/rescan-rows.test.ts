import { z } from 'zod'

import { registerRecording } from '../../services/actions/catalogue.ts'
import { submitFile } from '../../services/actions/submissions.ts'
import { findNamed } from '../../services/catalog/named.ts'
import { NewRecording } from '../../services/catalog/recording.ts'
import * as rescans from '../../services/catalog/rescans.ts'
import * as recordings from '../../services/catalog/store.ts'
import { revive, withdraw } from '../../services/catalog/withdrawal.ts'
import { type ItemId, type RecordingId, RescanId, Sha256 } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { keepLeads, leadsIn } from '../../services/matches/lead-store.ts'
import { wiringOf } from '../../services/pipeline.ts'
import * as items from '../../services/submissions/item-store.ts'
import { keepItems } from '../../services/submissions/opened-store.ts'
import type { Compared } from '../../services/submissions/submission.ts'
import { recordingLive } from '../../web/pages/recording-view.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const sha256 = Sha256.parse('a'.repeat(64))
const compared: Compared = {
  recordings: 1,
  hours: 1,
  engineVersion: 1,
  seconds: 1,
  at: '2031-03-06T23:00:00Z',
}
const broken = new Problem('fingerprint/malformed', 'broken')

/** A file that is being matched. */
async function atMatch({ house, owner }: World): Promise<ItemId> {
  const source = (async function* one() {
    yield Buffer.from('x')
  })()
  const submission = await submitFile(house, owner, { fileName: 'a.ogg', source })
  return house.db.system(async (tx) => {
    const item = { name: 'a.ogg', mediaType: 'audio/ogg', sha256, bytes: 1 }
    const [id] = await keepItems(tx, submission, [item])
    if (!id) throw new Error('no item')
    await items.keepDecoded(tx, id, { durationMs: 1000, truncated: false, tags: {}, mediaHeld: false })
    return id
  })
}

const compare = ({ house }: World, id: ItemId) =>
  house.db.system((tx) => items.keepCompared(tx, id, compared))
const findHere = ({ house, owner }: World) =>
  house.db.system((tx) => items.examineAgain(tx, owner.tenantId, [sha256]))
const stageOf = async ({ house }: World, id: ItemId) =>
  (await house.db.system((tx) => items.findItem(tx, id)))?.stage

async function register({ house, owner }: World, title: string, isrc?: string) {
  const given = NewRecording.parse({ title, artists: ['The Samples'], isrc })
  return (await registerRecording(house, owner, given)).recording.id
}

/** As registering with audio does. The bytes matter to nobody here. */
const addReference = ({ house, owner }: World, id: RecordingId) =>
  house.db.system(
    (tx) => tx.run`
      insert into reference (recording_id, tenant_id, engine_version, fingerprint, fingerprint_sha256, duration_ms, made_by)
      values (${id}, ${owner.tenantId}, 1, ${Buffer.from(id)}, encode(sha256(${Buffer.from(id)}), 'hex'), 1000, 'local')`,
  )

const Row = z.object({ id: RescanId, gathering: z.boolean(), recordings: z.number() })
const rescansOf = ({ house }: World) =>
  house.db.system(
    (tx) => tx.all(Row)`
      select s.id, s.gathering, (select count(*) from rescan_recording w where w.rescan_id = s.id) as recordings
        from rescan s order by s.created_at`,
  )

describe('a file that is examined once more', () => {
  test('stays examined when that fails, and a first examination that fails does not', async ({ world }) => {
    const { db, queues } = world.house
    const id = await atMatch(world)
    const wiring = wiringOf<ItemId>(db, queues, 'match')
    await compare(world, id)
    expect(await findHere(world)).toEqual([id])
    await wiring.dead({ id }, broken)
    expect(await stageOf(world, id)).toBe('done')

    const fresh = await atMatch(world)
    await wiring.dead({ id: fresh }, broken)
    expect(await stageOf(world, fresh)).toBe('failed')
  })

  test('is examined again at once when something was found in it meanwhile', async ({ world }) => {
    const id = await atMatch(world)
    expect(await findHere(world)).toEqual([])
    await compare(world, id)
    expect(await stageOf(world, id)).toBe('match')
    await compare(world, id)
    expect(await stageOf(world, id)).toBe('done')
  })
})

describe('a look back', () => {
  test('is asked for by a first fingerprint while a file is matched, and by a recording that is claimed again', async ({
    world,
  }) => {
    const { db } = world.house
    const id = await register(world, 'Known by name first')
    expect(await rescansOf(world)).toEqual([])
    await atMatch(world)
    await addReference(world, id)
    const [first] = await rescansOf(world)
    expect(first).toMatchObject({ gathering: true, recordings: 1 })

    await db.system((tx) => withdraw(tx, [id]))
    expect(await db.system((tx) => rescans.claim(tx, first!.id))).toBe(true)
    expect(await db.system((tx) => rescans.findRescan(tx, first!.id))).toMatchObject({ recordingIds: [] })
    await db.system((tx) => revive(tx, [id]))
    expect(await rescansOf(world)).toMatchObject([{ gathering: false }, { gathering: true, recordings: 1 }])
  })

  test('that is broken off goes on later, beside one that gathers meanwhile', async ({ world }) => {
    const { db, queues } = world.house
    await atMatch(world)
    await addReference(world, await register(world, 'One'))
    const [first] = await rescansOf(world)
    await db.system((tx) => rescans.claim(tx, first!.id))
    await addReference(world, await register(world, 'Two'))
    await wiringOf<RescanId>(db, queues, 'rescan').interrupted({ id: first!.id })
    expect(await rescansOf(world)).toMatchObject([{ recordings: 1 }, { recordings: 1 }])

    const looked = { lookedTo: sha256, suspects: 50, found: 1 }
    const keep = () => db.system((tx) => rescans.keepLooked(tx, first!.id, null, looked))
    expect((await Promise.all([keep(), keep()])).filter(Boolean)).toHaveLength(1)
    expect(await db.system((tx) => rescans.claim(tx, first!.id))).toBe(true)
    expect(await db.system((tx) => rescans.findRescan(tx, first!.id))).toMatchObject({
      lookedTo: sha256,
      suspects: 50,
    })
  })
})

describe('a recording that is no longer claimed', () => {
  test('is no lead, neither by its ISRC nor where it was one', async ({ world }) => {
    const { db } = world.house
    const id = await register(world, 'Lanterns', 'AA6Q72000047')
    const { tenantId } = world.owner
    const claims = [{ isrc: 'AA6Q72000047' }]
    expect(await db.system((tx) => findNamed(tx, tenantId, claims))).toHaveLength(1)
    const itemId = await atMatch(world)
    const item = await db.system((tx) => items.findItem(tx, itemId))
    const names = { probability: 1, relation: 'same' as const, flags: [], reasons: [], claimed: 'Lanterns' }
    await db.system((tx) => keepLeads(tx, item!, [{ recordingId: id, names, artwork: null }]))
    expect(await db.system((tx) => leadsIn(tx, item!.submissionId))).toHaveLength(1)
    await db.system((tx) => withdraw(tx, [id]))
    expect(await db.system((tx) => recordings.find(tx, id))).toMatchObject({ withdrawnAt: expect.any(Date) })
    expect(await db.system((tx) => findNamed(tx, tenantId, claims))).toEqual([])
    expect(await db.system((tx) => leadsIn(tx, item!.submissionId))).toEqual([])
  })

  test('is in the catalogue, and in no state of it', async ({ world }) => {
    const { db } = world.house
    const id = await register(world, 'Lanterns')
    await register(world, 'Orchard')
    await db.system((tx) => withdraw(tx, [id]))
    const listed = (query: string | undefined, stage?: 'registered') =>
      db.tenant(world.owner.tenantId, async (tx) =>
        (await recordings.list(tx, { query, stage, limit: 9 })).map(({ title }) => title),
      )
    expect(await listed(undefined)).toEqual(['Orchard', 'Lanterns'])
    expect(await listed(undefined, 'registered')).toEqual(['Orchard'])
    expect(await listed('lanterns')).toEqual(['Lanterns'])
    expect(await listed('lanterns', 'registered')).toEqual([])
    const counts = await db.tenant(world.owner.tenantId, recordings.counts)
    expect(counts).toEqual({ recordings: 2, recognisable: 0, inWork: 0, failed: 0, withdrawn: 1 })
    const [lanterns] = await db.system((tx) => recordings.list(tx, { query: undefined, limit: 9 }))
    const page = recordingLive({ ...lanterns!, stage: 'done', withdrawnAt: new Date() }).text
    expect(page).toContain('Withdrawn')
    expect(page).not.toContain('are recognised')
  })
})
