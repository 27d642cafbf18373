import { createServer } from 'node:http'
import { type AddressInfo, Socket, type TcpNetConnectOpts, createServer as createListener } from 'node:net'

import { expect, onTestFinished, vi } from 'vitest'

import type { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import type { Run } from '../../services/core/queue.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { follow } from '../../workers/follow.ts'
import type { Tools } from '../../workers/tools.ts'
import { unpack } from '../../workers/unpack.ts'
import { fetchLimits } from './fetching.ts'
import { allInward, inwardLookup } from './inward-targets.ts'
import { itemsIn } from './opened.ts'
import type { World } from './world.ts'

/** What is tried, and how to tell that nothing came of it. */
export interface Siege {
  readonly tools: Tools
  readonly run: Run
  /** Addresses that lead inwards, and redirects of each kind that do. */
  readonly targets: readonly string[]
  readonly port: number
  /** An address of the only host that may be reached: what is asked of it. */
  readonly allowed: string
  /** Connections to anything but the database and the allowed host, begun or arrived. */
  readonly strange: () => readonly string[]
}

const kinds = [301, 302, 303, 307, 308]

async function listen(server: ReturnType<typeof createListener>, host: string): Promise<number> {
  await new Promise<void>((ready) => server.listen(0, host, ready))
  return (server.address() as AddressInfo).port
}

/** A listener that counts, proxies that lead to it, a host that redirects inwards, and workers that may reach that host alone. */
export async function besiege(world: World): Promise<Siege> {
  const arrived: string[] = []
  const listener = createListener((socket) => {
    arrived.push('somebody arrived')
    socket.destroy()
  })
  const port = await listen(listener, '127.0.0.1')
  for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])
    vi.stubEnv(name, `http://127.0.0.1:${port}`)
  const inward = allInward(port)
  const host = createServer((request, response) => {
    const [, kind, index] = /^\/to\/(\d+)\/(\d+)/.exec(request.url ?? '') ?? []
    if (index === undefined) return response.writeHead(404).end()
    return response.writeHead(Number(kind), { location: encodeURI(inward[Number(index)] ?? '/') }).end()
  })
  const hostPort = await listen(host, '127.0.0.1')
  const known = new Set([hostPort, Number(new URL(world.databaseUrl).port || 5432)])
  const begun: string[] = []
  // oxlint-disable-next-line typescript/unbound-method -- it is called on the socket that it was called on.
  const connect = Socket.prototype.connect
  const spy = vi.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...given) {
    const [first, second] = given.flat() as unknown[]
    const to = (typeof first === 'object' ? first : { port: first, host: second }) as TcpNetConnectOpts
    if (!known.has(to.port)) begun.push(`${to.host}:${to.port}`)
    return Reflect.apply(connect, this, given)
  })
  onTestFinished(() => {
    spy.mockRestore()
    vi.unstubAllEnvs()
    listener.close()
    host.closeAllConnections()
    host.close()
  })
  const config = { ...world.house.config, HOST_DELAY_MS: 0, HOST_VISITS_MAX: 100, HOST_VISITS_PER_DAY: 1e6 }
  const safeFetch = createSafeFetch({
    ...fetchLimits,
    allowAddresses: [`127.0.0.1:${hostPort}`],
    lookup: inwardLookup,
  })
  const redirects = kinds.map((kind, index) => `http://127.0.0.1:${hostPort}/to/${kind}/${index * 7}`)
  return {
    port,
    tools: { ...world.house, config, safeFetch, ffmpegPath: 'ffmpeg' } as unknown as Tools,
    run: { log: world.house.log, progress: async () => undefined, signal: new AbortController().signal },
    targets: [...inward, ...redirects],
    allowed: `http://127.0.0.1:${hostPort}/`,
    strange: () => [...begun, ...arrived],
  }
}

/** What became of an attempt: the type of its problem. Whatever is none fails the test. */
export async function typeOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return 'it worked'
  } catch (error) {
    if (error instanceof Problem) return error.type
    throw error
  }
}

const forbidden = /^fetch\/forbidden-(?:address|url)$/
/** At least so many targets by each way. */
export const TARGETS_MIN = 40

/** Every attempt was refused by what it leads to, and none got as far as a connection. */
export function expectRefused(types: readonly string[], { strange }: Siege): void {
  expect(types.filter((type) => !forbidden.test(type))).toEqual([])
  expect(types.length).toBeGreaterThanOrEqual(TARGETS_MIN)
  expect(strange()).toEqual([])
}

/** Opens what was handed in and follows all that it leads to. @returns what became of each address. */
export async function followAll(world: World, { tools, run }: Siege, id: SubmissionId): Promise<string[]> {
  const opened = await typeOf(() => unpack(tools)({ id }, run))
  const types: string[] = opened === 'it worked' ? [] : [opened]
  for (const { id: itemId, kind, problem } of await itemsIn(world, id))
    if (problem) types.push(problem.type.replace('/problems/', ''))
    else if (kind === 'link') types.push(await typeOf(() => follow(tools)({ id: itemId }, run)))
  return types
}

/** An address as it stands in markup. */
export const escaped = (url: string): string => url.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
const players = (urls: readonly string[]): string =>
  urls.map((url) => `<audio src="${escaped(url)}"></audio>`).join('\n')

/** Documents that lead to all targets at once. */
export const documents: readonly (readonly [name: string, make: (urls: readonly string[]) => string])[] = [
  ['page.html', (urls) => `<!doctype html><html><body>${players(urls)}</body></html>`],
  ['list.m3u', (urls) => `#EXTM3U\n${urls.join('\n')}`],
  ['list.txt', (urls) => urls.join('\n')],
  ['list.pls', (urls) => `[playlist]\n${urls.map((url, i) => `File${i + 1}=${url}`).join('\n')}\n`],
  [
    'list.xspf',
    (urls) =>
      `<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>${urls.map((url) => `<track><location>${escaped(url)}</location></track>`).join('')}</trackList></playlist>`,
  ],
  [
    'feed.xml',
    (urls) =>
      `<rss version="2.0"><channel>${urls.map((url) => `<item><title>x</title><enclosure url="${escaped(url)}" type="audio/mpeg"/></item>`).join('')}</channel></rss>`,
  ],
  [
    'answer.json',
    (urls) => JSON.stringify({ version: '1.0', type: 'rich', html: players(urls), title: 'x' }),
  ],
  [
    'forwarded.eml',
    (urls) =>
      `From: a@sender.example\r\nTo: b@receiver.example\r\nSubject: x\r\nDate: Mon, 5 May 2031 10:00:00 +0000\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${urls.map((url) => `<a href="${escaped(url)}">x</a>`).join('\r\n')}\r\n`,
  ],
]

/** Documents that lead to one target, in an address that is read at once. */
export const streams: readonly (readonly [name: string, make: (url: string) => string])[] = [
  [
    'stream.m3u8',
    (url) => `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXT-X-VERSION:3\n#EXTINF:10,\n${url}\n#EXT-X-ENDLIST\n`,
  ],
  [
    'stream.mpd',
    (url) =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${escaped(url)}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ],
]

/** A tracker that gives the same answer to everybody. */
export async function openTracker(answer: Buffer) {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.end(answer)
  })
  const address = `127.0.0.1:${await listen(server, '127.0.0.1')}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address, asked: () => asked }
}
