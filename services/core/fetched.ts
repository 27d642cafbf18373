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

/** The record of an answer, from its headers and what is known of the connection. */
export function headOf({
  url,
  tls,
  ...facts
}: Pick<FetchedHead, 'requestedUrl' | 'redirects' | 'status' | 'address' | 'port' | 'startedAt'> & {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly url: URL
  readonly tls: TlsFacts | undefined
}): FetchedHead {
  const headers: Record<string, string> = Object.fromEntries(
    [...facts.headers].slice(0, HEADERS_MAX).map(([name, values]) => [name, values.join(', ')]),
  )
  const contentType = /^[\w!#$&.+^-]+\/[\w!#$&.+^-]+/.exec(headers['content-type'] ?? '')?.[0]
  const fileName = fileNameOf(headers['content-disposition'], url)
  return {
    requestedUrl: facts.requestedUrl,
    finalUrl: url.href,
    status: facts.status,
    headers,
    redirects: facts.redirects,
    address: facts.address,
    port: facts.port,
    startedAt: facts.startedAt,
    ...(tls && { tls }),
    ...(contentType && { contentType: contentType.toLowerCase() }),
    ...(fileName && { fileName }),
  }
}
