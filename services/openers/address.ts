import { getDomain } from 'tldts'

import type { LinkRole } from './opener.ts'

/** What every browser and host takes, and what the database keeps. */
const ADDRESS_LENGTH_MAX = 2_048

/**
 * An address that stands in a document as an absolute one.
 *
 * @param base what it is relative to; without one, relative addresses lead nowhere.
 * @returns undefined for what is none, for other schemes than http and https, and for addresses with a user name or a
 *   password: what somebody left lying about is not used.
 */
export function addressIn(text: string, base: string | undefined): string | undefined {
  const trimmed = text.slice(0, ADDRESS_LENGTH_MAX + 1).trim()
  if (trimmed === '' || trimmed.length > ADDRESS_LENGTH_MAX || !URL.canParse(trimmed, base)) return undefined
  const { protocol, username, password, href, hostname } = new URL(trimmed, base)
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return undefined
  return username !== '' || password !== '' || href.length > ADDRESS_LENGTH_MAX ? undefined : href
}

/** Like `addressIn`, for lists whose entries may be files of whoever wrote them: `C:\Music\a.mp3` is no address. */
export const isLocalPath = (text: string): boolean => /^(?:[a-z]:[\\/]|\\\\|file:)/i.test(text)

/** What files are called that hold something to hear or to see, or lead to it. */
type EndingKind = Exclude<LinkRole, 'page' | 'unknown'> | 'archive'

const endings: readonly (readonly [kind: EndingKind, endings: string])[] = [
  [
    'media',
    'mp3 mp2 mpga m4a m4b aac flac wav wave aif aiff ogg oga opus wma wv ape alac amr caf mka dsf dff',
  ],
  ['media', 'mp4 m4v webm mkv mov avi flv ogv mpg mpeg 3gp wmv ts'],
  ['archive', 'zip rar 7z tar tgz gz bz2 xz zst tbz2 txz'],
  ['stream', 'm3u8 mpd'],
  ['list', 'm3u pls xspf cue torrent rss atom'],
  ['cover', 'jpg jpeg png webp gif avif'],
]
const kinds: ReadonlyMap<string, EndingKind> = new Map(
  endings.flatMap(([kind, some]) => some.split(' ').map((ending) => [ending, kind] as const)),
)

/** What the ending of a name (without its dot, in any case) lets expect. It proves nothing. */
export const kindOfEnding = (ending: string): EndingKind | undefined => kinds.get(ending.toLowerCase())

/** Endings of what pages consist of, and of documents: nothing to hear is behind them. */
const deadEndings = new Set(
  'css js mjs json xml ico svg woff woff2 ttf eot map pdf doc docx xls xlsx txt exe dmg apk iso'.split(' '),
)

/** The ending of the last part of an address's path, lower case, without its dot. */
const endingOf = ({ pathname }: URL): string =>
  /\.([a-z0-9]{1,7})$/i.exec(pathname.slice(-10))?.[1]?.toLowerCase() ?? ''

/** Players that pages embed, and hosts of files: what their addresses lead to is only known when they are asked. */
const knownHosts: ReadonlySet<string> = new Set(
  (
    'youtube.com youtube-nocookie.com youtu.be soundcloud.com vimeo.com dailymotion.com dai.ly bandcamp.com spotify.com ' +
    'mixcloud.com audiomack.com hearthis.at reverbnation.com deezer.com tidal.com archive.org rutube.ru vk.com ok.ru ' +
    'bilibili.com tiktok.com twitch.tv streamable.com odysee.com rumble.com clyp.it vocaroo.com whyp.it ' +
    'mega.nz mega.io mediafire.com dropbox.com drive.google.com docs.google.com onedrive.live.com 1drv.ms wetransfer.com ' +
    'we.tl gofile.io pixeldrain.com krakenfiles.com 1fichier.com rapidgator.net turbobit.net nitroflare.com workupload.com ' +
    'uploadhaven.com 4shared.com box.com pcloud.link filen.io wormhole.app disk.yandex.ru yadi.sk cloud.mail.ru ' +
    'catbox.moe anonfiles.com zippyshare.com dbree.org onlyfiles.io multiup.io ddownload.com katfile.com icedrive.net'
  ).split(' '),
)

const isKnownHost = (hostname: string): boolean => {
  const labels = hostname.split('.').slice(-4)
  return labels.some((_, index) => knownHosts.has(labels.slice(index).join('.')))
}

/** What the ending of an address, or its host, lets expect; undefined when neither says anything. */
export function expectedRole(address: string): LinkRole | undefined {
  const url = new URL(address)
  const isKnown = isKnownHost(url.hostname)
  const kind = kindOfEnding(endingOf(url))
  // Hosts of files name their pages after the file: what is behind `…/song.mp3` there is only known when it is asked.
  if (isKnown && kind !== 'cover') return 'unknown'
  return kind === 'archive' ? 'media' : kind
}

/** Whether an address may be of a page, and not of its picture, its style or a document. */
export function mayBePage(address: string): boolean {
  const ending = endingOf(new URL(address))
  return kindOfEnding(ending) === undefined && !deadEndings.has(ending)
}

/** Whether two addresses belong to one site: to one registered domain, or to one account of a host that gives them out. */
export function isSameSite(one: string, other: string): boolean {
  const [a, b] = [new URL(one).hostname, new URL(other).hostname]
  if (a === b) return true
  const site = getDomain(a, { allowPrivateDomains: true })
  return site !== null && site === getDomain(b, { allowPrivateDomains: true })
}

/** The role that a media type promises; undefined when it promises nothing. */
export function roleOfType(mediaType: string | undefined): LinkRole | undefined {
  const type = mediaType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (/mpegurl$|^application\/dash\+xml$/.test(type)) return 'stream'
  if (/^(?:audio|video)\//.test(type)) return 'media'
  if (type.startsWith('image/')) return 'cover'
  return type === 'application/x-bittorrent' ? 'list' : undefined
}
