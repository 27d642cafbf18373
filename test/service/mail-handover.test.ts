import { type AddressInfo, createServer } from 'node:net'

import { onTestFinished } from 'vitest'

import { createAddressPolicy } from '../../services/core/addresses.ts'
import { accountMailer, openMailer } from '../../services/core/mail.ts'
import { composeMime } from '../../services/core/mime.ts'
import { refusalOf } from '../support/allowing.ts'
import { startSmtpHost } from '../support/smtp.ts'
import { describe, expect, test } from '../support/world.ts'

const envelope = { from: 'reply+token@replies.example', to: 'abuse@hosting.example' }

const message = async () => ({
  envelope,
  raw: await composeMime({
    from: 'notices@records.example',
    to: envelope.to,
    subject: 'Notice',
    text: 'Dear host,\n.\n..\nend',
    messageId: 'a@records.example',
    date: new Date(),
  }),
})

async function sentTo(...given: Parameters<typeof startSmtpHost>) {
  const host = await startSmtpHost(...given)
  onTestFinished(() => host.close())
  const mailer = openMailer(host.url)
  onTestFinished(() => mailer.close())
  const refusal = await refusalOf(mailer.sendRaw(await message()))
  return { host, refusal }
}

describe('a message that is handed over', () => {
  test('arrives byte for byte, with answers going to its own address', async () => {
    const { host, refusal } = await sentTo()
    expect(refusal).toBeUndefined()
    const { raw } = await message()
    const withoutDate = (bytes: Buffer | undefined) =>
      bytes
        ?.toString()
        .replace(/^Date:.*$/m, '')
        .trimEnd()
    expect(host.received).toHaveLength(1)
    expect(host.received[0]).toMatchObject({ from: envelope.from, to: [envelope.to] })
    expect(withoutDate(host.received[0]?.raw)).toBe(withoutDate(raw))
  })

  test('is refused for good by a 5xx, and worth another try after a 4xx', async () => {
    expect((await sentTo(() => 554)).refusal?.type).toBe('mail/refused')
    expect((await sentTo(() => 451)).refusal?.type).toBe('mail/unreachable')
    const refuseTo = { onRcptTo: (_: unknown, __: unknown, done: (error: Error) => void) => done(unknown) }
    const unknown = Object.assign(new Error('no such mailbox'), { responseCode: 550 })
    expect((await sentTo(undefined, refuseTo)).refusal?.type).toBe('mail/refused')
  })

  test('is unclear when the line is cut after its data, and nothing is sent again', async () => {
    let messages = 0
    const { refusal } = await sentTo(() => {
      messages += 1
      return 'cut'
    })
    expect(refusal).toMatchObject({ type: 'delivery/unclear', retry: false })
    expect(messages).toBe(1)
  })

  test('is not unclear when the line is cut before its data', async () => {
    const server = createServer((socket) => {
      socket.write('220 here\r\n')
      socket.on('data', (text) =>
        String(text).startsWith('MAIL') ? socket.destroy() : socket.write('250 ok\r\n'),
      )
      socket.on('error', () => {}) // It is cut on purpose.
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const mailer = openMailer(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect((await refusalOf(mailer.sendRaw(await message())))?.type).toBe('mail/unreachable')
  })

  test('goes to no server of an account inside our own network, and no password in the open', async () => {
    const host = await startSmtpHost()
    onTestFinished(() => host.close())
    const closed = accountMailer(host.url, createAddressPolicy())
    expect(await refusalOf(closed.sendRaw(await message()))).toMatchObject({
      type: 'mail/misconfigured',
      message: expect.stringContaining('public'),
    })
    const open = createAddressPolicy([new URL(host.url).host])
    await accountMailer(host.url, open).sendRaw(await message())
    expect(host.received).toHaveLength(1)
    const withPassword = accountMailer(host.url.replace('//', '//user:secret@'), open)
    expect((await refusalOf(withPassword.sendRaw(await message())))?.type).toBe('mail/unreachable')
    expect(host.received).toHaveLength(1)
  })
})
