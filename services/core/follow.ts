import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'

import type { AddressPolicy, Target } from './addresses.ts'
import { parseTarget } from './addresses.ts'
import type { FetchedHead, SeenHop } from './fetched.ts'
import { headOf, keptHeaders } from './fetched.ts'
import type { Hop, HopOptions } from './hop.ts'
import { forbiddenAddress, openHop } from './hop.ts'
import { Problem } from './problem.ts'

/** One question to a name server, and how often it is asked; two unanswered rounds stay below a minute. */
const NAME_TIMEOUT_MS = 5_000
const NAME_TRIES = 2

/** Addresses of a name that are kept in its record: a large site has about ten, and all are checked, kept or not. */
const RESOLVED_KEPT_MAX = 50

/** All addresses of a name; empty when it has none. */
export type Lookup = (name: string, signal: AbortSignal) => Promise<readonly string[]>

/** How to get to an answer: what is asked, and what may be done on the way. */
export interface Way extends Pick<HopOptions, 'method' | 'body' | 'idleTimeoutMs' | 'extraAuthorities'> {
  readonly policy: AddressPolicy
  readonly lookup: Lookup | undefined
  /** Headers of the request to a target. Of another origin than the first they are asked for anew. */
  readonly headersFor: (target: URL) => Readonly<Record<string, string>>
  /** None are followed when undefined: a redirect is then an answer like any other. */
  readonly redirectsMax: number | undefined
  /** Called before a redirect is followed; what it throws ends the way. */
  readonly beforeRedirect: ((to: string) => Promise<void>) | undefined
  /** For everything, the receiver's work included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Goes to an address that a stranger chose, over its redirects, and gives the last answer to `receive`, with the
 * connection open. A name is resolved once for each hop, one private address among the answers forbids it, and the
 * socket connects to the addresses that were checked.
 *
 * @throws {Problem} one of `fetch/…`. An abort throws the signal's reason, a failing receiver its own error.
 */
export async function follow<Kept>(
  requestedUrl: string,
  way: Way,
  receive: (hop: Hop, head: FetchedHead) => Promise<Kept>,
): Promise<Kept> {
  const startedAt = new Date()
  const deadline = AbortSignal.timeout(way.timeoutMs)
  const signal = way.signal ? AbortSignal.any([way.signal, deadline]) : deadline
  const hops: SeenHop[] = []
  let target = parseTarget(requestedUrl)
  try {
    for (;;) {
      const { hop, seen } = await visit(target, way, signal)
      hops.push(seen)
      try {
        const next = way.redirectsMax === undefined ? undefined : redirectOf(hop, target)
        if (next === undefined)
          return await receive(hop, headOf({ requestedUrl, startedAt, hops, last: seen }))
        if (way.redirectsMax !== undefined && hops.length > way.redirectsMax)
          throw new Problem(
            'fetch/too-many-redirects',
            `More than ${way.redirectsMax} redirects were followed`,
          )
        await way.beforeRedirect?.(next.url.href)
        signal.throwIfAborted()
        target = next
      } finally {
        hop.close()
      }
    }
  } catch (error) {
    if (way.signal?.aborted) throw way.signal.reason
    if (!deadline.aborted) throw error
    const detail = `The file was not complete after ${way.timeoutMs / 1000} seconds`
    throw new Problem('fetch/too-slow', detail, { cause: error })
  }
}

/** Looks up where a target is, judges that, and asks there. */
async function visit(target: Target, way: Way, signal: AbortSignal): Promise<{ hop: Hop; seen: SeenHop }> {
  const { policy, method, body, idleTimeoutMs, extraAuthorities } = way
  const addresses = await checkedAddresses(target, way.lookup ?? lookUpName, policy, signal)
  const askedAt = new Date()
  const hop = await openHop(target, {
    method,
    body,
    addresses,
    permits: (address) => policy.permits(address, target.port),
    headers: way.headersFor(target.url),
    idleTimeoutMs,
    extraAuthorities,
    signal,
  })
  const seen: SeenHop = {
    url: target.url.href,
    request: hop.request,
    resolved: addresses.slice(0, RESOLVED_KEPT_MAX),
    address: hop.address,
    port: target.port,
    ...(hop.tls && { tls: hop.tls }),
    status: hop.status,
    headers: keptHeaders(hop.headers),
    askedAt,
    answeredAt: new Date(),
  }
  return { hop, seen }
}

/** The addresses of a target, all of them permitted. */
async function checkedAddresses(
  { host, port }: Target,
  lookup: Lookup,
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
