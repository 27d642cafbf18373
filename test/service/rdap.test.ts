import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type RdapCache, createRdap, pauseSecondsOf } from '../../services/recipients/rdap.ts'
import { problem } from '../support/fetching.ts'
import { type Registries, domainAnswer, networkAnswer, startRegistries } from '../support/registries.ts'

let registries: Registries
beforeEach(async () => {
  registries = await startRegistries()
})
afterEach(() => registries.close())

/** Keeps what a table would keep, as JSON. */
function memoryCache(): RdapCache & { readonly kept: Map<string, { text: string; forS: number }> } {
  const kept = new Map<string, { text: string; forS: number }>()
  return {
    kept,
    find: async (url) => {
      const found = kept.get(url)
      return found && JSON.parse(found.text)
    },
    keep: async (url, { forS, ...answer }) => void kept.set(url, { text: JSON.stringify(answer), forS }),
  }
}

const client = (cache: RdapCache = memoryCache(), intervalMs = 0) =>
  createRdap({ ask: registries.ask, cache, bootstrapUrl: `${registries.url}/bootstrap`, intervalMs })

describe('RDAP', () => {
  test('names the abuse contact of an address, and is asked once a day', async () => {
    registries.served.set('/rdap/ip/127.0.0.1', { json: networkAnswer('Abuse@Net.example') })
    const cache = memoryCache()
    const first = await client(cache).contactsOf('127.0.0.1')
    expect(first).toEqual({
      emails: ['abuse@net.example'],
      tels: ['+31.5550100'],
      handle: 'NET-SAMPLE-1',
      name: 'SAMPLE-NET',
      range: { from: '127.0.0.0', to: '127.0.0.255' },
      country: 'NL',
    })
    expect(await client(cache).contactsOf('127.0.0.1')).toEqual(first)
    expect(registries.requests).toEqual(['127.0.0.1/bootstrap/ipv4.json', '127.0.0.1/rdap/ip/127.0.0.1'])
    expect([...cache.kept.values()].map(({ forS }) => forS)).toEqual([86_400, 86_400])
    expect(JSON.stringify([...cache.kept.values()])).not.toContain('noc@net.example')
  })

  test('names the registrar of a domain; a thin registry’s registrar is asked itself', async () => {
    registries.served.set('/rdap/domain/sample.localhost', { json: domainAnswer('abuse@registrar.example') })
    expect(await client().contactsOf('sample.localhost')).toMatchObject({
      emails: ['abuse@registrar.example'],
      registrar: { name: 'Sample Registrar Ltd', ianaId: '9999' },
    })
    const thin = {
      ldhName: 'thin.localhost',
      links: [{ rel: 'related', type: 'application/rdap+json', href: `${registries.url}/own/domain/thin` }],
      entities: [{ roles: ['registrar'], handle: '9999' }],
    }
    registries.served.set('/rdap/domain/thin.localhost', { json: thin })
    registries.served.set('/own/domain/thin', { json: domainAnswer('abuse@thin.example') })
    expect(await client().contactsOf('thin.localhost')).toMatchObject({ emails: ['abuse@thin.example'] })
    registries.served.set('/own/domain/thin', (_request, response) => response.writeHead(500).end())
    expect(await client().contactsOf('thin.localhost')).toMatchObject({ emails: [] })
  })

  test('may know nothing: no server, or none there', async () => {
    const rdap = client()
    expect(await rdap.contactsOf('host.example')).toBeUndefined()
    expect(await rdap.contactsOf('127.0.0.9')).toBeUndefined()
    expect(await rdap.contactsOf('127.0.0.9')).toBeUndefined()
    expect(registries.requests.filter((each) => each.includes('/rdap/'))).toHaveLength(1)
  })

  test('asks for JSON of its kind, and follows three redirects but not four', async () => {
    let accepted: string | undefined
    registries.served.set('/rdap/ip/127.0.0.1', (request, response) => {
      accepted = request.headers.accept
      response.writeHead(302, { location: '/hop/3' }).end()
    })
    for (const hop of [3, 2, 1])
      registries.served.set(`/hop/${hop}`, (_request, response) =>
        response.writeHead(302, { location: `/hop/${hop - 1}` }).end(),
      )
    registries.served.set('/hop/1', { json: networkAnswer('abuse@net.example') })
    expect(await client().contactsOf('127.0.0.1')).toMatchObject({ emails: ['abuse@net.example'] })
    expect(accepted).toMatch(/^application\/rdap\+json/)
    registries.served.set('/rdap/ip/127.0.0.2', (_request, response) =>
      response.writeHead(302, { location: '/rdap/ip/127.0.0.2' }).end(),
    )
    await expect(client().contactsOf('127.0.0.2')).rejects.toEqual(problem('registry/unusable'))
  })

  test('is left alone for as long as it asks', async () => {
    registries.served.set('/rdap/ip/127.0.0.1', (_request, response) =>
      response.writeHead(429, { 'retry-after': '120' }).end(),
    )
    const cache = memoryCache()
    await expect(client(cache).contactsOf('127.0.0.1')).rejects.toEqual(problem('registry/unreachable'))
    const asked = registries.requests.length
    await expect(client(cache).contactsOf('127.0.0.2')).rejects.toEqual(problem('registry/unreachable'))
    expect(registries.requests).toHaveLength(asked)
    expect(cache.kept.get(`pause:${registries.url}`)?.forS).toBe(120)
  })

  test('is asked once in its interval', async () => {
    const rdap = client(memoryCache(), 150)
    const startedAt = Date.now()
    await Promise.all(['127.0.0.1', '127.0.0.2'].map((address) => rdap.contactsOf(address)))
    // Two lists (both ask before one is kept) and two addresses, of one server.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(440)
  })

  test.for([
    ['no JSON', 'hello'],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['too much', Buffer.alloc(3 * 1024 * 1024, ' ')],
  ] as const)('that answers with %s is unusable', async ([, body]) => {
    registries.served.set('/rdap/ip/127.0.0.1', (_request, response) => response.end(body))
    await expect(client().contactsOf('127.0.0.1')).rejects.toEqual(problem('registry/unusable'))
  })

  test('that nests without end or sends wrong types names nobody', async () => {
    const deep = '{"entities":['.repeat(100_000) + ']}'.repeat(100_000)
    registries.served.set('/rdap/ip/127.0.0.1', (_request, response) => response.end(deep))
    const wrong = { entities: { roles: 'abuse' }, country: 7, name: ['x'], links: 'none', startAddress: {} }
    registries.served.set('/rdap/ip/127.0.0.2', { json: wrong })
    registries.served.set('/rdap/ip/127.0.0.3', { json: null })
    for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
      expect(await client().contactsOf(address)).toEqual({ emails: [], tels: [] })
  })

  test('that breaks or is away may be asked later', async () => {
    registries.served.set('/rdap/ip/127.0.0.1', (_request, response) => response.writeHead(502).end())
    registries.served.set('/rdap/ip/127.0.0.2', (request) => request.socket.destroy())
    for (const address of ['127.0.0.1', '127.0.0.2'])
      await expect(client().contactsOf(address)).rejects.toEqual(problem('registry/unreachable'))
  })

  test('in our own network is not asked, whoever links to it', async () => {
    const related = [{ rel: 'related', href: 'http://169.254.169.254/latest' }]
    registries.served.set('/rdap/domain/a.localhost', { json: { ldhName: 'a.localhost', links: related } })
    expect(await client().contactsOf('a.localhost')).toMatchObject({ emails: [] })
  })

  test('says how long to wait in seconds or as a date', () => {
    const now = new Date('2031-03-06T12:00:00Z')
    expect(pauseSecondsOf('30', now)).toBe(30)
    expect(pauseSecondsOf('Thu, 06 Mar 2031 12:01:30 GMT', now)).toBe(90)
    expect(pauseSecondsOf('999999999', now)).toBe(3600)
    expect(pauseSecondsOf('0', now)).toBe(1)
    for (const unclear of [undefined, 'soon', '']) expect(pauseSecondsOf(unclear, now)).toBe(60)
  })
})
