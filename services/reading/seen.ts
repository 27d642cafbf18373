import { createHash } from 'node:crypto'

import type { Fetched, FetchedHead, SeenHop } from '../core/fetched.ts'
import { Sha256 } from '../core/ids.ts'
import type { CapturedRead, NewCapture, PartAnswer } from '../submissions/captures.ts'
import type { PartsRead } from '../submissions/parts-read.ts'

/** Answers to further requests that are kept with a capture: of a long stream the first ones show how it was served. */
const ANSWERS_KEPT_MAX = 40

/** One answer as a capture keeps it. @param from where its bytes lie, as the parts of the capture count. */
export function partAnswerOf({ hops }: FetchedHead, from: number, bytes: Uint8Array): PartAnswer {
  const last = hops.at(-1)!
  return {
    url: last.url,
    request: last.request,
    status: last.status,
    headers: { ...last.headers },
    address: last.address,
    askedAt: last.askedAt.toISOString(),
    from,
    to: from + bytes.length - 1,
    sha256: Sha256.parse(createHash('sha256').update(bytes).digest('hex')),
  }
}

/** What is kept of how parts were read. */
export const capturedRead = (read: PartsRead, answers: readonly PartAnswer[]): CapturedRead => ({
  ...read,
  answers: answers.slice(0, ANSWERS_KEPT_MAX),
})

/** The addresses of every host that was asked; the last answer of a name that was asked twice. */
const namesOf = (hops: readonly SeenHop[]): Record<string, string[]> =>
  Object.fromEntries(hops.map(({ url, resolved }) => [new URL(url).hostname, [...resolved]]))

/** What was seen at an address. @param kept what was stored of it. */
export function captureOf(
  fetched: Fetched,
  kept: Pick<NewCapture, 'sha256' | 'bytes' | 'endedAt' | 'read' | 'bodyHeld'>,
): NewCapture {
  const { requestedUrl, finalUrl, status, headers, address, tls, startedAt, clockOffsetMs, hops } = fetched
  return {
    requestedUrl,
    finalUrl,
    redirects: hops.slice(0, -1).map(({ url, status, address, request, headers, askedAt }) => ({
      url,
      status,
      address,
      request,
      headers: { ...headers },
      askedAt: askedAt.toISOString(),
    })),
    status,
    headers: { ...headers },
    address,
    tls: tls ? { ...tls } : null,
    startedAt,
    request: hops.at(-1)!.request,
    names: namesOf(hops),
    clockOffsetMs: clockOffsetMs ?? null,
    ...kept,
  }
}
