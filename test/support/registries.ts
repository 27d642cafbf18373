import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { submitUrl } from '../../services/actions/submissions.ts'
import { Sha256 } from '../../services/core/ids.ts'
import { openLog } from '../../services/core/log.ts'
import type { Run } from '../../services/core/queue.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { keepCapture } from '../../services/submissions/captures.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { fetchLimits } from './fetching.ts'
import type { World } from './world.ts'

/** What a server answers at a path: JSON, a text with its type, or whatever the function does. */
export type Served =
  | { readonly json: unknown }
  | { readonly html: string }
  | ((request: IncomingMessage, response: ServerResponse) => unknown)

/** A web server on 127.0.0.1 that is registries and suspect site in one. */
export interface Registries {
  readonly port: number
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** Host and path of every request, in order of arrival. */
  readonly requests: string[]
  /** What is answered by path; all else is 404. */
  readonly served: Map<string, Served>
  readonly ask: ReturnType<typeof createSafeFetch>['ask']
  readonly safeFetch: ReturnType<typeof createSafeFetch>
  close(): Promise<void>
}

const entity = (roles: readonly string[], rows: readonly unknown[], entities: readonly unknown[] = []) => ({
  objectClassName: 'entity',
  roles,
  vcardArray: ['vcard', [['version', {}, 'text', '4.0'], ...rows]],
  entities,
})

/** A network as regional registries answer, with its abuse contact below the one who holds it. */
export const networkAnswer = (email: string): unknown => ({
  objectClassName: 'ip network',
  handle: 'NET-SAMPLE-1',
  startAddress: '127.0.0.0',
  endAddress: '127.0.0.255',
  name: 'SAMPLE-NET',
  country: 'nl',
  entities: [
    entity(
      ['registrant'],
      [['fn', {}, 'text', 'Sample Hosting']],
      [
        entity(['technical'], [['email', {}, 'text', 'noc@net.example']]),
        entity(
          ['abuse'],
          [
            ['email', {}, 'text', email],
            ['tel', { type: 'voice' }, 'uri', 'tel:+31.5550100'],
          ],
        ),
      ],
    ),
  ],
})

/** A domain as registries of top-level domains answer, with its registrar's abuse contact. */
export const domainAnswer = (email: string): unknown => ({
  objectClassName: 'domain',
  ldhName: 'SAMPLE.LOCALHOST',
  entities: [
    {
      ...entity(
        ['registrar'],
        [['fn', {}, 'text', 'Sample Registrar Ltd']],
        [entity(['abuse'], [['email', {}, 'text', [email]]])],
      ),
      publicIds: [{ type: 'IANA Registrar ID', identifier: '9999' }],
    },
    entity(['registrant'], [['email', {}, 'text', 'person@sample.example']]),
  ],
})

/** Starts registries that know 127.0.0.0/8 and `.localhost`. */
export async function startRegistries(): Promise<Registries> {
  const requests: string[] = []
  const served = new Map<string, Served>()
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    requests.push(`${request.headers.host?.split(':')[0]}${path}`)
    const answer = served.get(path)
    if (answer === undefined) return response.writeHead(404).end()
    if (typeof answer === 'function') return answer(request, response)
    if ('html' in answer)
      return response.setHeader('content-type', 'text/html; charset=utf-8').end(answer.html)
    return response.setHeader('content-type', 'application/rdap+json').end(JSON.stringify(answer.json))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const registry = (entries: readonly string[]) => ({
    json: { version: '1.0', services: [[entries, [`${url}/rdap`]]] },
  })
  served.set('/bootstrap/dns.json', registry(['localhost']))
  served.set('/bootstrap/ipv4.json', registry(['127.0.0.0/8']))
  served.set('/bootstrap/ipv6.json', registry(['2001:db8::/32']))
  const safeFetch = createSafeFetch({
    ...fetchLimits,
    allowAddresses: [`127.0.0.1:${port}`, `[::1]:${port}`],
  })
  return {
    port,
    url,
    requests,
    served,
    safeFetch,
    ask: safeFetch.ask.bind(safeFetch),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A job's surroundings for a worker that is called directly. */
export const runOf = (): Run => ({
  log: openLog('test', 'silent'),
  progress: async () => undefined,
  signal: new AbortController().signal,
})

/** Notes that something was fetched from a host at the local server. */
export async function captured(
  { house }: World,
  caller: Caller,
  { port }: Registries,
  host: string,
): Promise<void> {
  const finalUrl = `http://${host}:${port}/a.mp3`
  const submission = await submitUrl(house, caller, { url: finalUrl })
  await house.db.system((tx) =>
    keepCapture(tx, submission, {
      requestedUrl: finalUrl,
      finalUrl,
      redirects: [],
      status: 200,
      headers: { 'content-type': 'audio/mpeg' },
      address: '127.0.0.1',
      tls: null,
      sha256: Sha256.parse('a'.repeat(64)),
      bytes: 1,
      startedAt: new Date(),
      endedAt: new Date(),
    }),
  )
}
