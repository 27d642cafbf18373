import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

import { lookAgain } from '../../services/actions/rechecks.ts'
import type { CaseId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { findCase } from '../../services/matches/case-store.ts'
import { lookFacts, rechecksOf } from '../../services/matches/recheck-store.ts'
import type { Recheck } from '../../services/matches/recheck.ts'
import { createWeb } from '../../web/router.ts'
import { recheck } from '../../workers/recheck.ts'
import type { Tools } from '../../workers/tools.ts'
import { serveApi } from '../support/api.ts'
import { confirmedAt } from '../support/noticing.ts'
import { type World, describe, expect, test } from '../support/world.ts'

const sha256Of = (...parts: readonly Buffer[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')
/** A file of which no two parts are alike. */
const file = Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 251))

/** A host that answers as a test says, and tells which bytes it was asked for. */
async function openHost() {
  const host = {
    asked: [] as string[],
    answer: (_request: IncomingMessage, response: ServerResponse): unknown => response.end(file),
  }
  const server = createServer((request, response) => {
    host.asked.push(`${request.method} ${request.headers.range ?? 'all'}`)
    host.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(host, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

type Host = Awaited<ReturnType<typeof openHost>>

/** Serves the file, and parts of it. */
const served =
  (content = file) =>
  (request: IncomingMessage, response: ServerResponse) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    response.setHeader('content-type', 'audio/ogg')
    if (from === undefined || to === undefined)
      return response.setHeader('content-length', content.length).end(content)
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${content.length}` })
    return response.end(content.subarray(Number(from), Number(to) + 1))
  }

/** A case at an address of a host, and a look at it. */
async function lookedAt(world: World, host: Host, path: string) {
  const { house, owner } = world
  const caseId = await confirmedAt(world, `${host.origin}${path}`)
  const safeFetch = createSafeFetch({
    bytesMax: 10_000_000,
    timeoutMs: 5_000,
    idleTimeoutMs: 2_000,
    redirectsMax: 5,
    userAgent: 'Earwitness/1 (test)',
    allowAddresses: [new URL(host.origin).host],
  })
  const work = recheck({ ...house, safeFetch } as unknown as Tools)
  const look = async (): Promise<Recheck> => {
    const id = await lookAgain(house, owner, caseId)
    await work(
      { id },
      { log: house.log, progress: async () => undefined, signal: new AbortController().signal },
    )
    const [latest] = await house.db.system((tx) => rechecksOf(tx, caseId))
    if (!latest) throw new Error('no look')
    return latest
  }
  return { caseId, look }
}

/** A capture as if this had been read when the copy was found: captures are never changed. */
const foundAs = ({ house }: World, id: CaseId, sha256: string, bytes: number, read: object | null) =>
  house.db.system(
    (tx) => tx.run`
      insert into capture (id, tenant_id, submission_id, requested_url, final_url, redirects, status, headers, address,
                           tls, sha256, bytes, read, started_at, ended_at)
      select gen_random_uuid(), p.tenant_id, p.submission_id, requested_url, final_url, redirects, status, headers, address,
             tls, ${sha256}, ${bytes}, ${read && JSON.stringify(read)}, started_at + interval '1 second', ended_at
        from capture p join item i on i.submission_id = p.submission_id join match m on m.item_id = i.id
       where m.case_id = ${id} limit 1`,
  )

describe('a look at a location', () => {
  test('tells a file that moved at its host from one that is still there, and from another one', async ({
    world,
  }) => {
    const host = await openHost()
    const { caseId, look } = await lookedAt(world, host, '/d/song.ogg')
    await foundAs(world, caseId, sha256Of(file), file.length, null)
    host.answer = served()
    expect((await look()).verdict).toBe('live')
    host.answer = (request, response) =>
      request.url === '/d/song.ogg'
        ? response.writeHead(302, { location: '/moved/to.ogg' }).end()
        : served()(request, response)
    const moved = await look()
    expect(moved).toMatchObject({
      verdict: 'moved',
      seen: { finalUrl: `${host.origin}/moved/to.ogg`, sha256: sha256Of(file), status: 200 },
    })
    host.answer = (request, response) =>
      request.url === '/d/song.ogg'
        ? response.writeHead(302, { location: '/d/song.ogg?ticket=1' }).end()
        : served()(request, response)
    expect((await look()).verdict).toBe('live')
    host.answer = served(file.subarray(1))
    expect((await look()).verdict).toBe('changed')
    const { house, owner } = world
    const api = await serveApi(world, { web: createWeb(house) })
    if (owner.kind !== 'member') throw new Error('no member')
    const shown = (await (await api.signedIn(owner.member))('get', `/cases/${caseId}`)).text
    expect(shown).toContain('Still there, moved')
    expect(shown).toContain('/moved/to[.]ogg')
  })

  test('says nothing of the copy when it is not let in, or gets no answer', async ({ world }) => {
    const host = await openHost()
    const { caseId, look } = await lookedAt(world, host, '/d/song.ogg')
    await foundAs(world, caseId, sha256Of(file), file.length, null)
    const answered = (status: number) =>
      (host.answer = (_request, response) => response.writeHead(status).end())
    answered(404)
    expect((await look()).verdict).toBe('gone')
    const { firstGoneAt } = await world.house.db.system((tx) => lookFacts(tx, caseId))
    for (const status of [401, 403, 451]) {
      answered(status)
      expect(await look()).toMatchObject({ verdict: 'blocked', seen: { status } })
    }
    answered(500)
    expect((await look()).verdict).toBe('unreachable')
    // Neither confirms that it is gone nor takes it back.
    expect(await world.house.db.system((tx) => lookFacts(tx, caseId))).toMatchObject({ firstGoneAt })
    expect((await world.house.db.system((tx) => findCase(tx, caseId)))?.state).toBe('confirmed')
  })

  test('reads the parts again that were read before, and no more', async ({ world }) => {
    const host = await openHost()
    const { caseId, look } = await lookedAt(world, host, '/d/song.ogg')
    const parts = [
      { from: 0, to: 999 },
      { from: 20_000, to: 20_499 },
    ]
    const sha256 = sha256Of(file.subarray(0, 1_000), file.subarray(20_000, 20_500))
    await foundAs(world, caseId, sha256, 1_500, {
      totalBytes: file.length,
      parts,
      durationMs: 1,
      answers: [],
    })
    host.answer = served()
    expect(await look()).toMatchObject({ verdict: 'live', seen: { sha256 } })
    expect(host.asked).toEqual(['HEAD all', 'GET bytes=0-999', 'GET bytes=20000-20499'])
    // A host that gives no parts any more sends all of it.
    host.answer = (_request, response) => response.setHeader('content-type', 'audio/ogg').end(file)
    expect(await look()).toMatchObject({ verdict: 'live', seen: { sha256 } })
    const other = Buffer.from(file)
    other[20_100] = 0xff
    host.answer = served(other)
    expect((await look()).verdict).toBe('changed')
    host.answer = served(file.subarray(0, 40_000))
    expect((await look()).verdict).toBe('changed')
  })

  test('waits when its host asks for patience: what it does not see is no answer', async ({ world }) => {
    const host = await openHost()
    const { caseId, look } = await lookedAt(world, host, '/d/song.ogg')
    await foundAs(world, caseId, sha256Of(file), file.length, null)
    host.answer = (_request, response) => response.writeHead(429, { 'retry-after': '600' }).end()
    expect((await look()).verdict).toBe('unreachable')
    const later = await look().catch((error: unknown) => Problem.from(error))
    expect(later).toMatchObject({ type: 'fetch/later' })
    expect(host.asked).toEqual(['HEAD all'])
    expect(await world.house.db.system((tx) => rechecksOf(tx, caseId))).toHaveLength(1)
  })
})
