/** Keys that say how somebody came to a page, and not which page it is. */
const TRACKING_KEY = /^(?:utm_\w+|fbclid|gclid|si|feature)$/i

/** Hosts whose addresses name the file, or its key, after the `#`: without it all their files would be one place. */
const HOSTS_WITH_KEY_IN_FRAGMENT = /^(?:[a-z0-9-]+\.)*(?:mega\.(?:nz|io|co\.nz)|wormhole\.app|filen\.io)$/

/** What YouTube calls a video: 64 bits in its own alphabet. */
const YOUTUBE_ID = /^[\w-]{11}$/
const YOUTUBE_HOST = /^(?:(?:www|m|music)\.)?youtube(?:-nocookie)?\.com$/
/** Other ways to write `/watch?v=`, each with the id after it. */
const YOUTUBE_PATH = /^\/(?:shorts|embed|live|v)\/([^/]+)\/?$/

const INFO_HASH = /^urn:bt(?:ih|mh):[a-z0-9]+$/i

/** The one form of a platform's addresses of files; undefined for other addresses. */
type Collapse = (url: URL) => string | undefined

/** The video that an address of YouTube is of, whatever form it has. */
const youtube: Collapse = ({ hostname, pathname, searchParams }) => {
  let id: string | null | undefined
  if (hostname === 'youtu.be') id = pathname.slice(1).replace(/\/$/, '')
  else if (YOUTUBE_HOST.test(hostname))
    id = pathname === '/watch' ? searchParams.get('v') : YOUTUBE_PATH.exec(pathname)?.[1]
  return id && YOUTUBE_ID.test(id) ? `https://www.youtube.com/watch?v=${id}` : undefined
}

/** A file of Google Drive; whoever has only its id needs the key beside it, where there is one. */
const googleDrive: Collapse = ({ hostname, pathname, searchParams }) => {
  if (!/^(?:drive|docs)\.google\.com$/.test(hostname)) return undefined
  const id = /^\/(?:open|uc)$/.test(pathname)
    ? searchParams.get('id')
    : /^\/file\/d\/([\w-]+)(?:\/(?:view|preview|edit)?)?$/.exec(pathname)?.[1]
  if (!id || !/^[\w-]+$/.test(id)) return undefined
  const key = searchParams.get('resourcekey')
  return `https://drive.google.com/file/d/${id}/view${key ? `?resourcekey=${encodeURIComponent(key)}` : ''}`
}

/** Forms of one page that differ in host and path alone: both as the second expression's finds put into the last text. */
const forms: readonly (readonly [hosts: RegExp, path: RegExp, form: string])[] = [
  [/^(?:(?:www|m)\.)?soundcloud\.com$/, /^(\/.*)$/, 'soundcloud.com$1'],
  [/^(?:player|www)\.vimeo\.com$/, /^(?:\/video)?\/(\d+)$/, 'vimeo.com/$1'],
  [/^dai\.ly$/, /^\/(\w+)$/, 'www.dailymotion.com/video/$1'],
  [/^(?:(?:geo|touch)\.)?dailymotion\.com$/, /^(\/video\/\w+)$/, 'www.dailymotion.com$1'],
  [/^(?:www\.)?dailymotion\.com$/, /^\/embed(\/video\/\w+)$/, 'www.dailymotion.com$1'],
  [
    /^open\.spotify\.com$/,
    /^(?:\/intl-[\w-]+)?(?:\/embed)?\/(track|album|playlist|artist|episode|show)\/(\w+)$/,
    'open.spotify.com/$1/$2',
  ],
  [/^(?:(?:www|m)\.)?mixcloud\.com$/, /^(\/.*)$/, 'www.mixcloud.com$1'],
  [/^(?:www\.)?archive\.org$/, /^\/(?:details|embed)\/([^/]+)$/, 'archive.org/details/$1'],
  [/^(?:(?:www|m|mobile)\.)?(?:x|twitter)\.com$/, /^(\/[^/]+\/status\/\d+)$/, 'x.com$1'],
]

/** The same address in the one form of its platform. */
function inOneForm(url: URL): URL {
  // A slash at the end means nothing to these platforms.
  const path = url.pathname.replace(/(?<=.)\/$/, '')
  const form = forms.find(([hosts, paths]) => hosts.test(url.hostname) && paths.test(path))
  return form ? new URL(`https://${path.replace(form[1], form[2])}${url.search}${url.hash}`) : url
}

/** What the player of SoundCloud plays: the address of a track stands in its query. */
function playedBySoundCloud({ hostname, pathname, searchParams }: URL): string | undefined {
  if (hostname !== 'w.soundcloud.com' || !/^\/player\/?$/.test(pathname)) return undefined
  const played = searchParams.get('url') ?? ''
  return URL.canParse(played) && /^(?:(?:www|m)\.)?soundcloud\.com$/.test(new URL(played).hostname)
    ? played
    : undefined
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
 * An address as the key by which duplicates are told: scheme and host lower-cased, names in ASCII, default port and dot
 * segments dropped, query sorted and without tracking keys, fragment dropped where it is no part of the file's name, and
 * the forms of one video or track made one. What is shown and sent is always the address as it was observed.
 *
 * @throws {TypeError} when it is no absolute address.
 */
export function canonicalUrlOf(url: string): string {
  const parsed = new URL(url)
  if (parsed.protocol === 'magnet:') return canonicalMagnet(parsed)
  parsed.hostname = parsed.hostname.replace(/\.$/, '')
  const played = playedBySoundCloud(parsed)
  if (played !== undefined) return canonicalUrlOf(played)
  const file = youtube(parsed) ?? googleDrive(parsed)
  if (file !== undefined) return file
  const one = inOneForm(parsed)
  if (!HOSTS_WITH_KEY_IN_FRAGMENT.test(one.hostname)) one.hash = ''
  one.search = canonicalQuery(one.search)
  return one.href
}
