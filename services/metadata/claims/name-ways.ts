import type { Names } from '../compare/name-keys.ts'
import { nameKey } from '../normalise.ts'
import { namesNobody } from '../titles/credits.ts'
import { isVersionOnly, readVersion } from '../titles/version-words.ts'

/** More parts of a name are not told apart. */
export const SEGMENTS_MAX = 8

/** `names` without what is common to all readings, and its weight. */
export type Way = readonly [weight: number, names: Names]

/** What stands between artist and title where it can be nothing else. */
export const SEPARATOR = / (?:[-–—~|•]|\/\/) |：/
const SEPARATOR_LOOSE = / [-–—]|[-–—] |: | \/ /
const BY = /,? (?:(?:- )?(?:song and lyrics|single|song|lyrics|album|track) by|by|von) /i

/** The parts between separators; loose ones count where there are no others. */
export const segmentsOf = (text: string): string[] => {
  const parts = text.split(SEPARATOR, SEGMENTS_MAX).map((part) => part.trim())
  const loose =
    parts.length > 1 ? parts : text.split(SEPARATOR_LOOSE, SEGMENTS_MAX).map((part) => part.trim())
  const segments = loose.length > 1 || text.includes(' ') ? loose : text.split('-', SEGMENTS_MAX)
  return segments.filter((part) => nameKey(part) !== '')
}

/** One line of artists; undefined where it names nobody. */
export const artistsOf = (text: string | undefined): readonly string[] | undefined =>
  text === undefined || namesNobody(text) ? undefined : [text]

/** A song as a way to read a name. */
export const song = (artist: string | undefined, title: string, releaseTitle?: string): Names => ({
  title,
  artists: artistsOf(artist),
  releaseTitle,
})

const NUMBER = /^\d{1,3}$/
const BRACKET = /[()[\]{}]/

/** Whether a segment speaks of the version only; behind artist and title it may name a remixer or a place too. */
const isAboutVersion = (segment: string, place: number): boolean =>
  isVersionOnly(segment) || (place > 1 && !BRACKET.test(segment) && readVersion(segment) !== undefined)

/** Segments that only speak of the version are no names; they are hung on every title again. Track numbers go. */
function splitVersions(given: readonly string[]): { names: string[]; suffix: string } {
  const segments = given.length > 2 ? given.filter((segment) => !NUMBER.test(segment)) : given
  const said = segments.map(isAboutVersion)
  const names = segments.filter((_, place) => !said[place])
  if (names.length === 0) return { names: [...segments], suffix: '' }
  const suffix = segments.filter((_, place) => said[place]).map((segment) => ` - ${segment}`)
  return { names, suffix: suffix.join('') }
}

/** A name without any separator may still be artist and title. */
const UNSEPARATED_WORDS_MAX = 7
const SPLITS_MAX = 4

function waysOfOne(text: string, titled: (title: string) => string): Way[] {
  const words = text.split(' ', UNSEPARATED_WORDS_MAX + 1)
  const splits = words.length > UNSEPARATED_WORDS_MAX ? [] : words.slice(1, 1 + SPLITS_MAX)
  const ways = splits.map((_, place): Way => {
    const artist = words.slice(0, place + 1).join(' ')
    return [0.1, song(artist, titled(words.slice(place + 1).join(' ')))]
  })
  return [[0.6, song(undefined, titled(text))], ...ways]
}

/** The ways to read parts as artist, title and release, in the orders in which people write them. */
export function waysOfSegments(segments: readonly string[]): Way[] {
  const { names, suffix } = splitVersions(segments)
  const titled = (title: string): string => `${title}${suffix}`
  const [first, second, third] = names
  const last = names.at(-1)
  if (first === undefined || last === undefined) return []
  if (second === undefined) {
    // `Live - Title`, `Artist - Acoustic`: it may be a name all the same.
    const [one, other] = segments
    const isPair = segments.length === 2 && one !== undefined && other !== undefined
    return [...waysOfOne(first, titled), ...(isPair ? [[0.4, song(one, other)] as const] : [])]
  }
  if (third === undefined) {
    return [
      [0.65, song(first, titled(second))],
      [0.25, song(second, titled(first))],
      [0.05, song(undefined, titled(`${first} - ${second}`))],
    ]
  }
  return [
    [0.4, song(first, titled(last), second)],
    [0.25, song(first, titled(second))],
    [0.15, song(names.at(-2), titled(last), first)],
    [0.1, song(last, titled(first))],
    [0.05, song(second, titled(first))],
  ]
}

/** `Title by Artist`, `Artist "Title"`: ways that need words or quotes. */
export function waysOfWords(text: string, weight: number): Way[] {
  const ways: Way[] = []
  const by = BY.exec(text)
  if (by && by.index > 0) {
    ways.push([weight, song(text.slice(by.index + by[0].length).trim(), text.slice(0, by.index).trim())])
  }
  const opens = text.search(/["“„「『«]/)
  const closes = opens < 0 ? -1 : text.slice(opens + 1).search(/["”“」』»]/)
  if (opens > 0 && closes > 0) {
    const after = text.slice(opens + closes + 2)
    ways.push([
      weight,
      song(
        text.slice(0, opens).replace(/[ -]{1,3}$/, ''),
        `${text.slice(opens + 1, opens + 1 + closes)}${after}`,
      ),
    ])
  }
  return ways
}
