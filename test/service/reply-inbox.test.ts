import { createConnection } from 'node:net'

import { onTestFinished } from 'vitest'

import { prepare } from '../../services/actions/hand-over.ts'
import { handleReply } from '../../services/actions/handle-reply.ts'
import { openMailInbox } from '../../services/actions/mail-inbox.ts'
import { takeReply } from '../../services/actions/replies.ts'
import { openMailer } from '../../services/core/mail.ts'
import { Problem } from '../../services/core/problem.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import { repliesOf } from '../../services/notices/reply-store.ts'
import { eventsOf } from '../../services/notices/store.ts'
import { refusalOf } from '../support/allowing.ts'
import { serveApi } from '../support/api.ts'
import { acnsMail, bounceMail, mail } from '../support/reply-samples.ts'
import { HOST, type SendingScene, sendingScene } from '../support/sending.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** A notice that was sent, and the port on which answers to it arrive. */
async function sentScene(world: World, options: { locations?: number } = {}) {
  const scene = await sendingScene(world, undefined, options)
  await scene.work(await scene.queue())
  const inbox = await openMailInbox(world.house, { host: '127.0.0.1', port: 0 })
  const mailer = openMailer(`smtp://127.0.0.1:${inbox.port}`)
  onTestFinished(async () => {
    mailer.close()
    await inbox.close()
  })
  const address = replyAddressOf(scene.notice.replyToken, world.house.config.REPLY_DOMAIN)
  return {
    ...scene,
    address,
    port: inbox.port,
    /** An answer by SMTP, as a mail server brings it. */
    answer: (raw: Buffer, to = address) => refusalOf(mailer.sendRaw({ envelope: { from: '', to }, raw })),
    replies: () => world.house.db.system((tx) => repliesOf(tx, scene.notice.id)),
    events: () => world.house.db.system((tx) => eventsOf(tx, scene.notice.id)),
    outcomes: async () =>
      (await world.house.db.system((tx) => locationsOf(tx, scene.notice.id))).map(({ outcome }) => outcome),
  }
}

const ack = (caseId: string, attributes: string) =>
  acnsMail(
    `<NoticeAck xmlns="http://www.acns.net/ACNS" ${attributes}><Case><ID>${caseId}</ID></Case></NoticeAck>`,
  )
const status = (...cases: [caseId: string, type: string, reason: string][]) =>
  acnsMail(
    `<NoticeStatus xmlns="http://www.acns.net/ACNS">${cases
      .map(
        ([id, type, reason]) =>
          `<CaseStatus CaseID="${id}" TimeStamp="2026-11-23T09:00:00Z"><Disposition><Type>${type}</Type><Reason>${reason}</Reason></Disposition></CaseStatus>`,
      )
      .join('')}</NoticeStatus>`,
  )

describe('answers that arrive by mail', () => {
  test('are taken for known addresses only, and nothing is relayed', async ({ world }) => {
    const { answer, address, replies } = await sentScene(world)
    const raw = mail({ text: 'Hello' })
    for (const to of [
      'somebody@elsewhere.example',
      address.replace('@', 'x@'),
      address.replace(/@.*/, '@elsewhere.example'),
      `postmaster@${world.house.config.REPLY_DOMAIN}`,
    ])
      expect(await answer(raw, to)).toMatchObject({
        type: 'mail/refused',
        message: expect.stringContaining('550'),
      })
    expect(await replies()).toEqual([])
    expect(await answer(raw, address.toUpperCase())).toBeUndefined()
    expect(await replies()).toMatchObject([{ kind: 'other', text: 'Hello\n', handledAt: null }])
  })

  test('are limited in size and connections', async ({ world }) => {
    const { answer, port, replies } = await sentScene(world)
    const large = await answer(mail({ text: 'a'.repeat(11_000_000) }))
    expect(large?.message).toMatch(/552|too large|size/i)
    const greeted = Array.from({ length: 7 }, async () => {
      const socket = createConnection(port, '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      const [line] = await new Promise<string[]>((resolve) => {
        socket.once('data', (data: Buffer) => resolve([data.toString().slice(0, 3)]))
        socket.once('error', () => resolve(['cut']))
      })
      return line
    })
    const codes = await Promise.all(greeted)
    expect(codes.filter((code) => code === '220').length).toBe(5)
    expect(await replies()).toEqual([])
  })

  test('a bounce fails the delivery; the same bounce again does nothing', async ({ world }) => {
    const { answer, replies, story, deliveries, events } = await sentScene(world)
    const [delivery] = await deliveries()
    const raw = bounceMail({
      action: 'failed',
      status: '5.1.1',
      originalMessageId: delivery?.messageId ?? '',
    })
    expect(await answer(bounceMail({ action: 'delayed', status: '4.4.1' }))).toBeUndefined()
    expect((await story()).state).toBe('sent')
    await answer(raw)
    await answer(raw)
    expect((await story()).state).toBe('delivery_failed')
    const all = await replies()
    expect(all.map(({ kind, handledBy }) => [kind, handledBy])).toEqual([
      ['bounce', 'system'],
      ['bounce', 'system'],
    ])
    expect(all[1]?.deliveryId).toBe(delivery?.id)
    expect((await events()).at(-1)).toMatchObject({ kind: 'bounced', reason: '5.1.1', actor: 'system' })
  })

  test('an automatic answer with a ticket acknowledges, one without waits for a person', async ({
    world,
  }) => {
    const { answer, replies, story } = await sentScene(world)
    const headers = { 'Auto-Submitted': 'auto-replied' }
    await answer(mail({ subject: 'Thank you', text: 'We will look', headers }))
    expect((await story()).state).toBe('sent')
    await answer(mail({ subject: '[Ticket#4711815]', text: 'We will look', headers }))
    expect((await story()).state).toBe('acknowledged')
    expect((await replies()).map(({ handledBy }) => handledBy)).toEqual([null, 'system'])
  })

  test('in ACNS acknowledge, claim removal, or are countered', async ({ world }) => {
    const { answer, story, notice, events, outcomes, replies } = await sentScene(world, { locations: 2 })
    await answer(ack(notice.number, 'Accepted="true"'))
    expect((await story()).state).toBe('acknowledged')
    await answer(status([notice.number, 'CLOSED', 'Content removed']))
    // A claim is a claim: what is gone is for a look at it to say.
    expect((await story()).state).toBe('acknowledged')
    expect(await outcomes()).toEqual([null, null])
    const claim = (await events()).at(-1)
    expect(claim).toMatchObject({ kind: 'commented', reason: 'removal_claimed' })
    expect(claim?.details?.['removalClaimed']).toHaveLength(2)
    const planned = await world.house.db.system(
      (tx) => tx.run`select 1 from case_file where recheck_at <= now()`,
    )
    expect(planned).toBe(2)
    await answer(status([notice.number, 'COUNTERNOTICE', '']))
    expect((await story()).state).toBe('counter_noticed')
    expect(await outcomes()).toEqual(['counter_notice', 'counter_notice'])
    expect((await replies()).map(({ handledBy }) => handledBy)).toEqual(['system', 'system', null])
  })

  test('in ACNS refuse by the table of outcomes; some of the locations or all', async ({ world }) => {
    const { answer, story, notice, outcomes, events, replies } = await sentScene(world, { locations: 2 })
    const [first, second] = await world.house.db.system((tx) => locationsOf(tx, notice.id))
    await answer(
      status(
        [first?.caseNumber ?? '', 'REJECTED', 'TEXT_XML_MISMATCH'],
        [second?.caseNumber ?? '', 'OPEN', ''],
      ),
    )
    expect(await outcomes()).toEqual(['incomplete', null])
    expect((await story()).state).toBe('acknowledged')
    await answer(
      status([second?.caseNumber ?? '', 'REJECTED', 'MULTIPLE'], ['EN-1999-000001', 'REJECTED', '']),
    )
    expect(await outcomes()).toEqual(['incomplete', 'duplicate'])
    expect((await replies()).at(-1)?.handledBy).toBeNull()
    await answer(ack(notice.number, 'Accepted="false" RejectReason="UNKNOWN_RECIPIENT"'))
    expect(await outcomes()).toEqual(['wrong_recipient', 'wrong_recipient'])
    expect(await story()).toMatchObject({ state: 'rejected' })
    expect((await events()).at(-1)).toMatchObject({ kind: 'rejected', reason: 'wrong_recipient' })
  })

  test('prove that an unclear message is out', async ({ world }) => {
    const scene: SendingScene = await sendingScene(world)
    const id = await scene.queue()
    await prepare(scene.sending, id)
    await scene.work(id)
    expect((await scene.delivery(id)).stage).toBe('unclear')
    const envelopeTo = replyAddressOf(scene.notice.replyToken, world.house.config.REPLY_DOMAIN)
    const headers = { 'Auto-Submitted': 'auto-replied' }
    await takeReply(world.house, mail({ subject: '[Ticket#4711815]', headers }), { envelopeTo })
    expect((await scene.delivery(id)).stage).toBe('done')
    expect((await scene.story()).kinds.slice(-2)).toEqual(['sent', 'acknowledged'])
  })
})

describe('answers that are handed in', () => {
  test('are found by address or thread; by the subject only for a person', async ({ world }) => {
    const { house, owner } = world
    const { notice, deliveries, story, address } = await sentScene(world)
    const [delivery] = await deliveries()
    const refused = (raw: Buffer) => refusalOf(takeReply(house, raw, { caller: owner }))
    expect(await refused(mail({ text: 'spam' }))).toMatchObject({ type: 'row/unknown' })
    const subject = `Re: [${notice.number}] [Ticket#4711815]`
    const headers = { 'Auto-Submitted': 'auto-replied' }
    expect(await refused(mail({ subject, from: 'x@elsewhere.example', headers }))).toMatchObject({
      type: 'row/unknown',
    })
    const bySubject = await takeReply(house, mail({ subject, from: `abuse@${HOST}`, headers }), {
      caller: owner,
    })
    expect(bySubject.waits).toBe(true)
    expect((await story()).state).toBe('sent')
    const byHeader = await takeReply(house, mail({ to: `<${address}>`, text: 'hello' }), { caller: owner })
    expect(byHeader).toMatchObject({ noticeId: notice.id, waits: true, isNew: true })
    const inReplyTo = delivery?.messageId ?? ''
    const byThread = await takeReply(house, mail({ subject, inReplyTo, headers }), { caller: owner })
    expect(byThread.waits).toBe(false)
    expect((await story()).state).toBe('acknowledged')
  })

  test('of another account cannot be reached, and a person says once what an answer means', async ({
    world,
  }) => {
    const api = await serveApi(world)
    const { address, notice, signer, deliveries, outcomes, story } = await sentScene(world)
    const mine = await api.signedIn(signer.member)
    const theirs = await api.signedIn(
      (world.stranger as Extract<typeof world.stranger, { kind: 'member' }>).member,
    )
    const rfc822 = { 'content-type': 'message/rfc822' }
    const raw = mail({ subject: 'Fair use', text: 'We decline.\nhttps://trap.example/' })
    const path = `/v1/replies?to=${encodeURIComponent(address)}`
    expect((await theirs('post', path, raw, rfc822)).status).toBe(404)
    expect((await mine('post', path, new Uint8Array(), rfc822)).status).toBe(400)
    const taken = await mine('post', path, raw, rfc822)
    expect([taken.status, taken.json.noticeNumber, taken.json.handledAt]).toEqual([201, notice.number, null])
    expect((await mine('post', path, raw, rfc822)).status).toBe(200)
    expect((await mine('get', '/v1/replies?waiting=true')).json.items).toHaveLength(1)
    expect((await theirs('get', '/v1/replies')).json.items).toEqual([])
    expect((await theirs('get', `/v1/replies/${taken.json.id}`)).status).toBe(404)

    const handle = `/v1/replies/${taken.json.id}/handle`
    const meaning = { as: 'rejected', outcome: 'not_infringing', comment: 'They claim fair use' }
    expect((await theirs('post', handle, meaning)).status).toBe(404)
    const early = await mine('post', handle, { as: 'countered', comment: 'x' })
    expect([early.status, early.json.detail]).toEqual([409, expect.stringContaining('acknowledged')])
    expect((await mine('post', handle, meaning)).json.handledBy).toBe(`member:${signer.member.id}`)
    expect((await mine('post', handle, meaning)).status).toBe(409)
    expect([await outcomes(), (await story()).state]).toEqual([['not_infringing'], 'rejected'])

    const [delivery] = await deliveries()
    const list = await mine('get', `/v1/notices/${notice.id}/deliveries`)
    expect(list.json.items).toMatchObject([{ id: delivery?.id, stage: 'done' }])
    expect((await theirs('get', `/v1/notices/${notice.id}/deliveries`)).status).toBe(404)
    const again = await mine('post', `/v1/notices/${notice.id}/send`)
    expect(again.status).toBe(409)
    const resolve = await mine('post', `/v1/deliveries/${delivery?.id}/resolve`, { sent: true, note: 'x' })
    expect(resolve.status).toBe(409)
  })

  test('can be handled by reviewers and signers only', async ({ world }) => {
    const { house, owner } = world
    const { address } = await sentScene(world)
    const { id } = await takeReply(house, mail({ text: 'hm' }), { caller: owner, envelopeTo: address })
    const { member, ...rest } = owner as Extract<typeof owner, { kind: 'member' }>
    const clerk = { ...rest, member: { ...member, roles: ['owner' as const] } }
    const handled = refusalOf(handleReply(house, clerk, id, { as: 'commented', comment: 'x' }))
    expect(await handled).toBeInstanceOf(Problem)
  })
})

test('the API sends with 202, and says when a recipient takes no more', async ({ world }) => {
  const api = await serveApi(world)
  const scene = await sendingScene(world)
  const mine = await api.signedIn(scene.signer.member)
  const account = await world.account('Keyed')
  expect((await api.withKey(account.key)('post', `/v1/notices/${scene.notice.id}/send`)).status).toBe(403)
  await world.house.db.system(async (tx) => {
    await tx.run`update recipient set mails_per_hour = 1 where id = ${scene.recipientId}`
    await tx.run`
      insert into delivery (id, tenant_id, notice_id, kind, number, way, format, stage)
      select gen_random_uuid(), ${scene.notice.tenantId}, ${scene.notice.id}, 'reminder', i, 'mail', 'mail', 'send'
        from generate_series(1, 24) i`
  })
  const full = await mine('post', `/v1/notices/${scene.notice.id}/send`)
  expect([full.status, full.json.type, full.headers.get('retry-after')]).toEqual([
    429,
    '/problems/recipient/limit',
    '3600',
  ])
  await world.house.db.system(
    (tx) => tx.run`update recipient set mails_per_hour = 30 where id = ${scene.recipientId}`,
  )
  const sent = await mine('post', `/v1/notices/${scene.notice.id}/send`)
  expect([sent.status, sent.json.stage]).toEqual([202, 'send'])
})
