import express from 'express'

import { caughtMails } from '../../services/core/mail-catcher.ts'
import { createSignInLink, openSession, hashPassword, setPassword } from '../../services/tenants/sign-in.ts'
import { findMember, unsubscribeToken } from '../../services/tenants/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { type World, describe, expect, test } from '../support/world.ts'

type Member = Extract<Caller, { kind: 'member' }>

const memberOf = (caller: Caller): Member['member'] => {
  if (caller.kind !== 'member') throw new Error('the fixture’s owner is a person')
  return caller.member
}

/** The dashboard on a port of its own, and a way to ask it as a member's browser would. */
async function openDashboard(world: World) {
  const origin = world.house.config.publicUrl
  const url = await world.listen(express().use(createWeb(world.house)))
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { redirect: 'manual', ...init })
  const cookieOf = async (caller: Caller): Promise<string> =>
    `earwitness=${await world.house.db.system((tx) => openSession(tx, memberOf(caller)))}`
  const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin, ...headers } })
  return { ask, post, cookieOf }
}

describe('the doors of the dashboard', () => {
  test('a form with a character that is no text is refused, with its field', async ({ world }) => {
    const { post, cookieOf, ask } = await openDashboard(world)
    const cookie = await cookieOf(world.owner)
    const fields = { kind: 'domain', value: 'ours.example', reason: 'a\0b' }
    const refused = await post('/allow-list', fields, { cookie })
    expect([refused.status, (await refused.text()).includes('“reason”')]).toEqual([400, true])
    const body = new FormData()
    body.set('note', 'a\0b')
    body.set('file', new Blob(['x']), 'a.mp3')
    const headers = { cookie, origin: world.house.config.publicUrl }
    const upload = await ask('/submissions/files', { method: 'POST', body, headers })
    expect([upload.status, (await upload.text()).includes('“note”')]).toEqual([400, true])
  })

  test('pages forbid everything that is not ours, and are kept in no cache', async ({ world }) => {
    const { ask } = await openDashboard(world)
    const page = await ask('/sign-in')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/)
  })

  test('assets are kept for ever under the hash of their content, and checked again without it', async ({
    world,
  }) => {
    const { ask } = await openDashboard(world)
    const [, path] =
      (await (await ask('/sign-in')).text()).match(/href="(\/assets\/earwitness\.css\?\w+)"/) ?? []
    const exact = await ask(path ?? '')
    expect(exact.headers.get('cache-control')).toContain('immutable')
    expect(exact.headers.get('content-type')).toContain('text/css')
    expect((await ask('/assets/earwitness.css')).headers.get('cache-control')).toBe('no-cache')
    expect((await ask('/assets/..%2Frouter.ts')).status).toBe(404)
  })

  test('a password opens a session; a wrong one says no more than that, and soon has to wait', async ({
    world,
  }) => {
    const { post, ask } = await openDashboard(world)
    const { id, email } = memberOf(world.owner)
    const passwordHash = await hashPassword('seven bridges at night')
    await world.house.db.system((tx) => setPassword(tx, id, passwordHash))

    const entered = await post('/sign-in', { email, password: 'seven bridges at night', next: '/cases' })
    expect(entered.headers.get('location')).toBe('/cases')
    const cookie = entered.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/)
    expect((await ask('/cases', { headers: { cookie: cookie.split(';')[0] ?? '' } })).status).toBe(200)

    const wrong = await post('/sign-in', { email, password: 'wrong' })
    const unknown = await post('/sign-in', { email: 'nobody@example.org', password: 'wrong' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    const texts = [await wrong.text(), await unknown.text()].map((text) =>
      text.replaceAll(/value="[^"]*"/g, ''),
    )
    expect(texts[0]).toBe(texts[1])
    const statuses = []
    for (let tries = 0; tries < 10; tries += 1) statuses.push((await post('/sign-in', { email })).status)
    expect(statuses.slice(-2)).toEqual([401, 429])
    expect((await post('/sign-in', { email: 'another@example.org' })).status).toBe(401)
  })

  test('another site can neither sign somebody in nor act with a member’s cookie', async ({ world }) => {
    const { post, cookieOf } = await openDashboard(world)
    const cookie = await cookieOf(world.owner)
    const elsewhere = { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
    expect((await post('/sign-in', { email: 'a@example.org', password: 'x' }, elsewhere)).status).toBe(403)
    const acted = await post('/settings/keys', { name: 'theirs' }, { ...elsewhere, cookie })
    expect(acted.status).toBe(403)
    const page = await acted.text()
    expect(page).toContain('This request came from another site')
    expect(page).not.toContain('ewk_')
  })

  test('a link that is read stays good; one that is used is spent', async ({ world }) => {
    const { ask, post } = await openDashboard(world)
    const member = memberOf(world.owner)
    const token = await world.house.db.system((tx) => createSignInLink(tx, member))
    expect((await ask(`/sign-in/${token}`)).status).toBe(200)
    expect((await ask(`/sign-in/${token}`)).status).toBe(200)
    expect((await post(`/sign-in/${token}`, {})).headers.get('location')).toBe('/settings/password?first=1')
    expect((await ask(`/sign-in/${token}`)).status).toBe(410)
    expect((await post(`/sign-in/${token}`, {})).status).toBe(410)
  })

  test('a link brings a new password to who has forgotten it; a password needs the present one to change', async ({
    world,
  }) => {
    const { ask, post } = await openDashboard(world)
    const { id, email } = memberOf(world.owner)
    const passwordHash = await hashPassword('seven bridges at night')
    await world.house.db.system((tx) => setPassword(tx, id, passwordHash))
    const token = await world.house.db.system((tx) => createSignInLink(tx, memberOf(world.owner)))
    expect((await post(`/sign-in/${token}`, { password: 'short' })).status).toBe(400)
    const entered = await post(`/sign-in/${token}`, { password: 'nine harbours at noon' })
    expect(entered.headers.get('location')).toBe('/')
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''

    const next = { password: 'one river in spring', again: 'one river in spring' }
    const refused = await post('/settings/password', { ...next, present: 'a guess' }, { cookie })
    expect([refused.status, (await refused.text()).includes('is not your password')]).toEqual([400, true])
    const changed = await post(
      '/settings/password',
      { ...next, present: 'nine harbours at noon' },
      { cookie },
    )
    expect(changed.status).toBe(303)
    expect((await ask('/cases', { headers: { cookie } })).status).toBe(303)
    expect((await post('/sign-in', { email, password: 'one river in spring' })).status).toBe(303)
  })

  test('a mail program stops the mails with one POST, without cookie or origin', async ({ world }) => {
    const { ask } = await openDashboard(world)
    const { id } = memberOf(world.owner)
    const token = await world.house.db.system((tx) => unsubscribeToken(tx, id))
    const getsAlerts = async () => (await world.house.db.system((tx) => findMember(tx, id)))?.getsAlerts
    expect((await ask(`/unsubscribe/${token}`)).status).toBe(200)
    expect(await getsAlerts()).toBe(true)
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
    expect((await ask(`/unsubscribe/${token}`, { method: 'POST', body })).status).toBe(200)
    expect(await getsAlerts()).toBe(false)
    expect((await ask('/unsubscribe/ewu_unknown', { method: 'POST', body })).status).toBe(404)
  })

  test('who is no owner can neither make keys nor members, and sees no form for it', async ({ world }) => {
    const { ask, post, cookieOf } = await openDashboard(world)
    const owner = await cookieOf(world.owner)
    const added = await post(
      '/settings/members',
      { name: 'Rita Sample', email: 'rita@example.org', roles: 'reviewer' },
      { cookie: owner },
    )
    const [, token] = (await added.text()).match(/\/sign-in\/(ewl_[\w-]+)/) ?? []
    const cookie = (await post(`/sign-in/${token}`, {})).headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await post('/settings/keys', { name: 'mine' }, { cookie })).status).toBe(403)
    expect((await post('/settings/switches', { alertsOn: 'on' }, { cookie })).status).toBe(403)
    expect(await (await ask('/settings/keys', { headers: { cookie } })).text()).not.toContain('Make key')
  })

  test('the last owner stays one', async ({ world }) => {
    const { post, cookieOf } = await openDashboard(world)
    const cookie = await cookieOf(world.owner)
    const { id } = memberOf(world.owner)
    const refused = await post(`/settings/members/${id}/roles`, { roles: 'reviewer' }, { cookie })
    expect(refused.status).toBe(409)
    expect((await world.house.db.system((tx) => findMember(tx, id)))?.roles).toContain('owner')
  })

  test('without a mail catcher there is no inbox', async ({ world }) => {
    const { ask, cookieOf } = await openDashboard(world)
    const cookie = await cookieOf(world.owner)
    expect((await ask('/inbox', { headers: { cookie } })).status).toBe(404)
    expect(await caughtMails(`${world.folder}/mail`)).toEqual([])
  })

  test('what belongs to somebody else is not found', async ({ world }) => {
    const { post, ask, cookieOf } = await openDashboard(world)
    const [owner, stranger] = [await cookieOf(world.owner), await cookieOf(world.stranger)]
    const made = await post('/submissions', { url: 'https://host.example/leak.mp3' }, { cookie: owner })
    const path = (made.headers.get('location') ?? '').split('?')[0] ?? ''
    expect(path).toMatch(/^\/submissions\/[0-9a-f-]{36}$/)
    const page = await ask(path, { headers: { cookie: owner } })
    expect(await page.text()).toContain('hxxps://host[.]example/leak[.]mp3')
    expect((await ask(path, { headers: { cookie: stranger } })).status).toBe(404)
    expect((await ask('/submissions/not-an-id', { headers: { cookie: owner } })).status).toBe(404)
  })
})
