import { createAddressPolicy, parseTarget } from './addresses.ts'
import type { Answer, AskRequest } from './ask.ts'
import { askHeaders, readAnswer } from './ask.ts'
import { decoded, limited, tooLarge } from './body.ts'
import { problemOfStatus, toFetchProblem } from './fetch-problem.ts'
import type { Fetched, FetchedHead } from './fetched.ts'
import type { Lookup } from './follow.ts'
import { follow } from './follow.ts'
import type { Hop } from './hop.ts'
import { Problem } from './problem.ts'
import type { PartWanted } from './ranges.ts'
import { rangeHeaders, sentPart, wrongPart } from './ranges.ts'

export type { PartWanted } from './ranges.ts'

export interface SafeFetchOptions {
  /** Of the body, both as sent and after decompression. */
  readonly bytesMax: number
  /** For the whole fetch with its redirects, the sink's work included. */
  readonly timeoutMs: number
  /** The longest silence: while connecting, before the headers, within the body. */
  readonly idleTimeoutMs: number
  readonly redirectsMax: number
  readonly userAgent: string
  /** Exceptions for tests and demonstration hosts; see `createAddressPolicy`. */
  readonly allowAddresses?: readonly string[]
  /** Authorities (PEM) trusted besides the public ones, for the same purpose. */
  readonly extraAuthorities?: readonly string[]
  /** All addresses of a name; empty when it has none. Default: the name servers of this machine. */
  readonly lookup?: Lookup
}

export interface FetchRequest<Kept> {
  /** Consumes the body as it arrives, at its own pace. It should let the body's errors pass. */
  readonly sink: (body: AsyncIterable<Uint8Array>, head: FetchedHead) => Promise<Kept>
  readonly signal?: AbortSignal
  /** Media types asked for. Default: anything. */
  readonly accept?: string
  /** Sees every answer that is no redirect before it is judged: refusals too, which are evidence as well. */
  readonly onResponse?: (head: FetchedHead) => void
  /** Called before a redirect is followed, which counts as part of the fetch; what it throws ends that. */
  readonly beforeRedirect?: ((to: string) => Promise<void>) | undefined
  /**
   * Asks for a part of a file that was met before. The sink gets that part, and its head says so (`range`); or the whole
   * file, when the source gives no parts or the file has changed meanwhile.
   */
  readonly range?: PartWanted
}

export interface SafeFetch {
  /**
   * Fetches a file from an address that a stranger chose.
   *
   * @throws {Problem} one of `fetch/…`; `fetch/wrong-part` when another part is sent than was asked for. The detail is
   *   written for the person who gave the address and does not tell what a name resolved to. An abort throws the signal's reason, a failing sink its own error.
   */
  get<Kept>(url: string, request: FetchRequest<Kept>): Promise<Fetched<Kept>>

  /**
   * Asks a server and reads its whole answer, of any status: a refusal is an answer, and none is thrown. GET and HEAD
   * follow redirects, POST never does: where it is sent to is then for the caller to judge.
   *
   * @throws {Problem} `fetch/…` when there is no complete answer within the limits. An abort throws its reason.
   */
  ask(url: string, request: AskRequest): Promise<Answer>
}

/**
 * The only way out of the system. It reaches public addresses only: a name is resolved once for each hop, one
 * private address among the answers forbids it, and the socket connects to the addresses that were checked, so
 * that a name which changes its mind gains nothing. Each hop is a connection of its own; proxies from the
 * environment, cookies and credentials are not used.
 */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const { bytesMax, timeoutMs, redirectsMax, userAgent } = options
  const common = {
    policy: createAddressPolicy(options.allowAddresses),
    lookup: options.lookup,
    idleTimeoutMs: options.idleTimeoutMs,
    extraAuthorities: options.extraAuthorities,
  }
  return {
    get(url, request) {
      const headers = {
        'user-agent': userAgent,
        accept: request.accept ?? '*/*',
        'accept-encoding': 'identity',
        ...(request.range && rangeHeaders(request.range)),
      }
      const way = {
        ...common,
        method: 'GET',
        body: undefined,
        headersFor: () => headers,
        redirectsMax,
        beforeRedirect: request.beforeRedirect,
        timeoutMs,
        signal: request.signal,
      } as const
      return follow(url, way, (hop, head) => receive(hop, head, request, bytesMax))
    },

    async ask(url, request) {
      const { method, body, signal } = request
      const way = {
        ...common,
        method,
        body,
        headersFor: askHeaders(parseTarget(url).url, request, userAgent),
        redirectsMax:
          method === 'POST' ? undefined : Math.min(redirectsMax, request.redirectsMax ?? redirectsMax),
        beforeRedirect: request.beforeRedirect,
        timeoutMs: Math.min(timeoutMs, request.timeoutMs ?? timeoutMs),
        signal,
      }
      return follow(url, way, (hop, head) => readAnswer(hop, head, request))
    },
  }
}

/** Judges the answer, gives its body to the sink and counts what passes. */
async function receive<Kept>(
  hop: Hop,
  answered: FetchedHead,
  request: FetchRequest<Kept>,
  bytesMax: number,
): Promise<Fetched<Kept>> {
  request.onResponse?.(answered)
  const range = request.range && sentPart(answered, request.range)
  const refusal = range ? undefined : problemOfStatus(answered.status, answered.headers['retry-after'])
  if (refusal) throw refusal
  const head = { ...answered, ...(range && { range }) }
  if (Number(head.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
  const body = decoded(limited(hop.body, bytesMax), hop.headers.get('content-encoding')?.join(', '))

  let bytes = 0
  let complete = false
  let failure: unknown
  async function* measured(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of limited(body, bytesMax)) {
        bytes += chunk.length
        if (range && bytes > range.to - range.from + 1) throw wrongPart('more of it')
        yield chunk
      }
      if (range && bytes < range.to - range.from + 1) throw wrongPart('less of it')
      if (bytes === 0) throw new Problem('fetch/empty', 'The source sent no bytes')
      complete = true
    } catch (error) {
      failure = toFetchProblem(error, 'body')
      throw failure
    }
  }
  try {
    const kept = await request.sink(measured(), head)
    if (failure === undefined) return { ...head, endedAt: new Date(), bytes, complete, kept }
  } catch (error) {
    // What the sink makes of a broken body is of no interest; a fault of its own is.
    if (failure === undefined) throw error
  }
  throw failure
}
