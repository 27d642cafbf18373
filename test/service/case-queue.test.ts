import { endQuarantine } from '../../services/actions/case-batches.ts'
import { decideCase } from '../../services/actions/cases.ts'
import type { Tx } from '../../services/core/db.ts'
import { caseCounts, decideBySystem, isQuarantined, listCases } from '../../services/matches/case-store.ts'
import { floods } from '../../services/matches/find-store.ts'
import { lockPlaces } from '../../services/matches/place-lock.ts'
import { refreshPriorities } from '../../services/matches/priority-store.ts'
import { FLOOD_CASES_MAX } from '../../services/matches/quarantine.ts'
import { refusalOf } from '../support/allowing.ts'
import { serveApi } from '../support/api.ts'
import { confirming } from '../support/confirming.ts'
import { followedFind, registered } from '../support/found-case.ts'
import { untilSomebodyWaits } from '../support/waiting.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const at = (name: string): string => `https://host.example/${name}`

const asOwner = <T>({ house, owner }: World, ask: (tx: Tx) => Promise<T>): Promise<T> =>
  house.db.tenant(owner.tenantId, ask)

describe('the queue', () => {
  test('has the greatest harm first, and no page repeats or skips a case', async ({ world }) => {
    const old = await registered(world, 'Old')
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const leak = await registered(world, 'Unreleased', { embargoUntil: tomorrow })
    const unreleased = await followedFind(world, leak, { url: at('leak'), confidence: 0.9 })
    const part = await followedFind(world, old, { url: at('part'), shareOfRecording: 0.1 })
    const whole = await followedFind(world, old, { url: at('whole') })
    await followedFind(world, old, { url: at('same'), shareOfRecording: 1 })

    const all = await asOwner(world, (tx) => listCases(tx, { order: 'priority', limit: 10 }))
    expect(all[0]).toMatchObject({ id: unreleased.id })
    expect(all[0]?.priorityReasons?.[0]?.text).toBe('Not released yet')
    expect(all.at(-1)).toMatchObject({ id: part.id })
    expect(all.map(({ id }) => id)).toContain(whole.id)
    const paged = []
    for (let after: (typeof all)[number] | undefined; paged.length < 9;) {
      const asked = {
        order: 'priority',
        limit: 1,
        after: after && { priority: after.priority, id: after.id },
      } as const
      const [next] = await asOwner(world, (tx) => listCases(tx, asked))
      if (!next) break
      paged.push(next.id)
      after = next
    }
    expect(paged).toEqual(all.map(({ id }) => id))
    expect(await world.house.db.tenant(world.stranger.tenantId, (tx) => listCases(tx, { limit: 9 }))).toEqual(
      [],
    )
  })

  test('is in the order of what the harm is now, not of what it was when a copy was found', async ({
    world,
  }) => {
    const { house, owner } = world
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    const leak = await registered(world, 'Leak', { embargoUntil: tomorrow })
    const song = await registered(world, 'Song')
    const released = await followedFind(world, leak, { url: at('leak') })
    const first = await followedFind(world, song, { url: at('1') })
    for (const name of ['2', '3', '4']) await followedFind(world, song, { url: at(name) })
    const wrong = await followedFind(world, song, { url: at('wrong') })
    await decideCase(house, owner, wrong.id, { kind: 'dismissed', reason: 'false_positive' })
    await house.db.system((tx) => tx.run`update recording set embargo_until = null where id = ${leak}`)

    expect(await house.db.system((tx) => refreshPriorities(tx, undefined))).toBeUndefined()
    const queue = await asOwner(world, (tx) =>
      listCases(tx, { order: 'priority', state: 'needs_review', limit: 9 }),
    )
    expect(queue.at(-1)?.id).toBe(released.id)
    const reach = queue.find(({ id }) => id === first.id)?.priorityReasons?.map(({ text }) => text)
    expect(reach).toContain('Found at 4 places')
    expect(new Set(queue.slice(0, -1).map(({ priority }) => priority)).size).toBe(1)
  })

  test('holds no leak back because the recording was found everywhere that it is allowed', async ({
    world,
  }) => {
    const { house } = world
    const recordingId = await registered(world, 'Hit')
    const first = await followedFind(world, recordingId, { url: at('shop') })
    await house.db.system(
      (tx) => tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
        select gen_random_uuid(), tenant_id, 'EW-2026-' || (900000 + n), recording_id, location || n, location, 'allowed', 1
          from case_file, generate_series(1, ${FLOOD_CASES_MAX}) n where id = ${first.id}`,
    )
    expect(await followedFind(world, recordingId, { url: at('leak') })).toMatchObject({ told: true })
  })

  test('has everything of a recording back, also what was found while its quarantine was lifted', async ({
    world,
  }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Song')
    const { id } = await followedFind(world, recordingId, { url: at('a') })
    await house.db.system((tx) => tx.run`update case_file set quarantined_at = now() where id = ${id}`)
    let lifted: Promise<number> | undefined
    await house.db.system(async (tx) => {
      await lockPlaces(tx, owner.tenantId)
      await tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence, quarantined_at)
        select gen_random_uuid(), tenant_id, 'EW-2026-900000', recording_id, location || 'b', location, state, 1, now()
          from case_file where id = ${id}`
      lifted = endQuarantine(house, owner, recordingId)
      await untilSomebodyWaits(tx)
    })
    expect(await lifted).toBe(2)
    expect(await asOwner(world, (tx) => isQuarantined(tx, recordingId))).toBe(false)
  })

  test('is not flooded by one recording: the rest waits until somebody has looked', async ({ world }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Silence')
    const first = await followedFind(world, recordingId, { url: at('first') })
    expect(first.told).toBe(true)
    await house.db.system(
      (tx) => tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
        select gen_random_uuid(), tenant_id, 'EW-2026-' || (900000 + n), recording_id, location || n, location, state, 1
          from case_file, generate_series(2, ${FLOOD_CASES_MAX}) n where id = ${first.id}`,
    )
    const flooding = await followedFind(world, recordingId, { url: at('flooding') })
    expect(flooding.told).toBe(false)
    const other = await followedFind(world, await registered(world, 'Another'), { url: at('flooding') })
    expect(other.told).toBe(true)
    const shown = () => asOwner(world, (tx) => listCases(tx, { quarantined: true, limit: 5 }))
    expect((await shown()).map(({ id }) => id)).toEqual([flooding.id])
    expect(await asOwner(world, caseCounts)).toMatchObject({
      needsReview: FLOOD_CASES_MAX + 1,
      quarantined: 1,
    })
    expect(await asOwner(world, (tx) => floods(tx, 5))).toMatchObject([{ recordingId, cases: 1 }])

    // Whatever of it is confirmed waits as well.
    await decideCase(house, owner, first.id, confirming)
    const about = { id: first.id, tenantId: owner.tenantId }
    const notice = () => house.db.system((tx) => decideBySystem(tx, about, { kind: 'noticed' }))
    expect(await notice()).toBe(false)
    expect((await refusalOf(endQuarantine(house, world.stranger, recordingId)))?.type).toBe('row/unknown')
    expect(await endQuarantine(house, owner, recordingId, 'All of them are ours')).toBe(1)
    expect(await asOwner(world, (tx) => isQuarantined(tx, recordingId))).toBe(false)
    expect(await notice()).toBe(true)
    expect((await followedFind(world, recordingId, { url: at('after') })).told).toBe(true)
  })

  test('is paged by programs in either order, and a cursor of one is none of the other', async ({
    world,
  }) => {
    const recordingId = await registered(world, 'Song')
    for (const [n, shareOfRecording] of [0.2, 0.4, 0.4].entries())
      await followedFind(world, recordingId, { url: at(`${n}`), shareOfRecording })
    if (world.owner.kind !== 'member') throw new Error('no member')
    const ask = await (await serveApi(world)).signedIn(world.owner.member)
    for (const order of ['priority', 'newest']) {
      const whole = (await ask('get', `/v1/cases?order=${order}`)).json.items.map(ids)
      const paged = []
      for (let cursor = ''; paged.length < 9;) {
        const { json } = await ask('get', `/v1/cases?order=${order}&limit=1${cursor}`)
        paged.push(...json.items.map(ids))
        if (!json.next) break
        cursor = `&cursor=${json.next}`
      }
      expect(paged).toEqual(whole)
      expect(paged).toHaveLength(3)
    }
    const { next } = (await ask('get', '/v1/cases?limit=1')).json
    const crossed = await ask('get', `/v1/cases?order=priority&cursor=${next}`)
    expect([crossed.status, crossed.json.faults[0].pointer]).toEqual([400, '/query/cursor'])
  })
})

const ids = ({ id }: { id: string }): string => id
