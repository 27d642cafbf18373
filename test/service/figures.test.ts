import { describe, expect } from 'vitest'

import { pauseNotices } from '../../services/actions/account.ts'
import { strikeAll } from '../../services/actions/clocks.ts'
import { auditEntries } from '../../services/core/audit.ts'
import type { CaseId, NoticeId } from '../../services/core/ids.ts'
import { type Period, isTooUnfounded, yearOf } from '../../services/figures/figures.ts'
import { figuresOf, unfoundedLately, yearlyTable } from '../../services/figures/store.ts'
import { setOutcome } from '../../services/notices/locations-store.ts'
import type { Outcome } from '../../services/notices/notice-state.ts'
import { addEvent, findNotice } from '../../services/notices/store.ts'
import { findTenant } from '../../services/tenants/store.ts'
import { findAt, registered } from '../support/found-case.ts'
import { madeNotice } from '../support/made-notice.ts'
import { recipientFor } from '../support/noticing.ts'
import { type World, test } from '../support/world.ts'

const HOUR_MS = 60 * 60_000
const YEAR: Period = yearOf(2026)
const at = (text: string): Date => new Date(`2026-${text}Z`)
const plus = (time: Date, hours: number): Date => new Date(time.getTime() + hours * HOUR_MS)

/** Adds a decision to the history of a case, at a time of the test's choice. */
const decided = (
  { house, owner }: World,
  caseId: CaseId,
  kind: string,
  when: Date,
  more: { reason?: string; actor?: string; state?: string } = {},
) =>
  house.db.system(async (tx) => {
    await tx.run`
      insert into case_decision (id, tenant_id, case_id, number, kind, actor, reason, at)
      select gen_random_uuid(), ${owner.tenantId}, ${caseId}, coalesce(max(number), 0) + 1, ${kind},
             ${more.actor ?? 'system'}, ${more.reason ?? null}, ${when} from case_decision where case_id = ${caseId}`
    if (more.state) await tx.run`update case_file set state = ${more.state} where id = ${caseId}`
  })

const looked = ({ house, owner }: World, caseId: CaseId, verdict: string, when: Date) =>
  house.db.system(
    (tx) => tx.run`
      insert into recheck (id, tenant_id, case_id, stage, verdict, checked_at)
      values (gen_random_uuid(), ${owner.tenantId}, ${caseId}, 'done', ${verdict}, ${when})`,
  )

const answered = ({ house }: World, noticeId: NoticeId, caseId: CaseId, outcome: Outcome) =>
  house.db.system((tx) =>
    setOutcome(
      tx,
      { noticeId, canonicalUrl: `https://files.hoster.example/${caseId}` },
      outcome,
      'recipient',
    ),
  )

async function casesOf(world: World, count: number): Promise<CaseId[]> {
  const recordingId = await registered(world, 'Sample')
  const ids: CaseId[] = []
  for (let i = 0; i < count; i += 1)
    ids.push((await findAt(world, recordingId, { url: `https://files.hoster.example/${i}` })).id)
  return ids
}

/** The copy of a case was found gone so many hours after a moment, and again seven hours later. */
async function goneAfter(world: World, caseId: CaseId, from: Date, hours: number): Promise<void> {
  await looked(world, caseId, 'gone', plus(from, hours))
  await looked(world, caseId, 'gone', plus(from, hours + 7))
  await decided(world, caseId, 'removed', plus(from, hours + 7))
}

const figures = ({ house, owner }: World, period = YEAR) =>
  house.db.tenant(owner.tenantId, (tx) => figuresOf(tx, owner.tenantId, period))
const yearly = ({ house, owner }: World, period = YEAR) =>
  house.db.tenant(owner.tenantId, (tx) => yearlyTable(tx, owner.tenantId, period))

describe('figures', () => {
  test('count and time what happened, by recipient and all in all', async ({ world }) => {
    const host = await recipientFor(world, 'files.hoster.example')
    const network = await recipientFor(world, 'network.example')
    const cases = await casesOf(world, 8)
    const [c0, c1, c2, c3, c4, c5, c6, c7] = cases as [
      CaseId,
      CaseId,
      CaseId,
      CaseId,
      CaseId,
      CaseId,
      CaseId,
      CaseId,
    ]
    const start = at('03-01T00:00:00')
    const first = await madeNotice(world, {
      recipientId: host,
      caseIds: [c0, c1, c2, c3, c4, c5, c6],
      sentAt: start,
      acknowledgedAfterH: 4,
    })
    await madeNotice(world, {
      recipientId: host,
      caseIds: [c7],
      sentAt: plus(start, 24),
      acknowledgedAfterH: 10,
    })
    // Gone after 10, 20, 30 and 40 hours: half within 25, nine of ten within 37.
    await goneAfter(world, c0, start, 10)
    await looked(world, c1, 'gone', plus(start, 2))
    await looked(world, c1, 'live', plus(start, 9))
    await goneAfter(world, c1, start, 20)
    await goneAfter(world, c2, start, 30)
    await goneAfter(world, c3, start, 40)
    await decided(world, c3, 'restored', plus(start, 100), { state: 'restored' })
    await answered(world, first, c4, 'not_infringing')
    await answered(world, first, c5, 'retracted')
    // The host ignored it for ten days; its network removed it two hours after it was asked.
    await world.house.db.system((tx) =>
      addEvent(
        tx,
        { id: first, tenantId: world.owner.tenantId },
        { kind: 'deadline_passed', actor: 'system' },
      ),
    )
    await madeNotice(world, { recipientId: network, caseIds: [c6], sentAt: plus(start, 250) })
    await goneAfter(world, c6, plus(start, 250), 2)
    await answered(world, first, c6, 'removed')

    const told = await figures(world)
    expect(told.total).toMatchObject({
      notices: 3,
      acknowledged: 2,
      acknowledgeMedianH: 7,
      locations: 9,
      removed: 5,
      restored: 1,
      refused: 1,
      noResponse: 1,
      counterNotices: 0,
      withdrawn: 1,
      unfounded: 1,
      removalMedianH: 20,
      refusals: { not_infringing: 1 },
    })
    expect(told.total.acknowledgeP90H).toBeCloseTo(9.4)
    const [hosts, networks] = told.recipients
    expect(hosts).toMatchObject({
      recipientId: host,
      notices: 2,
      locations: 8,
      removed: 4,
      removalMedianH: 25,
      noResponse: 1,
      suggestedClass: 'slow',
    })
    expect(hosts?.removalP90H).toBeCloseTo(37)
    expect(networks).toMatchObject({
      recipientId: network,
      locations: 1,
      removed: 1,
      removalMedianH: 2,
      acknowledged: 0,
      acknowledgeMedianH: null,
      suggestedClass: null,
    })
    expect(await yearly(world)).toEqual([
      expect.objectContaining({
        provider: 'Sample Hosting of files.hoster.example',
        contentType: 'sound recordings',
        notices: 2,
        locations: 8,
        removed: 3,
        restored: 1,
        refused: 1,
        none: 2,
        withdrawn: 1,
        countered: 0,
      }),
      expect.objectContaining({
        provider: 'Sample Hosting of network.example',
        notices: 1,
        locations: 1,
        removed: 1,
        restored: 0,
      }),
    ])
    expect(await yearly(world, yearOf(2025))).toEqual([])
    expect(await figures({ ...world, owner: world.stranger })).toMatchObject({
      total: { notices: 0, locations: 0, removalMedianH: null },
      recipients: [],
    })
  })

  test('count an address once, however many versions of its notice were sent', async ({ world }) => {
    const recipientId = await recipientFor(world, 'files.hoster.example')
    const [caseId] = (await casesOf(world, 1)) as [CaseId]
    const start = at('03-01T00:00:00')
    const id = await madeNotice(world, { recipientId, caseIds: [caseId], sentAt: start })
    await answered(world, id, caseId, 'incomplete')
    const number = await world.house.db.system(async (tx) => (await findNotice(tx, id))?.number ?? '')
    await madeNotice(world, {
      recipientId,
      caseIds: [caseId],
      sentAt: plus(start, 48),
      replaces: { id, number, version: 1 },
    })
    await goneAfter(world, caseId, start, 60)
    const { total } = await figures(world)
    expect(total).toMatchObject({ notices: 2, locations: 1, removed: 1, refused: 0, removalMedianH: 60 })
    expect(total.refusals).toEqual({ incomplete: 1 })
  })

  test('tell the precision by the last decision of a person that was not taken back', async ({ world }) => {
    const [c0, c1, c2, c3] = (await casesOf(world, 4)) as [CaseId, CaseId, CaseId, CaseId]
    const actor = world.owner.kind === 'member' ? `member:${world.owner.member.id}` : ''
    const when = at('04-01T00:00:00')
    await decided(world, c0, 'confirmed', when, { actor })
    await decided(world, c1, 'confirmed', when, { actor })
    await decided(world, c1, 'dismissed', plus(when, 1), { actor, reason: 'false_positive' })
    await decided(world, c2, 'dismissed', when, { actor, reason: 'authorised_use' })
    await decided(world, c3, 'confirmed', when, { actor })
    await decided(world, c3, 'dismissed', plus(when, 1), { reason: 'content_gone' })
    const { reviewed } = await figures(world)
    expect(reviewed).toEqual({ confirmed: 2, falsePositives: 1, otherwiseDismissed: 1 })
  })
})

describe('too many unfounded notices', () => {
  test('pause the account once; a person lets it go on', async ({ world }) => {
    const { house, owner } = world
    const recipientId = await recipientFor(world, 'files.hoster.example')
    const cases = await casesOf(world, 40)
    const sentAt = new Date(Date.now() - 24 * HOUR_MS)
    const id = await madeNotice(world, { recipientId, caseIds: cases, sentAt })
    const pausedWhy = () =>
      house.db.system(async (tx) => (await findTenant(tx, owner.tenantId))?.noticesPausedWhy)
    const [c0, c1, c2, c3, c4] = cases as [CaseId, CaseId, CaseId, CaseId, CaseId]
    await answered(world, id, c0, 'retracted')
    await answered(world, id, c1, 'retracted')
    await strikeAll(house.db)
    // Two of forty are one in twenty: that is the limit, and not above it.
    expect(await pausedWhy()).toBeNull()
    await decided(world, c2, 'dismissed', new Date(), { reason: 'false_positive', state: 'dismissed' })
    await strikeAll(house.db)
    expect(await pausedWhy()).toMatch(/^3 of the 40 locations/)
    const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 100))
    expect(entries.at(-1)).toMatchObject({
      actor: 'system',
      action: 'notices.paused',
      details: { unfounded: 3, locations: 40 },
    })
    // What is taken back while it is paused is known to whoever lets it go on.
    await answered(world, id, c4, 'retracted')
    await pauseNotices(house, owner, undefined)
    await strikeAll(house.db)
    expect(await pausedWhy()).toBeNull()
    // A copy that was gone when it was looked at is no mistake.
    await decided(world, c3, 'dismissed', new Date(), { reason: 'content_gone', state: 'dismissed' })
    expect(
      await house.db.system((tx) => unfoundedLately(tx, owner.tenantId, new Date(Date.now() + 1000))),
    ).toEqual({ unfounded: 4, locations: 40 })
    await answered(world, id, c3, 'retracted')
    await strikeAll(house.db)
    expect(await pausedWhy()).toMatch(/^5 of the 40/)
  })

  test('need enough of them to be judged', () => {
    expect(isTooUnfounded({ count: 39, of: 39 })).toBe(false)
    expect(isTooUnfounded({ count: 2, of: 40 })).toBe(false)
    expect(isTooUnfounded({ count: 3, of: 40 })).toBe(true)
  })
})
