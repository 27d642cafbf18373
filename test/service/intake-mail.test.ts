import { onTestFinished } from 'vitest'

import { allowSender, disallowSender, renewIntake, switchIntakeOff } from '../../services/actions/intake.ts'
import { openMailInbox } from '../../services/actions/mail-inbox.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { openMailer } from '../../services/core/mail.ts'
import {
  INTAKE_MAIL_BYTES_MAX,
  NOTED_PER_HOUR_MAX,
  TAKEN_PER_HOUR_MAX,
} from '../../services/intake/intake.ts'
import { forgetMails, listMails } from '../../services/intake/store.ts'
import * as submissions from '../../services/submissions/store.ts'
import { createWeb } from '../../web/router.ts'
import { refusalOf } from '../support/allowing.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { mail } from '../support/reply-samples.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const SENDER = 'anna@records.example'

/** The port for mails, and the first account's address there, at which SENDER may hand in. */
async function intakeScene(world: World) {
  const { house, owner } = world
  const inbox = await openMailInbox(house, { host: '127.0.0.1', port: 0 })
  const mailer = openMailer(`smtp://127.0.0.1:${inbox.port}`)
  onTestFinished(async () => {
    mailer.close()
    await inbox.close()
  })
  await allowSender(house, owner, SENDER)
  const address = (await renewIntake(house, owner)).address ?? ''
  return {
    address,
    /** A mail by SMTP; a refusal of the server is the answer. */
    send: (raw: Buffer, { from = SENDER, to = address } = {}) =>
      refusalOf(mailer.sendRaw({ envelope: { from, to }, raw })),
    outcomes: async () =>
      (await house.db.tenant(owner.tenantId, (tx) => listMails(tx, { limit: 200 })))
        .toReversed()
        .map(({ outcome }) => outcome),
    submitted: () => house.db.tenant(owner.tenantId, (tx) => submissions.list(tx, { limit: 50 })),
  }
}

const finds = (more: Parameters<typeof mail>[0] = {}): Buffer =>
  mail({ from: `Anna <${SENDER}>`, subject: 'Leak: new/album', text: 'https://host.example/a.mp3', ...more })

describe('a mail at an intake address', () => {
  test('of an allowed sender is a submission, once', async ({ world }) => {
    const { send, outcomes, submitted } = await intakeScene(world)
    const raw = finds({ messageId: 'one@records.example' })
    expect(await send(raw)).toBeUndefined()
    const [submission, ...others] = await submitted()
    expect(others).toEqual([])
    expect(submission).toMatchObject({
      kind: 'file',
      fileName: 'Leak_ new album.eml',
      note: `Handed in by mail; it says to be from ${SENDER}`,
      stage: 'unpack',
      bytes: raw.length + 2, // SMTP ends every mail with a line end.
    })
    // The same again, on the same way and on another, which added a line to its head.
    expect(await send(raw)).toBeUndefined()
    expect(await send(Buffer.concat([Buffer.from('Received: by mx.example\r\n'), raw]))).toBeUndefined()
    const unnamed = Buffer.from(`From: ${SENDER}\r\nSubject: plain\r\n\r\nhttps://host.example/b.mp3\r\n`)
    await send(unnamed)
    await send(unnamed)
    expect(await outcomes()).toEqual(['taken', 'repeated', 'repeated', 'taken', 'repeated'])
    expect(await submitted()).toHaveLength(2)
    const actions = await world.house.db.tenant(world.owner.tenantId, (tx) => auditEntries(tx, 1, 100))
    expect(actions.filter(({ action }) => action === 'intake.taken')).toHaveLength(2)
  })

  test('twice at the same moment is one submission', async ({ world }) => {
    const { send, outcomes, submitted } = await intakeScene(world)
    const raw = finds({ messageId: 'twin@records.example' })
    expect(await Promise.all([send(raw), send(raw), send(raw)])).toEqual([undefined, undefined, undefined])
    expect((await outcomes()).toSorted()).toEqual(['repeated', 'repeated', 'taken'])
    expect(await submitted()).toHaveLength(1)
  })

  test('of somebody else, of a program, of a list or of our own is left unopened, and nobody is told', async ({
    world,
  }) => {
    const { send, outcomes, submitted, address } = await intakeScene(world)
    const { house } = world
    const stranger = { from: 'x@elsewhere.example' }
    expect(await send(finds(stranger), stranger)).toBeUndefined()
    // Subdomains, look-alikes and names beside the address are others.
    for (const from of [
      'anna@sub.records.example',
      'anna@records.example.evil.example',
      'nna@records.example',
    ])
      await send(finds({ from: `"${SENDER}" <${from}>` }), { from })
    await send(finds(), { from: '' })
    await send(finds({ headers: { 'Auto-Submitted': 'auto-replied; x=y' } }))
    await send(finds({ headers: { Precedence: 'Bulk' } }))
    await send(finds({ headers: { 'X-Loop': 'anything' } }))
    await send(finds({ headers: { 'Content-Type': 'multipart/report; boundary=r' } }))
    await send(finds(), { from: address })
    await send(finds({ from: house.config.MAIL_FROM }))
    const hops = Array.from({ length: 60 }, (_, i) => `Received: by mx${i}.example\r\n`).join('')
    await send(Buffer.concat([Buffer.from(hops), finds()]))
    await send(finds({ text: ' \r\n' }))
    const log = await outcomes()
    expect(log.slice(0, 4)).toEqual(['sender', 'sender', 'sender', 'sender'])
    expect(log.slice(4, 12)).toEqual(Array.from({ length: 8 }, () => 'automatic'))
    expect(log.slice(12)).toEqual(['empty'])
    expect(await submitted()).toEqual([])
    // A header that says a person wrote it keeps nothing out; nor does a sender in either place.
    await send(finds({ headers: { 'Auto-Submitted': 'no' } }))
    await send(finds({ from: 'x@elsewhere.example' }))
    await send(finds(), stranger)
    expect((await outcomes()).slice(13)).toEqual(['taken', 'taken', 'taken'])
  })

  test('that is too large, to a void address or one of many is refused', async ({ world }) => {
    const { house, owner } = world
    const { send, outcomes, address } = await intakeScene(world)
    const huge = finds({ text: 'a'.repeat(INTAKE_MAIL_BYTES_MAX) })
    expect((await send(huge))?.message).toMatch(/552|too large|size/i)
    const [local = ''] = address.split('@')
    for (const to of [`${local}@elsewhere.example`, `x${address}`, address.replace('in-', 'in-a')])
      expect((await send(finds(), { to }))?.message).toContain('550')
    const renewed = (await renewIntake(house, owner)).address ?? ''
    expect(renewed).not.toBe(address)
    expect((await send(finds()))?.message).toContain('550')
    expect(await send(finds(), { to: renewed.toUpperCase() })).toBeUndefined()
    await switchIntakeOff(house, owner)
    expect((await send(finds(), { to: renewed }))?.message).toContain('550')
    expect(await outcomes()).toEqual(['taken'])

    const fresh = (await renewIntake(house, owner)).address ?? ''
    const taken = (mails: number, hoursAgo: number) =>
      house.db.system(
        (tx) => tx.run`
          insert into intake_mail (id, tenant_id, message_key, sender, subject, outcome, submission_id, received_at)
          select gen_random_uuid(), tenant_id, gen_random_uuid(), '', '', 'taken', submission_id,
                 now() - make_interval(hours => ${hoursAgo})
            from (select * from intake_mail limit 1) mail, generate_series(1, ${mails}) n`,
      )
    await taken(TAKEN_PER_HOUR_MAX, 2)
    expect(await send(finds(), { to: fresh })).toBeUndefined()
    await taken(TAKEN_PER_HOUR_MAX - 2, 0)
    expect((await send(finds(), { to: fresh }))?.message).toContain('452')
  })

  test('that floods the address fills neither the account nor its log', async ({ world }) => {
    const { send, outcomes } = await intakeScene(world)
    const { house } = world
    const noted = (mails: number, daysAgo: number) =>
      house.db.system(
        (tx) => tx.run`
          insert into intake_mail (id, tenant_id, message_key, sender, subject, outcome, received_at)
          select gen_random_uuid(), ${world.owner.tenantId}, n, 'x@elsewhere.example', '', 'sender',
                 now() - make_interval(days => ${daysAgo})
            from generate_series(1, ${mails}) n`,
      )
    await noted(NOTED_PER_HOUR_MAX - 1, 0)
    const from = 'x@elsewhere.example'
    expect(await send(finds({ from }), { from })).toBeUndefined()
    expect(await send(finds({ from }), { from })).toBeUndefined()
    expect(await outcomes()).toHaveLength(NOTED_PER_HOUR_MAX)
    expect(await send(finds())).toBeUndefined()
    expect((await outcomes()).at(-1)).toBe('taken')
    await noted(7, 91)
    expect(await house.db.system(forgetMails)).toBe(7)
    expect(await outcomes()).toHaveLength(NOTED_PER_HOUR_MAX + 1)
  })

  test('that is damaged or full of headers does no harm', async ({ world }) => {
    const { send, outcomes, submitted } = await intakeScene(world)
    const raws = [
      Buffer.from('no header at all'),
      Buffer.from(`From: ${SENDER}\r\n${'X-A: b\r\n'.repeat(40_000)}\r\nbody`),
      Buffer.from([0, 255, 254, 10, 10, 0, 1]),
      Buffer.concat([
        Buffer.from(`From: ${SENDER}\r\nSubject: `),
        Buffer.from([0xff, 0x00, 0xc3]),
        Buffer.from('\r\n\r\nx'),
      ]),
      finds({ subject: 'x'.repeat(5_000) }),
    ]
    for (const raw of raws) expect(await send(raw, { from: 'y@elsewhere.example' })).toBeUndefined()
    expect(await outcomes()).toHaveLength(raws.length)
    for (const { fileName } of await submitted()) expect(fileName?.length).toBeLessThanOrEqual(204)
  })
})

test('owners set who may hand in by mail; everybody sees it, strangers do not', async ({ world }) => {
  const api = await serveApi(world, { web: createWeb(world.house) })
  const account = await world.account('Mailing')
  const mine = await api.signedIn(account.member)
  const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer']))
  const path = '/v1/account/intake'
  expect((await mine('get', path)).json).toEqual({ address: null, listens: false, senders: [] })
  const page = (await reviewer('get', '/settings/intake')).text
  expect(page).toContain('Nobody yet')
  expect(page).toContain('No mails yet')
  expect(page).toContain('can be forged')
  expect(page).not.toContain('Switch it on')
  for (const [method, to] of [
    ['post', '/address'],
    ['delete', '/address'],
    ['post', '/senders'],
    ['delete', '/senders/@a.example'],
  ] as const)
    expect((await reviewer(method, path + to, { pattern: '@a.example' })).status).toBe(403)
  expect((await api.withKey(account.key)('post', `${path}/address`)).status).toBe(403)

  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await mine('post', '/settings/intake/address', '', form)).status).toBe(303)
  expect((await mine('post', '/settings/intake/senders', 'pattern=%40Records.EXAMPLE', form)).status).toBe(
    303,
  )
  const wrong = await mine('post', '/settings/intake/senders', 'pattern=records', form)
  expect([wrong.status, wrong.text.includes('or everybody at a domain')]).toEqual([400, true])
  const { json } = await mine('get', path)
  expect(json.address).toMatch(/^in-[0-9a-f]{32}@replies\./)
  expect(json.senders).toMatchObject([{ pattern: '@records.example', addedBy: account.member.name }])
  expect((await mine('get', '/settings/intake')).text).toContain(json.address)
  const theirs = await api.signedIn(
    (world.stranger as Extract<typeof world.stranger, { kind: 'member' }>).member,
  )
  expect((await theirs('get', path)).json).toEqual({ address: null, listens: false, senders: [] })
  expect((await theirs('delete', `${path}/senders/@records.example`)).status).toBe(404)
  expect(await refusalOf(disallowSender(world.house, account.caller, '@b.example'))).toMatchObject({
    type: 'row/unknown',
  })
  expect((await mine('delete', `${path}/senders/@records.example`)).json.senders).toEqual([])
  expect((await mine('delete', `${path}/address`)).json.address).toBeNull()
  const noted = await world.house.db.tenant(account.caller.tenantId, (tx) => auditEntries(tx, 1, 100))
  expect(noted.map(({ action }) => action).filter((action) => action.startsWith('intake'))).toEqual([
    'intake.address-changed',
    'intake.sender-allowed',
    'intake.sender-removed',
    'intake.address-changed',
  ])
})
