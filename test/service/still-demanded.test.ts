import { simpleParser } from 'mailparser'

import { allowPlace } from '../../services/actions/allow-list.ts'
import { strike } from '../../services/actions/clocks.ts'
import { retractEverywhere } from '../../services/actions/retract-notice.ts'
import { queueDelivery } from '../../services/notices/delivery-store.ts'
import { locationsOf, setOutcome } from '../../services/notices/locations-store.ts'
import { findNotice } from '../../services/notices/store.ts'
import { entry, refusalOf } from '../support/allowing.ts'
import { HOST, sendingScene } from '../support/sending.ts'
import { describe, expect, test } from '../support/world.ts'

describe('a signed notice', () => {
  test('does not go out once somebody countered it elsewhere, or nothing of it is there any more', async ({
    world,
  }) => {
    const { house, owner } = world
    const scene = await sendingScene(world)
    const [row] = await house.db.system((tx) => locationsOf(tx, scene.notice.id))
    await house.db.system((tx) => tx.run`update case_file set state = 'removed' where id = ${row!.caseId}`)
    expect(await refusalOf(scene.queue())).toMatchObject({
      type: 'notice/barred',
      message: expect.stringContaining('no longer there'),
    })
    await house.db.system((tx) => tx.run`update case_file set state = 'in_notice' where id = ${row!.caseId}`)
    await house.db.tenant(
      owner.tenantId,
      (tx) => tx.run`
        insert into counter_notice (id, tenant_id, notice_id, case_id, received_on, sender, text, reason, checks,
                                    put_back_from, put_back_latest)
        values (gen_random_uuid(), ${owner.tenantId}, ${scene.notice.id}, ${row!.caseId}, '2026-11-20', 'x', 'x', 'owner',
                '{}', '2026-12-07', '2026-12-11')`,
    )
    expect(await refusalOf(scene.queue())).toMatchObject({
      type: 'notice/barred',
      message: expect.stringContaining('counter-notice'),
    })
  })
})

describe('a recipient', () => {
  test('gets no message about what was taken back or allowed while it waited', async ({ world }) => {
    const { house, owner } = world
    const scene = await sendingScene(world, undefined, { locations: 4 })
    await house.db.system(
      (tx) => tx.run`update notice set format = 'xarf-mail' where id = ${scene.notice.id}`,
    )
    await scene.work(await scene.queue())
    const [, second, third, fourth] = await scene.deliveries()
    const rows = await house.db.system((tx) => locationsOf(tx, scene.notice.id))
    await retractEverywhere(house, scene.signer, rows[1]!.caseId, { reason: 'Not ours' })
    await allowPlace(house, owner, entry({ kind: 'url-prefix', value: rows[2]!.url, reason: 'Our partner' }))
    for (const each of [second, third, fourth]) await scene.work(each!.id)
    const told = async () =>
      (await Promise.all(scene.host.received.map(({ raw }) => simpleParser(raw)))).map(
        ({ text }) => text ?? '',
      )
    expect(scene.host.received).toHaveLength(2)
    for (const text of await told())
      for (const { url } of [rows[1]!, rows[2]!]) expect(text).not.toContain(url)
    expect((await told())[1]).toContain(rows[3]!.url)
    expect((await scene.delivery(second!.id)).stage).toBe('failed')
    expect((await scene.delivery(third!.id)).problem?.type).toBe('/problems/notice/barred')
    // What arrived has arrived.
    expect((await scene.story()).state).toBe('sent')
  })

  test('is reminded only of what still waits for an answer', async ({ world }) => {
    const { house } = world
    const scene = await sendingScene(world, undefined, { locations: 3 })
    await scene.work(await scene.queue())
    const rows = await house.db.system((tx) => locationsOf(tx, scene.notice.id))
    const [first, second, third] = rows
    await retractEverywhere(house, scene.signer, first!.caseId, { reason: 'Not ours' })
    await house.db.system((tx) => setOutcome(tx, second!, 'removed', 'recheck'))
    const sentAt = (await house.db.system((tx) => findNotice(tx, scene.notice.id)))?.sentAt
    const days = (count: number) => new Date(sentAt!.getTime() + count * 24 * 60 * 60_000 + 1000)
    const strikeAt = (count: number) => house.db.system((tx) => strike(tx, scene.notice.id, days(count)))
    const reminder = await strikeAt(3)
    await scene.work(reminder!)
    const mail = await simpleParser(scene.host.received.at(-1)?.raw ?? '')
    const [beforeCopy = ''] = (mail.text ?? '').split(/={60,}\n(?=The notice)/)
    expect(mail.subject).toContain('1 URL')
    expect(beforeCopy).toContain(third!.url)
    await house.db.system((tx) => setOutcome(tx, third!, 'not_infringing', 'recipient'))
    await house.db.system((tx) => tx.run`update delivery set sent_at = ${days(3)} where id = ${reminder}`)
    expect(await strikeAt(6)).toBeUndefined()
    // One that was queued before the last answer came does not go out either.
    const late = await house.db.system((tx) =>
      queueDelivery(tx, scene.notice, { kind: 'reminder', way: 'mail', address: `abuse@${HOST}` }),
    )
    const before = scene.host.received.length
    await scene.work(late)
    expect(scene.host.received).toHaveLength(before)
    expect(await scene.story()).toMatchObject({ state: 'sent' })
  })
})
