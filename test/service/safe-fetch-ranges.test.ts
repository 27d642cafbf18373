import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { PartWanted } from '../../services/core/ranges.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { fetchLimits, problem } from '../support/fetching.ts'
import { type HostileHost, hostileFile, startHostileHost } from '../support/hostile-host.ts'

const total = hostileFile.length
const part = (from: number, to: number): Buffer => hostileFile.subarray(from, to + 1)

/** How hosts answer a request for bytes 1000 to 1999. */
const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
  '/ignored': (_request, response) => response.end(hostileFile),
  '/none': (_request, response) => response.writeHead(416, { 'content-range': `bytes */${total}` }).end(),
  '/elsewhere': sends({ 'content-range': `bytes 0-999/${total}` }, part(0, 999)),
  '/longer-range': sends({ 'content-range': `bytes 1000-2999/${total}` }, part(1000, 2999)),
  '/unsaid': sends({}, part(1000, 1999)),
  '/nonsense': sends({ 'content-range': 'bytes all of it' }, part(1000, 1999)),
  '/several': sends({ 'content-type': 'multipart/byteranges; boundary=x' }, part(1000, 1999)),
  '/other-length': sends({ 'content-range': 'bytes 1000-1999/77777' }, part(1000, 1999)),
  '/other-file': sends({ 'content-range': `bytes 1000-1999/${total}`, etag: '"2"' }, part(1000, 1999)),
  '/coded': sends(
    { 'content-range': `bytes 1000-1999/${total}`, 'content-encoding': 'gzip' },
    part(1000, 1999),
  ),
  '/more': sends({ 'content-range': `bytes 1000-1999/${total}` }, part(1000, 5999)),
  '/less': sends({ 'content-range': `bytes 1000-1999/${total}` }, part(1000, 1500)),
}

function sends(headers: Record<string, string>, body: Uint8Array) {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(206, headers)
    response.write(body) // Without a length: what is wrong with it is for us to find.
    return response.end()
  }
}

let host: HostileHost
const asked: IncomingMessage['headers'][] = []
const liar = createServer((request, response) => {
  asked.push(request.headers)
  answers[request.url ?? '']?.(request, response)
})
let liarAddress = ''

beforeAll(async () => {
  host = await startHostileHost()
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve))
  liarAddress = `127.0.0.1:${(liar.address() as AddressInfo).port}`
})
afterAll(async () => {
  liar.closeAllConnections()
  liar.close()
  await host.close()
})

const collect = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function ask(url: string, range: PartWanted = { from: 1000, to: 1999, totalBytes: total, etag: '"1"' }) {
  const fetcher = createSafeFetch({ ...fetchLimits, allowAddresses: [...host.addresses, liarAddress] })
  return fetcher.get(url, { range, sink: collect })
}

describe('a part of a file', () => {
  test('is what was asked for, of the file that was met before', async () => {
    const fetched = await ask(host.url('/file'))
    expect(fetched).toMatchObject({
      status: 206,
      range: { from: 1000, to: 1999, totalBytes: total },
      bytes: 1000,
    })
    expect(fetched.kept).toEqual(part(1000, 1999))
  })

  test('is asked for without a coding, with a strong validator or else the date', async () => {
    const date = 'Tue, 06 Jan 2026 10:00:00 GMT'
    const range = { from: 1000, to: 1999, totalBytes: total }
    for (const validators of [{ etag: '"1"' }, { etag: 'W/"1"', lastModified: date }, {}])
      await ask(`http://${liarAddress}/ignored`, { ...range, ...validators })
    expect(asked.slice(-3)).toMatchObject([
      { range: 'bytes=1000-1999', 'accept-encoding': 'identity', 'if-range': '"1"' },
      { 'if-range': date },
      { range: 'bytes=1000-1999' },
    ])
    expect(asked.at(-1)).not.toHaveProperty('if-range')
  })

  test('is the whole file where the host gives no parts, and its head says so', async () => {
    const fetched = await ask(`http://${liarAddress}/ignored`)
    expect(fetched).toMatchObject({ status: 200, bytes: total })
    expect(fetched).not.toHaveProperty('range')
    expect(fetched.kept).toEqual(hostileFile)
  })

  test('may be asked for without knowing the whole', async () => {
    expect((await ask(host.url('/file'), { from: 5, to: 9 })).kept).toEqual(part(5, 9))
  })

  test.each(Object.keys(answers).filter((path) => path !== '/ignored'))(
    'is refused when the host answers with %s',
    async (path) => {
      await expect(ask(`http://${liarAddress}${path}`)).rejects.toEqual(problem('fetch/wrong-part'))
    },
  )

  test('is still refused as an answer to a request for all', async () => {
    const fetcher = createSafeFetch({ ...fetchLimits, allowAddresses: host.addresses })
    await expect(fetcher.get(host.url('/206'), { sink: collect })).rejects.toEqual(
      problem('fetch/incomplete'),
    )
  })
})

describe('a visit', () => {
  test('is told hop by hop: what was asked word by word, the names, the answer', async () => {
    const fetcher = createSafeFetch({
      ...fetchLimits,
      allowAddresses: ['127.0.0.1/32'].concat(host.addresses),
      lookup: async () => ['127.0.0.1'],
    })
    const port = new URL(host.url('/')).port
    const { hops, clockOffsetMs } = await fetcher.get(`http://media.test:${port}/redirects/1`, {
      sink: collect,
    })
    expect(hops).toMatchObject([
      {
        url: `http://media.test:${port}/redirects/1`,
        request: {
          method: 'GET',
          target: '/redirects/1',
          headers: {
            host: `media.test:${port}`,
            'user-agent': 'Earwitness test',
            'accept-encoding': 'identity',
            connection: 'close',
          },
        },
        resolved: ['127.0.0.1'],
        address: '127.0.0.1',
        status: 301,
        headers: { location: '/redirects/0' },
      },
      { status: 301, request: { target: '/redirects/0' } },
      { status: 200, request: { target: '/file' } },
    ])
    // The Date header has whole seconds.
    expect(Math.abs(clockOffsetMs ?? NaN)).toBeLessThan(2_000)
  })
})
