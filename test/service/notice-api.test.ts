import { draftNotices } from '../../services/actions/notices.ts'
import { serveApi } from '../support/api.ts'
import { completeContact, confirmedAt, explanation, planOf, recipientFor } from '../support/noticing.ts'
import { signerSession } from '../support/signing.ts'
import { describe, expect, test } from '../support/world.ts'

const HOST = 'files.hoster.example'

describe('notices over HTTP', () => {
  test('are drafted by a program and signed by a person', async ({ world }) => {
    const { house } = world
    const account = await world.account('Over Http')
    const own = { ...world, owner: account.caller }
    const api = await serveApi(world)
    const key = api.withKey(account.key)
    await completeContact(own)
    await recipientFor(own, HOST)
    const caseIds = [await confirmedAt(own, `https://${HOST}/d/1`)]
    const details = { illegalityExplanation: explanation }
    const drafted = await key('post', '/v1/notices', { caseIds, regimes: ['US_512C', 'EU_DSA_16'], details })
    expect([drafted.status, drafted.json.items[0]?.state]).toEqual([201, 'draft'])
    const path = `/v1/notices/${drafted.json.items[0].id}`

    const checked = await key('post', `${path}/check`)
    expect(checked.json).toMatchObject({ state: 'ready', openPoints: [], gate: { count: 1, stops: [] } })
    expect(checked.json.document.locations[0].url).toBe(`https://${HOST}/d/1`)
    const shown = checked.json.shownSha256
    const signature = {
      noticeIds: [checked.json.id],
      signatureText: '/s/ A Signer',
      shown: { [checked.json.id]: shown },
      acknowledgedGate: true,
    }
    expect(await key('post', '/v1/notices/sign', signature)).toMatchObject({
      status: 403,
      json: { type: '/problems/auth/forbidden' },
    })
    const signer = await signerSession(world, 'A Signer', { tenantId: account.tenant.id })
    const browser = (method: string, at: string, body?: unknown) =>
      api.anonymous(method, at, body, { cookie: signer.cookie, origin: house.config.publicUrl })
    const signed = await browser('post', '/v1/notices/sign', signature)
    expect([signed.status, signed.json.items?.[0]?.state]).toEqual([200, 'signed'])
    expect(await browser('post', '/v1/notices/sign', signature)).toMatchObject({
      status: 409,
      json: { type: '/problems/row/stage', detail: expect.stringContaining('queued, retracted') },
    })

    const read = await key('get', path)
    expect(read.json).toMatchObject({ gate: null, statements: { status: 'made' }, shownSha256: shown })
    expect(read.json.events.map(({ kind }: { kind: string }) => kind)).toEqual([
      'created',
      'checked_ready',
      'signed',
    ])
    expect(read.text).not.toContain('replyToken')
    const file = await key('get', `${path}/render?format=json`)
    expect(file.json).toEqual(read.json.document)
    expect((await key('get', `${path}/render?format=papyrus`)).status).toBe(406)
    const retracted = await browser('post', `${path}/retract`, { reason: 'Not ours' })
    expect([retracted.status, retracted.json.state]).toEqual([202, 'retracted'])
    expect((await key('patch', path, { language: 'de' })).status).toBe(409)
  })

  test('that nobody signed are to be read, but not in the forms that recipients get', async ({ world }) => {
    const account = await world.account('Unsigned')
    const own = { ...world, owner: account.caller }
    const api = await serveApi(world)
    const key = api.withKey(account.key)
    await recipientFor(own, HOST)
    const caseId = await confirmedAt(own, `https://${HOST}/d/1`)
    const [draft] = await draftNotices(world.house, account.caller, planOf([caseId]))
    const path = `/v1/notices/${draft!.id}`
    expect((await key('get', `${path}/render?format=json`)).json.statements.status).toBe('open')
    expect((await key('get', `${path}/render?format=acns`)).status).toBe(409)
    const read = await key('get', path)
    expect(read.json.state).toBe('draft')
    expect(read.json.openPoints.map(({ code }: { code: string }) => code)).toContain('contact_incomplete')
    expect(read.json.allowedEvents).toContain('checked_ready')
    expect((await key('delete', path)).json.state).toBe('closed')
    expect((await key('get', path)).json).toMatchObject({ openPoints: [], document: {} })
    const strange = await world.account('Strange')
    expect((await api.withKey(strange.key)('get', path)).status).toBe(404)
  })

  test('have a published schema', async ({ world }) => {
    const api = await serveApi(world)
    const schema = await api.anonymous('get', '/schemas/notice-1.json')
    expect(schema.headers.get('content-type')).toContain('application/schema+json')
    expect(JSON.parse(schema.text)).toMatchObject({
      $id: '/schemas/notice-1.json',
      title: 'Earwitness notice',
    })
  })
})
