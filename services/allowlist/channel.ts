import { type Read, hostOf, urlOf } from './address.ts'

/** A platform on which an account has an address of its own. */
interface Platform {
  /** The host by which its channels are written. */
  readonly host: string
  /** Other hosts that show the same accounts. */
  readonly aliases: readonly string[]
  /** The account as its channel is written, from the parts of a path, or undefined when they name none. */
  accountOf(parts: readonly string[]): string | undefined
}

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._-]{0,99}$/u

/** Accounts stand first in the path, without regard to case; but for words that are pages of the platform. */
const firstPart =
  (pages: string): Platform['accountOf'] =>
  ([first = '']) =>
    NAME.test(first) && !pages.split(' ').includes(first.toLowerCase()) ? first.toLowerCase() : undefined

/** Accounts stand first in the path after an `@`. */
const atName: Platform['accountOf'] = ([first = '']) =>
  first.startsWith('@') && NAME.test(first.slice(1)) ? first.toLowerCase() : undefined

/** YouTube's ids of channels tell small letters from capitals, its names do not. */
function youtubeAccount(parts: readonly string[]): string | undefined {
  const [first = '', second = ''] = parts
  if (first === 'channel') return /^UC[\w-]{22}$/.test(second) ? `channel/${second}` : undefined
  if (first === 'c' || first === 'user')
    return NAME.test(second) ? `${first}/${second.toLowerCase()}` : undefined
  return atName(parts)
}

/** Telegram shows a channel in the browser under `/s/`. */
const telegramAccount: Platform['accountOf'] = ([first = '', second = '']) =>
  firstPart('addlist addstickers c joinchat proxy share')([first === 's' ? second : first])

const platforms: readonly Platform[] = [
  {
    host: 'youtube.com',
    aliases: ['www.youtube.com', 'm.youtube.com', 'music.youtube.com'],
    accountOf: youtubeAccount,
  },
  {
    host: 'soundcloud.com',
    aliases: ['www.soundcloud.com', 'm.soundcloud.com'],
    accountOf: firstPart(
      'charts discover feed jobs library messages pages player search stream tags upload you',
    ),
  },
  { host: 'tiktok.com', aliases: ['www.tiktok.com', 'm.tiktok.com'], accountOf: atName },
  {
    host: 'instagram.com',
    aliases: ['www.instagram.com', 'm.instagram.com'],
    accountOf: firstPart('accounts direct explore p reel reels stories tv web'),
  },
  {
    host: 'facebook.com',
    aliases: ['www.facebook.com', 'm.facebook.com', 'web.facebook.com'],
    accountOf: firstPart(
      'events groups hashtag login marketplace pages people permalink.php photo photo.php profile.php reel search ' +
        'share sharer stories story.php video video.php watch',
    ),
  },
  {
    host: 'x.com',
    aliases: ['www.x.com', 'mobile.x.com', 'twitter.com', 'www.twitter.com', 'mobile.twitter.com'],
    accountOf: firstPart('compose explore hashtag home i intent login messages notifications search share'),
  },
  {
    host: 'twitch.tv',
    aliases: ['www.twitch.tv', 'm.twitch.tv'],
    accountOf: firstPart(
      'directory downloads jobs p popout search settings store subscriptions turbo videos',
    ),
  },
  {
    host: 'vimeo.com',
    aliases: ['www.vimeo.com'],
    // A number alone is a video.
    accountOf: ([first = '']) =>
      /^\d+$/.test(first)
        ? undefined
        : firstPart('album categories channels event groups manage ondemand search showcase upload watch')([
            first,
          ]),
  },
  {
    host: 'mixcloud.com',
    aliases: ['www.mixcloud.com', 'm.mixcloud.com'],
    accountOf: firstPart('dashboard discover genres live search tag upload widget'),
  },
  {
    host: 'dailymotion.com',
    aliases: ['www.dailymotion.com'],
    accountOf: firstPart('embed hashtag library playlist search topic video'),
  },
  { host: 't.me', aliases: ['www.t.me', 'telegram.me'], accountOf: telegramAccount },
]

/** Accounts of Bandcamp have a subdomain each. */
const BANDCAMP = /^(?!www\.|daily\.|get\.|help\.)([a-z0-9-]+)\.bandcamp\.com$/

const platformOf = (host: string): Platform | undefined =>
  platforms.find((platform) => platform.host === host || platform.aliases.includes(host))

/** The parts of a path as people read them; undefined when it cannot be read as text. */
function partsOf(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

/**
 * The channel that an address belongs to, as it is written here: `youtube.com/@name`, `x.com/name`,
 * `name.bandcamp.com`. Undefined when the address names none: that of one video on YouTube does not tell whose it is.
 */
export function channelOf(url: URL): string | undefined {
  const host = hostOf(url)
  if (url.port !== '') return undefined
  if (BANDCAMP.test(host)) return host
  const platform = platformOf(host)
  const parts = platform && partsOf(url.pathname)
  const account = parts && platform.accountOf(parts)
  return account && `${platform.host}/${account.normalize('NFC')}`
}

/** The channel that the first of some addresses belongs to that names one; addresses that are none are passed over. */
export function channelAt(addresses: readonly (string | null | undefined)[]): string | undefined {
  for (const address of addresses) {
    const channel = address && URL.canParse(address) ? channelOf(new URL(address)) : undefined
    if (channel) return channel
  }
  return undefined
}

/** An account on a platform, by any address that begins with it. */
export function readChannel(text: string): Read {
  const url = urlOf(text)
  const channel = url && !url.username && !url.password ? channelOf(url) : undefined
  if (channel) return { value: channel }
  const platform = url && platformOf(hostOf(url))
  if (!platform) {
    const known = [...platforms.map(({ host }) => host), 'bandcamp.com'].join(', ')
    return { fault: `not a channel, as youtube.com/@name is one; known are those of ${known}` }
  }
  const name = platform.accountOf(['@name']) ?? 'name'
  return { fault: `this address names no account: write it as in ${platform.host}/${name}` }
}
