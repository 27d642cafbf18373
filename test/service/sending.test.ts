import { createHash, generateKeyPairSync } from 'node:crypto'

import { simpleParser } from 'mailparser'

import { allowPlace, endLeave } from '../../services/actions/allow-list.ts'
import { resolveUnclear, sendByHand, sendNotice } from '../../services/actions/deliveries.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { ApiKeyId, Sha256, newId } from '../../services/core/ids.ts'
import { queueDelivery } from '../../services/notices/delivery-store.ts'
import { bouncesTooOften, readReplyAddress, replyAddressOf, waitMs } from '../../services/notices/delivery.ts'
import { neededBlobs } from '../../services/submissions/blob-use.ts'
import { dkimAbout } from '../../services/tenants/mail-settings.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { entry, refusalOf } from '../support/allowing.ts'
import { checkDkim } from '../support/dkim.ts'
import { HOST, sendingScene } from '../support/sending.ts'
import { describe, expect, test } from '../support/world.ts'

describe('a signed notice', () => {
  test('goes out once, as the mail that it was written down as', async ({ world }) => {
    const scene = await sendingScene(world)
    const { notice, host } = scene
    const id = await scene.queue()
    expect((await scene.story()).state).toBe('queued')
    await scene.work(id)
    await scene.work(id)

    expect(host.received).toHaveLength(1)
    const [received] = host.received
    const replyTo = replyAddressOf(notice.replyToken, world.house.config.REPLY_DOMAIN)
    expect(received).toMatchObject({ from: replyTo, to: [`abuse@${HOST}`] })
    const mail = await simpleParser(received?.raw ?? '')
    expect(mail.replyTo?.text).toBe(replyTo)
    expect(mail.messageId).toBe(`<${id}@${world.house.config.REPLY_DOMAIN}>`)
    expect(mail.subject).toContain(notice.number)
    expect(mail.text).toContain(`https://${HOST}/d/1`)

    const sent = await scene.delivery(id)
    expect(sent).toMatchObject({ stage: 'done', messageId: `${id}@${world.house.config.REPLY_DOMAIN}` })
    const raw = await world.house.blobs.read(Sha256.parse(sent.sha256))
    const kept = Buffer.concat(await (raw?.toArray() ?? []))
    expect(createHash('sha256').update(kept).digest('hex')).toBe(sent.sha256)
    expect(kept.toString().trimEnd()).toBe(received?.raw.toString().trimEnd())
    expect(await scene.story()).toMatchObject({
      state: 'sent',
      kinds: expect.arrayContaining(['queued', 'sent']),
    })
    await world.house.db.system(async (tx) => {
      expect(await neededBlobs(tx, [sent.sha256 ?? ''])).toEqual(new Set([sent.sha256]))
    })
    const actions = await world.house.db.tenant(world.owner.tenantId, async (tx) =>
      (await auditEntries(tx, 1, 100)).map(({ action }) => action),
    )
    expect(actions).toEqual(expect.arrayContaining(['notice.queued', 'notice.sent']))
  })

  test('is signed by DKIM in the name of its account', async ({ world }) => {
    const scene = await sendingScene(world)
    const keys = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const { tenantId } = world.owner
    const sealed = world.house.secrets.seal(keys.privateKey, dkimAbout(tenantId))
    await world.house.db.system(
      (tx) => tx.run`
        update tenant set dkim_domain = 'records.example', dkim_selector = 'ew', dkim_key_sealed = ${sealed},
                          mail_from = 'Sample Records <notices@records.example>', reply_domain = 'answers.records.example'
         where id = ${tenantId}`,
    )
    await scene.work(await scene.queue())
    const raw = scene.host.received[0]?.raw ?? Buffer.alloc(0)
    expect(scene.host.received[0]?.from).toBe(
      replyAddressOf(scene.notice.replyToken, 'answers.records.example'),
    )
    const { tags, bodyHolds, signatureHolds } = checkDkim(raw, keys.publicKey)
    expect([tags['d'], tags['s'], bodyHolds, signatureHolds]).toEqual(['records.example', 'ew', true, true])
  })

  test('is sent by a signer only, once, approved where that is needed, and where nothing bars it', async ({
    world,
  }) => {
    const { house, owner, stranger } = world
    const scene = await sendingScene(world)
    const { notice, signer } = scene
    const key: Caller = { kind: 'key', tenantId: owner.tenantId, keyId: newId(ApiKeyId) }
    expect(await refusalOf(sendNotice(house, key, notice.id))).toMatchObject({ type: 'auth/forbidden' })
    expect(await refusalOf(sendNotice(house, stranger, notice.id))).toMatchObject({ type: 'row/unknown' })
    const byHand = { formUrl: 'https://hoster.example/form', at: new Date() }
    expect(await refusalOf(sendByHand(house, signer, notice.id, byHand))).toMatchObject({
      type: 'request/conflict',
    })
    const set = (text: 'approve' | 'pause' | 'none') =>
      house.db.system(async (tx) => {
        await tx.run`update notice set approval_needed = ${text === 'approve'} where id = ${notice.id}`
        const why = text === 'pause' ? 'Too many came back' : null
        await tx.run`
          update recipient set paused_at = case when ${why}::text is null then null else now() end, paused_why = ${why}
           where id = ${scene.recipientId}`
      })
    await set('approve')
    expect(await refusalOf(scene.queue())).toMatchObject({ type: 'row/stage' })
    await set('pause')
    expect(await refusalOf(scene.queue())).toMatchObject({ type: 'notice/paused' })
    await set('none')
    const given = entry({ kind: 'domain', value: HOST, reason: 'Our partner' })
    const allowed = await allowPlace(house, owner, given)
    expect(await refusalOf(scene.queue())).toMatchObject({
      type: 'notice/barred',
      message: expect.stringContaining('Our partner'),
    })
    await endLeave(house, owner, allowed.id)
    const both = await Promise.allSettled([scene.queue(), scene.queue()])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await scene.deliveries()).toHaveLength(1)
  })

  test('that is barred or taken back while it waits does not go out', async ({ world }) => {
    const scene = await sendingScene(world)
    const id = await scene.queue()
    await allowPlace(world.house, world.owner, entry({ kind: 'domain', value: HOST, reason: 'Our partner' }))
    await scene.work(id)
    expect(scene.host.received).toEqual([])
    expect(await scene.delivery(id)).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/notice/barred' },
    })
    expect((await scene.story()).state).toBe('delivery_failed')
  })

  test('for a form is recorded as sent by hand', async ({ world }) => {
    const scene = await sendingScene(world)
    const { house } = world
    const { notice, signer } = scene
    await house.db.system((tx) => tx.run`update notice set format = 'hand' where id = ${notice.id}`)
    expect(await refusalOf(scene.queue())).toMatchObject({ type: 'request/conflict' })
    const formUrl = 'https://hoster.example/report'
    for (const at of [new Date(Date.now() + 3_600_000), new Date(0)])
      expect(await refusalOf(sendByHand(house, signer, notice.id, { formUrl, at }))).toMatchObject({
        type: 'request/invalid',
      })
    const id = await sendByHand(house, signer, notice.id, { formUrl, at: new Date(), reference: 'R-7' })
    expect(await scene.delivery(id)).toMatchObject({
      stage: 'done',
      way: 'hand',
      response: expect.stringContaining('R-7'),
    })
    expect(await scene.story()).toMatchObject({ state: 'sent' })
    // Its retraction waits for a person as well.
    const retraction = await house.db.system((tx) =>
      queueDelivery(tx, { ...notice, format: 'hand' }, { kind: 'retraction', way: 'hand', address: formUrl }),
    )
    await scene.work(retraction)
    expect(await scene.delivery(retraction)).toMatchObject({ stage: 'send', tries: 0 })
    await resolveUnclear(house, signer, retraction, { sent: true, note: 'given in' })
    expect(await scene.delivery(retraction)).toMatchObject({ stage: 'done', response: 'given in' })
  })
})

describe('a recipient', () => {
  test('is never sent more than it takes in an hour, whoever waits', async ({ world }) => {
    const scene = await sendingScene(world)
    const { db } = world.house
    await db.system((tx) => tx.run`update recipient set mails_per_hour = 1 where id = ${scene.recipientId}`)
    const id = await scene.queue()
    const reminder = await db.system((tx) =>
      queueDelivery(tx, scene.notice, { kind: 'reminder', way: 'mail', address: `abuse@${HOST}` }),
    )
    await scene.work(id)
    await scene.work(reminder)
    await scene.work(reminder)
    expect(scene.host.received).toHaveLength(1)
    expect(await scene.delivery(reminder)).toMatchObject({ stage: 'send', attemptedAt: null, tries: 0 })
    await db.system(
      (tx) => tx.run`update delivery set attempted_at = now() - interval '61 minutes' where id = ${id}`,
    )
    await scene.work(reminder)
    expect(scene.host.received).toHaveLength(2)
    const mail = await simpleParser(scene.host.received[1]?.raw ?? '')
    expect(mail.inReplyTo).toBe(`<${(await scene.delivery(id)).messageId}>`)
    expect((await scene.story()).state).toBe('sent')
  })

  test('gets a notice in several messages where its form wants so, each once', async ({ world }) => {
    const scene = await sendingScene(world, undefined, { locations: 3 })
    await world.house.db.system(
      (tx) => tx.run`update notice set format = 'xarf-mail' where id = ${scene.notice.id}`,
    )
    const id = await scene.queue()
    await scene.work(id)
    const parts = await scene.deliveries()
    expect(parts.map(({ part, stage }) => [part, stage])).toEqual([
      [1, 'done'],
      [2, 'send'],
      [3, 'send'],
    ])
    for (const { id: part } of parts) await scene.work(part)
    expect(scene.host.received).toHaveLength(3)
    expect(new Set((await scene.deliveries()).map(({ messageId }) => messageId)).size).toBe(3)
    expect((await scene.story()).kinds.filter((kind) => kind === 'sent')).toHaveLength(1)
  })

  test('whose messages come back too often is paused', async ({ world }) => {
    const scene = await sendingScene(world, () => 550)
    const { db } = world.house
    const id = await scene.queue()
    await db.system(
      (tx) => tx.run`
        insert into delivery (id, tenant_id, notice_id, kind, number, way, format, stage, attempted_at, sent_at)
        select gen_random_uuid(), ${scene.notice.tenantId}, ${scene.notice.id}, 'reminder', i, 'mail', 'mail', 'done',
               now() - interval '2 days', now() from generate_series(1, 18) i`,
    )
    const paused = () =>
      db.system(
        (tx) => tx.run`select 1 from recipient where id = ${scene.recipientId} and paused_at is not null`,
      )
    await refusalOf(scene.work(id))
    expect(await paused()).toBe(0)
    const again = await db.system((tx) =>
      queueDelivery(tx, scene.notice, { kind: 'retraction', way: 'mail', address: `abuse@${HOST}` }),
    )
    await refusalOf(scene.work(again))
    expect(await paused()).toBe(1)
  })
})

test('how long a recipient is left in peace, when it is paused, and what an address of ours is', () => {
  const now = new Date('2026-11-23T12:00:00Z')
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
  expect(waitMs({ at: [], now }, 1)).toBe(0)
  expect(waitMs({ at: [ago(10), ago(59)], now }, 3)).toBe(0)
  expect(waitMs({ at: [ago(10), ago(59)], now }, 2)).toBe(60_000)
  expect(waitMs({ at: [ago(61), ago(10)], now }, 2)).toBe(0)
  expect(bouncesTooOften({ sent: 19, bounced: 19 })).toBe(false)
  expect(bouncesTooOften({ sent: 20, bounced: 1 })).toBe(false)
  expect(bouncesTooOften({ sent: 20, bounced: 2 })).toBe(true)
  const address = replyAddressOf('a'.repeat(24), 'replies.example')
  expect(readReplyAddress(address.toUpperCase())).toEqual({
    token: 'a'.repeat(24),
    domain: 'replies.example',
  })
  for (const other of ['notices@replies.example', 'notices+short@replies.example', `${address}, x@y.example`])
    expect(readReplyAddress(other)).toBeUndefined()
})
