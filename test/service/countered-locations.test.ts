import { strike } from '../../services/actions/clocks.ts'
import { answerCounterNotice, registerCounterNotice } from '../../services/actions/counter-notices.ts'
import { draftNotices } from '../../services/actions/notices.ts'
import { noteGone } from '../../services/actions/rechecks.ts'
import { unanswered } from '../../services/actions/still-demanded.ts'
import { auditEntries } from '../../services/core/audit.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { addDays, putBackWindow } from '../../services/notices/clocks/business-days.ts'
import { findCounterNotice } from '../../services/notices/counter-store.ts'
import { isCountered } from '../../services/notices/facts-store.ts'
import { locationsOf, setOutcome } from '../../services/notices/locations-store.ts'
import { eventsOf } from '../../services/notices/store.ts'
import { refusalOf } from '../support/allowing.ts'
import { confirmedAt, planOf } from '../support/noticing.ts'
import { HOST, sendingScene } from '../support/sending.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const DAY_MS = 24 * 60 * 60_000
const today = () => new Date().toISOString().slice(0, 10)

const given = (caseId: CaseId, receivedOn = today()) => ({
  caseId,
  receivedOn,
  sender: 'the uploader',
  text: 'This is my own recording.',
  reason: 'owner' as const,
  checks: {
    signature: true,
    material_and_location: true,
    perjury_statement: true,
    name_address_phone: true,
    jurisdiction_consent: true,
  },
})

/** A notice about some locations that went out, and what the tests ask about it. */
async function sentAbout(world: World, locations: number) {
  const { house } = world
  const scene = await sendingScene(world, undefined, { locations })
  await scene.work(await scene.queue())
  const { notice, signer } = scene
  const rows = () => house.db.system((tx) => locationsOf(tx, notice.id))
  return {
    ...scene,
    cases: (await rows()).map(({ caseId }) => caseId),
    rows,
    counter: (caseId: CaseId, receivedOn?: string) =>
      registerCounterNotice(house, signer, notice.id, given(caseId, receivedOn)),
    state: async () => (await scene.story()).state,
    events: () => house.db.system((tx) => eventsOf(tx, notice.id)),
    caseState: (id: CaseId) => house.db.system(async (tx) => (await findCase(tx, id))?.state),
    reminded: () => house.db.system(async (tx) => (await unanswered(tx, notice)).addresses.size),
    strikeAt: (days: number) =>
      house.db.system((tx) => strike(tx, notice.id, new Date(Date.now() + days * DAY_MS + 60_000))),
    /** As looks find it. */
    gone: (index: number) =>
      house.db.system(async (tx) => {
        const row = (await locationsOf(tx, notice.id))[index]
        if (!row) throw new Error('no such location')
        await setOutcome(tx, row, 'removed', 'recheck', [row.caseId])
        await noteGone(tx, notice)
      }),
  }
}

describe('a counter-notice about one of several locations', () => {
  test('freezes that one; the others are reminded of, and escalate', async ({ world }) => {
    const scene = await sentAbout(world, 3)
    const [countered, second, third] = scene.cases
    await scene.counter(countered!)
    expect(await scene.state()).toBe('acknowledged')
    expect((await scene.events()).at(-1)).toMatchObject({ kind: 'commented', reason: 'countered' })
    expect(await scene.reminded()).toBe(2)
    expect(await scene.strikeAt(3)).toBeDefined()
    await scene.strikeAt(10)
    expect(await scene.state()).toBe('no_response')
    expect([await scene.caseState(second!), await scene.caseState(third!)]).toEqual([
      'escalated',
      'escalated',
    ])
    expect(await scene.caseState(countered!)).toBe('in_notice')
    expect((await scene.rows()).map(({ outcome }) => outcome)).toEqual([
      'counter_notice',
      'no_response',
      'no_response',
    ])
  })

  test('is all that is left once the others are gone, and its answer ends the notice', async ({ world }) => {
    const scene = await sentAbout(world, 3)
    const counter = await scene.counter(scene.cases[0]!)
    await scene.gone(1)
    expect(await scene.state()).toBe('partially_actioned')
    await scene.gone(2)
    expect(await scene.state()).toBe('counter_noticed')
    // Silence about what is countered is no silence: nobody is given up for it.
    await scene.strikeAt(10)
    expect(await scene.state()).toBe('counter_noticed')
    const accepted = { answer: 'accepted', comment: 'Let it be' } as const
    await answerCounterNotice(world.house, scene.signer, counter.id, accepted)
    expect(await scene.state()).toBe('closed')
  })

  test('that was right leaves the rest of the notice where it was', async ({ world }) => {
    const scene = await sentAbout(world, 3)
    const first = await scene.counter(scene.cases[0]!)
    await scene.gone(1)
    await scene.gone(2)
    const retracted = { answer: 'retracted', comment: 'It is theirs' } as const
    await answerCounterNotice(world.house, scene.signer, first.id, retracted)
    expect((await scene.story()).kinds.slice(-2)).toEqual(['resumed', 'all_gone'])
    expect(await scene.state()).toBe('actioned')
    expect(await scene.caseState(scene.cases[0]!)).toBe('dismissed')
  })

  test('waits for its own answer when another was answered', async ({ world }) => {
    const scene = await sentAbout(world, 2)
    const [first, second] = [await scene.counter(scene.cases[0]!), await scene.counter(scene.cases[1]!)]
    expect(await scene.state()).toBe('counter_noticed')
    const accepted = { answer: 'accepted', comment: 'Let it be' } as const
    await answerCounterNotice(world.house, scene.signer, first.id, accepted)
    expect(await scene.state()).toBe('counter_noticed')
    await answerCounterNotice(world.house, scene.signer, second.id, accepted)
    expect(await scene.state()).toBe('closed')
  })

  test('bars every work at its address until it is answered', async ({ world }) => {
    const { house, owner } = world
    const scene = await sentAbout(world, 2)
    const beside = await confirmedAt(world, `https://${HOST}/d/1`, 'Second Light')
    await draftNotices(house, owner, planOf([beside]))
    const barred = () => house.db.system((tx) => isCountered(tx, beside))
    expect(await barred()).toBe(false)
    const counter = await scene.counter(scene.cases[0]!)
    expect(await barred()).toBe(true)
    const accepted = { answer: 'accepted', comment: 'Let it be' } as const
    await answerCounterNotice(house, scene.signer, counter.id, accepted)
    expect(await barred()).toBe(false)
  })
})

describe('an action against a counter-notice', () => {
  /** Received so long ago that the last day of the put-back is over, whatever day of the week it is today. */
  const receivedOn = () => addDays(today(), -40)
  const filed = { answer: 'action_filed', docket: '1:26-cv-00001', comment: 'In the district court' } as const

  test('that was filed in time is recorded late, and says so', async ({ world }) => {
    const { house, owner } = world
    const scene = await sentAbout(world, 2)
    const counter = await scene.counter(scene.cases[0]!, receivedOn())
    const { latest } = putBackWindow(receivedOn())
    await answerCounterNotice(house, scene.signer, counter.id, { ...filed, filedOn: latest })
    const kept = await house.db.system((tx) => findCounterNotice(tx, counter.id))
    expect(kept).toMatchObject({ answer: 'action_filed', filedOn: latest })
    const told = (await scene.events()).find(({ reason }) => reason?.endsWith('recorded_late'))
    expect(told).toMatchObject({
      reason: 'action_filed_recorded_late',
      details: { filedOn: latest, isLate: true },
    })
    const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 1000))
    expect(entries.at(-1)).toMatchObject({
      action: 'notice.counter-answered',
      details: { filedOn: latest, isLate: true },
    })
    expect(await scene.state()).toBe('acknowledged')
  })

  test('that was filed after the last day, or will be, is refused on every day of the week', async ({
    world,
  }) => {
    const scene = await sentAbout(world, 1)
    const counter = await scene.counter(scene.cases[0]!, receivedOn())
    const { latest } = putBackWindow(receivedOn())
    const answered = (filedOn?: string) =>
      refusalOf(answerCounterNotice(world.house, scene.signer, counter.id, { ...filed, filedOn }))
    for (const day of [undefined, ...[1, 2, 3, 4, 5, 6, 7].map((days) => addDays(latest, days))])
      expect(await answered(day)).toMatchObject({
        type: 'request/conflict',
        message: expect.stringContaining('filedOn'),
      })
    expect((await answered(addDays(today(), 1)))?.faults[0]?.pointer).toBe('/filedOn')
  })
})
