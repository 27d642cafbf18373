import { decideCase } from '../../services/actions/cases.ts'
import { leaveOut } from '../../services/actions/leave-out.ts'
import {
  checkNotice,
  draftNotices,
  dropDraft,
  editNotice,
  lookAtNotice,
} from '../../services/actions/notices.ts'
import { CaseId, newId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import {
  NoticeEventKind,
  NoticeState,
  afterEvent,
  allowedEvents,
} from '../../services/notices/notice-state.ts'
import { addEvent, eventsOf, listNotices } from '../../services/notices/store.ts'
import { refusalOf } from '../support/allowing.ts'
import { completeContact, confirmedAt, explanation, planOf, recipientFor } from '../support/noticing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

async function caseState({ house, owner }: World, id: CaseId) {
  return (await house.db.tenant(owner.tenantId, (tx) => findCase(tx, id)))?.state
}

describe('a draft', () => {
  test('is made for each recipient and host, and changes no case', async ({ world }) => {
    const { house, owner } = world
    await recipientFor(world, HOST, { urlsMax: 2 })
    await recipientFor(world, 'other.example')
    const ids: CaseId[] = []
    for (const [index, host] of [HOST, HOST, HOST, 'other.example'].entries())
      ids.push(await confirmedAt(world, `https://${host}/d/${index}`, `Song ${index}`))
    const drafts = await draftNotices(house, owner, planOf(ids))
    expect(drafts.map(({ host, locations, state }) => [host, locations, state])).toEqual([
      [HOST, 2, 'draft'],
      [HOST, 1, 'draft'],
      ['other.example', 1, 'draft'],
    ])
    expect(new Set(drafts.map(({ number }) => number)).size).toBe(3)
    expect(drafts[0]?.number).toMatch(/^EN-\d{4}-000001$/)
    expect(await caseState(world, ids[0] as CaseId)).toBe('confirmed')
    const [first] = await house.db.tenant(owner.tenantId, (tx) => locationsOf(tx, drafts[0]!.id))
    expect(first).toMatchObject({ live: false, position: 1, url: `https://${HOST}/d/0` })
  })

  test('needs somebody to ask, a confirmed case and an address', async ({ world }) => {
    const { house, owner } = world
    const id = await confirmedAt(world, `https://${HOST}/d/1`)
    expect(await refusalOf(draftNotices(house, owner, planOf([id])))).toMatchObject({
      type: 'recipient/unknown',
      message: expect.stringContaining(HOST),
    })
    await recipientFor(world, HOST, { source: 'rfc2142' })
    expect(await refusalOf(draftNotices(house, owner, planOf([id])))).toMatchObject({
      type: 'recipient/unknown',
    })
    await decideCase(house, owner, id, { kind: 'reopened' })
    const early = await refusalOf(draftNotices(house, owner, planOf([id])))
    expect(early).toMatchObject({ type: 'row/stage', faults: [{ pointer: '/caseIds/0' }] })
    expect(await refusalOf(draftNotices(house, owner, planOf([newId(CaseId)])))).toMatchObject({
      type: 'row/unknown',
    })
    await house.db.system((tx) => tx.run`update case_file set location = 'leak.wav' where id = ${id}`)
    expect(await refusalOf(draftNotices(house, owner, planOf([id])))).toMatchObject({
      type: 'request/invalid',
    })
  })

  test('is invalid while something is open, ready when nothing is, and a draft again when edited or old', async ({
    world,
  }) => {
    const { house, owner } = world
    await recipientFor(world, HOST)
    const id = await confirmedAt(world, `https://${HOST}/d/1`)
    const [draft] = await draftNotices(house, owner, { ...planOf([id]), details: {} })
    if (!draft) throw new Error('no draft')
    const open = await checkNotice(house, owner, draft.id)
    expect(open.notice.state).toBe('invalid')
    expect(open.openPoints.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['contact_incomplete', 'dsa_fields_missing']),
    )
    await completeContact(world)
    await editNotice(house, owner, draft.id, { details: { illegalityExplanation: explanation } })
    const ready = await checkNotice(house, owner, draft.id)
    expect(ready.openPoints).toEqual([])
    expect(ready.notice).toMatchObject({ state: 'ready', openPoints: [] })
    await house.db.system(
      (tx) => tx.run`update notice set checked_at = now() - interval '73 hours' where id = ${draft.id}`,
    )
    expect((await lookAtNotice(house, owner, draft.id)).notice.state).toBe('draft')
    const events = await house.db.tenant(owner.tenantId, (tx) => eventsOf(tx, draft.id))
    expect(events.map(({ kind }) => kind)).toEqual([
      'created',
      'checked_open',
      'edited',
      'checked_ready',
      'aged',
    ])
  })

  test('loses a location that is left out, and not its last one', async ({ world }) => {
    const { house, owner, stranger } = world
    await recipientFor(world, HOST)
    const album = `https://${HOST}/album.zip`
    const [one, two, three, elsewhere] = [
      await confirmedAt(world, album, 'Track 1'),
      await confirmedAt(world, `${album}?`, 'Track 2'),
      await confirmedAt(world, album, 'Track 3'),
      await confirmedAt(world, `https://${HOST}/d/1`, 'Track 4'),
    ]
    const [draft] = await draftNotices(house, owner, planOf([one, two, three]))
    const { id } = draft!
    expect(await refusalOf(leaveOut(house, stranger, id, one))).toMatchObject({ type: 'row/unknown' })
    expect(await refusalOf(leaveOut(house, owner, id, elsewhere))).toMatchObject({ type: 'row/unknown' })
    await checkNotice(house, owner, id)
    expect(await leaveOut(house, owner, id, one)).toMatchObject({ state: 'draft', locations: 2 })
    const rows = await house.db.tenant(owner.tenantId, (tx) => locationsOf(tx, id))
    expect(rows.map(({ caseId, besideId }) => [caseId, besideId])).toEqual([
      [two, null],
      [three, rows[0]?.id],
    ])
    const { subject } = await checkNotice(house, owner, id)
    expect(subject.document.works).toHaveLength(2)
    await leaveOut(house, owner, id, three)
    expect(await refusalOf(leaveOut(house, owner, id, two))).toMatchObject({ type: 'row/stage' })
    expect(await caseState(world, one)).toBe('confirmed')
  })

  test('stands in lists by its number among those that were made at once, page by page', async ({
    world,
  }) => {
    const { house, owner } = world
    const ids: CaseId[] = []
    for (let index = 0; index < 4; index += 1) {
      await recipientFor(world, `h${index}.example`)
      ids.push(await confirmedAt(world, `https://h${index}.example/d`, `Song ${index}`))
    }
    const numbers = (await draftNotices(house, owner, planOf(ids))).map(({ number }) => number)
    const read: string[] = []
    for (let after: { at: Date; id: string } | undefined, pages = 0; pages < 4; pages += 1) {
      const [row] = await house.db.tenant(owner.tenantId, (tx) => listNotices(tx, { limit: 1, after }))
      read.push(row!.number)
      after = { at: row!.createdAt, id: row!.id }
    }
    expect(read).toEqual(numbers.toReversed())
  })

  test('that is not wanted ends, and stays', async ({ world }) => {
    const { house, owner } = world
    await recipientFor(world, HOST)
    const [draft] = await draftNotices(
      house,
      owner,
      planOf([await confirmedAt(world, `https://${HOST}/d/1`)]),
    )
    if (!draft) throw new Error('no draft')
    expect(await dropDraft(house, owner, draft.id)).toMatchObject({ state: 'closed', signedAt: null })
    expect(await refusalOf(editNotice(house, owner, draft.id, { language: 'de' }))).toMatchObject({
      type: 'row/stage',
    })
  })
})

describe('the machine of notices', () => {
  test('refuses what cannot be in every state, and names what can', async ({ world }) => {
    const { house, owner } = world
    await recipientFor(world, HOST)
    const [draft] = await draftNotices(
      house,
      owner,
      planOf([await confirmedAt(world, `https://${HOST}/d/1`)]),
    )
    if (!draft) throw new Error('no draft')
    await house.db.system(async (tx) => {
      await tx.run`update notice set signed_at = now(), signed_by = ${(owner as { member: { id: string } }).member.id},
                          document = '{}', document_text = '{}', document_sha256 = ${'a'.repeat(64)} where id = ${draft.id}`
    })
    for (const state of NoticeState.options) {
      await house.db.system((tx) => tx.run`update notice set state = ${state} where id = ${draft.id}`)
      const allowed = allowedEvents(state)
      for (const kind of NoticeEventKind.options.filter((one) => afterEvent(state, one) === undefined)) {
        const refused = await refusalOf(
          house.db.system((tx) => addEvent(tx, draft, { kind, actor: 'system' })),
        )
        expect(refused?.status, `${kind} in ${state}`).toBe(409)
        for (const one of allowed) expect(refused?.message).toContain(one)
      }
    }
    const events = await house.db.tenant(owner.tenantId, (tx) => eventsOf(tx, draft.id))
    expect(events.map(({ kind }) => kind)).toEqual(['created'])
  })

  test('shows a stranger nothing', async ({ world }) => {
    const { house, owner, stranger } = world
    await recipientFor(world, HOST)
    const [draft] = await draftNotices(
      house,
      owner,
      planOf([await confirmedAt(world, `https://${HOST}/d/1`)]),
    )
    expect(await refusalOf(lookAtNotice(house, stranger, draft!.id))).toMatchObject({ type: 'row/unknown' })
    expect(await refusalOf(dropDraft(house, stranger, draft!.id))).toMatchObject({ type: 'row/unknown' })
    expect(await house.db.tenant(stranger.tenantId, (tx) => listNotices(tx, { limit: 10 }))).toEqual([])
    expect(await house.db.tenant(stranger.tenantId, (tx) => eventsOf(tx, draft!.id))).toEqual([])
    expect(await house.db.tenant(stranger.tenantId, (tx) => locationsOf(tx, draft!.id))).toEqual([])
  })
})
