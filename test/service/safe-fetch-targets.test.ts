import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { ProblemType } from '../../services/core/problem.ts'
import type { SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { countSockets, fetchLimits, problem, sha256Of } from '../support/fetching.ts'
import type { HostileHost } from '../support/hostile-host.ts'
import { hostileFile, startHostileHost } from '../support/hostile-host.ts'

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
  /** Names as a hostile name server would answer them. */
  const names: Readonly<Record<string, readonly string[]>> = {
    'loopback.test': ['127.0.0.1'],
    'mapped.test': ['::ffff:127.0.0.1'],
    'six.test': ['::1'],
    'mixed.test': ['93.184.215.14', '127.0.0.1'],
    'mixed-six.test': ['2606:4700::1111', 'fd00::1'],
    'metadata.test': ['169.254.169.254'],
    'nat64.test': ['64:ff9b::7f00:1'],
    'zone.test': ['fe80::1%lo'],
    'nonsense.test': ['not an address'],
    'other-loopback.test': ['127.0.0.2'],
  }
  const lookup = async (name: string): Promise<readonly string[]> => names[name] ?? []

  /** `PORT` is the port of a server on 127.0.0.1 that counts who connects. */
  const addresses = [
    'http://127.0.0.1:PORT/',
    'https://127.0.0.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://127.1:PORT/',
    'http://127.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0x7f.0.0.1:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0177.0x0.0.01:PORT/',
    'http://017700000001:PORT/',
    'http://%31%32%37.0.0.1:PORT/',
    'http://１２７.０.０.１:PORT/',
    'http://①②⑦.⓪.⓪.①:PORT/',
    'http://127。0。0。1:PORT/',
    'http://127.0.0.1\t:PORT/',
    'http:\\\\127.0.0.1:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://127.0.0.2:PORT/',
    'http://127.255.255.254:PORT/',
    'http://[::1]:PORT/',
    'http://[0:0:0:0:0:0:0:1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::127.0.0.1]:PORT/',
    'http://[64:ff9b:1::7f00:1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://[2001:0:7f00:1::]:PORT/',
    'http://[fe80::1]:PORT/',
    'http://[fec0::1]:PORT/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://localhost:PORT/',
    'http://LOCALHOST.:PORT/',
    'http://a.b.localhost:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://100.100.100.200/latest/meta-data/',
    'http://168.63.129.16/',
    'http://192.0.0.192/opc/v2/',
    'http://198.18.0.1/',
    'http://203.0.113.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
  ]

  const urls = [
    'file:///etc/passwd',
    'gopher://127.0.0.1:PORT/_INFO',
    'ftp://127.0.0.1:PORT/',
    'ws://127.0.0.1:PORT/',
    'data:text/plain,hello',
    'unix:/var/run/docker.sock',
    'http://user:secret@127.0.0.1:PORT/',
    'http://example.org@127.0.0.1:PORT/',
    'http://127.0.0.1:22/',
    'http://127.0.0.1:6379/',
    'http://127.0.0.1:5432/',
    'http://[fe80::1%25lo]:PORT/',
    'http://1.2.3.4.5:PORT/',
    'http://:PORT/',
    '127.0.0.1:PORT',
  ]

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

  test.each(addresses)('%s', (text) => expectNoSocket(get(text), 'fetch/forbidden-address'))
  test.each(urls)('%s', (text) => expectNoSocket(get(text), 'fetch/forbidden-url'))
  test.each(Object.entries(names))('a name that resolves to %s', (name) =>
    expectNoSocket(get(`http://${name}:PORT/`, { lookup }), 'fetch/forbidden-address'),
  )

  test('a name without address is unreachable, not forbidden', () =>
    expectNoSocket(get('http://nobody.test:PORT/', { lookup }), 'fetch/unreachable'))

  test('an exception for one port opens no other', async () => {
    const { port } = new URL(host.url('/'))
    const other = `127.0.0.1:${Number(port) - 1}`
    await expectNoSocket(
      get('http://127.0.0.1:PORT/', { allowAddresses: [other] }),
      'fetch/forbidden-address',
    )
  })

  test('the refusal does not tell what the name resolved to', async () => {
    const refusal = await get('http://metadata.test/', { lookup }).catch((error: unknown) => error)
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
