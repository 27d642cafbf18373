import { setTimeout as sleep } from 'node:timers/promises'

import { decideMany, undoBatch } from '../../services/actions/case-batches.ts'
import {
  decideCase,
  holdCase,
  releaseCase,
  reviewExceptions,
  undoDecision,
} from '../../services/actions/cases.ts'
import { auditEntries, firstBroken } from '../../services/core/audit.ts'
import type { Tx } from '../../services/core/db.ts'
import { CaseId, MemberId, newId } from '../../services/core/ids.ts'
import { assign, nextCase } from '../../services/matches/case-assignment-store.ts'
import { foldState } from '../../services/matches/case-machine.ts'
import { decideBySystem, decisionsOf, findCase, listCases } from '../../services/matches/case-store.ts'
import type { CaseState } from '../../services/matches/case.ts'
import { latestReview, reviewsOf } from '../../services/matches/exceptions-store.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { refusalOf } from '../support/allowing.ts'
import { confirming, noException } from '../support/confirming.ts'
import { findAt, followedFind, foundCase, registered } from '../support/found-case.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const at = (name: string): string => `https://host.example/${name}`
const song = (world: World, name = 'a'): Promise<CaseId> => foundCase(world, { title: 'Song', url: at(name) })

const asOwner = <T>({ house, owner }: World, ask: (tx: Tx) => Promise<T>): Promise<T> =>
  house.db.tenant(owner.tenantId, ask)

const stateOf = async (world: World, id: CaseId): Promise<CaseState | undefined> =>
  (await asOwner(world, (tx) => findCase(tx, id)))?.state

/** Another reviewer of the owner's account. */
async function colleague({ house, owner }: World): Promise<Caller> {
  const member = await house.db.system((tx) =>
    createMember(tx, owner.tenantId, {
      email: `b-${owner.tenantId}@example.org`,
      name: 'B. Sample',
      roles: ['reviewer'],
    }),
  )
  return { kind: 'member', tenantId: owner.tenantId, member, sessionHash: '' }
}

describe('a case', () => {
  test('is confirmed only with a review of the exceptions that is newer than its last find', async ({
    world,
  }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Song')
    const { id } = await findAt(world, recordingId, { url: at('a') })
    const confirm = () => refusalOf(decideCase(house, owner, id, { kind: 'confirmed' }))
    expect(await confirm()).toMatchObject({ type: 'request/invalid', faults: [{ pointer: '/exceptions' }] })

    const parody = { applies: 'unclear', reason: 'It has other words' } as const
    const unclear = { ...noException, answers: { ...noException.answers, parody } }
    const refused = await refusalOf(decideCase(house, owner, id, { kind: 'confirmed', exceptions: unclear }))
    expect(refused).toMatchObject({
      type: 'request/invalid',
      message: expect.stringContaining('exception applies'),
    })
    expect(await asOwner(world, (tx) => reviewsOf(tx, id))).toEqual([])
    await reviewExceptions(house, owner, id, unclear)
    expect((await confirm())?.message).toContain('exception applies')

    await reviewExceptions(house, owner, id, noException)
    await findAt(world, recordingId, { url: at('a') })
    expect((await confirm())?.message).toContain('found again since')
    await decideCase(house, owner, id, { kind: 'confirmed', exceptions: noException })
    expect(await asOwner(world, (tx) => latestReview(tx, id))).toMatchObject({
      number: 3,
      outcome: 'not_excepted',
      reviewerName: 'Sample Records Owner',
      answers: noException,
    })
  })

  test('says at 409 what is allowed instead', async ({ world }) => {
    const id = await song(world)
    const refused = await refusalOf(decideCase(world.house, world.owner, id, { kind: 'closed' }))
    expect(refused).toMatchObject({ type: 'row/stage', status: 409 })
    expect(refused?.message).toMatch(
      /is needs review; now it can be: confirmed, dismissed, allowed, commented$/,
    )
  })

  test('is led on by the system, once, and never where only a person may', async ({ world }) => {
    const { house, owner } = world
    const id = await song(world)
    const about = { id, tenantId: owner.tenantId }
    const bySystem = (kind: Parameters<typeof decideBySystem>[2]['kind']) =>
      house.db.system((tx) => decideBySystem(tx, about, { kind }))
    expect(await bySystem('confirmed')).toBe(false)
    expect(await bySystem('noticed')).toBe(false)
    await decideCase(house, owner, id, confirming)
    expect(await Promise.all([bySystem('noticed'), bySystem('noticed')])).toContain(false)
    expect(await stateOf(world, id)).toBe('in_notice')
    // A notice rests on the confirmation now.
    expect(await refusalOf(undoDecision(house, owner, id))).toMatchObject({ type: 'row/stage' })
    expect(await bySystem('removed')).toBe(true)
    await followedFind(world, (await asOwner(world, (tx) => findCase(tx, id)))!.recordingId, { url: at('a') })
    expect(await stateOf(world, id)).toBe('restored')
    await decideCase(house, owner, id, { kind: 'closed' })
    const decisions = await asOwner(world, (tx) => decisionsOf(tx, id))
    expect(foldState(decisions)).toBe('closed')
  })

  test('whose leave is taken back is in no notice that was retracted meanwhile', async ({ world }) => {
    const { house, owner } = world
    const id = await song(world)
    const about = { id, tenantId: owner.tenantId }
    await decideCase(house, owner, id, confirming)
    await house.db.system((tx) => decideBySystem(tx, about, { kind: 'noticed' }))
    await decideCase(house, owner, id, { kind: 'allowed' })
    await undoDecision(house, owner, id)
    expect(await stateOf(world, id)).toBe('confirmed')
    const decisions = await asOwner(world, (tx) => decisionsOf(tx, id))
    expect(foldState(decisions)).toBe('confirmed')
  })

  test('that is closed is over: the next find at its place opens another', async ({ world }) => {
    const { house, owner } = world
    const recordingId = await registered(world, 'Song')
    const { id } = await followedFind(world, recordingId, { url: at('a') })
    await decideCase(house, owner, id, confirming)
    for (const kind of ['noticed', 'removed', 'closed'] as const)
      await house.db.system((tx) => decideBySystem(tx, { id, tenantId: owner.tenantId }, { kind }))
    const next = await followedFind(world, recordingId, { url: at('a') })
    expect(next).toMatchObject({ told: true })
    expect(next.id).not.toBe(id)
    expect(await stateOf(world, id)).toBe('closed')
  })
})

describe('two reviewers', () => {
  test('never decide one case: it is whose who looked first, for a while', async ({ world }) => {
    const { house, owner } = world
    const id = await song(world)
    const other = await colleague(world)
    await holdCase(house, owner, id)
    await holdCase(house, owner, id)
    const refused = await refusalOf(decideCase(house, other, id, { kind: 'dismissed', reason: 'duplicate' }))
    expect(refused).toMatchObject({
      type: 'request/conflict',
      message: expect.stringContaining('Sample Records Owner is looking at case EW-'),
    })
    expect((await refusalOf(holdCase(house, other, id)))?.type).toBe('request/conflict')
    expect((await refusalOf(reviewExceptions(house, other, id, noException)))?.type).toBe('request/conflict')
    // A word is no decision.
    await decideCase(house, other, id, { kind: 'commented', comment: 'I know this channel' })
    expect(await asOwner(world, (tx) => listCases(tx, { heldBy: holder(owner), limit: 9 }))).toHaveLength(1)
    expect(await asOwner(world, (tx) => nextCase(tx, holder(other)))).toBeUndefined()

    await house.db.system((tx) => tx.run`update case_file set assigned_until = now() where id = ${id}`)
    await holdCase(house, other, id)
    await releaseCase(house, owner, id) // Not theirs any more: nothing happens.
    await decideCase(house, other, id, { kind: 'dismissed', reason: 'duplicate' })
    expect(await asOwner(world, (tx) => findCase(tx, id))).toMatchObject({
      state: 'dismissed',
      assignedTo: null,
    })
    await undoDecision(house, owner, id)
    expect(await stateOf(world, id)).toBe('needs_review')
    const kinds = (await asOwner(world, (tx) => decisionsOf(tx, id))).map(({ kind }) => kind)
    expect(kinds).toEqual(['assigned', 'commented', 'assigned', 'dismissed', 'undone'])
    const actions = (await asOwner(world, (tx) => auditEntries(tx, 1, 100))).map(({ action }) => action)
    expect(actions.filter((action) => /assigned|released/.test(action))).toEqual([
      'case.assigned',
      'case.assigned',
    ])
    await holdCase(house, owner, id)
    await releaseCase(house, owner, id)
    const last = (await asOwner(world, (tx) => auditEntries(tx, 1, 100))).slice(-2)
    expect(last.map(({ action }) => action)).toEqual(['case.assigned', 'case.released'])
  })

  test('who both come at once are told apart', async ({ world }) => {
    const { house, owner } = world
    const id = await song(world)
    const other = await colleague(world)
    const refusals = await Promise.all([owner, other].map((each) => refusalOf(holdCase(house, each, id))))
    expect(refusals.filter((refusal) => refusal === undefined)).toHaveLength(1)
  })

  test('who come while another takes it wait, and see whose it is', async ({ world }) => {
    const { house, owner } = world
    const id = await song(world)
    const other = await colleague(world)
    const attempts = await house.db.tenant(owner.tenantId, async (tx) => {
      await assign(tx, { id, tenantId: owner.tenantId }, holder(other), 15)
      const waiting = [
        refusalOf(holdCase(house, owner, id)),
        refusalOf(decideCase(house, owner, id, { kind: 'dismissed', reason: 'duplicate' })),
      ]
      await sleep(100) // Until both stand at the lock.
      return { waiting }
    })
    for (const refused of await Promise.all(attempts.waiting))
      expect(refused).toMatchObject({
        type: 'request/conflict',
        message: expect.stringContaining('B. Sample is looking at case'),
      })
  })
})

const holder = (caller: Caller): MemberId => (caller.kind === 'member' ? caller.member.id : newId(MemberId))

describe('many cases', () => {
  test('are shown beforehand, decided together and taken back together, as far as each allows', async ({
    world,
  }) => {
    const { house, owner } = world
    const [a, b, held, gone] = await Promise.all(['a', 'b', 'c', 'd'].map((name) => song(world, name)))
    if (!a || !b || !held || !gone) throw new Error('no cases')
    const unknown = newId(CaseId)
    await holdCase(house, await colleague(world), held)
    await decideCase(house, owner, gone, { kind: 'dismissed', reason: 'content_gone' })
    const caseIds = [a, b, held, gone, unknown, a]
    const decision = { kind: 'confirmed', exceptions: noException } as const
    const types = (cases: Awaited<ReturnType<typeof decideMany>>['cases']) =>
      new Map(cases.map(({ id, to, refused }) => [id, refused?.type ?? to]))
    const expected = new Map<CaseId, string>([
      [a, 'confirmed'],
      [b, 'confirmed'],
      [held, 'request/conflict'],
      [gone, 'row/stage'],
      [unknown, 'row/unknown'],
    ])

    const preview = await decideMany(house, owner, { caseIds, decision, preview: true })
    expect(types(preview.cases)).toEqual(expected)
    // Whatever stays is named, too; only what is not there has no number.
    const nameless = preview.cases.filter(({ number, from }) => number === null || from === null)
    expect(nameless.map(({ id }) => id)).toEqual([unknown])
    expect(preview.batchId).toBeUndefined()
    expect(await stateOf(world, a)).toBe('needs_review')
    expect(await asOwner(world, (tx) => reviewsOf(tx, a))).toEqual([])

    const { batchId = '', cases } = await decideMany(house, owner, { caseIds, decision, preview: false })
    expect(types(cases)).toEqual(expected)
    expect(await stateOf(world, a)).toBe('confirmed')
    await house.db.system((tx) =>
      decideBySystem(tx, { id: b, tenantId: owner.tenantId }, { kind: 'noticed' }),
    )

    expect((await refusalOf(undoBatch(house, world.stranger, batchId)))?.type).toBe('row/unknown')
    const undone = await undoBatch(house, owner, batchId)
    expect(types(undone)).toEqual(
      new Map([
        [a, 'needs_review'],
        [b, 'row/stage'],
      ]),
    )
    expect(types(await undoBatch(house, owner, batchId)).get(a)).toBe('row/stage')
    const decisions = await asOwner(world, (tx) => decisionsOf(tx, a))
    expect(decisions.map(({ kind, supersedes }) => [kind, supersedes])).toEqual([
      ['confirmed', null],
      ['undone', 1],
    ])
    expect(firstBroken(await asOwner(world, (tx) => auditEntries(tx, 1, 200)))).toBeUndefined()
  })

  test('need the exceptions answered, a reviewer, and a number that somebody has looked at', async ({
    world,
  }) => {
    const { house, owner } = world
    const id = await song(world)
    const decide = (caller: Caller, ids: CaseId[]) =>
      decideMany(house, caller, { caseIds: ids, decision: { kind: 'confirmed' }, preview: true })
    expect((await decide(owner, [id])).cases).toMatchObject([{ refused: { type: 'request/invalid' } }])
    expect((await refusalOf(decide(owner, [])))?.type).toBe('request/invalid')
    const signer = {
      ...owner,
      member: { ...(owner as { member: object }).member, roles: ['signer'] },
    } as Caller
    expect((await refusalOf(decide(signer, [id])))?.type).toBe('auth/forbidden')
    expect((await decide(world.stranger, [id])).cases).toMatchObject([{ refused: { type: 'row/unknown' } }])
  })
})
