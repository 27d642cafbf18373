import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ProblemType } from '../../services/core/problem.ts'
import type { FetchRequest, SafeFetchOptions } from '../../services/core/safe-fetch.ts'
import { createSafeFetch } from '../../services/core/safe-fetch.ts'
import { fetchLimits, problem, sha256Of } from '../support/fetching.ts'
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

describe('a hostile source', () => {
  test.each<[path: string, type: ProblemType]>([
    ['/redirects/9', 'fetch/too-many-redirects'],
    ['/redirect-loop', 'fetch/too-many-redirects'],
    ['/redirect-nowhere', 'fetch/refused'],
    ['/401', 'fetch/refused'],
    ['/403', 'fetch/refused'],
    ['/404', 'fetch/refused'],
    ['/410', 'fetch/refused'],
    ['/429', 'fetch/unreachable'],
    ['/500', 'fetch/unreachable'],
    ['/503', 'fetch/unreachable'],
    ['/206', 'fetch/incomplete'],
    ['/empty', 'fetch/empty'],
    ['/no-content', 'fetch/empty'],
    ['/too-long-told', 'fetch/too-large'],
    ['/shorter-than-told', 'fetch/incomplete'],
    ['/broken-chunks', 'fetch/incomplete'],
    ['/malformed-chunks', 'fetch/incomplete'],
    ['/reset-at-once', 'fetch/unreachable'],
    ['/reset-in-body', 'fetch/incomplete'],
    ['/no-http', 'fetch/unreachable'],
    ['/silent', 'fetch/too-slow'],
    ['/stall-after-headers', 'fetch/too-slow'],
    ['/stall-in-body', 'fetch/too-slow'],
    ['/drip-forever', 'fetch/too-slow'],
    ['/endless', 'fetch/too-large'],
    ['/huge-chunk', 'fetch/too-large'],
    ['/header-flood', 'fetch/too-large'],
    ['/gzip-cut', 'fetch/incomplete'],
    ['/gzip-lie', 'fetch/incomplete'],
    ['/gzip-bomb', 'fetch/too-large'],
    ['/gzip-of-nothing', 'fetch/too-large'],
    ['/unknown-coding', 'fetch/refused'],
  ])('%s ends as %s', async (path, type) => {
    const began = Date.now()
    let kept = 0
    const attempt = fetcher().get(host.url(path), {
      async sink(body) {
        for await (const chunk of body) kept += chunk.length
      },
    })
    await expect(attempt).rejects.toEqual(problem(type))
    expect(Date.now() - began).toBeLessThan(fetchLimits.timeoutMs + 500)
    expect(kept).toBeLessThanOrEqual(fetchLimits.bytesMax)
  })

  test.each(['/silent', '/stall-after-headers', '/stall-in-body'])(
    'with %s is left long before the whole time is over',
    async (path) => {
      const began = Date.now()
      const attempt = fetcher({ timeoutMs: 10_000 }).get(host.url(path), { sink: sha256Of })
      await expect(attempt).rejects.toEqual(problem('fetch/too-slow'))
      expect(Date.now() - began).toBeLessThan(3_000)
    },
  )

  test('that sends more than it told is read as far as it told', async () => {
    const fetched = await fetcher().get(host.url('/longer-than-told'), { sink: sha256Of })
    expect(fetched).toMatchObject({ bytes: 4, complete: true })
  })

  test('that redirects with an endless body is followed without reading it', async () => {
    const fetched = await fetcher().get(host.url('/redirect-endless-body'), { sink: sha256Of })
    expect(fetched.kept).toBe(hashOfFile)
  })

  test('that refuses is seen by onResponse, as evidence', async () => {
    const statuses: number[] = []
    const request: FetchRequest<string> = { sink: sha256Of, onResponse: (head) => statuses.push(head.status) }
    await expect(fetcher().get(host.url('/410'), request)).rejects.toThrow(/410/)
    expect(statuses).toEqual([410])
  })

  test('that nobody listens for is unreachable', async () => {
    const gone = await startHostileHost()
    await gone.close()
    const attempt = fetcher({ allowAddresses: gone.addresses }).get(gone.url('/file'), { sink: sha256Of })
    await expect(attempt).rejects.toEqual(problem('fetch/unreachable'))
  })

  test.each(['/endless', '/gzip-bomb'])('does not fill the memory with %s', async (path) => {
    const before = process.memoryUsage().rss
    let peak = 0
    let bytes = 0
    const attempt = fetcher({ bytesMax: 200 * MEBIBYTE, timeoutMs: 20_000 }).get(host.url(path), {
      async sink(body) {
        for await (const chunk of body) {
          bytes += chunk.length
          peak = Math.max(peak, process.memoryUsage().rss)
        }
      },
    })
    await expect(attempt).rejects.toEqual(problem('fetch/too-large'))
    expect(bytes).toBeGreaterThan(190 * MEBIBYTE)
    expect(peak - before).toBeLessThan(100 * MEBIBYTE)
  })

  test('waits while the sink is busy, instead of being read ahead', async () => {
    const before = process.memoryUsage().rss
    let grown = 0
    await fetcher({ bytesMax: 1024 * MEBIBYTE }).get(host.url('/endless'), {
      async sink(body) {
        for await (const _chunk of body) {
          await sleep(400)
          grown = process.memoryUsage().rss - before
          return
        }
      },
    })
    expect(grown).toBeLessThan(50 * MEBIBYTE)
  })
})
