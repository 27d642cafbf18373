import { candidatesOf } from '../../services/recipients/candidates.ts'
import { keepCandidates } from '../../services/recipients/resolution-store.ts'
import { findRecipient, keepFound, listRecipients } from '../../services/recipients/store.ts'
import { createWeb } from '../../web/router.ts'
import { memberWith, serveApi } from '../support/api.ts'
import { type Account, type World, describe, expect, test } from '../support/world.ts'

const HOST = 'files.sample.example'

/** A host of which nothing but a guess was found. */
async function guessed({ house }: World, { tenant }: Account) {
  const facts = { host: HOST, domain: 'sample.example', at: new Date() }
  const found = candidatesOf({
    ...facts,
    contact: undefined,
    network: undefined,
    cdn: undefined,
    registration: undefined,
  })
  return house.db.system(async (tx) => {
    const kept = []
    for (const each of found) kept.push((await keepFound(tx, tenant.id, each)).recipient)
    await keepCandidates(
      tx,
      tenant.id,
      HOST,
      kept.map(({ id }) => id),
    )
    const guess = kept.find(({ source }) => source === 'rfc2142')
    if (!guess) throw new Error('no guess')
    return guess
  })
}

/** A browser that sends forms. */
async function browserOf(world: World, account: Account, roles?: ('owner' | 'reviewer' | 'signer')[]) {
  const api = await serveApi(world, { web: createWeb(world.house) })
  const member = roles ? await memberWith(world, account, roles) : account.member
  const ask = await api.signedIn(member)
  return {
    api,
    get: (path: string) => ask('get', path),
    send: (path: string, fields: Record<string, string> | URLSearchParams) =>
      ask('post', path, new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      }),
  }
}

const fields = {
  role: 'hosting',
  key: 'host.example',
  source: 'manual',
  name: 'Sample Hosting',
  email: 'abuse@host.example',
  formUrl: '',
  country: 'nl',
  languages: 'en, nl',
  formats: 'mail',
  urlsMax: '40',
  mailsPerHour: '30',
  acknowledgeH: '48',
  removeH: '72',
  sameHost: 'on',
  class: '',
  note: '',
}

describe('the pages of recipients', () => {
  test('take an entry and a change, and show a refused one again as it was typed', async ({ world }) => {
    const account = await world.account('Pages')
    const { get, send } = await browserOf(world, account)
    expect((await get('/recipients')).text).toContain('Nobody is known yet')
    const refused = await send('/recipients', { ...fields, email: '', urlsMax: 'many' })
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('value="many"')
    expect(refused.text).toContain('id="urlsMax-fault"')

    const made = await send('/recipients', fields)
    expect(made.status).toBe(303)
    const path = (made.headers.get('location') ?? '').split('?')[0] ?? ''
    const shown = await get(path)
    for (const text of ['Sample Hosting', 'abuse@host.example', 'NL', 'entered by hand', 'Usable'])
      expect(shown.text).toContain(text)

    const saved = await send(path, { ...fields, class: 'slow', note: 'Line one\r\nline two' })
    expect(saved.status).toBe(303)
    const find = async () =>
      (await world.house.db.tenant(account.tenant.id, (tx) => listRecipients(tx, { limit: 9 })))[0]
    expect(await find()).toMatchObject({
      class: 'slow',
      note: 'Line one\nline two',
      country: 'NL',
      urlsMax: 40,
    })
    expect((await send(`${path}/pause`, { why: '' })).status).toBe(400)
    await send(`${path}/pause`, { why: 'Their mailbox is full' })
    expect((await get(path)).text).toContain('Their mailbox is full')
    expect((await get('/recipients?state=paused')).text).toContain('Sample Hosting')
    await send(`${path}/resume`, {})
    expect((await find())?.pausedAt).toBeNull()
  })

  test('warn before a guess is taken for right; saving a limit does not confirm it', async ({ world }) => {
    const account = await world.account('Guessing')
    const { id } = await guessed(world, account)
    const { get, send } = await browserOf(world, account)
    const shown = await get(`/recipients/hosts/${HOST}`)
    expect(shown.text).toContain('Guess, unconfirmed')
    expect(shown.text).toContain('Send notices to abuse@sample.example?')
    const find = () => world.house.db.tenant(account.tenant.id, (tx) => findRecipient(tx, id))

    const same = {
      ...fields,
      name: 'sample.example',
      email: 'abuse@sample.example',
      country: '',
      languages: 'en',
    }
    expect((await send(`/recipients/${id}`, { ...same, urlsMax: '9' })).status).toBe(303)
    expect(await find()).toMatchObject({ urlsMax: 9, source: 'rfc2142', confirmedBy: null })
    await send(`/recipients/${id}/confirm`, {})
    expect(await find()).toMatchObject({ source: 'rfc2142', confirmedBy: account.member.id })
    expect((await get(`/recipients/hosts/${HOST}`)).text).not.toContain('Send notices to')
  })

  test('show what has grown old, and let a host be looked up and somebody be asked first', async ({
    world,
  }) => {
    const account = await world.account('Looking')
    const guess = await guessed(world, account)
    const { get, send } = await browserOf(world, account, ['reviewer'])
    await world.house.db.system((tx) => tx.run`update recipient set resolved_at = now() - interval '91 days'`)
    const shown = await get(`/recipients/hosts/${HOST}`)
    expect(shown.text.match(/Out of date/g)).toHaveLength(2)
    expect(shown.text).not.toContain('Confirm as of today')
    expect((await get('/recipients?state=stale')).text).toContain('Google Search')
    expect((await get('/recipients')).text).not.toContain('Enter a recipient')

    const wrong = await send('/recipients/look-up', { host: 'no host' })
    expect(wrong.status).toBe(400)
    const asked = await send('/recipients/look-up', { host: 'https://Files.Sample.example/a.mp3' })
    expect(asked.headers.get('location')).toBe(`/recipients/hosts/${HOST}?done=host-asked`)
    expect((await get(`/recipients/hosts/${HOST}`)).text).toContain('is being looked up')
    const chosen = await send(`/recipients/hosts/${HOST}/choose`, { recipientId: guess.id })
    expect(chosen.status).toBe(303)
    expect((await get(`/recipients/hosts/${HOST}`)).text).toContain('Asked first')
    expect((await send(`/recipients/${guess.id}/confirm`, {})).status).toBe(403)
  })

  test('and the API show nothing of another account', async ({ world }) => {
    const account = await world.account('Owning')
    const guess = await guessed(world, account)
    const stranger = await world.account('Stranging')
    const { api, get } = await browserOf(world, stranger)
    expect((await get(`/recipients/${guess.id}`)).status).toBe(404)
    expect((await get(`/recipients/hosts/${HOST}`)).text).toContain('Nobody is known yet')
    const ask = api.withKey(stranger.key)
    expect((await ask('get', `/v1/recipients/${guess.id}`)).status).toBe(404)
    expect((await ask('get', `/v1/hosts/${HOST}/candidates`)).json).toEqual({
      host: HOST,
      lookUp: null,
      candidates: [],
    })
    expect((await ask('get', '/v1/hosts/no%20host/candidates')).status).toBe(404)

    const own = api.withKey(account.key)
    const listed = await own('get', `/v1/hosts/${HOST}/candidates`)
    expect(listed.json.candidates.map((each: { isGuess: boolean }) => each.isGuess)).toEqual([
      false,
      false,
      true,
    ])
    expect((await own('get', '/v1/recipients?state=guess')).json.items).toMatchObject([
      { id: guess.id, isGuess: true },
    ])
    const given = { role: 'cdn', key: 'cdn.example', name: 'Sample CDN', email: 'abuse@cdn.example' }
    expect((await own('post', '/v1/recipients', given)).status).toBe(403)
  })
})
