import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer as createRawServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, describe, expect, test } from 'vitest'

import type { ProblemType } from '../../services/core/problem.ts'
import type { SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { selfSigned } from '../support/certificate.ts'
import { fetchLimits, problem, sha256Of } from '../support/fetching.ts'

/** The runner fails on an error that nobody caught, so each test here also says that there was none. */

const KIBIBYTE = 1024

const servers: Server[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))))
})

/** Starts a server for one test and gives its port. */
async function listen(server: Server): Promise<number> {
  servers.push(server)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go))
  return (server.address() as AddressInfo).port
}

/** A server that answers each connection by hand, once the request has come. */
const rawServer = (answer: (socket: Socket) => unknown): Promise<number> =>
  listen(createRawServer((socket) => void socket.once('data', () => answer(socket))))

const fetcher = (port: number, options: Partial<SafeFetchOptions> = {}) =>
  createSafeFetch({
    ...fetchLimits,
    bytesMax: 1024 * 1024 * 1024,
    timeoutMs: 30_000,
    allowAddresses: [`127.0.0.1:${port}`, `127.0.0.2:${port}`],
    ...options,
  })

/** A sink that is always a little late, so that the source has to wait and its hanging up comes amid a pause. */
async function slowly(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    await sleep(1)
  }
  return bytes
}

describe('a source that hangs up while the sink is busy', () => {
  /** How often each is tried: a race is lost now and then only. */
  const TIMES = 50
  /** In whole reads of a socket, so that the last read fills the sink's buffer like the others. */
  const file = Buffer.alloc(2048 * KIBIBYTE, 'x')

  /** Sends the file in one go and ends at once; the headers have left before. */
  const sending =
    (framing: 'content-length' | 'chunked' | 'end of connection'): RequestListener =>
    (_request, response) => {
      if (framing === 'content-length') response.setHeader('content-length', file.length)
      if (framing === 'end of connection') response.useChunkedEncodingByDefault = false
      response.setHeader('connection', 'close').flushHeaders()
      setTimeout(() => response.end(file), 5)
    }

  test.each(['content-length', 'chunked', 'end of connection'] as const)(
    'is read to the end, its length told by %s',
    async (framing) => {
      const port = await listen(createServer(sending(framing)))
      for (let i = 0; i < TIMES; i += 1) {
        const fetched = await fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: slowly })
        expect(fetched).toMatchObject({ kept: file.length, bytes: file.length, complete: true })
      }
    },
  )

  test('is read to the end over TLS', async () => {
    const { key, certificate } = selfSigned(['127.0.0.1'])
    const server = createSecureServer({ key, cert: certificate }, sending('end of connection'))
    const port = await listen(server)
    // All at once share one processor with the server: the handshakes take their time.
    const safeFetch = fetcher(port, { extraAuthorities: [certificate], idleTimeoutMs: 10_000 })
    const attempts = Array.from({ length: TIMES }, () =>
      safeFetch.get(`https://127.0.0.1:${port}/`, { sink: slowly }),
    )
    for (const fetched of await Promise.all(attempts)) expect(fetched.kept).toBe(file.length)
  })

  test('may do so long before the first byte is read, which is no silence of its own', async () => {
    const small = file.subarray(0, 64 * KIBIBYTE)
    const port = await listen(createServer((_request, response) => response.end(small)))
    const { kept } = await fetcher(port).get(`http://127.0.0.1:${port}/`, {
      async sink(body) {
        await sleep(2 * fetchLimits.idleTimeoutMs)
        return slowly(body)
      },
    })
    expect(kept).toBe(small.length)
  })
})

describe('a source that breaks the rules of HTTP', () => {
  const ok = 'HTTP/1.1 200 OK\r\n'

  test.each<[what: string, answer: string, type: ProblemType]>([
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', 'fetch/refused'],
    [
      'upgrades',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello',
      'fetch/unreachable',
    ],
    ['tells two lengths', `${ok}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd`, 'fetch/unreachable'],
    [
      'tells a length and sends chunks',
      `${ok}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
      'fetch/unreachable',
    ],
    ['folds a header', `${ok}X-A: b\r\n c\r\nContent-Length : 1\r\n\r\na`, 'fetch/unreachable'],
    [
      'sends a file too long for numbers',
      `${ok}Content-Length: ${'9'.repeat(30)}\r\n\r\na`,
      'fetch/unreachable',
    ],
    [
      'redirects to two places',
      'HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n\r\n',
      'fetch/refused',
    ],
    [
      'floods the trailers',
      `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n${`X-A: ${'b'.repeat(100)}\r\n`.repeat(500)}\r\n`,
      'fetch/too-large',
    ],
  ])('and %s fails by name', async (_what, answer, type) => {
    const port = await rawServer((socket) => socket.end(answer))
    const attempt = fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: sha256Of })
    await expect(attempt).rejects.toEqual(problem(type))
  })

  test('and says "go on" for ever is left', async () => {
    const port = await rawServer((socket) => {
      const saying = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10)
      socket.once('close', () => clearInterval(saying))
    })
    const attempt = fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: sha256Of })
    await expect(attempt).rejects.toEqual(problem('fetch/too-slow'))
  })

  test('and answers twice is heard once', async () => {
    const once = `${ok}Content-Length: 4\r\n\r\nonce`
    const port = await rawServer((socket) => socket.end(once + once))
    expect(await fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: slowly })).toMatchObject({
      kept: 4,
      complete: true,
    })
  })

  test('and resets the connection after the file does no harm', async () => {
    const port = await rawServer((socket) => {
      socket.write(`${ok}Content-Length: 4\r\n\r\nfile`, () => socket.resetAndDestroy())
    })
    const { kept } = await fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: slowly })
    expect(kept).toBe(4)
  })

  test('and names its headers after parts of an object is recorded as it is', async () => {
    const lines = '__proto__: a\r\n__PROTO__: b\r\nconstructor: c\r\nX-Twice: d\r\nX-Twice: e\r\n'
    const port = await rawServer((socket) => socket.end(`${ok}${lines}Content-Length: 1\r\n\r\nx`))
    const { headers } = await fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: sha256Of })
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'a, b'],
      ['constructor', 'c'],
      ['x-twice', 'd, e'],
      ['content-length', '1'],
    ])
  })
})

describe('the connection', () => {
  test('goes to the next address when one does not answer', async () => {
    const port = await listen(createServer((_request, response) => response.end('here')))
    const lookup = async (): Promise<readonly string[]> => ['127.0.0.2', '127.0.0.1']
    const fetched = await fetcher(port, { lookup }).get(`http://media.test:${port}/`, { sink: slowly })
    expect(fetched).toMatchObject({ address: '127.0.0.1', kept: 4 })
  })

  test('is given up when the handshake stays unanswered', async () => {
    const port = await rawServer(() => undefined)
    const attempt = fetcher(port).get(`https://127.0.0.1:${port}/`, { sink: sha256Of })
    await expect(attempt).rejects.toEqual(problem('fetch/unreachable'))
  })

  test('is verified whatever the environment says', async () => {
    const { key, certificate } = selfSigned(['127.0.0.1'])
    const port = await listen(
      createSecureServer({ key, cert: certificate }, (_, response) => response.end('x')),
    )
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const attempt = fetcher(port).get(`https://127.0.0.1:${port}/`, { sink: sha256Of })
      await expect(attempt).rejects.toThrow(/certificate/)
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    }
  })

  test.each(['read to the end', 'left by the sink', 'never read'] as const)(
    'is closed when the body was %s',
    async (how) => {
      const endless = how !== 'read to the end'
      let closed: Promise<unknown> | undefined
      const port = await rawServer((socket) => {
        closed = new Promise((go) => socket.once('close', go))
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${endless ? 100_000 : 4}\r\n\r\nbody`)
      })
      await fetcher(port).get(`http://127.0.0.1:${port}/`, {
        async sink(body) {
          if (how !== 'never read') for await (const _chunk of body) if (endless) return
        },
      })
      await closed
    },
  )

  test('leaves nothing behind, hop after hop', async () => {
    const warnings: string[] = []
    const warned = ({ name }: Error): number => warnings.push(name)
    process.on('warning', warned)
    const port = await listen(
      createServer(({ url = '/' }, response) => {
        if (url.length > 20) response.end('here')
        else response.writeHead(302, { location: `${url}x` }).end('elsewhere')
      }),
    )
    const fetched = await fetcher(port, { redirectsMax: 20 }).get(`http://127.0.0.1:${port}/`, {
      sink: slowly,
    })
    process.off('warning', warned)
    expect(fetched.redirects).toHaveLength(20)
    expect(warnings).toEqual([]) // Node counts the listeners of the signal that all hops share.
  })

  test('is closed when the caller aborts while the headers are awaited', async () => {
    const abort = new AbortController()
    let closed: Promise<unknown> | undefined
    const port = await rawServer((socket) => {
      closed = new Promise((go) => socket.once('close', go))
      abort.abort(new Error('shutting down'))
    })
    const attempt = fetcher(port).get(`http://127.0.0.1:${port}/`, { sink: sha256Of, signal: abort.signal })
    await expect(attempt).rejects.toThrow('shutting down')
    await closed
  })
})
