import robotsParser from 'robots-parser'

/** The package's types are of a module with a default export; what it exports is the function itself. */
const parse = robotsParser as unknown as typeof robotsParser.default

/** Crawlers need not read more (RFC 9309, section 2.5). */
const ROBOTS_LENGTH_MAX = 500 * 1024
/** Rules with wildcards are held against an address character by character: so many of such a length take no time. */
const WILDCARD_RULES_MAX = 200
const WILDCARD_RULE_LENGTH_MAX = 300
/** Who asks for longer pauses than a minute is asked once a minute all the same, and few times in all. */
const DELAY_MAX_MS = 60_000

/** What a site's `robots.txt` says to one crawler. */
export interface Robots {
  /** Whether an address of the site may be asked for; what is said of nobody may be. */
  readonly mayCrawl: (url: string) => boolean
  /** Pause between two requests that it asks for. */
  readonly delayMs: number | undefined
}

/**
 * Reads a site's `robots.txt` (RFC 9309). It is asked before pages are followed on from a submitted one, never about the
 * submitted address itself: a person handed that in.
 *
 * @param robotsUrl where it was fetched; rules hold for that scheme, host and port alone, and nothing else may be crawled.
 * @param userAgent as it is sent; its first word is what rules are for.
 */
export function readRobots(text: string, robotsUrl: string, userAgent: string): Robots {
  const rules = text.slice(0, ROBOTS_LENGTH_MAX)
  const wild = rules.split(/[\r\n]+/).filter((line) => line.includes('*') && !/^\s*user-agent\b/i.test(line))
  const isTooMuch =
    wild.length > WILDCARD_RULES_MAX || wild.some(({ length }) => length > WILDCARD_RULE_LENGTH_MAX)
  const robots = parse(robotsUrl, rules)
  const delayS = robots.getCrawlDelay(userAgent)
  const isDelay = delayS !== undefined && Number.isFinite(delayS) && delayS > 0
  return {
    // Rules that would take long to follow are followed by staying away.
    mayCrawl: (url) => !isTooMuch && (robots.isAllowed(url, userAgent) ?? false),
    delayMs: isDelay ? Math.min(DELAY_MAX_MS, Math.round(delayS * 1_000)) : undefined,
  }
}

/** Whether a crawler may ask for an address, by the `robots.txt` of its own site. */
export const mayCrawl = (robotsText: string, userAgent: string, url: string): boolean =>
  readRobots(robotsText, new URL('/robots.txt', url).href, userAgent).mayCrawl(url)
