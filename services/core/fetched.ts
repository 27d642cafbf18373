import type { TLSSocket } from 'node:tls'

import { fileNameOf } from './file-name.ts'

/** Headers kept in a capture record. A large site sends about 40. */
const HEADERS_MAX = 100

/** Names in certificates are free text written by strangers. */
const CERTIFICATE_NAME_LENGTH_MAX = 500

export interface Redirect {
  readonly url: string
  readonly status: number
  readonly address: string
}

/** A request as it was sent: its first line's method and target, and its header lines. */
export interface SentRequest {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

/** One request on the way to an answer, and what came back. */
export interface SeenHop {
  readonly url: string
  readonly request: SentRequest
  /** All addresses that name servers gave for the host; of a host that is an address itself, that one. */
  readonly resolved: readonly string[]
  readonly address: string
  readonly port: number
  readonly tls?: TlsFacts
  readonly status: number
  /** As in `FetchedHead`. */
  readonly headers: Readonly<Record<string, string>>
  readonly askedAt: Date
  /** When the headers of the answer had come. */
  readonly answeredAt: Date
}

/** A stretch of a file, in bytes, both ends within. */
export interface ByteRange {
  readonly from: number
  readonly to: number
}

/** Who the source claimed to be; the certificate was verified before anything was sent. */
export interface TlsFacts {
  readonly protocol: string
  readonly subject: string
  readonly issuer: string
  readonly validFrom: Date
  readonly validTo: Date
  /** SHA-256 of the certificate, as colon-separated upper-case hex. */
  readonly fingerprint256: string
}

/** What is known of an answer when its headers have come. */
export interface FetchedHead {
  readonly requestedUrl: string
  readonly finalUrl: string
  readonly status: number
  /** Lower-case names, values as Latin-1; repeated headers are joined by a comma. At most 100, 16 KiB in all. */
  readonly headers: Readonly<Record<string, string>>
  readonly redirects: readonly Redirect[]
  /** Where the answer came from: the socket's remote address and port. */
  readonly address: string
  readonly port: number
  readonly tls?: TlsFacts
  /** Media type as claimed, without parameters. */
  readonly contentType?: string
  /** A name made safe, see `sanitiseFileName`. */
  readonly fileName?: string
  readonly startedAt: Date
  /** Every request of the way: those that were redirected in their order, and last the one that was answered. */
  readonly hops: readonly SeenHop[]
  /** By how much the source's clock (its Date header, whole seconds) is ahead of ours, in ms. */
  readonly clockOffsetMs?: number
  /** The part of the file that was sent, and the length of the whole if told: of an answer to a request for a part. */
  readonly range?: ByteRange & { readonly totalBytes?: number }
}

export interface Fetched<Kept = unknown> extends FetchedHead {
  readonly endedAt: Date
  /** Bytes given to the sink, after decompression. */
  readonly bytes: number
  /** False when the sink stopped reading before the end. */
  readonly complete: boolean
  /** What the sink answered. */
  readonly kept: Kept
}

/** Reads the certificate of a connected socket; undefined when the other side showed none. */
export function tlsFactsOf(socket: TLSSocket): TlsFacts | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return undefined
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    subject: certificate.subject.slice(0, CERTIFICATE_NAME_LENGTH_MAX),
    issuer: certificate.issuer.slice(0, CERTIFICATE_NAME_LENGTH_MAX),
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    fingerprint256: certificate.fingerprint256,
  }
}

/**
 * The header lines of an answer by lower-case name, in order of appearance. Made from Node's raw list (name, value,
 * name, value …), for its objects drop some repeated headers and know names such as `__proto__` beforehand.
 */
export function headersOf(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i]?.toLowerCase(), raw[i + 1]]
    const lines = headers.get(name)
    if (lines) lines.push(value)
    else headers.set(name, [value])
  }
  return headers
}

/** Headers as they are kept. */
export const keptHeaders = (headers: ReadonlyMap<string, readonly string[]>): Record<string, string> =>
  Object.fromEntries([...headers].slice(0, HEADERS_MAX).map(([name, values]) => [name, values.join(', ')]))

/** As far as the database's number goes, 24 days; a clock that is further off is none. */
const CLOCK_OFFSET_MS_MAX = 2 ** 31 - 1

function clockOffsetOf({ headers, answeredAt }: SeenHop): number | undefined {
  const offsetMs = Date.parse(headers['date'] ?? '') - answeredAt.getTime()
  return Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX ? offsetMs : undefined
}

/** The record of an answer, from the requests that led to it. */
export function headOf({
  requestedUrl,
  startedAt,
  hops,
  last,
}: Pick<FetchedHead, 'requestedUrl' | 'startedAt' | 'hops'> & { readonly last: SeenHop }): FetchedHead {
  const { headers, tls } = last
  const clockOffsetMs = clockOffsetOf(last)
  const contentType = /^[\w!#$&.+^-]+\/[\w!#$&.+^-]+/.exec(headers['content-type'] ?? '')?.[0]
  const fileName = fileNameOf(headers['content-disposition'], new URL(last.url))
  return {
    requestedUrl,
    finalUrl: last.url,
    status: last.status,
    headers,
    redirects: hops
      .filter((hop) => hop !== last)
      .map(({ url, status, address }) => ({ url, status, address })),
    address: last.address,
    port: last.port,
    startedAt,
    hops,
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    ...(tls && { tls }),
    ...(contentType && { contentType: contentType.toLowerCase() }),
    ...(fileName && { fileName }),
  }
}
