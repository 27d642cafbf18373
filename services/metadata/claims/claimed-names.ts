import type { Names } from '../compare/name-keys.ts'
import { latinKey } from '../normalise.ts'
import { namesNobody } from '../titles/credits.ts'
import { readVersion } from '../titles/version-words.ts'
import { type ClaimId, type ClaimText, readClaimText, readableClaim, withoutEndings } from './claim-text.ts'
import {
  SEGMENTS_MAX,
  SEPARATOR,
  type Way,
  artistsOf,
  segmentsOf,
  song,
  waysOfSegments,
  waysOfWords,
} from './name-ways.ts'
import { readSceneName } from './scene-names.ts'

/** Tags of a file, as far as they name it. */
export interface ClaimedTags {
  readonly title?: string | undefined
  readonly artists?: readonly string[] | undefined
  readonly album?: string | undefined
  readonly isrc?: readonly string[] | undefined
  readonly year?: number | undefined
}

/** Where a suspect's name comes from: each has its own habits. */
export type ClaimSource =
  | { readonly kind: 'file-name' | 'torrent-name' | 'page-title'; readonly text: string }
  | { readonly kind: 'tags'; readonly tags: ClaimedTags }

/** One way to read what a suspect is called. */
export interface ClaimReading {
  readonly names: Names
  /** How often this is the way such a name is meant, 0 … 1. */
  readonly weight: number
  readonly ids: readonly ClaimId[]
}

/** More ways to read a name only find more by chance. */
const READINGS_MAX = 6
/** Names in tags are cut before they are looked at. */
const TAG_LENGTH_MAX = 500
const ISRCS_MAX = 2

const YEAR_PART = /[([{]?\b((?:19|20)\d\d)\b[)\]}]?/
const TRACK_NUMBER =
  /^(?:[([]?(?:\d{1,2}[-.])?\d{1,3}[)\]]?(?:[.)_]{1,2} ?| ?- ?(?=\S)|\] ?)|0\d{1,2} |[A-D]\d{1,2}(?:\. ?| - ))/

/** Sites whose names end the titles of their pages. */
const SITES = new Set(
  `youtube,youtube music,soundcloud,spotify,apple music,bandcamp,deezer,tidal,vk,vimeo,dailymotion,facebook,tiktok,
  amazon music,last fm,genius,audiomack,mixcloud,internet archive,free listening on soundcloud,google drive,mega,
  listen online,free mp3 download,mp3 download,online`.split(/,\s*/),
)

/** What pages put around a name. */
const PAGE_WORDS =
  /^(?:listen to|stream|watch|download|play|free download) |(?: on (?:apple music|amazon music|deezer|spotify|soundcloud|desktop and mobile)\.?.{0,40}$)/gi

/** Weighted ways as readings: the heaviest first, equal ones only once, at most six. */
function readings(ways: readonly Way[], common: Names, ids: readonly ClaimId[]): ClaimReading[] {
  const known = Object.keys(common).length > 0 || ids.length > 0
  const given: readonly Way[] = ways.length === 0 && known ? [[1, {}]] : ways
  const seen = new Set<string>()
  return given
    .toSorted(([a], [b]) => b - a)
    .filter(([, { title, artists, releaseTitle, isrc }]) => {
      const key = [title ?? '', artists?.join() ?? '', releaseTitle ?? '', isrc ?? ''].join('\n')
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, READINGS_MAX)
    .map(([weight, names]) => ({ weight, ids, names: { ...common, ...defined(names) } }))
}

const defined = (names: Names): Names =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined))

const commonOf = ({ isrc, upc }: ClaimText, year: number | undefined): Names => defined({ isrc, upc, year })

/** A year that stands in brackets or as a part of its own. */
function takeYear(text: string): { rest: string; year: number | undefined } {
  const found = /[([{]((?:19|20)\d\d)[)\]}]/.exec(text) ?? /^((?:19|20)\d\d) - /.exec(text)
  if (!found) return { rest: text, year: undefined }
  const rest = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`
    .replaceAll(/ +/g, ' ')
    .trim()
  return { rest: rest.replace(/^[-–] /, ''), year: Number(found[1]) }
}

/** `12 Title - Artist`: a number without a sign behind it is a track's, or the beginning of a name. */
const BARE_NUMBER = /^\d{1,2} (?=\S)/

function waysOfNumbered(text: string): Way[] {
  if (!BARE_NUMBER.test(text)) return []
  return waysOfSegments(segmentsOf(text.replace(BARE_NUMBER, ''))).map(([weight, names]) => [
    weight * 0.8,
    names,
  ])
}

function readFileName(text: string): ClaimReading[] {
  const [name = '', folder] = readableClaim(text).split(/[/\\]/).filter(Boolean).slice(-2).toReversed()
  const claim = readClaimText(withoutEndings(name))
  const release = folder === undefined ? undefined : readTorrentName(folder).at(0)?.names
  const scene = readSceneName(claim.text.includes(' ') ? withoutEndings(name) : claim.text)
  if (scene) {
    const ways: Way[] = [
      [0.7, song(scene.artist, scene.title)],
      [0.2, song(scene.artist, scene.longTitle)],
    ]
    const swapped: Way[] = scene.artist === undefined ? [] : [[0.1, song(scene.title, scene.artist)]]
    return readings([...ways, ...swapped], commonOf(claim, scene.year), claim.ids)
  }
  const { rest, year } = takeYear(claim.text)
  const plain = rest.replace(TRACK_NUMBER, '') || rest
  const ways = [...waysOfSegments(segmentsOf(plain)), ...waysOfWords(plain, 0.1), ...waysOfNumbered(plain)]
  const common = {
    ...(release?.releaseTitle && { releaseTitle: release.releaseTitle }),
    ...commonOf(claim, year),
  }
  // A file that says only a title is by the artist of its folder.
  const byFolder = ways.map(([weight, names]): Way => [
    weight,
    { ...names, artists: names.artists ?? release?.artists },
  ])
  return readings(byFolder, common, claim.ids)
}

const BRACKETED = /[[({][^[\](){}]{0,60}[\])}]/g

function readTorrentName(text: string): ClaimReading[] {
  const claim = readClaimText(withoutEndings(readableClaim(text)))
  const scene = readSceneName(claim.text.replaceAll(' ', '_'))
  const { rest, year } = takeYear(claim.text)
  const plain = rest
    .replaceAll(BRACKETED, (part) => (isAboutFormat(part) ? ' ' : part))
    .replaceAll(/ +/g, ' ')
    .trim()
  const [first, second, ...more] =
    scene && !claim.text.includes(' - ') ? [scene.artist ?? 'VA', scene.title] : segmentsOf(plain)
  if (first === undefined) return []
  const common = commonOf(claim, year ?? scene?.year)
  if (second === undefined) {
    const ways: Way[] = [
      [0.5, { releaseTitle: first }],
      [0.4, { title: first }],
    ]
    return readings(ways, common, claim.ids)
  }
  const name = YEAR_PART.test(second) && more[0] !== undefined ? more[0] : [second, ...more].join(' - ')
  const artists = artistsOf(first)
  return readings(
    [
      [0.5, { artists, releaseTitle: name }],
      [0.4, { artists, title: name }],
      [0.1, { artists: artistsOf(name), title: first }],
    ],
    common,
    claim.ids,
  )
}

const FORMAT =
  /\b(?:flac|mp3|aac|alac|wav|web|cd|vinyl|lp|320|v0|24 ?bit|16 ?bit|\d\d(?:\.\d)?khz|kbps|discography|lossless|deluxe|remaster(?:ed)?|edition)\b/i
const isAboutFormat = (part: string): boolean => FORMAT.test(part) || readVersion(part) !== undefined

function readPageTitle(text: string): ClaimReading[] {
  const parts = readableClaim(text).split(/ [-–—|·] /, SEGMENTS_MAX)
  while (parts.length > 1 && isSite(parts.at(-1)!)) parts.pop()
  const claim = readClaimText(parts.join(' - ').replaceAll(PAGE_WORDS, ''))
  const words = waysOfWords(claim.text, 0.6)
  // `Title - song and lyrics by Artist` is no pair of artist and title.
  const share = words.length > 0 ? 0.5 : 1
  const byParts = waysOfSegments(segmentsOf(claim.text)).map(([weight, names]): Way => [
    weight * share,
    names,
  ])
  return readings([...words, ...byParts], commonOf(claim, undefined), claim.ids)
}

/** `YouTube`, `Listen online for free on SoundCloud`. */
function isSite(part: string): boolean {
  const key = latinKey(part)
  return SITES.has(key) || SITES.has(key.slice(key.lastIndexOf(' on ') + 4))
}

function readTags(tags: ClaimedTags): ClaimReading[] {
  const title = readableClaim((tags.title ?? '').slice(0, TAG_LENGTH_MAX))
  const artists = tags.artists?.map((name) => readableClaim(name.slice(0, TAG_LENGTH_MAX))).filter(Boolean)
  const plain = title.replace(TRACK_NUMBER, '') || title
  const whole: Names = {
    title: title || undefined,
    artists: artists?.some((name) => !namesNobody(name)) ? artists : undefined,
  }
  const isNamed = title !== '' || whole.artists !== undefined
  const ways: Way[] = isNamed ? [[0.8, whole]] : []
  if (plain !== title) ways.push([0.4, { ...whole, title: plain }])
  if (SEPARATOR.test(plain)) {
    // `Artist - Title` in the field of the title: common where a platform had only one field.
    const byParts = waysOfSegments(segmentsOf(plain))
    ways.push(...byParts.map(([weight, names]): Way => [weight * 0.7, names]))
  }
  const [artist] = artists ?? []
  if (artist !== undefined && title !== '') ways.push([0.1, { title: artist, artists: [title] }])
  const codes = (tags.isrc ?? []).slice(0, ISRCS_MAX)
  const common = defined({ releaseTitle: tags.album, year: tags.year, isrc: codes[0] })
  const others = codes.slice(1).map((isrc): Way => [0.4, { ...whole, isrc }])
  return readings([...ways, ...others], common, [])
}

/**
 * Reads what a suspect is called: its file name, the name of the torrent it is in, the title of its page, its tags.
 * Text of strangers: at most 1,000 characters are read, in time that grows with their number.
 *
 * @returns at most six ways to read it, the likeliest first; none for a name without letters and digits.
 */
export function readClaims(source: ClaimSource): ClaimReading[] {
  switch (source.kind) {
    case 'file-name':
      return readFileName(source.text)
    case 'torrent-name':
      return readTorrentName(source.text)
    case 'page-title':
      return readPageTitle(source.text)
    case 'tags':
      return readTags(source.tags)
  }
}
