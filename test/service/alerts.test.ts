import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { SMTPServer } from 'smtp-server'

import * as alerts from '../../services/alerts/store.ts'
import { openLog } from '../../services/core/log.ts'
import { caughtMails } from '../../services/core/mail-catcher.ts'
import { startMailCatcher } from '../../services/core/mail-catcher.ts'
import { openMailer } from '../../services/core/mail.ts'
import {
  changeMember,
  changeTenant,
  createMember,
  unsubscribe,
  unsubscribeToken,
} from '../../services/tenants/store.ts'
import { notify } from '../../workers/notify.ts'
import type { Tools } from '../../workers/tools.ts'
import { foundCase } from '../support/found-case.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const run = { log: openLog('test', 'silent'), progress: async () => {}, signal: new AbortController().signal }

/** The notify worker as it is, with a mail server of the test's choice. */
const worker = (world: World, smtpUrl: string) =>
  notify({ ...world.house, mailer: openMailer(smtpUrl) } as unknown as Tools)

/** A case for a recording of this title found at an address. */
const openCase = (world: World, title: string, url: string) => foundCase(world, { title, url })

/** Gathers an alert about some cases that is due now. */
const gathered = ({ house, owner }: World, caseIds: readonly Parameters<typeof alerts.gather>[2][]) =>
  house.db.system(async (tx) => {
    const made = []
    for (const id of caseIds) made.push(await alerts.gather(tx, owner.tenantId, id, 0))
    return made
  })

describe('an alert', () => {
  test('gathers what opens within its time, and the next one joins the thread of a case told before', async ({
    world,
  }) => {
    const catcher = await startMailCatcher(`${world.folder}/mail`)
    const cases = [
      await openCase(world, 'One', 'https://a.example.org/1'),
      await openCase(world, 'Two', 'https://a.example.org/2'),
    ]
    const [first, second] = await gathered(world, cases)
    expect([first?.isNew, second?.isNew]).toEqual([true, false])
    expect(second?.id).toBe(first?.id)
    await worker(world, catcher.url)({ id: first?.id ?? ('' as never) }, run)
    await worker(world, catcher.url)({ id: first?.id ?? ('' as never) }, run)

    const [again] = await gathered(world, cases.slice(1))
    expect(again?.id).not.toBe(first?.id)
    await worker(world, catcher.url)({ id: again?.id ?? ('' as never) }, run)
    const mails = (await caughtMails(`${world.folder}/mail`)).toReversed()
    expect(mails).toHaveLength(2)
    expect(mails[0]?.subject).toMatch(/Found: One and 1 more$/)
    expect(mails[0]?.text).toContain('“Two” by The Samples')
    expect(mails[0]?.html).not.toContain('https://a.example.org')
    expect(mails[1]?.headers['in-reply-to']).toBe(mails[0]?.headers['message-id'])
    const kept = await world.house.db.tenant(world.owner.tenantId, (tx) =>
      alerts.mailsAbout(tx, cases[1] ?? ('' as never)),
    )
    expect(kept).toHaveLength(2)
    expect(kept[0]).toMatchObject({ subject: mails[0]?.subject, response: expect.stringMatching(/^250/) })
    await catcher.close()
  })

  test('goes to the members who want it, and the link in it stops it', async ({ world }) => {
    const catcher = await startMailCatcher(`${world.folder}/mail`)
    const { db } = world.house
    const { tenantId } = world.owner
    const quiet = await db.system(async (tx) => {
      const loud = await createMember(tx, tenantId, {
        email: 'loud@example.org',
        name: 'Loud',
        roles: ['reviewer'],
      })
      const member = await createMember(tx, tenantId, {
        email: 'quiet@example.org',
        name: 'Quiet',
        roles: ['reviewer'],
      })
      const gone = await createMember(tx, tenantId, {
        email: 'gone@example.org',
        name: 'Gone',
        roles: ['reviewer'],
      })
      await changeMember(tx, gone.id, { disabled: true })
      expect(await unsubscribe(tx, await unsubscribeToken(tx, member.id))).toBe(true)
      expect(await unsubscribe(tx, 'ewu_nonsense')).toBe(false)
      return { loud, member }
    })
    expect(quiet.member.getsAlerts).toBe(true)
    const [alert] = await gathered(world, [await openCase(world, 'One', 'https://a.example.org/1')])
    await worker(world, catcher.url)({ id: alert?.id ?? ('' as never) }, run)
    const recipients = (await caughtMails(`${world.folder}/mail`)).map(({ to }) => to).join()
    expect(recipients).toContain('loud@example.org')
    expect(recipients).not.toMatch(/quiet|gone|stranger/)

    await db.system((tx) => changeTenant(tx, tenantId, { alertsOn: false }))
    const [silent] = await gathered(world, [await openCase(world, 'Two', 'https://a.example.org/2')])
    await worker(world, catcher.url)({ id: silent?.id ?? ('' as never) }, run)
    expect(await caughtMails(`${world.folder}/mail`)).toHaveLength(2)
    expect(await db.system((tx) => alerts.find(tx, silent?.id ?? ('' as never)))).toMatchObject({
      stage: 'done',
    })
    await catcher.close()
  })

  test('waits until it is due', async ({ world }) => {
    const caseId = await openCase(world, 'One', 'https://a.example.org/1')
    const { id } = await world.house.db.system((tx) => alerts.gather(tx, world.owner.tenantId, caseId, 3600))
    await worker(world, 'smtp://127.0.0.1:1')({ id }, run)
    expect(await world.house.db.system((tx) => alerts.find(tx, id))).toMatchObject({ stage: 'notify' })
    expect(await gathered(world, [caseId])).toMatchObject([{ id, isNew: false }])
  })

  test('is tried again when the mail server is away, and mails nobody twice', async ({ world }) => {
    const [alert] = await gathered(world, [await openCase(world, 'One', 'https://a.example.org/1')])
    const id = alert?.id ?? ('' as never)
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await expect(worker(world, `smtp://127.0.0.1:${port}`)({ id }, run)).rejects.toMatchObject({
      type: 'mail/unreachable',
      retry: true,
    })

    await world.house.db.system((tx) =>
      createMember(tx, world.owner.tenantId, {
        email: 'refused@example.org',
        name: 'Refused',
        roles: ['reviewer'],
      }),
    )
    const received: string[] = []
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: ({ address }, _session, callback) =>
        address.startsWith('refused')
          ? callback(Object.assign(new Error('no such user'), { responseCode: 550 }))
          : callback(),
      onData(stream, session, callback) {
        received.push(...session.envelope.rcptTo.map(({ address }) => address))
        stream.resume().on('end', () => callback())
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    for (let i = 0; i < 2; i += 1)
      await expect(worker(world, url)({ id }, run)).rejects.toMatchObject({
        type: 'mail/refused',
        retry: false,
      })
    expect(received).toHaveLength(1)
    await new Promise<void>((resolve) => server.close(resolve))
  })
})
