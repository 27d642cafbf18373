import { Problem } from '../services/core/problem.ts'
import { type Robots, readRobots } from '../services/openers/robots.ts'
import type { Tools } from './tools.ts'

/** Asked once an hour: sites change it seldom, and a page's links are followed within minutes. */
const KNOWN_MS = 3600_000
/** Sites whose rules are known at once; the oldest are forgotten. */
const SITES_MAX = 1_000
/** Crawlers need not read more (RFC 9309, section 2.5). */
const ROBOTS_BYTES_MAX = 512 * 1024
const ROBOTS_TIMEOUT_MS = 15_000
/** As the rules of sites name us; the whole is sent with each request. */
const USER_AGENT = 'Earwitness'

interface Known {
  readonly robots: Promise<Robots>
  readonly at: number
}

/** By origin: scheme, host and port. */
const known = new Map<string, Known>()

/**
 * Whether a page that was found on another one may be asked for, by what its site says to crawlers (RFC 9309). A site
 * without rules says nothing against it; of one whose rules cannot be had now nothing is asked.
 *
 * @throws the reason of the signal.
 */
export async function mayFollow(
  { safeFetch }: Pick<Tools, 'safeFetch'>,
  url: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { origin } = new URL(url)
  const before = known.get(origin)
  if (before && Date.now() - before.at < KNOWN_MS) return (await before.robots).mayCrawl(url)
  const robots = askRobots(safeFetch, origin, signal)
  known.delete(origin)
  known.set(origin, { robots, at: Date.now() })
  for (const [oldest] of known) if (known.size > SITES_MAX) known.delete(oldest)
  // What was not answered is asked again by the next page.
  robots.catch(() => known.delete(origin))
  return (await robots).mayCrawl(url)
}

const forbidsAll: Robots = { mayCrawl: () => false, delayMs: undefined }

async function askRobots(
  safeFetch: Tools['safeFetch'],
  origin: string,
  signal: AbortSignal,
): Promise<Robots> {
  const robotsUrl = `${origin}/robots.txt`
  try {
    const { status, body } = await safeFetch.ask(robotsUrl, {
      method: 'GET',
      accept: 'text/plain',
      bytesMax: ROBOTS_BYTES_MAX,
      timeoutMs: ROBOTS_TIMEOUT_MS,
      signal,
    })
    if (status >= 500 || status === 429) return forbidsAll
    return readRobots(status === 200 ? new TextDecoder().decode(body) : '', robotsUrl, USER_AGENT)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Problem) return forbidsAll
    throw error
  }
}
