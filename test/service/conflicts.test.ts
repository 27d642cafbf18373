import { randomUUID } from 'node:crypto'

import { Client } from 'pg'
import { z } from 'zod'

import { editRecording, registerRecording, removeRecording } from '../../services/actions/catalogue.ts'
import { listConflicts, settleStaleConflicts } from '../../services/catalog/conflict-store.ts'
import { type NewRecordingInput, NewRecording } from '../../services/catalog/recording.ts'
import { keepReference } from '../../services/catalog/references.ts'
import { NewRight } from '../../services/catalog/rights.ts'
import * as recordings from '../../services/catalog/store.ts'
import { revive, withdraw } from '../../services/catalog/withdrawal.ts'
import type { RecordingId } from '../../services/core/ids.ts'
import { Sql } from '../../services/core/sql.ts'
import { countries } from '../../services/metadata/values/countries.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const ISRC = 'AA6Q72000047'

/** Registers a recording of an account; the names of two accounts differ, as they do in life. */
async function register(world: World, by: Caller, given: Partial<NewRecordingInput> = {}) {
  const input = { title: `A song of ${by.tenantId}`, artists: ['A Band'], isrc: ISRC, ...given }
  return (await registerRecording(world.house, by, NewRecording.parse(input))).recording
}

const give = (world: World, by: Caller, id: RecordingId, ...rights: z.input<typeof NewRight>[]) =>
  editRecording(world.house, by, id, { rights: rights.map((right) => NewRight.parse(right)) })

/** What an account sees of its conflicts. */
const seenBy = (world: World, { tenantId }: Caller) =>
  world.house.db.tenant(tenantId, (tx) => listConflicts(tx, { limit: 50 }))

/** What both accounts see of one that is open: in which territories both claim. */
async function claimed(world: World): Promise<string[] | undefined> {
  const [own, other] = [await seenBy(world, world.owner), await seenBy(world, world.stranger)]
  const open = [...own, ...other].filter(({ endedAt }) => endedAt === null)
  if (open.length === 0) return undefined
  expect(open).toHaveLength(2)
  expect(open[0]?.territories).toEqual(open[1]?.territories)
  return open[0]?.territories
}

const daysFromNow = (days: number): string =>
  new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

describe('a recording of two accounts', () => {
  test('is in conflict by its ISRC: both see that, and nothing of the other', async ({ world }) => {
    const own = await register(world, world.owner)
    expect(await seenBy(world, world.owner)).toEqual([])
    const other = await register(world, world.stranger)

    const [side] = await seenBy(world, world.owner)
    expect(side).toEqual({
      id: side?.id,
      recordingId: own.id,
      recordingTitle: own.title,
      recordingArtists: own.artists,
      isrc: ISRC,
      sameIsrc: true,
      sameAudio: false,
      territories: ['Worldwide'],
      since: side?.since,
      endedAt: null,
    })
    expect(Math.abs((side?.since.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(await seenBy(world, world.stranger)).toMatchObject([{ id: side?.id, recordingId: other.id }])
    const find = (by: Caller, id: RecordingId) =>
      world.house.db.tenant(by.tenantId, (tx) => recordings.find(tx, id))
    expect(await find(world.owner, own.id)).toMatchObject({ disputed: true })
    expect(await find(world.owner, other.id)).toBeUndefined()
  })

  test('is in conflict by byte-equal fingerprints, whatever it is called', async ({ world }) => {
    const own = await register(world, world.owner)
    const other = await register(world, world.stranger, { isrc: 'BB1234500001' })
    const audio = { engineVersion: 2, durationMs: 1_000, madeBy: 'local' as const }
    const keep = (by: Caller, id: RecordingId, text: string) =>
      world.house.db.tenant(by.tenantId, (tx) =>
        keepReference(tx, { id, tenantId: by.tenantId }, { ...audio, fingerprint: Buffer.from(text) }),
      )
    await keep(world.owner, own.id, 'one')
    await keep(world.stranger, other.id, 'another')
    expect(await claimed(world)).toBeUndefined()
    await keep(world.stranger, other.id, 'one')
    expect(await seenBy(world, world.owner)).toMatchObject([{ sameIsrc: false, sameAudio: true }])
    expect(await seenBy(world, world.stranger)).toMatchObject([{ sameIsrc: false, sameAudio: true }])
    await editRecording(world.house, world.stranger, other.id, { isrc: ISRC })
    expect(await seenBy(world, world.owner)).toMatchObject([{ sameIsrc: true, sameAudio: true }])
    await world.house.db.tenant(
      world.stranger.tenantId,
      (tx) => tx.run`delete from reference where recording_id = ${other.id}`,
    )
    expect(await seenBy(world, world.owner)).toMatchObject([{ sameIsrc: true, sameAudio: false }])
  })

  test('is in conflict only where and while both claim it', async ({ world }) => {
    const own = await register(world, world.owner)
    const other = await register(world, world.stranger)
    const expectClaimed = async (
      rights: z.input<typeof NewRight>[],
      others: z.input<typeof NewRight>[],
      wanted: string[] | undefined,
    ) => {
      await give(world, world.owner, own.id, ...rights)
      await give(world, world.stranger, other.id, ...others)
      expect({ rights, others, claimed: await claimed(world) }).toEqual({ rights, others, claimed: wanted })
    }
    await expectClaimed([{ excludedTerritories: ['US', 'CA'] }], [], ['Worldwide', 'except CA', 'except US'])
    await expectClaimed([{ excludedTerritories: ['US'] }], [{ territories: ['US', 'DE'] }], ['DE'])
    await expectClaimed([{ excludedTerritories: ['US'] }], [{ territories: ['US'] }], undefined)
    await expectClaimed([{ territories: ['DE', 'FR'] }], [{ territories: ['FR', 'IN'] }], ['FR'])
    await expectClaimed([{ territories: ['DE'] }], [{ territories: ['FR'] }], undefined)
    await expectClaimed(
      [{ excludedTerritories: ['US', 'DE'] }, { excludedTerritories: ['US', 'FR'] }],
      [{ excludedTerritories: ['IN'] }],
      ['Worldwide', 'except IN', 'except US'],
    )
    const allBut = (kept: string) => countries.map(({ alpha2 }) => alpha2).filter((code) => code !== kept)
    await expectClaimed([{ excludedTerritories: allBut('DE') }], [{ territories: ['DE', 'FR'] }], ['DE'])
    await expectClaimed([{ excludedTerritories: allBut('DE') }], [{ excludedTerritories: ['DE'] }], undefined)
    await expectClaimed([{ validTo: daysFromNow(-2) }], [], undefined)
    await expectClaimed([{ validFrom: daysFromNow(2) }], [], undefined)
    await expectClaimed([{ documentName: 'Licence', documentExpires: daysFromNow(-2) }], [], undefined)
    await expectClaimed(
      [{ territories: ['IN'], validTo: daysFromNow(2) }, { validTo: daysFromNow(-2) }],
      [],
      ['IN'],
    )
  })

  test('is told as the catalogue reads its rights', async ({ world }) => {
    const own = await register(world, world.owner)
    await register(world, world.stranger)
    const some: z.input<typeof NewRight>[][] = [
      [],
      [{ territories: ['DE', 'FR'] }, { territories: ['FR', 'IN'] }],
      [{ excludedTerritories: ['DE', 'US', 'DE'] }, { territories: ['US'] }],
    ]
    for (const rights of some) {
      const { territories } = await give(world, world.owner, own.id, ...rights)
      expect(await claimed(world)).toEqual(territories)
    }
  })

  test('stays in conflict from its first day on, however often rights are written anew', async ({
    world,
  }) => {
    const own = await register(world, world.owner)
    await register(world, world.stranger)
    const [before] = await seenBy(world, world.owner)
    await give(world, world.owner, own.id, { territories: ['DE'] })
    await give(world, world.owner, own.id, { territories: ['FR'] }, { territories: ['DE'] })
    expect(await seenBy(world, world.owner)).toMatchObject([
      { since: before?.since, endedAt: null, territories: ['DE', 'FR'] },
    ])
    await give(world, world.owner, own.id, { validTo: daysFromNow(-1) })
    expect(await seenBy(world, world.owner)).toMatchObject([
      { since: before?.since, endedAt: expect.any(Date) },
    ])
    await give(world, world.owner, own.id)
    const [again] = await seenBy(world, world.owner)
    expect(again).toMatchObject({ id: before?.id, endedAt: null })
    expect(again?.since.getTime()).toBeGreaterThan(before?.since.getTime() ?? Infinity)
  })

  test('was never in conflict when its first rights, of the same transaction, keep them apart', async ({
    world,
  }) => {
    await register(world, world.owner, { territories: ['DE'] })
    await register(world, world.stranger, { territories: ['US'] })
    expect(await seenBy(world, world.owner)).toEqual([])
    const { count } = await world.house.db.system(
      (tx) => tx.one(z.object({ count: z.number() }))`select count(*) from conflict_side`,
    )
    expect(count).toBe(0)
  })

  test('is no conflict any more when one takes it back or removes it', async ({ world }) => {
    const own = await register(world, world.owner)
    const other = await register(world, world.stranger)
    const { db } = world.house
    await db.tenant(world.stranger.tenantId, (tx) => withdraw(tx, [other.id]))
    expect(await claimed(world)).toBeUndefined()
    await db.tenant(world.stranger.tenantId, (tx) => revive(tx, [other.id]))
    expect(await claimed(world)).toEqual(['Worldwide'])
    await removeRecording(world.house, world.stranger, other.id)
    expect(await seenBy(world, world.stranger)).toEqual([])
    expect(await seenBy(world, world.owner)).toMatchObject([
      { recordingId: own.id, endedAt: expect.any(Date) },
    ])
  })

  test('of three accounts has one conflict for each pair', async ({ world }) => {
    const third = await world.account('Third Records')
    for (const by of [world.owner, world.stranger, third.caller]) await register(world, by)
    for (const by of [world.owner, world.stranger, third.caller])
      expect(await seenBy(world, by)).toMatchObject([{ endedAt: null }, { endedAt: null }])
  })

  test('that nobody’s transaction could see is found by the clock, and so is a right that ended overnight', async ({
    world,
  }) => {
    const { db } = world.house
    const own = await register(world, world.owner)
    let arrived = () => {}
    const both = new Promise<void>((resolve) => (arrived = resolve))
    // Two registrations at once: neither sees the other.
    await Promise.all([
      db.tenant(world.stranger.tenantId, async (tx) => {
        await tx.run`
          insert into recording (id, tenant_id, title, artists, isrc, rights_holder, search_key, name_key, stage)
          values (${randomUUID()}, ${world.stranger.tenantId}, 'x', '{B}', 'BB1234500002', 'B', 'x', 'x', 'registered')`
        await both
      }),
      db
        .tenant(
          world.owner.tenantId,
          (tx) => tx.run`update recording set isrc = 'BB1234500002' where id = ${own.id}`,
        )
        .finally(arrived),
    ])
    expect(await claimed(world)).toBeUndefined()
    await db.system(settleStaleConflicts)
    expect(await claimed(world)).toEqual(['Worldwide'])

    await give(world, world.owner, own.id, { validTo: daysFromNow(1) })
    const admin = new Client({ connectionString: world.databaseUrl })
    await admin.connect()
    // The night passes: the right ends, and no statement that a trigger could see ends it.
    await admin.query(`set session_replication_role = replica`)
    await admin.query(`update recording_right set valid_to = current_date - 2`)
    await admin.end()
    expect(await claimed(world)).toEqual(['Worldwide'])
    await db.system(settleStaleConflicts)
    expect(await claimed(world)).toBeUndefined()
  })

  test('that begins with a right, long after both registered it, is found by the clock', async ({
    world,
  }) => {
    const { db } = world.house
    const own = await register(world, world.owner, { territories: ['DE'] })
    await register(world, world.stranger, { territories: ['US'] })
    const admin = new Client({ connectionString: world.databaseUrl })
    await admin.connect()
    await admin.query(`set session_replication_role = replica`)
    await admin.query(`update recording set created_at = now() - interval '1 month'`)
    await admin.query(
      `insert into recording_right (recording_id, position, tenant_id, territories, valid_from)
       values ($1, 2, $2, '{US}', (now() at time zone 'utc')::date)`,
      [own.id, world.owner.tenantId],
    )
    await admin.end()
    await db.system(settleStaleConflicts)
    expect(await claimed(world)).toEqual(['US'])
  })
})

describe('the other account', () => {
  test('cannot be read by any table or function', async ({ world }) => {
    const { db } = world.house
    await register(world, world.owner, { title: 'A secret title' })
    await register(world, world.stranger)
    const asStranger = (statement: string) =>
      db.tenant(
        world.stranger.tenantId,
        (tx) => tx.all(z.record(z.string(), z.unknown()))`${new Sql([statement], [])}`,
      )
    const sides = await asStranger('select * from conflict_side')
    expect(sides).toHaveLength(1)
    expect(JSON.stringify(sides)).not.toContain(world.owner.tenantId)
    const [own] = await seenBy(world, world.owner)
    const told = JSON.stringify([sides, await seenBy(world, world.stranger)])
    for (const secret of [world.owner.tenantId, own?.recordingId ?? '', 'secret'])
      expect(told).not.toContain(secret)

    const recording = own?.recordingId ?? ''
    for (const statement of [
      'select * from conflict',
      `select * from claimed_today('${recording}')`,
      `select claimed_by_both('${recording}', '${recording}')`,
      `select * from conflicts_due(array['${recording}']::uuid[])`,
      `select settle_conflicts(array['${recording}']::uuid[])`,
      `select has_conflicts('${recording}')`,
      'select settle_stale_conflicts()',
      'insert into conflict (id, one_id, other_id) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid())',
      `update conflict_side set ended_at = now()`,
      `delete from conflict_side`,
    ])
      await expect(asStranger(statement), statement).rejects.toThrow('permission denied')
    for (const name of ['new_recordings', 'changed_recordings', 'references', 'rights', 'removed'])
      await expect(asStranger(`select settle_${name}()`)).rejects.toThrow(
        /trigger functions|permission denied/,
      )
    expect(await db.tenant('' as never, (tx) => listConflicts(tx, { limit: 50 }))).toEqual([])
  })
})
