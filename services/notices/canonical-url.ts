import { locationKeyOf } from '../submissions/submission.ts'

/** Keys that say how somebody came to a page, and not which page it is. */
const TRACKING_KEY = /^(?:utm_\w+|fbclid|gclid|si|feature)$/i

/** What YouTube calls a video: 64 bits in its own alphabet. */
const YOUTUBE_ID = /^[\w-]{11}$/
const YOUTUBE_HOST = /^(?:(?:www|m|music)\.)?youtube(?:-nocookie)?\.com$/
/** Other ways to write `/watch?v=`, each with the id after it. */
const YOUTUBE_PATH = /^\/(?:shorts|embed|live|v)\/([^/]+)\/?$/

const INFO_HASH = /^urn:bt(?:ih|mh):[a-z0-9]+$/i

/** The video that an address of YouTube is of, whatever form it has. */
function youtubeIdOf({ hostname, pathname, searchParams }: URL): string | undefined {
  let id: string | null | undefined
  if (hostname === 'youtu.be') id = pathname.slice(1).replace(/\/$/, '')
  else if (YOUTUBE_HOST.test(hostname))
    id = pathname === '/watch' ? searchParams.get('v') : YOUTUBE_PATH.exec(pathname)?.[1]
  return id && YOUTUBE_ID.test(id) ? id : undefined
}

/** A magnet link is told by its torrents alone; names and trackers in it are anybody's choice. */
function canonicalMagnet(parsed: URL): string {
  const torrents = parsed.searchParams.getAll('xt').filter((topic) => INFO_HASH.test(topic))
  if (torrents.length === 0) return parsed.href
  const topics = [...new Set(torrents.map((topic) => topic.toLowerCase()))].toSorted()
  return `magnet:?${topics.map((topic) => `xt=${topic}`).join('&')}`
}

/** The key and value pairs of a query as they are written, sorted, without what only tracks. */
const canonicalQuery = (search: string): string =>
  search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !TRACKING_KEY.test(pair.split('=', 1)[0] ?? ''))
    .toSorted()
    .join('&')

/**
 * An address in the form by which duplicates are told; a notice itself has the address exactly as it was observed. It is
 * the key of a location (`locationKeyOf`) with its query sorted, tracking keys dropped and forms of one video made one.
 *
 * @throws {TypeError} when it is no absolute address.
 */
export function canonicalUrl(url: string): string {
  if (/^magnet:/i.test(url)) return canonicalMagnet(new URL(url))
  const parsed = new URL(locationKeyOf(url))
  const video = youtubeIdOf(parsed)
  if (video) return `https://www.youtube.com/watch?v=${video}`
  parsed.hostname = parsed.hostname.replace(/\.$/, '')
  parsed.search = canonicalQuery(parsed.search)
  return parsed.href
}
