import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { ProblemType } from '../../services/core/problem.ts'
import type { SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { countSockets, fetchLimits, problem, sha256Of } from '../support/fetching.ts'
import type { HostileHost } from '../support/hostile-host.ts'
import { hostileFile, startHostileHost } from '../support/hostile-host.ts'
import { inwardAddresses, inwardLookup, inwardNames, refusedUrls } from '../support/inward-targets.ts'

let host: HostileHost
beforeAll(async () => {
  host = await startHostileHost()
})
afterAll(() => host.close())

/** The host's own counter sees only those sockets that reached it. */
let sockets: ReturnType<typeof countSockets>
beforeEach(() => {
  sockets = countSockets()
})
afterEach(() => sockets.stop())

/** A fetch that may reach the hostile host and nothing else of this machine. */
const fetcher = (options: Partial<SafeFetchOptions> = {}) =>
  createSafeFetch({ ...fetchLimits, allowAddresses: host.addresses, ...options })

describe('forbidden targets', () => {
  const get = (text: string, options: Partial<SafeFetchOptions> = {}) =>
    createSafeFetch({ ...fetchLimits, ...options }).get(text.replace('PORT', new URL(host.url('/')).port), {
      sink: sha256Of,
    })

  /** Runs `attempt` and expects that it fails as told before any socket is opened. */
  async function expectNoSocket(attempt: Promise<unknown>, type: ProblemType): Promise<void> {
    const before = host.connections()
    await expect(attempt).rejects.toEqual(problem(type))
    expect(sockets.count()).toBe(0)
    expect(host.connections()).toBe(before)
  }

  test('the counters see a fetch that is allowed', async () => {
    const before = host.connections()
    await fetcher().get(host.url('/file'), { sink: sha256Of })
    expect(sockets.count()).toBe(1)
    expect(host.connections()).toBe(before + 1)
  })

  test.each(inwardAddresses)('%s', (text) => expectNoSocket(get(text), 'fetch/forbidden-address'))
  test.each(refusedUrls)('%s', (text) => expectNoSocket(get(text), 'fetch/forbidden-url'))
  test.each(Object.entries(inwardNames))('a name that resolves to %s', (name) =>
    expectNoSocket(get(`http://${name}:PORT/`, { lookup: inwardLookup }), 'fetch/forbidden-address'),
  )

  test('a name without address is unreachable, not forbidden', () =>
    expectNoSocket(get('http://nobody.test:PORT/', { lookup: inwardLookup }), 'fetch/unreachable'))

  test('an exception for one port opens no other', async () => {
    const { port } = new URL(host.url('/'))
    const other = `127.0.0.1:${Number(port) - 1}`
    await expectNoSocket(
      get('http://127.0.0.1:PORT/', { allowAddresses: [other] }),
      'fetch/forbidden-address',
    )
  })

  test('the refusal does not tell what the name resolved to', async () => {
    const refusal = await get('http://metadata.test/', { lookup: inwardLookup }).catch(
      (error: unknown) => error,
    )
    expect(JSON.stringify(refusal)).not.toContain('169.254')
  })

  test('a name that changes its mind is looked up once, and the socket goes where was checked', async () => {
    const asked: string[] = []
    const rebinding = async (name: string): Promise<readonly string[]> => {
      asked.push(name)
      return asked.length === 1 ? ['127.0.0.1'] : ['127.0.0.2']
    }
    const { port } = new URL(host.url('/'))
    const fetched = await fetcher({ lookup: rebinding }).get(`http://media.test:${port}/file`, {
      sink: sha256Of,
    })
    expect(fetched).toMatchObject({ address: '127.0.0.1', bytes: hostileFile.length })
    expect(asked).toEqual(['media.test'])
  })

  test('a name is looked up and checked again on the next hop', async () => {
    let asked = 0
    const rebinding = async (): Promise<readonly string[]> => [['127.0.0.1'], ['10.0.0.1']][asked++] ?? []
    const { port } = new URL(host.url('/'))
    const attempt = fetcher({ lookup: rebinding }).get(`http://media.test:${port}/redirects/1`, {
      sink: sha256Of,
    })
    await expect(attempt).rejects.toEqual(problem('fetch/forbidden-address'))
    expect(asked).toBe(2)
    expect(sockets.count()).toBe(1)
  })

  test.each([
    ['/redirect-loopback', 'fetch/forbidden-address'],
    ['/redirect-metadata', 'fetch/forbidden-address'],
    ['/redirect-v6', 'fetch/forbidden-address'],
    ['/redirect-file', 'fetch/forbidden-url'],
    ['/redirect-gopher', 'fetch/forbidden-url'],
  ] as const)('a public host that sends us to %s', async (path, type) => {
    await expect(fetcher().get(host.url(path), { sink: sha256Of })).rejects.toEqual(problem(type))
    expect(sockets.count()).toBe(1)
  })

  test('proxies from the environment are not used', async () => {
    const proxy = await startHostileHost()
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY'])
      process.env[name] = proxy.url('/')
    try {
      await fetcher().get(host.url('/file'), { sink: sha256Of })
      expect(proxy.connections()).toBe(0)
    } finally {
      for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) delete process.env[name]
      await proxy.close()
    }
  })
})
