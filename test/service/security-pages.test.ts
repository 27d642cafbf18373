import express from 'express'

import { totpCode } from '../../services/tenants/totp.ts'
import { createWeb } from '../../web/router.ts'
import { serveApi } from '../support/api.ts'
import { signerSession } from '../support/signing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** The dashboard in the browser of one session. */
async function browserOf(world: World, cookie: string) {
  const url = await world.listen(express().use(createWeb(world.house)))
  const headers = { cookie, origin: world.house.config.publicUrl }
  const ask = async (path: string, fields?: Record<string, string> | string) => {
    const body = fields && new URLSearchParams(fields)
    const init: RequestInit = { headers, redirect: 'manual', ...(body && { method: 'POST', body }) }
    const response = await fetch(url + path, init)
    return { status: response.status, to: response.headers.get('location'), text: await response.text() }
  }
  return ask
}

async function ownerBrowser(world: World) {
  const session = await signerSession(world, 'The Owner', { roles: ['owner', 'signer'] })
  return { ...session, ask: await browserOf(world, session.cookie) }
}

describe('the security page', () => {
  test('sets up an app with a picture and a key to type, and finishes with a right code', async ({
    world,
  }) => {
    const session = await signerSession(world)
    await world.house.db.system(
      (tx) => tx.run`
        update member set totp_sealed = null, totp_confirmed_at = null where id = ${session.caller.member.id}`,
    )
    const ask = await browserOf(world, session.cookie)
    expect((await ask('/settings/security')).text).toContain('You have no second factor yet')
    const begun = await ask('/settings/security/totp', 'then=/cases')
    expect(begun.text).toContain('<svg xmlns="http://www.w3.org/2000/svg"')
    const secret = begun.text.match(/id="secret"[^>]*>([A-Z2-7 ]+)</)?.[1]?.replaceAll(' ', '') ?? ''
    expect(secret).toHaveLength(32)
    const wrong = await ask('/settings/security/totp/confirm', 'code=12&then=/cases')
    expect([wrong.status, wrong.text.includes('is not right')]).toEqual([400, true])
    const code = totpCode(secret, new Date())
    const right = await ask('/settings/security/totp/confirm', `code=${code}&then=/cases`)
    expect([right.status, right.to]).toEqual([303, '/cases'])
    expect((await ask('/settings/security')).text).toContain('it counts until')
  })

  test('confirms, and goes back only to pages of ours', async ({ world }) => {
    const session = await signerSession(world)
    const ask = await browserOf(world, session.cookie)
    await session.age(30)
    expect((await ask('/settings/security?then=/cases')).text).toContain('name="then" value="/cases"')
    const back = await ask('/settings/security/verify', `code=${session.totp()}&then=/cases?a=1`)
    expect([back.status, back.to]).toEqual([303, '/cases?a=1'])
    const away = await ask('/settings/security/verify', `code=${session.totp()}&then=//evil.example/`)
    expect([away.status, away.to]).toEqual([303, '/'])
    for (const elsewhere of ['https://evil.example', '/\\evil.example', 'javascript:alert(1)'])
      expect((await ask(`/settings/security?then=${encodeURIComponent(elsewhere)}`)).text).not.toContain(
        'evil',
      )
  })

  test('says in place what is wrong, and when to wait', async ({ world }) => {
    const session = await signerSession(world)
    const ask = await browserOf(world, session.cookie)
    await session.age(30)
    const unshown = await ask('/settings/security/totp/remove', {})
    expect([unshown.status, unshown.text.includes('Show your second factor again')]).toEqual([403, true])
    for (let i = 0; i < 5; i += 1)
      expect((await ask('/settings/security/verify', { code: '000 00x' })).status).toBe(400)
    const waiting = await ask('/settings/security/verify', { code: session.totp() })
    expect([waiting.status, waiting.text.includes('Too many wrong tries')]).toEqual([429, true])
  })
})

describe('settings of mail and notices', () => {
  test('are changed in forms that say what is wrong beside the field', async ({ world }) => {
    const { ask } = await ownerBrowser(world)
    const wrong = await ask('/settings/mail', { mailFrom: 'nobody', replyDomain: '', smtpUrl: '' })
    expect([wrong.status, wrong.text.includes('id="mailFrom-fault"')]).toEqual([400, true])
    const smtpUrl = 'smtp://user:hidden@mail.example:587'
    const saved = await ask('/settings/mail', { mailFrom: 'a@records.example', replyDomain: '', smtpUrl })
    expect(saved.to).toBe('/settings/mail?done=saved')
    await ask('/settings/mail', { mailFrom: '', replyDomain: 'records.example', smtpUrl: '' })
    const keyed = await ask('/settings/mail/dkim', {
      domain: 'records.example',
      selector: 'ew1',
      privateKey: '',
    })
    expect(keyed.to).toBe('/settings/mail?done=saved')
    const page = (await ask('/settings/mail')).text
    expect(page).toContain('Now: mail.example:587')
    expect(page).toContain('ew1._domainkey.records.example')
    expect(page).not.toContain('hidden@')
    await ask('/settings/mail', { mailFrom: '', replyDomain: '', smtpUrl: '', forgetServer: 'on' })
    expect((await ask('/settings/mail')).text).not.toContain('mail.example:587')
  })

  test('hold own domains, the second signer’s threshold, and the brake', async ({ world }) => {
    const { ask, caller } = await ownerBrowser(world)
    const fields = { ownDomains: 'https://Records.example/shop\nmünchen.example', secondApproverAbove: '20' }
    expect((await ask('/settings/notices', { ...fields, lumenSharing: 'on' })).status).toBe(303)
    const api = await serveApi(world)
    const account = async () => (await (await api.signedIn(caller.member))('get', '/v1/account')).json
    expect(await account()).toMatchObject({
      ownDomains: ['records.example', 'xn--mnchen-3ya.example'],
      secondApproverAbove: 20,
      lumenSharing: true,
      noticesPausedAt: null,
    })
    const wrong = await ask('/settings/notices', { ownDomains: 'a b', secondApproverAbove: '0' })
    expect([wrong.status, wrong.text.includes('id="ownDomains-fault"')]).toEqual([400, true])
    expect((await ask('/settings/notices/pause', { why: '' })).status).toBe(400)
    expect((await ask('/settings/notices/pause', { why: 'A wrong reference' })).status).toBe(303)
    expect(await account()).toMatchObject({ noticesPausedWhy: 'A wrong reference' })
    expect((await ask('/settings/notices')).text).toContain('Paused since')
    expect((await ask('/settings/notices/resume', {})).status).toBe(303)
    expect(await account()).toMatchObject({ noticesPausedAt: null, noticesPausedWhy: null })
  })

  test('leave the brake to owners and signers', async ({ world }) => {
    const reviewer = await signerSession(world, 'A Reviewer', { roles: ['reviewer'] })
    const ask = await browserOf(world, reviewer.cookie)
    expect((await ask('/settings/notices/pause', { why: 'No' })).status).toBe(403)
    expect((await ask('/settings/notices')).text).not.toContain('/settings/notices/pause')
    const signer = await signerSession(world)
    const api = await serveApi(world)
    const paused = await (
      await api.signedIn(signer.caller.member)
    )('post', '/v1/account/notices/pause', { why: 'Stop' })
    expect(paused.json).toMatchObject({ noticesPausedWhy: 'Stop' })
  })
})
