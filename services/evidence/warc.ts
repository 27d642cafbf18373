import { randomUUID } from 'node:crypto'

import { WARCRecord, WARCSerializer } from 'warcio'

import type { Capture, CapturedRequest } from '../submissions/captures.ts'

/** Larger bodies are left to the suspect's own file: an archive of web pages is held in memory while it is written. */
export const WARC_BODY_BYTES_MAX = 64 << 20
/** All bodies together: of a notice with a thousand locations the first ones. */
export const WARC_BODIES_BYTES_MAX = 256 << 20

/** What was seen at an address, with the bytes that were stored of it while they are held. */
export interface SeenCapture {
  readonly capture: Capture
  readonly body: Uint8Array | undefined
}

/** One request and its answer, as records tell of it. */
interface Exchange {
  readonly url: string
  readonly at: string
  readonly address: string | undefined
  /** Unknown of older captures. */
  readonly request: CapturedRequest | undefined
  readonly status: number
  readonly headers: Capture['headers']
  readonly body: Uint8Array | undefined
  /** Of the whole payload, as far as it is known. */
  readonly sha256: string | undefined
  /** Why the payload is not there, or not all of it: in the words of the standard. */
  readonly truncated: 'length' | 'unspecified' | undefined
}

const serialize = (record: WARCRecord): Promise<Uint8Array> =>
  WARCSerializer.serialize(record, {
    gzip: true,
    digest: { algo: 'sha-256', prefix: 'sha256:', base32: false },
  })

async function* pieces(...all: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* all
}

const recordId = (): string => `<urn:uuid:${randomUUID()}>`

/** A header is one line; what a stranger sent was read by a parser that refuses others. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ')

/** Reason phrases are not kept, and mean nothing; a status line has to have its place for one. */
const statusLine = (status: number): string => `HTTP/1.1 ${status} `

/** A body is kept without its codings: the headers that told them would not fit it any more. */
const CODINGS: ReadonlySet<string> = new Set(['content-encoding', 'transfer-encoding'])

function answerHeaders({ headers, body }: Exchange): [string, string][] {
  const wasCoded = headers['content-encoding'] !== undefined
  const isOver = (name: string): boolean => CODINGS.has(name) || (wasCoded && name === 'content-length')
  return Object.entries(headers).flatMap(([name, value]) =>
    [value]
      .flat()
      .map((line): [string, string] => [body && isOver(name) ? `X-Orig-${name}` : name, oneLine(line)]),
  )
}

/** The answer; without its body, or with a part of it, it says that it was cut off. */
const responseOf = (exchange: Exchange, id: string): WARCRecord =>
  WARCRecord.create(
    {
      warcVersion: 'WARC/1.1',
      type: 'response',
      url: exchange.url,
      date: exchange.at,
      statusline: statusLine(exchange.status),
      httpHeaders: answerHeaders(exchange),
      keepHeadersCase: true,
      warcHeaders: {
        'WARC-Record-ID': id,
        ...(exchange.address !== undefined && { 'WARC-IP-Address': exchange.address }),
        ...(exchange.sha256 !== undefined && { 'WARC-Payload-Digest': `sha256:${exchange.sha256}` }),
        ...(exchange.truncated && { 'WARC-Truncated': exchange.truncated }),
      },
    },
    pieces(...(exchange.body ? [exchange.body] : [])),
  )

const requestOf = (
  { url, at, address }: Exchange,
  { method, target, headers }: CapturedRequest,
  concurrentTo: string,
): WARCRecord =>
  WARCRecord.create(
    {
      warcVersion: 'WARC/1.1',
      type: 'request',
      url,
      date: at,
      statusline: `${method} ${target} HTTP/1.1`,
      httpHeaders: Object.entries(headers).map(([name, value]): [string, string] => [name, oneLine(value)]),
      keepHeadersCase: true,
      warcHeaders: {
        'WARC-Record-ID': recordId(),
        'WARC-Concurrent-To': concurrentTo,
        ...(address !== undefined && { 'WARC-IP-Address': address }),
      },
    },
    pieces(),
  )

/** Those that were redirected, the answer, and those for further parts: each with its bytes as far as they are held. */
function exchangesOf({ capture, body }: SeenCapture): {
  before: Exchange[]
  main: Exchange
  after: Exchange[]
} {
  const { read } = capture
  const before = capture.redirects.flatMap((redirect): Exchange[] => {
    const { url, status, address, request, headers, askedAt } = redirect
    if (!request || !headers || askedAt === undefined) return []
    const about = { url, at: askedAt, address, request, status, headers }
    return [{ ...about, body: undefined, sha256: undefined, truncated: 'unspecified' }]
  })
  const firstBytes = read && body ? body.subarray(0, lengthOfFirst(read)) : body
  const main: Exchange = {
    url: capture.finalUrl,
    at: capture.startedAt.toISOString(),
    address: capture.address,
    request: capture.request ?? undefined,
    status: capture.status,
    headers: capture.headers,
    body: firstBytes,
    sha256: read ? undefined : capture.sha256,
    truncated: read && read.totalBytes !== null ? 'length' : body ? undefined : 'unspecified',
  }
  const after = (read?.answers ?? []).map((answer): Exchange => {
    const { url, askedAt, address, request, status, headers, sha256 } = answer
    const part = read && body ? storedBytes(body, read, answer.from, answer.to) : undefined
    const about = { url, at: askedAt, address, request, status, headers, sha256 }
    return { ...about, body: part, truncated: part ? undefined : 'unspecified' }
  })
  return { before, main, after }
}

type Read = NonNullable<Capture['read']>

/** Bytes of the first answer: the stored ones before those that another answer brought. */
function lengthOfFirst({ parts, answers }: Read): number {
  const [first] = parts
  if (!first) return 0
  return Math.min(first.to + 1, ...answers.map(({ from }) => (from > 0 ? from : Infinity)))
}

/** A stretch of the file among the stored parts, which lie one after the other. */
function storedBytes(body: Uint8Array, { parts }: Read, from: number, to: number): Uint8Array | undefined {
  let at = 0
  for (const part of parts) {
    if (from >= part.from && to <= part.to)
      return body.subarray(at + from - part.from, at + to + 1 - part.from)
    at += part.to - part.from + 1
  }
  return undefined
}

/** What is known of the visit besides requests and answers: connection, names, clock, certificate, what was read. */
function metadataOf({ capture, body }: SeenCapture, concurrentTo: string): WARCRecord {
  const { requestedUrl, finalUrl, redirects, address, tls, startedAt, endedAt, sha256, bytes } = capture
  const { names, clockOffsetMs, read, pictureSha256 } = capture
  const facts = {
    requestedUrl,
    redirects: redirects.map((redirect) => ({
      url: redirect.url,
      status: redirect.status,
      address: redirect.address,
    })),
    finalUrl,
    address,
    names,
    clockOffsetMs,
    tls,
    startedAt,
    endedAt,
    payload: { sha256, bytes, held: body !== undefined },
    ...(read && {
      read: { totalBytes: read.totalBytes, durationMs: read.durationMs, parts: read.parts },
    }),
    ...(pictureSha256 !== null && { pictureSha256 }),
    note:
      'Names of headers are in lower case and lines of the same name are joined, as they were recorded. ' +
      'The body is as it was after its content coding was undone.' +
      (read ? ' Of the file only the parts were read; the payload is these parts, one after the other.' : ''),
  }
  return WARCRecord.create(
    {
      warcVersion: 'WARC/1.1',
      type: 'metadata',
      url: finalUrl,
      date: startedAt.toISOString(),
      warcHeaders: {
        'WARC-Record-ID': recordId(),
        'WARC-Concurrent-To': concurrentTo,
        'WARC-IP-Address': address,
        'Content-Type': 'application/json',
      },
    },
    pieces(new TextEncoder().encode(JSON.stringify(facts, undefined, 2))),
  )
}

/** A request and its answer, of the same moment; of older captures the answer alone. */
async function recordsOf(exchange: Exchange, id: string): Promise<Uint8Array[]> {
  const response = await serialize(responseOf(exchange, id))
  return exchange.request
    ? [await serialize(requestOf(exchange, exchange.request, id)), response]
    : [response]
}

/**
 * A record of what was seen, as WARC 1.1 (ISO 28500), each record compressed by itself. For each capture it has every
 * request with its answer, in their order: those that were redirected, the one that was answered with a metadata record,
 * and those for further parts.
 *
 * @param software name and version of what made it.
 */
export async function warcOf(seen: readonly SeenCapture[], software: string, at: Date): Promise<Uint8Array> {
  const info = WARCRecord.createWARCInfo(
    { warcVersion: 'WARC/1.1', filename: 'capture.warc.gz', date: at.toISOString() },
    { software, format: 'WARC File Format 1.1', conformsTo: 'ISO 28500:2017' },
  )
  const records = [await serialize(info)]
  for (const each of seen) {
    const { before, main, after } = exchangesOf(each)
    for (const exchange of before) records.push(...(await recordsOf(exchange, recordId())))
    const id = recordId()
    records.push(...(await recordsOf(main, id)), await serialize(metadataOf(each, id)))
    for (const exchange of after) records.push(...(await recordsOf(exchange, recordId())))
  }
  return new Uint8Array(Buffer.concat(records))
}
