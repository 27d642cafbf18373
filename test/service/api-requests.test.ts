import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

import express from 'express'

import { serveApi } from '../support/api.ts'
import { describe, expect, test } from '../support/world.ts'

const json = { 'content-type': 'application/json' }

describe('a request that does not fit', () => {
  test('is told where it does not, by pointers into what was sent', async ({ world }) => {
    const { key } = await world.account('Pointers')
    const ask = (await serveApi(world)).withKey(key)
    const good = { title: 'T', artists: ['A'] }
    const faultsOf = async (body: unknown) =>
      (await ask('post', '/v1/recordings', body)).json.faults.map(
        ({ pointer }: { pointer: string }) => pointer,
      )
    expect(await faultsOf({ ...good, isrc: 'nonsense' })).toEqual(['/isrc'])
    expect(await faultsOf({ ...good, isrcs: 'AA6Q72000047' })).toEqual(['/isrcs'])
    expect(await faultsOf({ ...good, artists: ['A', ''] })).toEqual(['/artists/1'])
    expect(await faultsOf({ title: 7 })).toEqual(['/title', '/artists'])
    expect(await faultsOf({ ...good, release: { title: 'R', upc: '036000291453' } })).toEqual([
      '/release/upc',
    ])
    expect(await faultsOf({ ...good, fingerprint: 'not base64!' })).toEqual(['/fingerprint'])
    expect(await faultsOf([])).toEqual([''])
    const query = await ask('get', '/v1/recordings?limit=500&sort=title&stage=nope')
    expect(query.json.faults.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/query/limit',
      '/query/stage',
      '/query/sort',
    ])
    expect((await ask('get', '/v1/recordings?q=a&q=b')).json.faults[0].pointer).toBe('/query/q')
  })

  test('is refused when a text holds what no text can hold', async ({ world }) => {
    const { key } = await world.account('Characters')
    const ask = (await serveApi(world)).withKey(key)
    for (const title of ['nul \0', 'half a pair \ud83d']) {
      const { status, json } = await ask('post', '/v1/recordings', { title, artists: ['A'] })
      expect([status, json.faults]).toEqual([400, [expect.objectContaining({ pointer: '/title' })]])
    }
    expect((await ask('get', '/v1/recordings?q=%00')).json.faults[0].pointer).toBe('/query/q')
    expect(
      (await ask('post', '/v1/submissions/file?fileName=a&note=%00', 'x', { 'content-type': 'audio/mpeg' }))
        .status,
    ).toBe(400)
    expect((await ask('post', '/v1/recordings', { title: 'whole 😀', artists: ['अ'] })).status).toBe(201)
  })

  test('is refused when it is no JSON, of another type, too large, or not there', async ({ world }) => {
    const { key } = await world.account('Bodies')
    const ask = (await serveApi(world)).withKey(key)
    const tell = async (path: string, body: unknown, headers = {}) => {
      const { status, json } = await ask('post', path, body, headers)
      return [status, json.type.replace('/problems/request/', '')]
    }
    expect(await tell('/v1/submissions', '{"url":', json)).toEqual([400, 'invalid'])
    expect(await tell('/v1/submissions', '', json)).toEqual([400, 'invalid'])
    expect(await tell('/v1/submissions', undefined)).toEqual([400, 'invalid'])
    expect(await tell('/v1/submissions', 'null', json)).toEqual([400, 'invalid'])
    expect(await tell('/v1/submissions', '['.repeat(200_000), json)).toEqual([400, 'invalid'])
    expect(await tell('/v1/submissions', '{}', { ...json, 'content-encoding': 'exi' })).toEqual([
      415,
      'unsupported-media',
    ])
    expect(
      await tell('/v1/submissions', 'url=x', { 'content-type': 'application/x-www-form-urlencoded' }),
    ).toEqual([415, 'unsupported-media'])
    const long = { url: `https://host.example/`, note: 'x'.repeat(1_100_000) }
    expect(await tell('/v1/submissions', long)).toEqual([413, 'too-large'])
    expect(await tell('/v1/recordings', { fingerprint: 'A'.repeat(20_100_000) })).toEqual([413, 'too-large'])
    // A fingerprint of the size of a long recording passes where a note of that size does not.
    const large = await ask('post', '/v1/recordings', {
      title: 'T',
      artists: ['A'],
      fingerprint: 'A'.repeat(4_000_000),
    })
    expect(large.json.type).toBe('/problems/fingerprint/malformed')
  })

  test('for an unknown path or method is told so', async ({ world }) => {
    const { key } = await world.account('Paths')
    const ask = (await serveApi(world)).withKey(key)
    for (const path of ['/v1', '/v1/nothing', '/v1/recordings/a/b', '/nothing']) {
      const { status, json } = await ask('get', path)
      expect([status, json.type], path).toEqual([404, '/problems/request/unknown-path'])
    }
    const put = await ask('put', '/v1/recordings', {})
    expect([put.status, put.json.type, put.headers.get('allow')]).toEqual([
      405,
      '/problems/request/unknown-method',
      'POST, GET, HEAD',
    ])
    expect((await ask('options', '/v1/session')).headers.get('allow')).toBe('POST, DELETE')
    expect((await ask('head', '/v1/recordings')).status).toBe(200)
    expect((await ask('get', '/v1/recordings/%E0%A4%A')).status).toBe(400)
  })

  test('that breaks something of ours is told nothing of it', async ({ world }) => {
    const { key } = await world.account('Broken')
    const house = {
      ...world.house,
      db: { ...world.house.db, tenant: () => Promise.reject(new Error('secret detail')) },
    }
    const ask = (await serveApi({ ...world, house })).withKey(key)
    const { status, json, text } = await ask('get', '/v1/recordings', undefined, { 'x-request-id': 'mine-1' })
    expect([status, json.type, json.requestId]).toEqual([500, '/problems/internal', 'mine-1'])
    expect(text).not.toContain('secret detail')
  })
})

describe('limits', () => {
  test('hold back one caller and not the other', async ({ world }) => {
    const api = await serveApi(world, { limits: { requestsPerMinute: 3 } })
    const [busy, calm] = [await world.account('Busy'), await world.account('Calm')]
    const statuses: number[] = []
    for (let i = 0; i < 5; i += 1) statuses.push((await api.withKey(busy.key)('get', '/v1/account')).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const refused = await api.withKey(busy.key)('get', '/v1/account')
    expect(refused.json.type).toBe('/problems/request/too-many')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await api.withKey(calm.key)('get', '/v1/account')).status).toBe(200)
  })

  test('hold back an address that tries keys', async ({ world }) => {
    const api = await serveApi(world, { limits: { refusalsPerMinute: 3 } })
    const { key } = await world.account('Guessed')
    for (let i = 0; i < 5; i += 1) await api.withKey(key)('get', '/v1/account') // What is right is not counted.
    const guess = api.withKey(`ewk_${'g'.repeat(43)}`)
    const statuses: number[] = []
    for (let i = 0; i < 5; i += 1) statuses.push((await guess('get', '/v1/account')).status)
    expect(statuses).toEqual([401, 401, 401, 429, 429])
  })
})

describe('the whole app', () => {
  test('gives the dashboard what the API does not know, and keeps /v1 for itself', async ({ world }) => {
    const web = express.Router()
    web.get('/cases', (_request, response) => response.send('a page'))
    web.get('/v1/cases', (_request, response) => response.send('never'))
    const { anonymous } = await serveApi(world, { web })
    expect((await anonymous('get', '/cases')).text).toBe('a page')
    expect((await anonymous('get', '/v1/cases')).status).toBe(401)
    expect((await anonymous('get', '/elsewhere')).json.type).toBe('/problems/request/unknown-path')
  })

  test('survives a caller that goes away in the middle of an upload', async ({ world }) => {
    const { key } = await world.account('Gone')
    const api = await serveApi(world)
    const { port } = new URL(api.url)
    const socket: Socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      `POST /v1/submissions/file?fileName=a.mp3 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n` +
        'Content-Type: audio/mpeg\r\nContent-Length: 100000\r\n\r\nonly this',
    )
    await pause(200)
    socket.resetAndDestroy()
    await pause(100)
    expect((await api.withKey(key)('get', '/v1/submissions')).json.items).toEqual([])
  })
})
