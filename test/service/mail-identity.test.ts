import { generateKeyPairSync } from 'node:crypto'

import { simpleParser } from 'mailparser'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

import type { House } from '../../services/actions/house.ts'
import { changeMail, mailSettings, sendTestMail, setDkim } from '../../services/actions/mail-identity.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { Bytes } from '../../services/core/ids.ts'
import { secretsOf } from '../../services/core/secrets.ts'
import { mailIdentityOf } from '../../services/tenants/mail-identity.ts'
import { MailChange } from '../../services/tenants/mail-settings.ts'
import { refusalOf } from '../support/allowing.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { checkDkim } from '../support/dkim.ts'
import { startSmtpHost } from '../support/smtp.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const SMTP_URL = 'smtps://user:p%40ss@mail.example:465'

const identityOf = ({ owner }: World, { db, secrets, config }: House) =>
  db.tenant(owner.tenantId, (tx) => mailIdentityOf(tx, secrets, owner.tenantId, config))

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ownPem = rsa.export({ type: 'pkcs1', format: 'pem' }).toString()

describe('the mail of an account', () => {
  test('is the installation’s until an owner sets it, and its secrets are sealed and never shown', async ({
    world,
  }) => {
    const api = await serveApi(world)
    const account = await world.account('Mailing')
    const ask = await api.signedIn(account.member)
    const clerk = await api.signedIn(await memberWith(world, account, ['signer']))
    expect((await clerk('get', '/v1/account/mail')).status).toBe(403)
    expect((await ask('get', '/v1/account/mail')).json).toEqual({
      mailFrom: null,
      problem: null,
      replyDomain: null,
      smtpHost: null,
      dkimDomain: null,
      dkimSelector: null,
      dkimRecord: null,
      unreadable: [],
    })
    const mailFrom = 'Sample Records <notices@mail.records.example>'
    const change = { mailFrom, replyDomain: 'Replies.Records.Example', smtpUrl: SMTP_URL }
    const changed = await ask('patch', '/v1/account/mail', change)
    expect(changed.json).toMatchObject({
      mailFrom,
      replyDomain: 'replies.records.example',
      smtpHost: 'mail.example:465',
    })
    const keyed = await ask('put', '/v1/account/mail/dkim', { domain: 'records.example', selector: 'EW1' })
    expect(keyed.json.dkimRecord).toEqual({
      name: 'ew1._domainkey.records.example',
      value: expect.stringMatching(/^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]{300,}={0,2}$/),
    })
    expect(changed.text + keyed.text).not.toMatch(/p%40ss|PRIVATE/)

    const { tenantId } = account.caller
    const entries = await world.house.db.tenant(tenantId, (tx) => auditEntries(tx, 1, 100))
    expect(entries.map(({ action }) => action)).toContain('account.mail-changed')
    expect(JSON.stringify(entries)).not.toMatch(/p%40ss|PRIVATE|mail\.example/)
    const stored = await world.house.db.system(
      (tx) =>
        tx.one(z.object({ smtpUrlSealed: Bytes, dkimKeySealed: Bytes }))`
        select smtp_url_sealed, dkim_key_sealed from tenant where id = ${tenantId}`,
    )
    expect(Buffer.from(stored.smtpUrlSealed).includes('p%40ss')).toBe(false)
    expect(Buffer.from(stored.dkimKeySealed).includes('PRIVATE')).toBe(false)

    const none = await ask('delete', '/v1/account/mail/dkim')
    expect(none.json).toMatchObject({ dkimDomain: null, dkimRecord: null, mailFrom })
  })

  test('is told to senders with what is not set taken from the installation', async ({ world }) => {
    const { house, owner } = world
    expect(await identityOf(world, house)).toEqual({
      from: house.config.MAIL_FROM,
      replyDomain: house.config.REPLY_DOMAIN,
      smtpUrl: undefined,
      dkim: undefined,
    })
    await changeMail(house, owner, MailChange.parse({ mailFrom: 'a@records.example', smtpUrl: SMTP_URL }))
    await setDkim(house, owner, { domain: 'records.example', selector: 'ew1', privateKey: ownPem })
    const identity = await identityOf(world, house)
    expect(identity).toMatchObject({ from: 'a@records.example', smtpUrl: SMTP_URL })
    expect(identity.dkim).toMatchObject({ domainName: 'records.example', keySelector: 'ew1' })
    expect(identity.dkim?.privateKey).toBe(rsa.export({ type: 'pkcs8', format: 'pem' }).toString())
    await changeMail(house, owner, { smtpUrl: null })
    expect((await identityOf(world, house)).smtpUrl).toBeUndefined()
  })

  test('of another key of the installation is said to be unreadable, and can be set anew', async ({
    world,
  }) => {
    const { house, owner } = world
    await changeMail(house, owner, { smtpUrl: SMTP_URL })
    await setDkim(house, owner, { domain: 'records.example', selector: 'ew1', privateKey: ownPem })
    const moved: House = { ...house, secrets: secretsOf(new Uint8Array(32)) }
    expect(await mailSettings(moved, owner)).toMatchObject({
      smtpHost: null,
      dkimRecord: null,
      unreadable: ['smtpUrl', 'dkimKey'],
    })
    expect((await refusalOf(identityOf(world, moved)))?.type).toBe('secret/unreadable')
    expect(await changeMail(moved, owner, { smtpUrl: SMTP_URL })).toMatchObject({ unreadable: ['dkimKey'] })
  })

  test.each([
    ['mailFrom', { mailFrom: 'no address' }],
    ['mailFrom', { mailFrom: 'A <a@records.example>\r\nBcc: b@records.example' }],
    ['replyDomain', { replyDomain: 'not a domain' }],
    ['smtpUrl', { smtpUrl: 'https://mail.example' }],
    ['smtpUrl', { smtpUrl: 'smtp://mail.example/?tls.rejectUnauthorized=false' }],
  ])('refuses a wrong %s', async (field, change) => {
    const read = MailChange.safeParse(change)
    expect(read.error?.issues.map(({ path }) => path[0])).toEqual([field])
  })

  test('refuses keys that cannot sign, and names that do not fit', async ({ world }) => {
    const { house, owner } = world
    const dkim = { domain: 'records.example', selector: 'ew1' }
    const faultOf = async (work: Promise<unknown>) => (await refusalOf(work))?.faults[0]?.pointer
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey
    for (const key of [ec, short].map((one) => one.export({ type: 'pkcs8', format: 'pem' }).toString()))
      expect(await faultOf(setDkim(house, owner, { ...dkim, privateKey: key }))).toBe('/privateKey')
    expect(await faultOf(setDkim(house, owner, { ...dkim, privateKey: 'none' }))).toBe('/privateKey')
    await changeMail(house, owner, { mailFrom: 'a@mail.records.example' })
    const foreign = setDkim(house, owner, { ...dkim, domain: 'ords.example', privateKey: ownPem })
    expect(await faultOf(foreign)).toBe('/domain')
    await setDkim(house, owner, { ...dkim, privateKey: ownPem })
    expect(await faultOf(changeMail(house, owner, { mailFrom: 'a@other.example' }))).toBe('/mailFrom')
  })

  test('can be tried: the test mail is signed, by the own server when it may be reached', async ({
    world,
  }) => {
    const own = await startSmtpHost()
    onTestFinished(() => own.close())
    const { owner } = world
    const config = { ...world.house.config, FETCH_ALLOW_ADDRESSES: new URL(own.url).host }
    const house: House = { ...world.house, config }
    await changeMail(house, owner, { smtpUrl: own.url, mailFrom: 'Sample <a@records.example>' })
    const { dkimRecord } = await setDkim(house, owner, { domain: 'records.example', selector: 'ew1' })
    const { to } = await sendTestMail(house, owner)
    const [mail] = own.received
    expect(mail).toMatchObject({ from: 'a@records.example', to: [to] })
    expect((await simpleParser(mail?.raw ?? '')).from?.text).toBe('"Sample" <a@records.example>')
    const published = dkimRecord?.value.replace('v=DKIM1; k=rsa; p=', '')
    const publicKey = `-----BEGIN PUBLIC KEY-----\n${published}\n-----END PUBLIC KEY-----`
    expect(checkDkim(mail?.raw ?? Buffer.alloc(0), publicKey)).toMatchObject({
      bodyHolds: true,
      signatureHolds: true,
    })
    expect(await refusalOf(sendTestMail(world.house, owner))).toMatchObject({ type: 'mail/misconfigured' })
    expect(own.received).toHaveLength(1)
  })
})
