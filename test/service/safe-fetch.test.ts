import { createHash } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { selfSigned } from '../support/certificate.ts'
import { countSockets, fetchLimits, problem, sha256Of } from '../support/fetching.ts'
import type { HostileHost } from '../support/hostile-host.ts'
import { hostileFile, startHostileHost } from '../support/hostile-host.ts'

const MEBIBYTE = 1024 * 1024
const hashOfFile = createHash('sha256').update(hostileFile).digest('hex')

let host: HostileHost
beforeAll(async () => {
  host = await startHostileHost()
})
afterAll(() => host.close())

/** A fetch that may reach the hostile host and nothing else of this machine. */
const fetcher = (options: Partial<SafeFetchOptions> = {}) =>
  createSafeFetch({ ...fetchLimits, allowAddresses: host.addresses, ...options })

describe('an honest source', () => {
  test('is recorded with what it said, where it was and when', async () => {
    const before = Date.now()
    const heads: unknown[] = []
    const fetched = await fetcher().get(`${host.url('/file')}?take=1#part`, {
      sink: sha256Of,
      onResponse: (head) => heads.push(head),
    })
    expect(fetched).toMatchObject({
      requestedUrl: `${host.url('/file')}?take=1#part`,
      status: 200,
      redirects: [],
      address: '127.0.0.1',
      port: Number(new URL(host.url('/')).port),
      bytes: hostileFile.length,
      complete: true,
      contentType: 'audio/mpeg',
      fileName: 'file',
      kept: hashOfFile,
    })
    expect(fetched.headers).toMatchObject({ 'content-length': '100000', 'accept-ranges': 'bytes' })
    expect(fetched.startedAt.getTime()).toBeGreaterThanOrEqual(before)
    expect(fetched.endedAt.getTime()).toBeGreaterThanOrEqual(fetched.startedAt.getTime())
    expect(fetched).not.toHaveProperty('tls')
    expect(heads).toHaveLength(1)
  })

  test('is followed over redirects, each with its address', async () => {
    const fetched = await fetcher().get(host.url('/redirects/3'), { sink: sha256Of })
    expect(fetched.finalUrl).toBe(host.url('/file'))
    expect(fetched.redirects).toEqual(
      [3, 2, 1, 0].map((left) => ({
        url: host.url(`/redirects/${left}`),
        status: 301,
        address: '127.0.0.1',
      })),
    )
  })

  test('does not have to say how long the file is', async () => {
    expect(await fetcher().get(host.url('/no-length'), { sink: sha256Of })).toMatchObject({
      kept: hashOfFile,
    })
  })

  test('may compress although it was not asked to', async () => {
    const fetched = await fetcher().get(host.url('/gzip'), { sink: sha256Of })
    expect(fetched).toMatchObject({ kept: hashOfFile, bytes: hostileFile.length })
  })

  test('gets our name and what is accepted, and no more', async () => {
    const { kept } = await fetcher().get(host.url('/echo'), {
      accept: 'audio/*',
      async sink(body) {
        let text = ''
        for await (const chunk of body) text += Buffer.from(chunk).toString()
        return text
      },
    })
    expect(JSON.parse(kept)).toEqual({
      host: host.addresses[0],
      connection: 'close',
      'user-agent': 'Earwitness test',
      accept: 'audio/*',
      'accept-encoding': 'identity',
    })
  })

  test('may drip, as long as it ends in time', async () => {
    expect(await fetcher().get(host.url('/drip'), { sink: sha256Of })).toMatchObject({ bytes: 10 })
  })

  test('names the file, and the name is made safe', async () => {
    expect(await fetcher().get(host.url('/named'), { sink: sha256Of })).toMatchObject({
      fileName: '€leak.mp3',
    })
  })

  test('is reported with the type it claims, wrong as it is', async () => {
    expect(await fetcher().get(host.url('/wrong-type'), { sink: sha256Of })).toMatchObject({
      contentType: 'text/html',
    })
  })

  test('keeps at most 100 of its headers', async () => {
    const { headers } = await fetcher().get(host.url('/many-headers'), { sink: sha256Of })
    expect(Object.keys(headers)).toHaveLength(100)
  })

  test('is cut off when the sink has seen enough', async () => {
    const fetched = await fetcher({ bytesMax: 1024 * MEBIBYTE }).get(host.url('/endless'), {
      async sink(body) {
        for await (const chunk of body) return chunk.length
        return 0
      },
    })
    expect(fetched).toMatchObject({ complete: false, bytes: fetched.kept })
  })
})

describe('TLS', () => {
  test('facts of the certificate are recorded', async () => {
    const { tls } = await fetcher({ extraAuthorities: [host.certificate] }).get(host.secureUrl('/file'), {
      sink: sha256Of,
    })
    expect(tls).toMatchObject({ protocol: 'TLSv1.3', subject: 'CN=127.0.0.1', issuer: 'CN=127.0.0.1' })
    expect(tls?.fingerprint256).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect(tls?.validFrom.getTime()).toBeLessThan(Date.now())
    expect(tls?.validTo.getTime()).toBeGreaterThan(Date.now())
  })

  test('the name asked for is what the certificate must bear', async () => {
    const { port } = new URL(host.secureUrl('/'))
    const trusting = fetcher({
      extraAuthorities: [host.certificate],
      lookup: async () => ['127.0.0.1'],
    })
    const known = await trusting.get(`https://media.test:${port}/file`, { sink: sha256Of })
    expect(known.kept).toBe(hashOfFile)
    const stranger = trusting.get(`https://other.test:${port}/file`, { sink: sha256Of })
    await expect(stranger).rejects.toThrow(/certificate/)
  })

  test('an unknown authority is refused before the request is sent', async () => {
    const before = host.requests.length
    const strange = fetcher({ extraAuthorities: [selfSigned(['127.0.0.1']).certificate] })
    for (const safeFetch of [fetcher(), strange]) {
      const attempt = safeFetch.get(host.secureUrl('/file'), { sink: sha256Of })
      await expect(attempt).rejects.toThrow(expect.objectContaining({ type: 'fetch/unreachable' }))
    }
    expect(host.requests).toHaveLength(before)
  })
})

describe('the caller', () => {
  test('may abort, and gets its own reason back', async () => {
    const abort = new AbortController()
    const attempt = fetcher().get(host.url('/drip-forever'), {
      signal: abort.signal,
      async sink(body) {
        for await (const _chunk of body) abort.abort(new Error('shutting down'))
      },
    })
    await expect(attempt).rejects.toThrow('shutting down')
  })

  test('may abort before anything began', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    const sockets = countSockets()
    await expect(fetcher().get(host.url('/file'), { sink: sha256Of, signal })).rejects.toThrow('too late')
    expect(sockets.count()).toBe(0)
    sockets.stop()
  })

  test('gets the error of its own sink', async () => {
    const attempt = fetcher().get(host.url('/file'), { sink: () => Promise.reject(new Error('disk full')) })
    await expect(attempt).rejects.toThrow('disk full')
  })

  test('gets the problem of the source although the sink hides it', async () => {
    const attempt = fetcher().get(host.url('/reset-in-body'), {
      sink: (body) => sha256Of(body).catch(() => 'never mind'),
    })
    await expect(attempt).rejects.toEqual(problem('fetch/incomplete'))
  })

  test('gets too-slow when a name server never answers', async () => {
    const lookup = (_name: string, signal: AbortSignal): Promise<never> =>
      new Promise((_, fail) => {
        signal.addEventListener('abort', () => fail(new Error('gave up')))
      })
    const attempt = fetcher({ lookup, timeoutMs: 200 }).get('http://media.test/', { sink: sha256Of })
    await expect(attempt).rejects.toEqual(problem('fetch/too-slow'))
  })
})
