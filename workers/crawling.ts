import { problemOfStatus } from '../services/core/fetch-problem.ts'
import { Problem } from '../services/core/problem.ts'
import { type Robots, readRobots } from '../services/openers/robots.ts'
import type { Tools } from './tools.ts'

/** Asked once an hour: sites change it seldom, and a page's links are followed within minutes. */
const KNOWN_MS = 3600_000
/** A site that cannot tell its rules now is asked again soon; the links that are followed meanwhile wait together. */
const UNKNOWN_MS = 3_000
/** Sites whose rules are known at once; the oldest are forgotten. */
const SITES_MAX = 1_000
/** Crawlers need not read more (RFC 9309, section 2.5). */
const ROBOTS_BYTES_MAX = 512 * 1024
const ROBOTS_TIMEOUT_MS = 15_000
/** As the rules of sites name us; the whole is sent with each request. */
const USER_AGENT = 'Earwitness'

interface Known {
  /** A problem when the site could not tell them. */
  readonly robots: Promise<Robots | Problem>
  until: number
}

/** By origin: scheme, host and port. */
const known = new Map<string, Known>()

/**
 * Whether a page that was found on another one may be asked for, by what its site says to crawlers (RFC 9309). A site
 * without rules says nothing against it; of one whose rules cannot be had now nothing is asked until it tells them.
 *
 * @throws {Problem} fetch/unreachable when its rules cannot be had now: worth another try. The reason of the signal.
 */
export async function mayFollow(
  { safeFetch }: Pick<Tools, 'safeFetch'>,
  url: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { origin } = new URL(url)
  const robots = await rulesOf(safeFetch, origin, signal)
  if (robots instanceof Problem) throw robots
  return robots.mayCrawl(url)
}

/**
 * Asks the site that a redirect leads to. @throws {Problem} watch/robots when it does not allow it; as `mayFollow`.
 */
export const requireAllowed =
  (tools: Pick<Tools, 'safeFetch'>, signal: AbortSignal) =>
  async (url: string): Promise<void> => {
    if (!(await mayFollow(tools, url, signal)))
      throw new Problem('watch/robots', 'It leads to a site whose robots.txt does not allow the address')
  }

function rulesOf(
  safeFetch: Tools['safeFetch'],
  origin: string,
  signal: AbortSignal,
): Promise<Robots | Problem> {
  const before = known.get(origin)
  if (before && Date.now() < before.until) return before.robots
  const asked: Known = { robots: askRobots(safeFetch, origin, signal), until: Date.now() + KNOWN_MS }
  known.delete(origin)
  known.set(origin, asked)
  for (const [oldest] of known) if (known.size > SITES_MAX) known.delete(oldest)
  asked.robots.then(
    (robots) => {
      if (robots instanceof Problem) asked.until = Date.now() + UNKNOWN_MS
    },
    // Whoever asked was stopped: the next page asks itself.
    () => known.delete(origin),
  )
  return asked.robots
}

const forbidsAll: Robots = { mayCrawl: () => false, delayMs: undefined }

/** What stands in the way of asking: RFC 9309, section 2.3.1.4, takes it for a site that forbids everything. */
const untold = (why: string, waitMs?: number): Problem =>
  new Problem('fetch/unreachable', `Its site cannot say now what crawlers may read: ${why}`, {
    ...(waitMs !== undefined && { waitMs }),
  })

async function askRobots(
  safeFetch: Tools['safeFetch'],
  origin: string,
  signal: AbortSignal,
): Promise<Robots | Problem> {
  const robotsUrl = `${origin}/robots.txt`
  try {
    const { status, headers, body } = await safeFetch.ask(robotsUrl, {
      method: 'GET',
      accept: 'text/plain',
      bytesMax: ROBOTS_BYTES_MAX,
      timeoutMs: ROBOTS_TIMEOUT_MS,
      signal,
    })
    const refusal =
      status >= 500 || status === 429 ? problemOfStatus(status, headers['retry-after']) : undefined
    if (refusal) return untold(`HTTP ${status}`, refusal.waitMs)
    return readRobots(status === 200 ? new TextDecoder().decode(body) : '', robotsUrl, USER_AGENT)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Problem)) throw error
    // What will never be reached, or is no text, forbids once and for all.
    return error.retry ? untold(error.message.toLowerCase()) : forbidsAll
  }
}
