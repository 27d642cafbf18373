import { routes } from '../../services/api/routes.ts'
import { hashPassword, setPassword } from '../../services/tenants/sign-in.ts'
import { PASSWORD, calls } from '../support/api-calls.ts'
import { type Scene, sceneOf } from '../support/api-scene.ts'
import { type Client, memberWith, seed, serveApi } from '../support/api.ts'
import { confirming } from '../support/confirming.ts'
import { startSmtpHost } from '../support/smtp.ts'
import { describe, expect, test } from '../support/world.ts'

const made = { goodFaith: true, accuracy: true, authority: true }

const routeOf = (id: string) => {
  const route = routes.find((one) => one.id === id)
  if (!route) throw new Error(`no route ${id}`)
  return route
}
const ask = (client: Client, id: string, scene: Scene) => {
  const call = calls[id]
  if (!call) throw new Error(`no call of ${id}`)
  return client(routeOf(id).method, call.path(scene), call.body?.(scene))
}
const isPersonal = (id: string): boolean => {
  const { caller } = routeOf(id)
  return caller === 'member' || typeof caller === 'object'
}
/** Visitors are asked for nothing in some; what they are refused is tested there. */
const closed = routes.filter(({ caller }) => caller !== 'none' && caller !== 'visitor').map(({ id }) => id)
/** A host is nobody's row: everybody may ask about any. */
const withId = routes
  .filter(({ path, caller }) => /:(?!host\b)/.test(path) && caller !== 'none')
  .map(({ id }) => id)

describe('every route', () => {
  test('has a call in this test', () => {
    expect(Object.keys(calls).toSorted()).toEqual(routes.map(({ id }) => id).toSorted())
  })

  test('answers a good call with what it declares', async ({ world }) => {
    // Passkeys need a host name, and the test mail a server.
    const smtp = await startSmtpHost()
    const config = { ...world.house.config, publicUrl: 'http://localhost:8080', SMTP_URL: smtp.url }
    const named = { ...world, house: { ...world.house, config } }
    const api = await serveApi(named)
    const account = await world.account('Every Route')
    const passwordHash = await hashPassword(PASSWORD)
    await world.house.db.system((tx) => setPassword(tx, account.member.id, passwordHash))
    const scene = await sceneOf(named, api, account)
    const answered: Record<string, unknown> = {}
    let browser = await api.signedIn(account.member)
    for (const id of Object.keys(calls)) {
      if (id === 'setPassword') browser = await api.signedIn({ ...account.member, hasPassword: true })
      if (id === 'signOut') browser = await api.signedIn(account.member) // The new password ended the session.
      const { caller } = routeOf(id)
      const byKey = caller === 'any' ? api.withKey(account.key) : browser
      const client = caller === 'none' ? api.anonymous : byKey
      const { status, headers, text, json } = await ask(client, id, scene)
      calls[id]?.keep?.(scene, json)
      answered[id] = status
      expect(status, `${id}: ${text.slice(0, 300)}`).toBe(calls[id]?.status)
      expect([routeOf(id).status, routeOf(id).otherStatus]).toContain(status)
      expect(headers.get('cache-control')).toBe(calls[id]?.cache ?? 'no-store')
      const type = status === 204 ? '' : (calls[id]?.type ?? 'application/json')
      expect(headers.get('content-type') ?? '', id).toContain(type)
    }
    expect(Object.keys(answered)).toHaveLength(routes.length)
    await smtp.close()
  })

  test('that needs a caller refuses a request without a key, with a wrong one and with a revoked one', async ({
    world,
  }) => {
    // Every route is asked three times within the minute.
    const api = await serveApi(world, { limits: { refusalsPerMinute: closed.length * 3 } })
    const account = await world.account('Locked')
    const scene = await sceneOf(world, api, account)
    const browser = await api.signedIn(account.member)
    const revoked = (await browser('post', '/v1/keys', { name: 'old' })).json
    expect((await api.withKey(revoked.secret)('get', '/v1/account')).status).toBe(200)
    await browser('delete', `/v1/keys/${revoked.id}`)
    for (const id of closed) {
      for (const client of [
        api.anonymous,
        api.withKey(`ewk_${'x'.repeat(43)}`),
        api.withKey(revoked.secret),
      ]) {
        const { status, json, headers } = await ask(client, id, scene)
        expect([status, json.type], id).toEqual([401, '/problems/auth/missing'])
        expect(headers.get('www-authenticate')).toContain('Bearer')
      }
    }
  })

  test('with an id hides what belongs to somebody else', async ({ world }) => {
    const api = await serveApi(world)
    const scene = await sceneOf(world, api, await world.account('Owner'))
    const stranger = await world.account('Stranger')
    const key = api.withKey(stranger.key)
    const browser = await api.signedIn(stranger.member)
    expect(withId.length).toBeGreaterThan(10)
    for (const id of withId) {
      const { status, json } = await ask(isPersonal(id) ? browser : key, id, scene)
      expect([status, json?.type], id).toEqual([404, '/problems/row/unknown'])
    }
    for (const id of ['listRecordings', 'listSubmissions', 'listCases', 'listReports']) {
      expect((await key('get', routeOf(id).path)).json.items, id).toEqual([])
    }
    const path = `/v1/recordings/${scene.unusedRecordingId}`
    expect((await api.withKey(scene.account.key)('get', path)).status).toBe(200)
  })

  test('with an id answers the same when there is no such row and when it is no id', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Nothing')
    const scene = await sceneOf(world, api, account)
    const browser = await api.signedIn(account.member)
    for (const id of withId) {
      const own = calls[id]?.path(scene) ?? ''
      for (const value of ['00000000-0000-4000-8000-000000000000', 'no-id', '%00', "'--"]) {
        const path = own.replace(/[0-9a-f-]{36}/, value)
        const { status, json } = await browser(routeOf(id).method, path, calls[id]?.body?.(scene))
        expect([status, json.type], `${id} ${value}`).toEqual([404, '/problems/row/unknown'])
      }
    }
  })

  test('for people refuses a key, and one for a role refuses who has it not', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Roles')
    const scene = await sceneOf(world, api, account)
    const roles = ['owner', 'reviewer', 'signer'] as const
    const members = await Promise.all(
      roles.map((role) => memberWith(world, scene.account, [role]).catch(() => undefined)),
    )
    for (const id of closed.filter(isPersonal)) {
      const { status, json } = await ask(api.withKey(account.key), id, scene)
      expect([status, json.type], id).toEqual([403, '/problems/auth/forbidden'])
    }
    for (const [index, role] of roles.entries()) {
      const member = members[index]
      if (!member) continue
      const browser = await api.signedIn(member)
      for (const id of closed) {
        const { caller } = routeOf(id)
        if (typeof caller !== 'object' || caller.role === role) continue
        const { status, json } = await ask(browser, id, scene)
        expect([status, json.detail], `${id} as ${role}`).toEqual([403, `This needs the role ${caller.role}`])
      }
    }
  })

  test('that changes something refuses a browser that another site sent', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Tricked')
    const scene = await sceneOf(world, api, account)
    const browser = await api.signedIn(account.member)
    for (const { id, method } of routes.filter((route) => route.method !== 'get')) {
      const call = calls[id]
      for (const headers of [
        { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
        { origin: 'null' },
      ]) {
        const { status, json } = await browser(method, call?.path(scene) ?? '', call?.body?.(scene), headers)
        expect([status, json.type], id).toEqual([403, '/problems/auth/forbidden'])
      }
    }
    expect((await browser('get', `/v1/cases/${scene.caseId}`)).json.state).toBe('needs_review')
  })

  test('made sign with a person only', async ({ world }) => {
    const api = await serveApi(world)
    const account = await world.account('Signing')
    const { caseId } = await seed(world, account)
    const statements = { ...made, signatureText: `/s/ ${account.member.name}` }
    const path = `/v1/cases/${caseId}/reports`
    const byKey = await api.withKey(account.key)('post', path, { statements })
    expect([byKey.status, byKey.json.type]).toEqual([403, '/problems/auth/forbidden'])
    const reviewer = await api.signedIn(await memberWith(world, account, ['reviewer']))
    expect((await reviewer('post', path, { statements })).status).toBe(403)
    const signer = await api.signedIn(account.member)
    const misspelt = await signer('post', path, {
      statements: { ...statements, signatureText: '/s/ Somebody' },
    })
    expect(misspelt.json.faults).toEqual([
      { pointer: '/statements/signatureText', detail: `must be /s/ ${account.member.name}` },
    ])
    const half = await signer('post', path, { statements: { ...statements, accuracy: false } })
    expect(half.json.faults[0].pointer).toBe('/statements/accuracy')
    const early = await signer('post', path, { statements })
    expect([early.status, early.json.type]).toEqual([409, '/problems/row/stage'])
    await signer('post', `/v1/cases/${caseId}/decisions`, confirming)
    const signed = await signer('post', path, { statements })
    expect(signed.json).toMatchObject({ statements: 'made', version: 1 })
    expect(signed.json.document.statements.signatory.name).toBe(account.member.name)
  })
})
