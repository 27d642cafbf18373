import { createHash } from 'node:crypto'

import { expect } from 'vitest'

import type { RecordedRequest } from './recording-proxy.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
/** All that a private check may ask. */
const questions = [
  { method: 'GET', url: /^\/v1\/private-check\/leaks$/, body: /^$/ },
  { method: 'GET', url: new RegExp(`^/v1/private-check/manifests/${UUID}/buckets/[0-9a-f]{4}$`), body: /^$/ },
  {
    method: 'POST',
    url: new RegExp(`^/v1/private-check/manifests/${UUID}/buckets$`),
    body: /^\{"prefixes":\[("[0-9a-f]{4}",){0,499}"[0-9a-f]{4}"\]\}$/,
  },
] as const

/** The first 16 bits of an ISRC's hash. */
const prefixOf = (isrc: string): string => createHash('sha256').update(isrc).digest('hex').slice(0, 4)

/**
 * Holds what a client sent against what it may: questions of three forms, and in them no prefix but those of its list.
 * Then nothing else can be in it: no ISRC, no more of a hash, and no word about what was found.
 */
export function expectOnlyPrefixes(requests: readonly RecordedRequest[], isrcs: readonly string[]): void {
  const asked: string[] = []
  for (const { method, url, body, headers } of requests) {
    const isQuestion = questions.some(
      (form) => form.method === method && form.url.test(url) && form.body.test(body),
    )
    expect(isQuestion, `${method} ${url} ${body.slice(0, 200)}`).toBe(true)
    asked.push(
      ...(url.match(/(?<=\/buckets\/)[0-9a-f]{4}$/) ?? []),
      ...(body.match(/(?<=")[0-9a-f]{4}(?=")/g) ?? []),
    )
    const said = JSON.stringify(headers)
    for (const isrc of isrcs.slice(0, 100)) {
      expect(said).not.toContain(isrc)
      expect(said).not.toContain(createHash('sha256').update(isrc).digest('hex').slice(0, 8))
    }
  }
  expect([...new Set(asked)].toSorted()).toEqual([...new Set(isrcs.map(prefixOf))].toSorted())
}
