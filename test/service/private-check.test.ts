import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, get } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

import { main } from '../../bin/earwitness.ts'
import { splitBuckets } from '../../services/leaks/private/bucket-answer.ts'
import { serveApi } from '../support/api.ts'
import { listedIsrc, listedLeak } from '../support/checkable-leak.ts'
import { openDashboard } from '../support/dashboard.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { openRecordingProxy } from '../support/recording-proxy.ts'
import { expectOnlyPrefixes } from '../support/told-by-check.ts'
import { type World, describe, expect, test } from '../support/world.ts'

/** A world in which visitors may ask. */
const opened = (world: World): World => ({
  ...world,
  house: { ...world.house, config: { ...world.house.config, PRIVATE_CHECK: 'public' } },
})

const prefixOf = (isrc: string): string => createHash('sha256').update(isrc).digest('hex').slice(0, 4)

function* rowsUntil(count: number) {
  for (let number = 0; number < count; number++)
    yield { isrc: listedIsrc(number * 2), popularity: number % 101 }
}

/** Asks as a cache does; `fetch` adds that it wants no cached answer. */
async function asCacheAsks(url: string, etag: string): Promise<{ status: number; bytes: number }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { 'if-none-match': etag } }, resolve).on('error', reject)
  })
  return { status: response.statusCode ?? 0, bytes: (await buffer(response)).length }
}

/** Three leaks: one that anybody may ask, one of the operator's that members may, and a stranger's own. */
async function threeLeaks(world: World) {
  const rows = [...rowsUntil(2_000)]
  const open = await listedLeak(world, { name: 'Open dump', tenantId: null, publicCheck: true, rows })
  const closed = await listedLeak(world, { name: 'Closed dump', tenantId: null, rows: rows.slice(0, 10) })
  const strange = await listedLeak(world, { name: 'Own list', tenantId: world.stranger.tenantId, rows: [] })
  return { open, closed, strange }
}

describe('the routes of the private check', () => {
  test('give visitors what was opened to them, and accounts what they see', async ({ world }) => {
    const { open, closed, strange } = await threeLeaks(world)
    const off = await serveApi(world)
    const on = await serveApi(opened(world))
    const account = await world.account('Asking')
    const names = (json: { items: { name: string }[] }) => json.items.map(({ name }) => name)
    const path = ({ manifestId }: { manifestId: string }) =>
      `/v1/private-check/manifests/${manifestId}/buckets/${prefixOf(listedIsrc(0))}`

    expect((await off.anonymous('get', '/v1/private-check/leaks')).status).toBe(404)
    expect((await off.anonymous('get', path(open))).status).toBe(404)
    expect(names((await on.anonymous('get', '/v1/private-check/leaks')).json)).toEqual(['Open dump'])
    expect((await on.anonymous('get', path(open))).status).toBe(200)
    for (const hidden of [closed, strange]) expect((await on.anonymous('get', path(hidden))).status).toBe(404)
    const key = off.withKey(account.key)
    expect(names((await key('get', '/v1/private-check/leaks')).json)).toEqual(['Closed dump', 'Open dump'])
    expect((await key('get', path(closed))).status).toBe(200)
    expect((await key('get', path(strange))).status).toBe(404)
    const wrong = await on.withKey(`ewk_${'x'.repeat(43)}`)('get', '/v1/private-check/leaks')
    expect(wrong.status).toBe(401)
    for (const prefix of ['123', '12345', 'ABCD', 'zzzz', '%2e%2e'])
      expect((await on.anonymous('get', path(open).replace(/[0-9a-f]{4}$/, prefix))).status, prefix).toBe(404)
  })

  test('may be cached, and several buckets come in the order asked', async ({ world }) => {
    const { open } = await threeLeaks(world)
    const api = await serveApi(opened(world))
    const base = `/v1/private-check/manifests/${open.manifestId}/buckets`
    const prefix = prefixOf(listedIsrc(0))
    const one = await fetch(`${api.url}${base}/${prefix}`)
    expect(one.headers.get('cache-control')).toBe('public, max-age=86400')
    expect(one.headers.get('content-type')).toBe('application/octet-stream')
    const bytes = Buffer.from(await one.arrayBuffer())
    expect(bytes.length % 8).toBe(0)
    expect(bytes.includes(createHash('sha256').update(listedIsrc(0)).digest().subarray(2, 8))).toBe(true)
    const etag = one.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{43}"$/)
    expect(await asCacheAsks(`${api.url}${base}/${prefix}`, etag)).toEqual({ status: 304, bytes: 0 })

    const empty = 'ffff' === prefix ? 'fffe' : 'ffff'
    const ask = (prefixes: unknown) =>
      fetch(api.url + base, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prefixes }),
      })
    const several = await ask([prefix, empty, prefix])
    expect(several.headers.get('cache-control')).toBe('no-store')
    const [first, , third] = splitBuckets(new Uint8Array(await several.arrayBuffer()), 3)
    expect(Buffer.from(first ?? [])).toEqual(bytes)
    expect(third).toEqual(first)
    for (const wrong of [[], Array.from({ length: 501 }, () => '0000'), ['12345'], [listedIsrc(0)], 'abcd'])
      expect((await ask(wrong)).status).toBe(400)
  })

  test('have a limit for visitors of an address, and another for accounts', async ({ world }) => {
    await threeLeaks(world)
    const api = await serveApi(opened(world), { limits: { visitsPerMinute: 3, requestsPerMinute: 6 } })
    const key = api.withKey((await world.account('Busy')).key)
    const statuses = async (ask: typeof key, count: number) => {
      const all: number[] = []
      for (let turn = 0; turn < count; turn++) all.push((await ask('get', '/v1/private-check/leaks')).status)
      return all
    }
    expect(await statuses(api.anonymous, 4)).toEqual([200, 200, 200, 429])
    expect(await statuses(key, 7)).toEqual([200, 200, 200, 200, 200, 200, 429])
    const refused = await api.anonymous('get', '/v1/private-check/leaks')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('the page', () => {
  test('is there for members, and for visitors where the operator opened it', async ({ world }) => {
    const account = await world.account('Page')
    const browser = await (await openDashboard(world))(account.member)
    const own = await browser.get('/private-check')
    expect([own.status, own.text.includes(`Signed in as ${account.member.name}`)]).toEqual([200, true])
    expect(own.text).toMatch(/<noscript>[^]*earwitness leak check --file LIST/)
  })
})

describe('earwitness leak check', () => {
  test('sends nothing but prefixes, and says what is in a leak', async ({ world }) => {
    await threeLeaks(world)
    const proxy = await openRecordingProxy((await serveApi(world)).url)
    const { key } = await world.account('Command line')
    const run = async (argv: string[]) => {
      const terminal = recordedTerminal({ env: { EARWITNESS_SERVER: proxy.url, EARWITNESS_KEY: key } })
      const code = await main(['leak', 'check', ...argv], terminal)
      return { code, out: terminal.outText(), err: terminal.errText() }
    }
    const asked = [listedIsrc(0), listedIsrc(1), listedIsrc(4)]
    const found = await run([...asked, '--json'])
    expect(found.code, found.err).toBe(3)
    const { results, leaks } = JSON.parse(found.out)
    expect(leaks.map(({ name }: { name: string }) => name)).toEqual(['Closed dump', 'Open dump'])
    expect(results.map((each: { found: unknown[] }) => each.found.length)).toEqual([2, 0, 2])
    expect(results[2].found[1]).toMatchObject({
      leak: 'Open dump',
      status: 'audio',
      codec: 'vorbis-160',
      popularity: 2,
    })
    expectOnlyPrefixes(proxy.requests, asked)

    const none = await run(['aa-6q7-00-00001', '--csv'])
    expect([none.code, none.out]).toEqual([0, expect.stringContaining('AA-6Q7-00-00001,no,')])
    expect((await run(['not a code'])).code).toBe(2)
    expect((await run([])).code).toBe(2)
    expect((await run(['--help'])).out).toContain('earwitness leak check')
    const list = join(world.folder, 'list.csv')
    await writeFile(list, `isrc,title\n${listedIsrc(1)},One\nbroken line\n`)
    const faulty = await run(['--file', list])
    expect([faulty.code, faulty.err]).toEqual([1, expect.stringContaining('line 3 has no ISRC: broken line')])
    await proxy.close()
  })

  test('asks for 10,000 in batches, within seconds, also as a visitor', async ({ world }) => {
    const rows = [...rowsUntil(20_000)]
    await listedLeak(world, { name: 'Open dump', tenantId: null, publicCheck: true, rows })
    const proxy = await openRecordingProxy((await serveApi(opened(world))).url)
    const isrcs = Array.from({ length: 10_000 }, (_, number) => listedIsrc(number))
    const list = join(world.folder, 'list.txt')
    await writeFile(list, isrcs.join('\n'))
    const terminal = recordedTerminal({ env: { EARWITNESS_SERVER: proxy.url, EARWITNESS_KEY: 'ewk_unused' } })
    const startedAt = performance.now()
    expect(await main(['leak', 'check', '--file', list, '--visitor'], terminal), terminal.errText()).toBe(3)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(terminal.errText()).toContain('5000 of 10000 ISRCs in 1 leak')
    expect(proxy.requests.length).toBeLessThan(25)
    expectOnlyPrefixes(proxy.requests, isrcs)
    for (const { headers } of proxy.requests) expect(headers['authorization']).toBeUndefined()
    await proxy.close()
  })
})
