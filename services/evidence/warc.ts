import { randomUUID } from 'node:crypto'

import { WARCRecord, WARCSerializer } from 'warcio'

import type { Capture } from '../submissions/captures.ts'

/** Larger bodies are left to the suspect's own file: an archive of web pages is held in memory while it is written. */
export const WARC_BODY_BYTES_MAX = 64 << 20
/** All bodies together: of a notice with a thousand locations the first ones. */
export const WARC_BODIES_BYTES_MAX = 256 << 20

/** What was seen at an address, with the bytes that came while they are held. */
export interface SeenCapture {
  readonly capture: Capture
  readonly body: Uint8Array | undefined
}

/** Reason phrases are not kept, and mean nothing; a status line has to have its place for one. */
const statusLine = (status: number): string => `HTTP/1.1 ${status} `

/** A body is kept without its codings: the headers that told them would not fit it any more. */
const CODINGS: ReadonlySet<string> = new Set(['content-encoding', 'transfer-encoding'])

function headersOf({ headers }: Capture, withBody: boolean): [string, string][] {
  const wasCoded = headers['content-encoding'] !== undefined
  const isOver = (name: string): boolean => CODINGS.has(name) || (wasCoded && name === 'content-length')
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((line): [string, string] => [
      withBody && isOver(name) ? `X-Orig-${name}` : name,
      // A header is one line; what a stranger sent was read by a parser that refuses others.
      line.replaceAll(/[\r\n]+/g, ' '),
    ]),
  )
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

/** The answer as a response record; without its body it says what the body's hash was, and that it was cut off. */
function responseOf({ capture, body }: SeenCapture): { record: WARCRecord; id: string } {
  const id = recordId()
  const record = WARCRecord.create(
    {
      warcVersion: 'WARC/1.1',
      type: 'response',
      url: capture.finalUrl,
      date: capture.startedAt.toISOString(),
      statusline: statusLine(capture.status),
      httpHeaders: headersOf(capture, body !== undefined),
      keepHeadersCase: true,
      warcHeaders: {
        'WARC-Record-ID': id,
        'WARC-IP-Address': capture.address,
        'WARC-Payload-Digest': `sha256:${capture.sha256}`,
        ...(body === undefined && { 'WARC-Truncated': 'unspecified' }),
      },
    },
    pieces(...(body ? [body] : [])),
  )
  return { record, id }
}

/** What is known of the visit besides the answer: redirects, connection, certificate. */
function metadataOf({ capture, body }: SeenCapture, concurrentTo: string): WARCRecord {
  const { requestedUrl, finalUrl, redirects, address, tls, startedAt, endedAt, sha256, bytes } = capture
  const facts = {
    requestedUrl,
    redirects,
    finalUrl,
    address,
    tls,
    startedAt,
    endedAt,
    payload: { sha256, bytes, held: body !== undefined },
    note:
      'Names of headers are in lower case and lines of the same name are joined, as they were recorded. ' +
      'The body is as it was after its content coding was undone.',
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

/**
 * A record of what was seen, as WARC 1.1 (ISO 28500), each record compressed by itself. For each capture it has the
 * answer and a metadata record; what was asked is not kept word by word, so there is no request record.
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
    const { record, id } = responseOf(each)
    records.push(await serialize(record), await serialize(metadataOf(each, id)))
  }
  return new Uint8Array(Buffer.concat(records))
}
