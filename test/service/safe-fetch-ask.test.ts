import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import type { SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { countSockets, fetchLimits, problem } from '../support/fetching.ts'
import type { HostileHost } from '../support/hostile-host.ts'
import { hostileFile, startHostileHost } from '../support/hostile-host.ts'

const BYTES_MAX = 1024 * 1024
const asking = { method: 'GET', accept: '*/*', bytesMax: BYTES_MAX } as const

let host: HostileHost
beforeAll(async () => {
  host = await startHostileHost()
})
afterAll(() => host.close())

/** Repeats what it was sent; at `/away` it points to another origin, at `/empty-gzip` it answers without a body. */
const mirror = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (request.url === '/away') response.writeHead(307, { location: host.url('/echo') })
    if (request.url === '/empty-gzip') response.writeHead(204, { 'content-encoding': 'gzip' })
    const { method, headers } = request
    const text = JSON.stringify({ method, headers, body: Buffer.concat(chunks).toString() })
    if (method === 'HEAD') response.setHeader('content-length', text.length)
    response.end(text)
  })
})
let mirrorUrl: string
let mirrorAddress: string
beforeAll(async () => {
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve))
  mirrorAddress = `127.0.0.1:${(mirror.address() as AddressInfo).port}`
  mirrorUrl = `http://${mirrorAddress}`
})
afterAll(() => new Promise((resolve) => mirror.close(resolve)))

const fetcher = (options: Partial<SafeFetchOptions> = {}) =>
  createSafeFetch({ ...fetchLimits, allowAddresses: [...host.addresses, mirrorAddress], ...options })

const textOf = (body: Uint8Array): string => Buffer.from(body).toString()

describe('a question', () => {
  test('is answered whole, over redirects, without compression', async () => {
    const answer = await fetcher().ask(host.url('/redirects/1'), asking)
    expect(answer).toMatchObject({ status: 200, address: '127.0.0.1', finalUrl: host.url('/file') })
    expect(answer.redirects).toHaveLength(2)
    expect(hostileFile.equals(answer.body)).toBe(true)
    expect(hostileFile.equals((await fetcher().ask(host.url('/gzip'), asking)).body)).toBe(true)
  })

  test('may be refused: that is an answer, too', async () => {
    for (const status of [401, 404, 410, 429, 500, 503]) {
      const answer = await fetcher().ask(host.url(`/${status}`), asking)
      expect(answer.status).toBe(status)
      expect(textOf(answer.body)).toBe('No.')
    }
    expect((await fetcher().ask(host.url('/empty'), asking)).body).toHaveLength(0)
    expect((await fetcher().ask(`${mirrorUrl}/empty-gzip`, asking)).body).toHaveLength(0)
  })

  test('carries a body and headers with POST', async () => {
    const body = Buffer.from('héllo')
    const headers = { 'content-type': 'application/timestamp-query' }
    const answer = await fetcher().ask(`${mirrorUrl}/`, { ...asking, method: 'POST', body, headers })
    const sent = JSON.parse(textOf(answer.body))
    expect(sent).toMatchObject({ method: 'POST', body: 'héllo' })
    expect(sent.headers).toMatchObject({ ...headers, 'content-length': '6', host: mirrorAddress })
  })

  test('with POST is not repeated elsewhere', async () => {
    const before = host.requests.length
    const answer = await fetcher().ask(`${mirrorUrl}/away`, {
      ...asking,
      method: 'POST',
      body: Buffer.from('secret'),
    })
    expect(answer).toMatchObject({ status: 307, headers: { location: host.url('/echo') }, redirects: [] })
    expect(host.requests).toHaveLength(before)
  })

  test('takes its own headers to the origin it was meant for, and no further', async () => {
    const headers = { authorization: 'Bearer sample' }
    const there = JSON.parse(textOf((await fetcher().ask(`${mirrorUrl}/`, { ...asking, headers })).body))
    expect(there.headers).toMatchObject(headers)
    const away = JSON.parse(textOf((await fetcher().ask(`${mirrorUrl}/away`, { ...asking, headers })).body))
    expect(away).not.toHaveProperty('authorization')
    expect(away).toHaveProperty('accept', '*/*')
  })

  test('with HEAD brings the headers alone', async () => {
    const answer = await fetcher().ask(`${mirrorUrl}/`, { ...asking, method: 'HEAD', bytesMax: 1 })
    expect(answer).toMatchObject({ status: 200 })
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(1)
    expect(answer.body).toHaveLength(0)
  })

  test('with a header or a body that is not its own to set is a mistake of ours', async () => {
    const strange = fetcher().ask(`${mirrorUrl}/`, { ...asking, headers: { Host: 'other.example' } })
    await expect(strange).rejects.toThrow('Host')
    await expect(fetcher().ask(`${mirrorUrl}/`, { ...asking, body: Buffer.from('x') })).rejects.toThrow('GET')
  })
})

describe('a hostile server', () => {
  test.for([
    ['/endless', 'fetch/too-large'],
    ['/too-long-told', 'fetch/too-large'],
    ['/gzip-bomb', 'fetch/too-large'],
    ['/gzip-of-nothing', 'fetch/too-large'],
    ['/gzip-cut', 'fetch/incomplete'],
    ['/shorter-than-told', 'fetch/incomplete'],
    ['/reset-in-body', 'fetch/incomplete'],
    ['/unknown-coding', 'fetch/refused'],
    ['/redirect-loop', 'fetch/too-many-redirects'],
    ['/redirect-nowhere', 'fetch/refused'],
    ['/redirect-loopback', 'fetch/forbidden-address'],
    ['/redirect-metadata', 'fetch/forbidden-address'],
    ['/redirect-file', 'fetch/forbidden-url'],
    ['/silent', 'fetch/too-slow'],
    ['/stall-in-body', 'fetch/too-slow'],
    ['/drip-forever', 'fetch/too-slow'],
  ] as const)('%s is %s', async ([path, type]) => {
    const attempt = fetcher({ timeoutMs: 700 }).ask(host.url(path), { ...asking, bytesMax: 150_000 })
    await expect(attempt).rejects.toEqual(problem(type))
  })

  test('is given less time or fewer redirects where the question says so', async () => {
    const slow = fetcher().ask(host.url('/drip-forever'), { ...asking, timeoutMs: 200 })
    await expect(slow).rejects.toEqual(problem('fetch/too-slow'))
    const far = fetcher().ask(host.url('/redirects/3'), { ...asking, redirectsMax: 2 })
    await expect(far).rejects.toEqual(problem('fetch/too-many-redirects'))
  })

  test('inside our network is not reached, whatever the method', async () => {
    const sockets = countSockets()
    for (const method of ['GET', 'HEAD', 'POST'] as const) {
      const attempt = createSafeFetch(fetchLimits).ask(`${mirrorUrl}/`, { ...asking, method })
      await expect(attempt).rejects.toEqual(problem('fetch/forbidden-address'))
    }
    expect(sockets.count()).toBe(0)
    sockets.stop()
  })

  test('is left at once when the caller gives up', async () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('shutting down')), 100)
    const attempt = fetcher().ask(host.url('/drip-forever'), { ...asking, signal: abort.signal })
    await expect(attempt).rejects.toThrow('shutting down')
  })
})
