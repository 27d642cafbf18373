import { onTestFinished } from 'vitest'

import { openMailInbox } from '../../services/actions/mail-inbox.ts'
import { REPLIES_A_DAY_MAX, takeReply } from '../../services/actions/replies.ts'
import { openMailer } from '../../services/core/mail.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { repliesOf } from '../../services/notices/reply-store.ts'
import { findNotice } from '../../services/notices/store.ts'
import { refusalOf } from '../support/allowing.ts'
import { mail } from '../support/reply-samples.ts'
import { sendingScene } from '../support/sending.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** A notice that was sent, with the address of its answers. */
async function sent(world: World) {
  const scene = await sendingScene(world)
  await scene.work(await scene.queue())
  const { house } = world
  const { notice } = scene
  return {
    notice,
    address: replyAddressOf(notice.replyToken, house.config.REPLY_DOMAIN),
    replies: () => house.db.system((tx) => repliesOf(tx, notice.id)),
    refused: async () => (await house.db.system((tx) => findNotice(tx, notice.id)))?.repliesRefused,
  }
}

describe('answers to one notice', () => {
  test('with one Message-ID and other bytes are two; the very same is one', async ({ world }) => {
    const { address, replies } = await sent(world)
    const messageId = 'one@hosting.example'
    const take = (text: string) => takeReply(world.house, mail({ messageId, text }), { envelopeTo: address })
    expect(await take('We have received it')).toMatchObject({ isNew: true })
    expect(await take('We decline')).toMatchObject({ isNew: true })
    expect(await take('We decline')).toMatchObject({ isNew: false })
    expect((await replies()).map(({ text }) => text.trim())).toEqual(['We have received it', 'We decline'])
  })

  test('are refused above a number a day, counted, and taken again the next', async ({ world }) => {
    const { house } = world
    const { address, notice, replies, refused } = await sent(world)
    const known = mail({ text: 'known' })
    await takeReply(house, known, { envelopeTo: address })
    await house.db.system(
      (tx) => tx.run`
        insert into reply (id, tenant_id, notice_id, message_id, sender, subject, kind, text, findings, raw_sha256,
                           handled_at, handled_by)
        select gen_random_uuid(), ${notice.tenantId}, ${notice.id}, 'm' || i, '', '', 'other', '', '{"numbers":[]}',
               ${'0'.repeat(64)}, now(), 'system'
          from generate_series(2, ${REPLIES_A_DAY_MAX}::integer) i`,
    )
    const inbox = await openMailInbox(house, { host: '127.0.0.1', port: 0 })
    const mailer = openMailer(`smtp://127.0.0.1:${inbox.port}`)
    onTestFinished(async () => {
      mailer.close()
      await inbox.close()
    })
    const one = mail({ text: 'one more' })
    const bring = (raw: Buffer) => refusalOf(mailer.sendRaw({ envelope: { from: '', to: address }, raw }))
    expect(await bring(one)).toMatchObject({
      type: 'mail/unreachable',
      message: expect.stringContaining('452'),
    })
    expect([(await replies()).length, await refused()]).toEqual([REPLIES_A_DAY_MAX, 1])
    expect(await takeReply(house, known, { envelopeTo: address })).toMatchObject({ isNew: false })
    expect(await refused()).toBe(1)
    await house.db.system((tx) => tx.run`update reply set received_at = received_at - interval '1 day'`)
    expect(await bring(one)).toBeUndefined()
    expect([(await replies()).length, await refused()]).toEqual([REPLIES_A_DAY_MAX + 1, 1])
  })
})
