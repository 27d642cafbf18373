import { decideCase, undoDecision } from '../../services/actions/cases.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { foldState } from '../../services/matches/case-machine.ts'
import { decideBySystem, decisionsOf, findCase } from '../../services/matches/case-store.ts'
import type { CaseState } from '../../services/matches/case.ts'
import { lockPlaces } from '../../services/matches/place-lock.ts'
import { confirming } from '../support/confirming.ts'
import { followedFind, registered } from '../support/found-case.ts'
import { untilSomebodyWaits } from '../support/waiting.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const stateOf = async ({ house }: World, id: CaseId): Promise<CaseState | undefined> =>
  (await house.db.system((tx) => findCase(tx, id)))?.state

describe('a case whose copy is found again', () => {
  test('comes up when it was dismissed because the copy was gone, and for no other reason', async ({
    world,
  }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Song')
    for (const [reason, state] of [
      ['content_gone', 'needs_review'],
      ['false_positive', 'dismissed'],
    ] as const) {
      const find = { url: `https://host.example/${reason}` }
      const { id } = await followedFind(world, recordingId, find)
      await decideCase(house, owner, id, { kind: 'dismissed', reason })
      const again = await followedFind(world, recordingId, find)
      expect(again).toEqual({ id, told: state === 'needs_review' })
      expect(await stateOf(world, id)).toBe(state)
      const decisions = await house.db.system((tx) => decisionsOf(tx, id))
      expect(foldState(decisions)).toBe(state)
    }
  })

  test('is not opened again while a find opens another at its place', async ({ world }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Song')
    const find = { url: 'https://host.example/again' }
    const { id } = await followedFind(world, recordingId, find)
    const about = { id, tenantId: owner.tenantId }
    await decideCase(house, owner, id, confirming)
    await house.db.system(async (tx) => {
      await decideBySystem(tx, about, { kind: 'noticed' })
      await decideBySystem(tx, about, { kind: 'escalated' })
    })
    await decideCase(house, owner, id, { kind: 'closed' })
    // A transaction that writes a find and is not through yet.
    let undone: Promise<unknown> | undefined
    await house.db.system(async (tx) => {
      await lockPlaces(tx, owner.tenantId)
      await tx.run`
        insert into case_file (id, tenant_id, number, recording_id, location_key, location, state, confidence)
        select gen_random_uuid(), tenant_id, 'EW-2026-900000', recording_id, location_key, location, 'needs_review', 1
          from case_file where id = ${id}`
      undone = undoDecision(house, owner, id).catch((error: unknown) => error)
      await untilSomebodyWaits(tx)
    })
    expect(await undone).toMatchObject({ type: 'row/stage' })
    expect(await stateOf(world, id)).toBe('closed')
  })
})
