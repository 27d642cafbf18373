import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

import type { AddressPolicy, Target } from './addresses.ts'
import { createAddressPolicy, parseTarget } from './addresses.ts'
import { problemOfStatus, toFetchProblem } from './fetch-problem.ts'
import type { Fetched, FetchedHead, Redirect } from './fetched.ts'
import { headOf } from './fetched.ts'
import type { Hop } from './hop.ts'
import { forbiddenAddress, openHop } from './hop.ts'
import { Problem } from './problem.ts'

/** One question to a name server, and how often it is asked; two unanswered rounds stay below a minute. */
const NAME_TIMEOUT_MS = 5_000
const NAME_TRIES = 2

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
  readonly lookup?: (name: string, signal: AbortSignal) => Promise<readonly string[]>
}

export interface FetchRequest<Kept> {
  /** Consumes the body as it arrives, at its own pace. It should let the body's errors pass. */
  readonly sink: (body: AsyncIterable<Uint8Array>) => Promise<Kept>
  readonly signal?: AbortSignal
  /** Media types asked for. Default: anything. */
  readonly accept?: string
  /** Sees every answer that is no redirect before it is judged: refusals too, which are evidence as well. */
  readonly onResponse?: (head: FetchedHead) => void
}

export interface SafeFetch {
  /**
   * Fetches a file from an address that a stranger chose.
   *
   * @throws {Problem} one of `fetch/…`. The detail is written for the person who gave the address and does not
   *   tell what a name resolved to. An abort throws the signal's reason, a failing sink its own error.
   */
  get<Kept>(url: string, request: FetchRequest<Kept>): Promise<Fetched<Kept>>
}

/**
 * The only way out of the system. It reaches public addresses only: a name is resolved once for each hop, one
 * private address among the answers forbids it, and the socket connects to the addresses that were checked, so
 * that a name which changes its mind gains nothing. Each hop is a connection of its own; proxies from the
 * environment, cookies and credentials are not used.
 */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const policy = createAddressPolicy(options.allowAddresses)
  return {
    async get(requestedUrl, request) {
      const startedAt = new Date()
      const deadline = AbortSignal.timeout(options.timeoutMs)
      const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline
      const redirects: Redirect[] = []
      let target = parseTarget(requestedUrl)
      try {
        for (;;) {
          const hop = await visit(target, { options, policy, signal, accept: request.accept ?? '*/*' })
          try {
            const next = redirectOf(hop, target)
            if (next === undefined) {
              const head = headOf({ requestedUrl, redirects, startedAt, ...hop, ...target })
              return await receive(hop, head, request, options.bytesMax)
            }
            redirects.push({ url: target.url.href, status: hop.status, address: hop.address })
            if (redirects.length > options.redirectsMax)
              throw new Problem(
                'fetch/too-many-redirects',
                `More than ${options.redirectsMax} redirects were followed`,
              )
            target = next
          } finally {
            hop.close()
          }
        }
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        if (!deadline.aborted) throw error
        const detail = `The file was not complete after ${options.timeoutMs / 1000} seconds`
        throw new Problem('fetch/too-slow', detail, { cause: error })
      }
    },
  }
}

interface Visit {
  readonly options: SafeFetchOptions
  readonly policy: AddressPolicy
  readonly signal: AbortSignal
  readonly accept: string
}

/** Looks up where a target is, judges that, and asks there. */
async function visit(target: Target, { options, policy, signal, accept }: Visit): Promise<Hop> {
  return openHop(target, {
    addresses: await checkedAddresses(target, options.lookup ?? lookUpName, policy, signal),
    permits: (address) => policy.permits(address, target.port),
    headers: { 'user-agent': options.userAgent, accept, 'accept-encoding': 'identity' },
    idleTimeoutMs: options.idleTimeoutMs,
    extraAuthorities: options.extraAuthorities,
    signal,
  })
}

/** The addresses of a target, all of them permitted. */
async function checkedAddresses(
  { host, port }: Target,
  lookup: NonNullable<SafeFetchOptions['lookup']>,
  policy: AddressPolicy,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = isIP(host) ? [host] : await lookup(host, signal)
  signal.throwIfAborted()
  if (addresses.length === 0) throw new Problem('fetch/unreachable', 'The name of the source has no address')
  if (!addresses.every((address) => policy.permits(address, port))) throw forbiddenAddress()
  return addresses
}

/**
 * Asks the name servers without the operating system's resolver: that one blocks a thread which file access needs
 * as well, for as long as a hostile name server likes. `localhost` names are answered as RFC 6761 says.
 */
async function lookUpName(name: string, signal: AbortSignal): Promise<readonly string[]> {
  if (/(?:^|\.)localhost\.?$/i.test(name)) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: NAME_TIMEOUT_MS, tries: NAME_TRIES })
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  signal.removeEventListener('abort', cancel)
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Where an answer sends us, judged like an address given by a stranger; undefined when it is no redirect. */
function redirectOf({ status, headers }: Hop, { url }: Target): Target | undefined {
  if (!redirectStatuses.has(status)) return undefined
  const [location, another] = headers.get('location') ?? []
  if (location === undefined || another !== undefined)
    throw new Problem('fetch/refused', 'The source redirects without saying where to')
  // Headers are read as Latin-1, but hosts write UTF-8.
  return parseTarget(Buffer.from(location, 'latin1').toString('utf8'), url)
}

/** Judges the answer, gives its body to the sink and counts what passes. */
async function receive<Kept>(
  hop: Hop,
  head: FetchedHead,
  request: FetchRequest<Kept>,
  bytesMax: number,
): Promise<Fetched<Kept>> {
  request.onResponse?.(head)
  const refusal = problemOfStatus(head.status)
  if (refusal) throw refusal
  if (Number(head.headers['content-length'] ?? 0) > bytesMax) throw tooLarge(bytesMax)
  const body = decoded(limited(hop.body, bytesMax), hop.headers.get('content-encoding')?.join(', '))

  let bytes = 0
  let complete = false
  let failure: unknown
  async function* measured(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of limited(body, bytesMax)) {
        bytes += chunk.length
        yield chunk
      }
      if (bytes === 0) throw new Problem('fetch/empty', 'The source sent no bytes')
      complete = true
    } catch (error) {
      failure = toFetchProblem(error, 'body')
      throw failure
    }
  }
  try {
    const kept = await request.sink(measured())
    if (failure === undefined) return { ...head, endedAt: new Date(), bytes, complete, kept }
  } catch (error) {
    // What the sink makes of a broken body is of no interest; a fault of its own is.
    if (failure === undefined) throw error
  }
  throw failure
}

const tooLarge = (bytesMax: number): Problem =>
  new Problem('fetch/too-large', `The file is larger than ${bytesMax} bytes`)

/** Passes bytes on until there are too many of them. */
async function* limited(body: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) throw tooLarge(bytesMax)
    yield chunk
  }
}

/** Some sources compress although `identity` was asked for. */
const decoders: ReadonlyMap<string, () => Duplex> = new Map<string, () => Duplex>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

function decoded(body: AsyncIterable<Uint8Array>, coding = 'identity'): AsyncIterable<Uint8Array> {
  if (coding.trim().toLowerCase() === 'identity' || coding === '') return body
  const decoder = decoders.get(coding.trim().toLowerCase())
  if (!decoder) throw new Problem('fetch/refused', 'The source uses a compression that is not known here')
  // Whoever reads the decoder meets its errors and the body's, so the callback has nothing to add.
  return pipeline(body, decoder(), () => undefined)
}
