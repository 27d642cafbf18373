import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

import { selfSigned } from './certificate.ts'
import { type Behaviour, intakeBehaviours } from './hostile-intake.ts'

/** What `/file` serves: 100 000 bytes that no compression shrinks to nothing and no two places of which are alike. */
export const hostileFile: Buffer = Buffer.from(
  Array.from({ length: 25_000 }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 0).flatMap((word) => [
    word & 255,
    (word >> 8) & 255,
    (word >> 16) & 255,
    word >>> 24,
  ]),
)

/** How long a drip waits between two bytes: far below any sensible idle time-out. */
const DRIP_MS = 50

const MEBIBYTE = Buffer.alloc(1024 * 1024, 'x')

const gzipOfMebibyte = gzipSync(MEBIBYTE)
/** 256 MiB in 256 members, of which each is a mebibyte (RFC 1952, section 2.2). */
const gzipBomb: Buffer = Buffer.concat(Array.from({ length: 256 }, () => gzipOfMebibyte))

/** Answers with bytes of our own making, past what Node would allow. */
const raw =
  (text: string, then: (socket: NonNullable<ServerResponse['socket']>) => unknown): Behaviour =>
  (_request, { socket }) => {
    if (!socket) throw new Error('The request has no socket')
    socket.write(text)
    then(socket)
  }

const redirect =
  (location: string, status = 302): Behaviour =>
  (_request, response) =>
    response.writeHead(status, { location }).end()

const status =
  (code: number): Behaviour =>
  (_request, response) =>
    response.writeHead(code, { 'content-type': 'text/plain' }).end('No.')

/** Writes at the other side's pace until it hangs up, which is the only end there is. */
function forever(response: ServerResponse, chunk: Buffer): void {
  pipeline(Readable.from(repeat(chunk)), response, () => undefined)
}

function* repeat(chunk: Buffer): Generator<Buffer> {
  for (;;) yield chunk
}

const ok = 'HTTP/1.1 200 OK\r\n'

/** Every behaviour by its path: of the wire here, of what is served in hostile-intake.ts. What follows the first part is free: `/redirects/5` counts down. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  '/file': (request, response) => serve(request, response, hostileFile, { 'content-type': 'audio/mpeg' }),
  '/named': (_request, response) =>
    response
      .setHeader(
        'content-disposition',
        `attachment; filename="a.mp3"; filename*=UTF-8''..%2F%E2%82%ACleak.mp3`,
      )
      .end(hostileFile),
  '/no-length': (_request, response) => response.write(hostileFile, () => response.end()),
  '/wrong-type': (_request, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end(hostileFile),
  '/echo': (request, response) => response.end(JSON.stringify(request.headers)),

  '/redirects': (request, response) => {
    const left = Number(request.url?.split('/')[2] ?? 0)
    return redirect(left > 0 ? `/redirects/${left - 1}` : '/file', 301)(request, response)
  },
  '/redirect-loop': redirect('/redirect-loop'),
  '/redirect-nowhere': (_request, response) => response.writeHead(302).end(),
  '/redirect-loopback': redirect('http://127.0.0.1:8080/'),
  '/redirect-metadata': redirect('http://169.254.169.254/latest/meta-data/'),
  '/redirect-v6': redirect('http://[::1]:8080/'),
  '/redirect-file': redirect('file:///etc/passwd'),
  '/redirect-gopher': redirect('gopher://127.0.0.1:6379/_INFO'),
  '/redirect-endless-body': (_request, response) => {
    response.writeHead(302, { location: '/file' })
    return forever(response, MEBIBYTE)
  },

  '/401': status(401),
  '/403': status(403),
  '/404': status(404),
  '/410': status(410),
  '/429': status(429),
  '/500': status(500),
  '/503': status(503),
  '/206': (_request, response) => response.writeHead(206).end('part'),

  '/empty': (_request, response) => response.end(),
  '/no-content': (_request, response) => response.writeHead(204).end(),
  '/too-long-told': (_request, response) =>
    response.writeHead(200, { 'content-length': 10 ** 12 }).write('x'),
  '/shorter-than-told': raw(`${ok}Content-Length: 5000\r\n\r\nonly this`, (socket) => socket.end()),
  '/longer-than-told': raw(`${ok}Content-Length: 4\r\n\r\ntold, and then some`, (socket) => socket.end()),
  '/broken-chunks': raw(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, (socket) => socket.end()),
  '/malformed-chunks': raw(`${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello`, (socket) => socket.end()),
  '/reset-at-once': (request) => request.socket.resetAndDestroy(),
  '/reset-in-body': raw(`${ok}Content-Length: 5000\r\n\r\nonly this`, (socket) =>
    setTimeout(() => socket.resetAndDestroy(), DRIP_MS),
  ),
  '/no-http': raw('SSH-2.0-OpenSSH_9.6\r\n', (socket) => socket.end()),

  '/silent': () => undefined,
  '/stall-after-headers': (_request, response) => response.writeHead(200).flushHeaders(),
  '/stall-in-body': (_request, response) => response.write('a beginning'),
  '/drip': async (_request, response) => {
    for (let i = 0; i < 10; i += 1) {
      response.write('x')
      await sleep(DRIP_MS)
    }
    response.end()
  },
  '/drip-forever': async (_request, response) => {
    while (!response.destroyed) {
      response.write('x')
      await sleep(DRIP_MS)
    }
  },
  '/endless': (_request, response) => forever(response, MEBIBYTE),
  '/huge-chunk': (_request, response) => response.end(Buffer.alloc(64 * 1024 * 1024, 'x')),

  '/header-flood': raw(ok, (socket) => {
    for (let i = 0; i < 5_000; i += 1) socket.write(`x-flood-${i}: ${'x'.repeat(100)}\r\n`)
  }),
  '/many-headers': (_request, response) => {
    for (let i = 0; i < 500; i += 1) response.setHeader(`x-${i}`, 'y')
    response.end('some')
  },

  '/gzip': (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(hostileFile)),
  '/gzip-cut': (_request, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync(hostileFile).subarray(0, 50_000)),
  '/gzip-lie': (_request, response) => response.setHeader('content-encoding', 'gzip').end('not compressed'),
  '/gzip-bomb': (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipBomb),
  // Grows on the wire only: one empty file after the other.
  '/gzip-of-nothing': (_request, response) => {
    const nothing = Buffer.concat(Array.from({ length: 3_000 }, () => gzipSync('')))
    forever(response.setHeader('content-encoding', 'gzip'), nothing)
  },
  ...intakeBehaviours,
  '/unknown-coding': (_request, response) => response.setHeader('content-encoding', 'exi').end('?'),
}

/** Every behaviour that a test can ask for. */
export const hostilePaths: readonly string[] = Object.keys(behaviours)

/** Serves a file the honest way: its length, ranges, and a refused HEAD. */
function serve(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (request.method === 'HEAD') {
    response.writeHead(405, { allow: 'GET' }).end()
    return
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  response.setHeader('accept-ranges', 'bytes')
  if (from === undefined) {
    response.setHeader('content-length', file.length).end(file)
    return
  }
  const last = Math.min(to ? Number(to) : file.length - 1, file.length - 1)
  const part = file.subarray(Number(from), last + 1)
  response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${file.length}` }).end(part)
}

/** A web server on 127.0.0.1 that misbehaves on request. */
export interface HostileHost {
  /** The address of a behaviour: `url('/stall-in-body')`. */
  url(path: string): string
  /** The same over TLS, with a certificate for 127.0.0.1 and media.test that signs itself. */
  secureUrl(path: string): string
  /** `127.0.0.1:port`, without and with TLS: what an allow-list needs. */
  readonly addresses: readonly [string, string]
  /** PEM of the certificate, for those who want to trust it. */
  readonly certificate: string
  /** Path of every request, in order of arrival. */
  readonly requests: string[]
  /** Connections accepted so far, with or without a request. */
  connections(): number
  /** Makes a path serve a file from now on. */
  serve(path: string, file: Uint8Array, headers?: Readonly<Record<string, string>>): void
  close(): Promise<void>
}

/** Starts a host of its own for one test file. */
export async function startHostileHost(): Promise<HostileHost> {
  const requests: string[] = []
  const served = new Map<string, Behaviour>()
  let connections = 0
  const answer: Behaviour = (request, response) => {
    const path = request.url ?? '/'
    requests.push(path)
    const behaviour = served.get(path) ?? behaviours[`/${path.split(/[/?]/)[1]}`]
    return (behaviour ?? status(404))(request, response)
  }
  const { key, certificate } = selfSigned(['127.0.0.1', 'media.test'])
  const plain = createServer((request, response) => void answer(request, response))
  const secure = createSecureServer({ key, cert: certificate }, (request, response) => {
    void answer(request, response)
  })
  for (const server of [plain, secure]) server.on('connection', () => (connections += 1))
  const [port, securePort] = await Promise.all([listen(plain), listen(secure)])
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    secureUrl: (path) => `https://127.0.0.1:${securePort}${path}`,
    addresses: [`127.0.0.1:${port}`, `127.0.0.1:${securePort}`],
    certificate,
    requests,
    connections: () => connections,
    serve(path, file, headers = {}) {
      served.set(path, (request, response) => serve(request, response, file, headers))
    },
    async close() {
      await Promise.all(
        [plain, secure].map((server) => {
          const closed = new Promise<void>((go) => server.close(() => go()))
          server.closeAllConnections()
          return closed
        }),
      )
    },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((go, fail) => server.once('error', fail).listen(0, '127.0.0.1', go))
  return (server.address() as AddressInfo).port
}
