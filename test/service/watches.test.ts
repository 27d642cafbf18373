import { z } from 'zod'

import { startWatch } from '../../services/actions/watches.ts'
import type { WatchReadId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { wiringOf } from '../../services/pipeline.ts'
import { rowsOf } from '../../services/submissions/batch-store.ts'
import { listWatches, readsOf, startDueReads, startRead } from '../../services/watches/store.ts'
import { NewWatch, type WatchRead, type WatchSummary, nextReadAt } from '../../services/watches/watch.ts'
import { createWeb } from '../../web/router.ts'
import type { Tools } from '../../workers/tools.ts'
import { watch as watchWorker } from '../../workers/watch.ts'
import { serveApi } from '../support/api.ts'
import { type Site, openSite } from '../support/watched-site.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const page = (...names: string[]): string =>
  `<!doctype html><title>Finds</title>${names.map((name) => `<a href="/files/${name}.mp3">${name}</a>`).join('\n')}`

/** A worker's hands on a watch. */
function reader({ house }: World, site: Site) {
  const { port } = new URL(site.url)
  const safeFetch = createSafeFetch({
    bytesMax: 10_000_000,
    timeoutMs: 5_000,
    idleTimeoutMs: 2_000,
    redirectsMax: 5,
    userAgent: 'Earwitness/1 (test)',
    allowAddresses: [`127.0.0.1:${port}`],
  })
  const config = { ...house.config, HOST_DELAY_MS: 0 }
  const work = watchWorker({ ...house, config, safeFetch } as unknown as Tools)
  const wiring = wiringOf<WatchReadId>(house.db, house.queues, 'watch')
  return async (watch: WatchSummary): Promise<WatchRead> => {
    const id = await house.db.system((tx) => startRead(tx, watch))
    try {
      await work(
        { id },
        { log: house.log, progress: async () => undefined, signal: new AbortController().signal },
      )
    } catch (error) {
      await wiring.dead({ id }, Problem.from(error))
    }
    const [read] = await house.db.system((tx) => readsOf(tx, watch.id, { limit: 1 }))
    if (!read) throw new Error('no read')
    return read
  }
}

const rowsBy = ({ house, owner }: World, watch: WatchSummary) =>
  house.db.tenant(owner.tenantId, (tx) => rowsOf(tx, { watchId: watch.id }, { limit: 1_000 }))
const summaryOf = async ({ house, owner }: World, { id }: WatchSummary): Promise<WatchSummary> => {
  const [found] = await house.db.tenant(owner.tenantId, (tx) => listWatches(tx, { id, limit: 1 }))
  if (!found) throw new Error('no watch')
  return found
}
const watched = ({ house, owner }: World, site: Site, more: object = {}) =>
  startWatch(house, owner, NewWatch.parse({ url: site.url, everyH: 6, ...more }))

describe('a watch', () => {
  test('notes what is there, and hands in what comes, each once', async ({ world }) => {
    const site = await openSite()
    try {
      site.answer = (_request, response) => response.setHeader('etag', '"1"').end(page('a', 'b'))
      const watch = await watched(world, site)
      const read = reader(world, site)
      expect(await read(watch)).toMatchObject({ stage: 'done', status: 200, found: 2, fresh: 0 })
      expect(await rowsBy(world, watch)).toEqual([])

      site.answer = ({ headers }, response) =>
        headers['if-none-match'] === '"1"' ? response.writeHead(304).end() : response.end(page('a'))
      expect(await read(watch)).toMatchObject({ stage: 'done', status: 304, found: null, fresh: 0 })

      site.answer = (_request, response) => response.end(page('c', 'a', 'b', 'd'))
      expect(await read(watch)).toMatchObject({ found: 4, fresh: 2, leftOut: 0 })
      expect((await rowsBy(world, watch)).map(({ url }) => new URL(url).pathname)).toEqual([
        '/files/d.mp3',
        '/files/c.mp3',
      ])
      expect(await read(watch)).toMatchObject({ found: 4, fresh: 0 })
      expect(site.asked).toEqual(['all', '"1"', '"1"', 'all'])
      // They take turns with what else is handed in, and the first ones have begun.
      expect((await rowsBy(world, watch)).map(({ stage }) => stage)).toEqual(['fetch', 'fetch'])
      expect(await summaryOf(world, watch)).toMatchObject({
        state: 'watching',
        handedIn: 2,
        finds: 0,
        isReading: false,
      })
    } finally {
      await site.close()
    }
  })

  test('hands in what is there already when it is told so, some at a time, and reads feeds', async ({
    world,
  }) => {
    const site = await openSite()
    try {
      const items = Array.from(
        { length: 230 },
        (_, i) =>
          `<item><title>${i}</title><enclosure url="https://files.example/${i}.mp3" type="audio/mpeg" length="1"/></item>`,
      )
      site.answer = (_request, response) =>
        response
          .setHeader('etag', '"1"')
          .end(
            `<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>${items.join('')}</channel></rss>`,
          )
      const watch = await watched(world, site, { takesFirst: true, name: 'A feed' })
      const read = reader(world, site)
      expect(await read(watch)).toMatchObject({ found: 230, fresh: 200, leftOut: 30 })
      expect(await read(watch)).toMatchObject({ found: 230, fresh: 30, leftOut: 0 })
      expect(await rowsBy(world, watch)).toHaveLength(230)
      expect(site.asked).toEqual(['all', 'all'])
    } finally {
      await site.close()
    }
  })

  test('names why a place cannot be read, asks less often, and tells once', async ({ world }) => {
    const { house, owner } = world
    const site = await openSite()
    try {
      const answered = (status: number) =>
        (site.answer = (_request, response) => response.writeHead(status).end('No.'))
      const watch = await watched(world, site)
      const read = reader(world, site)
      for (const [status, type] of [
        [404, 'watch/gone'],
        [401, 'watch/closed'],
        [500, 'fetch/unreachable'],
        [410, 'watch/gone'],
      ] as const) {
        answered(status)
        expect((await read(watch)).problem?.type).toBe(`/problems/${type}`)
      }
      const failing = await summaryOf(world, watch)
      expect(failing).toMatchObject({ state: 'failing', failures: 4 })
      expect((failing.nextReadAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(90 * 3_600_000)
      const News = z.object({ kind: z.string(), details: z.record(z.string(), z.unknown()) })
      const news = await house.db.system((tx) => tx.all(News)`select kind, details from alert_news`)
      expect(news).toMatchObject([{ kind: 'watch_failing', details: { failures: 3, watchId: watch.id } }])
      site.answer = (_request, response) => response.end(Buffer.from('RIFF....WAVE'))
      expect((await read(watch)).problem?.type).toBe('/problems/open/unsupported')
      site.answer = (_request, response) => response.end(page('a'))
      expect(await read(watch)).toMatchObject({ stage: 'done', found: 1 })
      expect(await summaryOf(world, watch)).toMatchObject({
        state: 'watching',
        failures: 0,
        lastProblem: null,
      })
      expect(owner.kind).toBe('member')
    } finally {
      await site.close()
    }
  })

  test('stays away from what robots.txt forbids', async ({ world }) => {
    const site = await openSite()
    try {
      site.robots = 'User-agent: *\nDisallow: /page'
      const watch = await watched(world, site)
      expect((await reader(world, site)(watch)).problem?.type).toBe('/problems/watch/robots')
      expect(site.asked).toEqual([])
    } finally {
      await site.close()
    }
  })

  test('leaves its host alone for as long as that asks, and counts no try for it', async ({ world }) => {
    const { house } = world
    const site = await openSite()
    try {
      site.answer = (_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end()
      const watch = await watched(world, site)
      const read = reader(world, site)
      expect((await read(watch)).problem?.type).toBe('/problems/fetch/unreachable')
      expect((await read(watch)).problem).toMatchObject({ type: '/problems/fetch/later' })
      expect(site.asked).toHaveLength(1)
      const Known = z.object({ refusals: z.number(), waitS: z.number() })
      const known = await house.db.system(
        (tx) =>
          tx.one(
            Known,
          )`select refusals, extract(epoch from free_at - now())::float8 as wait_s from host_manners`,
      )
      expect(known.refusals).toBe(1)
      expect(known.waitS).toBeGreaterThan(3_500)
    } finally {
      await site.close()
    }
  })

  test('is read when it is due, once, and not while it is paused', async ({ world }) => {
    const { db } = world.house
    const watch = await startWatch(
      world.house,
      world.owner,
      NewWatch.parse({ url: 'https://forum.example/feed' }),
    )
    await db.system((tx) => tx.run`update watch_read set stage = 'done'`)
    expect(await db.system(startDueReads)).toEqual([])
    await db.system((tx) => tx.run`update watch set next_read_at = now() - interval '1 minute'`)
    const both = await Promise.all([db.system(startDueReads), db.system(startDueReads)])
    expect(both.flat()).toHaveLength(1)
    expect(await summaryOf(world, watch)).toMatchObject({ isReading: true })
    const now = new Date('2031-05-05T12:00:00Z')
    const hours = [0, 1, 2, 20].map(
      (failures) => (nextReadAt({ everyH: 6 }, failures, now).getTime() - now.getTime()) / 3_600_000,
    )
    expect(hours).toEqual([6, 12, 24, 168])
    expect(nextReadAt({ everyH: 720 }, 5, now).getTime() - now.getTime()).toBe(720 * 3_600_000)
  })

  test('is made, paused, resumed, changed and ended over HTTP and in pages without scripts', async ({
    world,
  }) => {
    const api = await serveApi(world, { web: createWeb(world.house) })
    const account = await world.account('Watching')
    const ask = api.withKey(account.key)
    const url = 'https://forum.example/feed?utm_source=x'
    const made = await ask('post', '/v1/watches', { url, everyH: 6 })
    expect([made.status, made.json]).toMatchObject([
      201,
      { everyH: 6, state: 'watching', isReading: true, finds: 0 },
    ])
    expect((await ask('post', '/v1/watches', { url: 'https://forum.example/feed' })).status).toBe(409)
    expect((await ask('post', '/v1/watches', { url, everyH: 721 })).status).toBe(400)
    const path = `/v1/watches/${made.json.id}`
    expect((await ask('post', `${path}/pause`)).json).toMatchObject({ state: 'paused', nextReadAt: null })
    const twice = await ask('post', `${path}/pause`)
    expect([twice.status, twice.json.detail]).toEqual([
      409,
      'The watch is paused; allowed now: resume, change, end',
    ])
    expect((await ask('post', `${path}/reads`)).status).toBe(409)
    expect((await ask('patch', path, { everyH: 48, name: 'Forum' })).json).toMatchObject({
      everyH: 48,
      nextReadAt: null,
    })
    expect((await ask('post', `${path}/resume`)).json.state).toBe('watching')
    expect((await ask('get', `${path}/reads`)).json.items).toMatchObject([{ stage: 'watch' }])
    expect((await ask('get', `${path}/rows`)).json.items).toEqual([])

    const browser = await api.signedIn(account.member)
    const send = (to: string, fields: Record<string, string>) =>
      browser('post', to, new URLSearchParams(fields).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    expect((await browser('get', '/watches')).text).toContain('hxxps://forum[.]example/feed')
    const own = `/watches/${made.json.id}`
    expect((await browser('get', own)).text).toContain('Nothing new so far')
    expect((await send(own, { name: 'Renamed', everyH: '24' })).status).toBe(303)
    expect((await browser('get', own)).text).toContain('<h1>Renamed</h1>')
    const refused = await send('/watches', { url: 'ftp://x', everyH: '24' })
    expect([refused.status, refused.text.includes('an http or https address')]).toEqual([400, true])
    const second = await send('/watches', {
      url: 'https://channel.example/',
      everyH: '1',
      takesFirst: 'on',
      name: '',
    })
    expect(second.headers.get('location')).toMatch(/^\/watches\/[0-9a-f-]{36}\?done=watch-made$/)
    expect((await send(`${own}/end`, {})).status).toBe(303)
    expect((await ask('get', path)).json).toMatchObject({ state: 'ended', endedAt: expect.any(String) })
    expect((await browser('get', '/watches?state=ended')).text).toContain('Renamed')
    expect((await ask('post', '/v1/watches', { url })).status).toBe(201)
    const nosy = await api.signedIn((await world.account('Nosy')).member)
    expect((await nosy('get', own)).status).toBe(404)
    expect((await nosy('get', '/watches')).text).toContain('Nothing is watched yet')
  })
})
