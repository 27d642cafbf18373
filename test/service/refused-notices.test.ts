import { strike } from '../../services/actions/clocks.ts'
import { handleReply } from '../../services/actions/handle-reply.ts'
import { draftNotices } from '../../services/actions/notices.ts'
import { takeReply } from '../../services/actions/replies.ts'
import { retractEverywhere, retractNotice } from '../../services/actions/retract-notice.ts'
import { supplementNotice } from '../../services/actions/supplement-notice.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import { findNotice } from '../../services/notices/store.ts'
import { planOf, recipientFor } from '../support/noticing.ts'
import { acnsMail, mail } from '../support/reply-samples.ts'
import { HOST, sendingScene } from '../support/sending.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** A notice about some locations, sent, and what its recipient can answer in ACNS. */
async function sentScene(world: World, locations: number) {
  const { house } = world
  const scene = await sendingScene(world, undefined, { locations })
  await scene.work(await scene.queue())
  const envelopeTo = replyAddressOf(scene.notice.replyToken, house.config.REPLY_DOMAIN)
  const rows = await house.db.system((tx) => locationsOf(tx, scene.notice.id))
  return {
    ...scene,
    rows,
    /** Which reason the recipient gives for each location that it refuses. */
    refuse: (...reasons: string[]) =>
      takeReply(
        house,
        acnsMail(
          `<NoticeStatus xmlns="http://www.acns.net/ACNS">${reasons
            .map(
              (reason, index) =>
                `<CaseStatus CaseID="${rows[index]?.caseNumber}" TimeStamp="2026-11-23T09:00:00Z">` +
                `<Disposition><Type>REJECTED</Type><Reason>${reason}</Reason></Disposition></CaseStatus>`,
            )
            .join('')}</NoticeStatus>`,
        ),
        { envelopeTo },
      ),
    /** A person reads an answer in words. */
    read: async (handling: Omit<Parameters<typeof handleReply>[3], 'comment'>) => {
      const { id } = await takeReply(house, mail({ text: 'An answer' }), { envelopeTo })
      return handleReply(house, scene.signer, id, { ...handling, comment: 'Read' })
    },
    states: () =>
      house.db.system(async (tx) => {
        const states: string[] = []
        for (const { caseId } of rows) states.push((await findCase(tx, caseId))?.state ?? '')
        return states
      }),
  }
}

describe('a refusal', () => {
  test('that can be mended frees its case, and the others go on waiting', async ({ world }) => {
    const { house, owner } = world
    const { refuse, states, story, rows, notice } = await sentScene(world, 2)
    await refuse('TEXT_XML_MISMATCH')
    expect(await states()).toEqual(['confirmed', 'in_notice'])
    expect((await story()).state).toBe('acknowledged')
    const [anew] = await draftNotices(house, owner, planOf([rows[0]!.caseId]))
    expect(anew).toMatchObject({ recipientId: notice.recipientId, locations: 1 })
  })

  test('of the whole is drafted again as its next version, without what another notice demands', async ({
    world,
  }) => {
    const { house, owner } = world
    const { refuse, states, story, notice } = await sentScene(world, 2)
    await refuse('TEXT_XML_MISMATCH', 'UNKNOWN_RECIPIENT')
    expect([await states(), (await story()).state]).toEqual([['confirmed', 'confirmed'], 'rejected'])
    expect(await supplementNotice(house, owner, notice.id)).toMatchObject({ version: 2, locations: 2 })
  })

  test('for good is taken to the next one, by what a person reads too', async ({ world }) => {
    const { house, owner } = world
    const { read, states, story, rows } = await sentScene(world, 1)
    await read({ as: 'rejected', outcome: 'not_infringing' })
    expect([await states(), (await story()).state]).toEqual([['escalated'], 'rejected'])
    const network = await recipientFor(world, 'network.example')
    await house.db.system(
      (tx) => tx.run`
        insert into recipient_candidate (tenant_id, host, recipient_id, rank)
        values (${owner.tenantId}, ${HOST}, ${network}, 2)`,
    )
    expect(await draftNotices(house, owner, planOf([rows[0]!.caseId]))).toMatchObject([
      { recipientId: network },
    ])
  })

  test('because it is gone is looked at before it is believed', async ({ world }) => {
    const { read, states, rows } = await sentScene(world, 1)
    await read({ as: 'acknowledged', outcome: 'already_gone' })
    expect(await states()).toEqual(['in_notice'])
    const planned = () =>
      world.house.db.system(
        (tx) => tx.run`select 1 from case_file where id = ${rows[0]!.caseId} and recheck_at <= now()`,
      )
    expect(await planned()).toBe(1)
    const [row] = await world.house.db.system((tx) => locationsOf(tx, rows[0]!.noticeId))
    expect(row).toMatchObject({ live: true, outcome: null })
  })

  test('is taken back with its notice: the case is looked at again, whatever became of it', async ({
    world,
  }) => {
    const { house } = world
    const { refuse, read, states, notice, signer } = await sentScene(world, 3)
    await refuse('TEXT_XML_MISMATCH')
    await read({ as: 'rejected', outcome: 'court_order_needed' })
    expect(await states()).toEqual(['confirmed', 'escalated', 'escalated'])
    await retractNotice(house, signer, notice.id, { reason: 'We were wrong' })
    expect(await states()).toEqual(['needs_review', 'needs_review', 'needs_review'])
  })
})

test('what nobody answered after ten days is escalated, as is what the recipient called a duplicate', async ({
  world,
}) => {
  const { house } = world
  const { refuse, states, notice } = await sentScene(world, 2)
  await refuse('MULTIPLE')
  const sentAt = (await house.db.system((tx) => findNotice(tx, notice.id)))?.sentAt
  const late = new Date(sentAt!.getTime() + 11 * 24 * 60 * 60_000)
  // The clocks stood still: nobody is reminded and given up in the same breath.
  expect(await house.db.system((tx) => strike(tx, notice.id, late))).toBeUndefined()
  expect(await states()).toEqual(['escalated', 'escalated'])
})

test('a notice whose last open location is taken back ends with what was removed of it', async ({
  world,
}) => {
  const { house } = world
  const { rows, signer, notice, story } = await sentScene(world, 2)
  const { takeLook } = await import('../../services/actions/rechecks.ts')
  const { startRecheck } = await import('../../services/matches/recheck-store.ts')
  const nothing = { finalUrl: null, mediaType: null, bytes: null, etag: null, sha256: null, problem: null }
  for (const hours of [1, 8])
    await house.db.system(async (tx) => {
      const id = await startRecheck(tx, { id: rows[0]!.caseId, tenantId: notice.tenantId })
      const at = new Date(Date.now() + hours * 60 * 60_000)
      await takeLook(tx, id, { verdict: 'gone', seen: { ...nothing, status: 404 }, at })
    })
  expect((await story()).state).toBe('partially_actioned')
  await retractEverywhere(house, signer, rows[1]!.caseId, { reason: 'Not ours' })
  expect((await story()).state).toBe('actioned')
})
