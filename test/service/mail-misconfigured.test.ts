import { onTestFinished } from 'vitest'

import { changeMail, mailSettings } from '../../services/actions/mail-identity.ts'
import { bounceCounts } from '../../services/notices/sending-limits-store.ts'
import { sendingScene } from '../support/sending.ts'
import { startSmtpHost } from '../support/smtp.ts'
import { describe, expect, test } from '../support/world.ts'

describe('an account’s own mail server inside our network', () => {
  test('is for the account to mend: its messages wait, and no recipient is blamed', async ({ world }) => {
    const { house, owner } = world
    const own = await startSmtpHost()
    onTestFinished(() => own.close())
    const scene = await sendingScene(world)
    await changeMail(house, owner, { smtpUrl: own.url })
    const id = await scene.queue()
    await scene.work(id)
    await scene.work(id)
    expect(own.received).toHaveLength(0)
    expect(await scene.delivery(id)).toMatchObject({
      stage: 'send',
      attemptedAt: null,
      tries: 0,
      problem: null,
    })
    expect((await scene.story()).state).toBe('queued')
    const counts = await house.db.system((tx) => bounceCounts(tx, scene.recipientId))
    expect(counts).toEqual({ sent: 0, bounced: 0 })
    const { problem } = await mailSettings(house, owner)
    expect(problem?.detail).toMatch(/mail server 127\.0\.0\.1 is not at a public address/)

    await changeMail(house, owner, { smtpUrl: null })
    expect((await mailSettings(house, owner)).problem).toBeNull()
    await scene.work(id)
    expect((await scene.story()).state).toBe('sent')
    expect(scene.host.received).toHaveLength(1)
  })
})
