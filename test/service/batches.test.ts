import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { z } from 'zod'

import { run as submit } from '../../bin/client/submit.ts'
import { submitList } from '../../services/actions/batches.ts'
import { submitUrl } from '../../services/actions/submissions.ts'
import { auditEntries } from '../../services/core/audit.ts'
import { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { dispatch } from '../../services/dispatch.ts'
import { jobs } from '../../services/jobs.ts'
import { wiringOf } from '../../services/pipeline.ts'
import { countsOfBatches, rowsOf } from '../../services/submissions/batch-store.ts'
import { stages } from '../../services/submissions/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { createWeb } from '../../web/router.ts'
import { seed, serveApi } from '../support/api.ts'
import { recordedTerminal } from '../support/fake-terminal.ts'
import { backends, startPipeline, until } from '../support/pipeline.ts'
import { type World, describe, expect, test } from '../support/world.ts'

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const list = (host: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `https://${host}${i % 7}.example/${i}.mp3`).join('\n')
const handIn = ({ house }: World, caller: Caller, text: string) =>
  submitList(house, caller, { source: bytes(text), note: 'From a search' })

const One = z.object({ id: SubmissionId, url: z.string() })

/** What of an account is being fetched, in its order. */
const fetching = ({ house }: World, { tenantId }: Caller) =>
  house.db.tenant(
    tenantId,
    (tx) => tx.all(One)`select id, url from submission where stage = 'fetch' order by created_at, id`,
  )

/** Ends a submission as its job would, with a problem. */
async function end({ house }: World, id: SubmissionId): Promise<void> {
  const wiring = wiringOf<SubmissionId>(house.db, house.queues, 'fetch')
  await wiring.dead({ id }, new Problem('fetch/refused', 'The source answered HTTP 404'))
}

describe('a batch', () => {
  test('takes each address once, says what it did not take, and is one entry in the audit chain', async ({
    world,
  }) => {
    const { house, owner } = world
    await submitUrl(house, owner, { url: 'https://a.example/in-work.mp3' })
    const text = `https://a.example/1\nnonsense\nhttps://A.example/1?utm_source=x\nhttps://a.example/in-work.mp3\nhttps://a.example/2`
    const batch = await handIn(world, owner, text)
    expect(batch).toMatchObject({ given: 5, duplicates: 2, refused: [{ line: 2, text: 'nonsense' }] })
    const rows = await house.db.tenant(owner.tenantId, (tx) =>
      rowsOf(tx, { batchId: batch.id }, { limit: 100 }),
    )
    expect(rows.map(({ url }) => url)).toEqual(['https://a.example/1', 'https://a.example/2'])
    expect(
      await house.db.tenant(world.stranger.tenantId, (tx) => rowsOf(tx, { batchId: batch.id }, { limit: 9 })),
    ).toEqual([])
    const entries = await house.db.tenant(owner.tenantId, (tx) => auditEntries(tx, 1, 100))
    expect(entries.filter(({ action }) => action === 'batch.submitted')).toMatchObject([
      { details: { given: 5, duplicates: 2, refused: 1 } },
    ])
    const none = handIn(world, owner, 'nothing\nat all')
    await expect(none).rejects.toMatchObject({ type: 'request/invalid', faults: [{}, {}] })
    await expect(handIn(world, owner, '\n \n')).rejects.toMatchObject({ type: 'file/empty' })
    await expect(handIn(world, owner, list('many', 10_001))).rejects.toMatchObject({
      type: 'request/too-large',
    })
  })

  test('of ten thousand is in work within seconds, and another account’s one begins at once', async ({
    world,
  }) => {
    const startedAt = performance.now()
    const large = await handIn(world, world.owner, list('large', 10_000))
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    await handIn(world, world.stranger, 'https://small.example/1')
    const [counts] = await world.house.db.tenant(world.owner.tenantId, (tx) =>
      countsOfBatches(tx, [large.id]),
    )
    expect(counts).toMatchObject({ queued: 9_984, atWork: 16 })
    expect(await fetching(world, world.stranger)).toMatchObject([{ url: 'https://small.example/1' }])
    expect(await world.house.queues.counts(jobs.fetch as never)).toMatchObject({ waiting: 17 })
  })

  test('moves on with each that ends; batches of two accounts alike, and a single address never waits', async ({
    world,
  }) => {
    const both = [world.owner, world.stranger]
    for (const caller of both) await handIn(world, caller, list('both', 40))
    for (let round = 0; round < 8; round += 1)
      for (const caller of both) {
        const [first] = await fetching(world, caller)
        if (first) await end(world, first.id)
      }
    for (const caller of both) {
      const open = await fetching(world, caller)
      expect(open).toHaveLength(16)
      expect(open.at(-1)?.url).toBe('https://both2.example/23.mp3')
    }
    expect(await submitUrl(world.house, world.owner, { url: 'https://single.example/' })).toMatchObject({
      stage: 'fetch',
    })
    // It is no part of the window.
    const [next] = await fetching(world, world.owner)
    if (next) await end(world, next.id)
    expect((await fetching(world, world.owner)).map(({ url }) => url)).toContain(
      'https://both3.example/24.mp3',
    )
  })

  test('of one host leaves room for others, and one whose host wants to be left alone gives its place away', async ({
    world,
  }) => {
    const { house, owner } = world
    const sameHost = Array.from({ length: 30 }, (_, i) => `https://slow.example/${i}.mp3`)
    const elsewhere = Array.from({ length: 30 }, (_, i) => `https://other${i % 5}.example/${i}.mp3`)
    await handIn(world, owner, [...sameHost, ...elsewhere].join('\n'))
    const begun = await fetching(world, owner)
    const ofSlow = begun.filter(({ url }) => url.startsWith('https://slow.example/'))
    expect([begun.length, ofSlow.length]).toEqual([16, 8])
    const wiring = wiringOf<SubmissionId>(house.db, house.queues, 'fetch')
    for (const { id } of ofSlow) {
      await wiring.putOff({ id }, 5_000)
      expect(await fetching(world, owner)).toEqual(begun)
    }
    for (const { id } of ofSlow) await wiring.putOff({ id }, 3_600_000)
    const now = await fetching(world, owner)
    expect(now).toHaveLength(16)
    expect(now.filter(({ id }) => ofSlow.some((each) => each.id === id))).toEqual([])
    await house.db.system(
      (tx) => tx.run`update submission set not_before = now() where not_before is not null`,
    )
    for (const { id } of now) await end(world, id)
    expect((await fetching(world, owner)).map(({ url }) => url)).toEqual(
      expect.arrayContaining(ofSlow.map(({ url }) => url)),
    )
  })

  test('is dispatched by many at once without losing or doubling any', async ({ world }) => {
    const { house, owner } = world
    await handIn(world, owner, list('race', 60))
    const rung: string[] = []
    const ring = async (id: SubmissionId) => void rung.push(id)
    const begun = await fetching(world, owner)
    for (const { id } of begun)
      await house.db.system((tx) => stages.fail(tx, id, 'fetch', new Problem('fetch/refused', 'No')))
    await Promise.all(Array.from({ length: 6 }, () => dispatch(house.db, ring)))
    expect([rung.length, new Set(rung).size]).toEqual([16, 16])
    expect(await fetching(world, owner)).toHaveLength(16)
    expect(await dispatch(house.db, ring, owner.tenantId)).toBe(0)
  })

  test('is handed in from a file by the command line, which says what was not taken', async ({ world }) => {
    const { url } = await serveApi(world)
    const account = await world.account('Command line')
    const env = { EARWITNESS_SERVER: url, EARWITNESS_KEY: account.key }
    const path = join(world.folder, 'list.txt')
    await writeFile(path, 'https://a.example/1\nnothing\nhttps://a.example/1')
    const first = recordedTerminal({ env })
    expect(await submit(['--list', path, '--note', 'x'], first)).toBe(1)
    expect(first.outText()).toMatch(/^[0-9a-f-]{36}\n$/)
    expect(first.errText()).toMatch(/1 of 3 were there twice[\s\S]* 2 +nothing +not an http or https address/)
    await writeFile(path, 'https://b.example/1\nhttps://b.example/2')
    const second = recordedTerminal({ env })
    const waiting = submit(['--list', path, '--wait'], second)
    let open: z.infer<typeof One>[] = []
    for (let tries = 0; open.length < 3 && tries < 100; tries += 1) {
      open = await fetching(world, account.caller)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    for (const { id } of open) await end(world, id)
    expect(await waiting).toBe(1)
    expect(second.errText()).toContain('0 with finds, 0 without, 2 failed')
    expect(await submit(['--list', join(world.folder, 'none.txt')], recordedTerminal({ env }))).toBe(2)
    expect(await submit(['--list', path, 'https://c.example/'], recordedTerminal({ env }))).toBe(2)
  })

  test('is handed in, followed and downloaded over HTTP, and in a form without scripts', async ({
    world,
  }) => {
    const api = await serveApi(world, { web: createWeb(world.house) })
    const account = await world.account('Bulk')
    const ask = api.withKey(account.key)
    const sent = await ask(
      'post',
      '/v1/batches?name=Finds',
      '["https://a.example/=1", "x", "https://a.example/2"]',
      {
        'content-type': 'application/json',
      },
    )
    expect([sent.status, sent.json]).toMatchObject([
      202,
      { name: 'Finds', given: 3, total: 2, ended: 0, progress: 0, refused: [{ line: 2 }] },
    ])
    const { id } = sent.json
    const { submissionId } = await seed(world, account)
    await world.house.db.system(
      (tx) =>
        tx.run`update submission set kind = 'url', url = 'https://a.example/0', url_key = 'https://a.example/0', batch_id = ${id} where id = ${submissionId}`,
    )
    const [first] = await fetching(world, account.caller)
    if (first) await end(world, first.id)
    expect((await ask('get', `/v1/batches/${id}`)).json.counts).toEqual({
      found: 1,
      nothing: 0,
      failed: 1,
      queued: 0,
      atWork: 1,
    })
    const page = await ask('get', `/v1/batches/${id}/rows?limit=1`)
    expect(page.json.items).toHaveLength(1)
    const rest = await ask('get', `/v1/batches/${id}/rows?limit=5&cursor=${page.json.next}`)
    expect(rest.json.items).toHaveLength(2)
    const found = await ask('get', `/v1/batches/${id}/rows?result=found`)
    expect(found.json.items).toMatchObject([{ recordings: 1, cases: [expect.any(String)], result: 'found' }])
    const table = (await ask('get', `/v1/batches/${id}/results.csv`)).text
    expect(table).toMatch(/^url,result,recordings,cases,problem,submission,ended\r\n/)
    expect(table).toContain('https://a.example/=1,failed,0,,The source answered HTTP 404,')
    expect(table).toContain('x,refused,0,,line 2: not an http or https address')

    const browser = await api.signedIn(account.member)
    const form = (fields: Record<string, string>, file?: string) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.append(name, value)
      body.append('file', new Blob([file ?? '']), file === undefined ? '' : 'list.csv')
      return browser('post', '/batches', body)
    }
    expect((await browser('get', '/batches')).text).toContain('Finds')
    const typed = await form({ addresses: 'https://typed.example/1\nbad line', name: 'Typed' })
    const path = typed.headers.get('location')?.split('?')[0] ?? ''
    const shown = (await browser('get', path)).text
    expect(shown).toContain('hxxps://typed[.]example/1')
    expect(shown).toMatch(/Line 2: <span[^>]*>bad line/)
    const filed = await form({ addresses: '', name: 'Filed' }, 'url\nhttps://filed.example/1\n')
    expect(filed.status).toBe(303)
    expect((await browser('get', filed.headers.get('location') ?? '')).text).toContain('filed[.]example')
    const empty = await form({ addresses: '' })
    expect([empty.status, empty.text.includes('Paste addresses, or choose a file')]).toEqual([400, true])
    const wrong = await form({ addresses: 'nothing here' })
    expect([wrong.status, wrong.text.includes('No line is an http or https address')]).toEqual([400, true])
    expect((await (await api.signedIn((await world.account('Nosy')).member))('get', path)).status).toBe(404)
  })
})

for (const backend of backends())
  test(`batches of two accounts are fetched side by side, each address once and few at a time, on ${backend}`, async ({
    world,
  }) => {
    const asked = new Map<string, number>()
    let open = 0
    let most = 0
    const server = createServer((request, response) => {
      most = Math.max(most, (open += 1))
      asked.set(request.url ?? '', (asked.get(request.url ?? '') ?? 0) + 1)
      setTimeout(() => {
        open -= 1
        response.writeHead(404).end('No.')
      }, 20)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const pipeline = await startPipeline(world, { backend, env: { FETCH_ALLOW_ADDRESSES: authority } })
    try {
      const listOf = (name: string) =>
        Array.from({ length: 12 }, (_, i) => `http://${authority}/${name}/${i}`).join('\n')
      const at = { ...world, house: pipeline.house }
      const batches = [
        { caller: world.owner, ...(await handIn(at, world.owner, listOf('first'))) },
        { caller: world.stranger, ...(await handIn(at, world.stranger, listOf('second'))) },
      ]
      for (const { id, caller } of batches)
        await until('the batch to end', async () => {
          const [counts] = await world.house.db.tenant(caller.tenantId, (tx) => countsOfBatches(tx, [id]))
          return counts?.failed === 12
        })
      expect([asked.size, Math.max(...asked.values())]).toEqual([24, 1])
      expect(most).toBeLessThanOrEqual(4)
    } finally {
      await pipeline.close()
      server.closeAllConnections()
      server.close()
    }
  })
