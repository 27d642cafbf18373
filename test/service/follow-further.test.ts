import { readFile } from 'node:fs/promises'

import { z } from 'zod'

import { submitUrl } from '../../services/actions/submissions.ts'
import { listCases } from '../../services/matches/case-store.ts'
import { disguised } from '../support/music.ts'
import { itemsIn, registeredPiece, tree } from '../support/opened.ts'
import { type Pipeline, ended, startPipeline } from '../support/pipeline.ts'
import type { Answering } from '../support/reading.ts'
import { type Shelf, openShelf } from '../support/shelf.ts'
import { type World, expect, test } from '../support/world.ts'

const page = (body: string, head = ''): string =>
  `<!doctype html><html><head>${head}</head><body>${body}</body></html>`
const sentTo = (url: string): string => `<meta http-equiv="refresh" content="0; url=${url}">`

const redirect =
  (to: string): Answering =>
  (_request, response) =>
    response.writeHead(302, { location: to }).end()

/** Two hosts, and the pipeline that may visit them. */
async function betweenHosts(
  world: World,
  work: (given: { pipeline: Pipeline; first: Shelf; second: Shelf }) => Promise<void>,
): Promise<void> {
  const [first, second] = [await openShelf(), await openShelf()]
  const pipeline = await startPipeline(world, {
    env: { FETCH_ALLOW_ADDRESSES: `${first.address},${second.address}`, HOST_VISITS_MAX: '8' },
  })
  try {
    await work({ pipeline, first, second })
  } finally {
    await pipeline.close()
    await Promise.all([first.close(), second.close()])
  }
}

test('a page that sends browsers on is followed once, to another site too, and never into our own network', async ({
  world,
}) => {
  await betweenHosts(world, async ({ pipeline, first, second }) => {
    const recordingId = await registeredPiece(pipeline, world.owner, 1)
    first.serve('/start', page('One moment.', sentTo(second.url('/there'))))
    second.serve('/there', page('<audio src="/one.ogg"></audio>', sentTo(first.url('/further'))))
    second.serve(
      '/one.ogg',
      await readFile(await disguised(1, 'followed.ogg', ['-c:a', 'libvorbis', '-b:a', '96k'])),
    )
    first.serve('/trap', page('', sentTo('http://169.254.169.254/latest/meta-data/')))
    const { id } = await submitUrl(pipeline.house, world.owner, { url: first.url('/start') })
    const trap = await submitUrl(pipeline.house, world.owner, { url: first.url('/trap') })
    expect(await ended(world, id)).toMatchObject({ stage: 'done' })
    expect(await tree(world, id)).toEqual([
      'page › forwarding: container, done',
      expect.stringMatching(/^page › forwarding › .*one\.ogg: media, done$/),
    ])
    expect(first.requests.map(({ path }) => path)).not.toContain('/further')
    const cases = await world.house.db.tenant(world.owner.tenantId, (tx) => listCases(tx, { limit: 10 }))
    expect(cases).toMatchObject([
      { recordingId, location: second.url('/one.ogg'), pageUrl: second.url('/there') },
    ])
    expect(await ended(world, trap.id)).toMatchObject({
      stage: 'failed',
      problem: { type: '/problems/fetch/forbidden-address' },
    })
  })
})

test('rules for crawlers that cannot be had are asked for again, and those of a site that is redirected to hold', async ({
  world,
}) => {
  await betweenHosts(world, async ({ pipeline, first, second }) => {
    let asked = 0
    first.serve('/robots.txt', '', (_request, response) => {
      asked += 1
      response.writeHead(asked === 1 ? 503 : 404).end()
    })
    second.serve('/robots.txt', 'User-agent: *\nDisallow: /closed')
    first.serve('/start', page('<a href="/next">next page</a> <a href="/away">page after that</a>'))
    first.serve('/next', page('<p>Nothing here.</p>'))
    first.serve('/away', '', redirect(second.url('/closed/page')))
    const { id } = await submitUrl(pipeline.house, world.owner, { url: first.url('/start') })
    // There was something, and it may not be read: that is not the same as nothing.
    expect((await ended(world, id)).problem).toMatchObject({
      type: '/problems/fetch/robots',
      detail: expect.stringContaining('There is nothing in it but an address of which robots.txt says'),
    })
    expect((await itemsIn(world, id)).map(({ kind, stage }) => [kind, stage])).toEqual([
      ['container', 'done'],
      ['link', 'done'],
    ])
    expect(asked).toBe(2)
    expect(first.requests.map(({ path }) => path)).toContain('/next')
    expect(second.requests.map(({ path }) => path)).toEqual(['/robots.txt'])
  })
})

test('a host that is redirected to is visited by its own rules, and what it asks for is not put down to the first', async ({
  world,
}) => {
  const Known = z.object({ host: z.string(), refusals: z.number(), open: z.array(z.unknown()) })
  await betweenHosts(world, async ({ pipeline, first, second }) => {
    first.serve('/here', '', redirect(second.url('/there')))
    second.serve('/there', '', (_request, response) =>
      response.writeHead(503, { 'retry-after': '3600' }).end(),
    )
    await submitUrl(pipeline.house, world.owner, { url: first.url('/here') })
    const { db } = world.house
    const known = () => db.system((tx) => tx.all(Known)`select host, refusals, open from host_manners`)
    await expect
      .poll(async () => new Map((await known()).map(({ host, refusals }) => [host, refusals])), {
        timeout: 20_000,
      })
      .toEqual(
        new Map([
          [first.address, 0],
          [second.address, 1],
        ]),
      )
    // Another one that leads there is put off and not failed; both hosts are free of visits in the end.
    first.serve('/too', '', redirect(second.url('/other')))
    const too = await submitUrl(pipeline.house, world.owner, { url: first.url('/too') })
    await expect
      .poll(() => first.requests.some(({ path }) => path === '/too'), { timeout: 20_000 })
      .toBe(true)
    await expect
      .poll(async () => (await known()).flatMap(({ open }) => open), { timeout: 20_000 })
      .toEqual([])
    expect(second.requests.map(({ path }) => path)).toEqual(['/there'])
    const Row = z.object({ stage: z.string(), tries: z.number() })
    // It waits long, so that it gives its place to others.
    await expect
      .poll(() => db.system((tx) => tx.one(Row)`select stage, tries from submission where id = ${too.id}`))
      .toEqual({ stage: 'queued', tries: 0 })
  })
})
