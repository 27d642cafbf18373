import { latinKey } from '../normalise.ts'
import { editDistance } from '../similarity.ts'
import { splitFeaturing } from './credits.ts'
import {
  PHRASE_WORDS_MAX,
  type VersionWord,
  fillerWords,
  leadingWords,
  maskOf,
  phraseMasks,
  trailingPhrases,
  versionWords,
} from './version-phrases.ts'

/** What is said of a version. */
export interface Versions {
  /** Bit for bit the words of `versionWords`. */
  readonly mask: number
  /** Who remixed or covered it, as a Latin key; '' where that is not said. */
  readonly by: string
  /** Of a remaster or a concert. */
  readonly year: number | undefined
}

/** A title taken apart. */
export interface TitleParts {
  /** What remains: the name of the work. Never empty unless the title was. */
  readonly bare: string
  readonly versions: Versions
  readonly featured: readonly string[]
}

/** No more of a title is read. */
const TITLE_LENGTH_MAX = 500
/** More brackets than this are left as they stand. */
const BRACKETS_MAX = 8

const none: Versions = { mask: 0, by: '', year: undefined }
const REMIX = maskOf(['remix'])
const COVER = maskOf(['cover'])
const LIVE = maskOf(['live'])
/** What is made from a recording, as a mask. */
export const DERIVATIVES = maskOf(['sped-up', 'slowed', 'reverb', 'nightcore', '8d', 'bass-boosted'])
const YEAR = /^(?:19|20)\d\d$/

/** The words of a set, in their fixed order. */
export const wordsOf = ({ mask }: Versions): VersionWord[] =>
  versionWords.filter((_, bit) => (mask & (1 << bit)) !== 0)

const joined = (one: Versions, other: Versions): Versions => ({
  mask: one.mask | other.mask,
  by: one.by || other.by,
  year: one.year ?? other.year,
})

interface ReadWords {
  mask: number
  year: number | undefined
  /** Words that no phrase explains. */
  readonly rest: string[]
  readonly startsWithPhrase: boolean
  readonly endsWithPhrase: boolean
  /** Place after the phrase that the text starts with. */
  readonly afterFirst: number
}

/** Looks for phrases from left to right, longest first. */
function readWords(words: readonly string[]): ReadWords {
  const rest: string[] = []
  let [mask, year, afterFirst, lastEnd] = [0, undefined as number | undefined, 0, 0]
  for (let at = 0; at < words.length;) {
    const length = phraseLengthAt(words, at)
    if (length > 0) {
      mask |= phraseMasks.get(words.slice(at, at + length).join(' ')) ?? 0
      if (at === 0) afterFirst = length
      at += length
      lastEnd = at
      continue
    }
    const word = words[at++]!
    if (YEAR.test(word)) year = Number(word)
    else if (!fillerWords.has(word)) rest.push(word)
    // `Remastered 2009`, `Live 1998 Version`: year and filler belong to the phrase.
    if (lastEnd === at - 1 && (YEAR.test(word) || fillerWords.has(word))) lastEnd = at
  }
  const endsWithPhrase = lastEnd === words.length && lastEnd > 0
  return { mask, year, rest, startsWithPhrase: afterFirst > 0, endsWithPhrase, afterFirst }
}

function phraseLengthAt(words: readonly string[], at: number): number {
  for (let length = Math.min(PHRASE_WORDS_MAX, words.length - at); length > 0; length--) {
    const phrase = length === 1 ? words[at]! : words.slice(at, at + length).join(' ')
    if (phraseMasks.has(phrase)) return length
  }
  return 0
}

/** Words that show that `live` or `cover` at the end is a part of a sentence. */
const SENTENCE_WORDS = new Set('i we you they to for under where who how'.split(' '))

/**
 * A bracketed part, a part after a dash or a version field as what it says of the version.
 *
 * @returns undefined when it belongs to the name of the work.
 */
export function readVersion(text: string): Versions | undefined {
  const words = latinKey(text.slice(0, TITLE_LENGTH_MAX)).split(' ').filter(Boolean)
  if (words.length === 0) return undefined
  const read = readWords(words)
  const { mask, year, rest } = read
  if (rest.length === 0)
    return read.startsWithPhrase || read.endsWithPhrase || year !== undefined
      ? { mask, by: '', year }
      : undefined
  const last = words.at(-1)!
  // `Somebody Mix`, `Somebody's Edit`: a version by somebody, though the word alone says little.
  const isMix = (last === 'mix' || last === 'edit') && mask === 0
  if (isMix) return { mask: REMIX, by: rest.join(' '), year }
  if (read.endsWithPhrase && mask !== 0) {
    const isSentence = (mask & (LIVE | COVER)) !== 0 && rest.some((word) => SENTENCE_WORDS.has(word))
    return isSentence ? undefined : { mask, by: byOf(mask, rest), year }
  }
  const next = words[read.afterFirst]
  const goesOn =
    next !== undefined &&
    (leadingWords.has(next) || YEAR.test(next) || phraseLengthAt(words, read.afterFirst) > 0)
  if (read.startsWithPhrase && mask !== 0 && (goesOn || /\bby\b/.test(text))) {
    return {
      mask,
      by: byOf(
        mask,
        rest.filter((word) => !leadingWords.has(word)),
      ),
      year,
    }
  }
  return undefined
}

/** A phrase that is misspelt has so many letters; one that is cut off, so many are left of it. */
const MISSPELT_LETTERS_MIN = 5
const CUT_LETTERS_MIN = 3

/** A bracketed part that is a phrase but for a typing error, or the beginning of one that was cut off. */
function guessVersion(text: string, isCut: boolean): Versions | undefined {
  const key = latinKey(text.slice(0, TITLE_LENGTH_MAX))
  for (const [phrase, mask] of phraseMasks) {
    if (mask === 0 || phrase[0] !== key[0]) continue
    const isBeginning = isCut && key.length >= CUT_LETTERS_MIN && phrase.startsWith(key)
    const isMisspelt =
      key.length >= MISSPELT_LETTERS_MIN && Math.abs(phrase.length - key.length) <= 1 && isNear(phrase, key)
    if (isBeginning || isMisspelt) return { mask, by: '', year: undefined }
  }
  return undefined
}

/** One error, two in long phrases: letters exchanged count as two. */
const isNear = (phrase: string, key: string): boolean =>
  editDistance(phrase, key) <= (phrase.length >= 2 * MISSPELT_LETTERS_MIN - 3 ? 2 : 1)

/** Whether a text is version words and what goes with them, and nothing that could be a name. */
export function isVersionOnly(text: string): boolean {
  const words = latinKey(text.slice(0, TITLE_LENGTH_MAX)).split(' ')
  const { rest, startsWithPhrase, endsWithPhrase } = readWords(words)
  return rest.length === 0 && (startsWithPhrase || endsWithPhrase)
}

const byOf = (mask: number, rest: readonly string[]): string =>
  (mask & (REMIX | COVER)) !== 0 ? rest.join(' ') : ''

const OPENING = '([{（【〔［「'
const CLOSING = ')]}）】〕］」'

/** Takes bracketed parts out that say something of the version or name featured artists. */
function withoutBrackets(title: string): TitleParts {
  let [bare, versions, featured, from] = ['', none, [] as readonly string[], 0]
  for (let count = 0; count < BRACKETS_MAX; count++) {
    const opens = indexOfAny(title, OPENING, from)
    const closes = opens < 0 ? -1 : indexOfAny(title, CLOSING, opens + 1)
    if (opens < 0) break
    // A name cut off in the middle of a bracket: what is left of it still counts.
    const end = closes < 0 ? title.length : closes
    const inside = title.slice(opens + 1, end)
    const credits = splitFeaturing(`(${inside}`)
    const isGuest = credits.featured.length > 0 && credits.before === ''
    const said = isGuest ? none : (readVersion(inside) ?? guessVersion(inside, closes < 0))
    bare += title.slice(from, opens)
    if (said === undefined) bare += title.slice(opens, end + 1)
    else {
      versions = joined(versions, said)
      if (said === none) featured = [...featured, ...credits.featured]
    }
    from = end + 1
  }
  return { bare: `${bare}${title.slice(from)}`.trim(), versions, featured }
}

function indexOfAny(text: string, signs: string, from: number): number {
  for (let at = from; at < text.length; at++) if (signs.includes(text[at]!)) return at
  return -1
}

/** Takes parts between dashes out that only speak of the version. */
function withoutDashes(title: string): { bare: string; versions: Versions } {
  const parts = title.split(/ [-–—|~] /)
  if (parts.length === 1) return { bare: title, versions: none }
  let versions = none
  const kept = parts.filter((part) => {
    const said = readVersion(part)
    if (said) versions = joined(versions, said)
    return !said
  })
  // Titles that are version words only keep their first part.
  return kept.length > 0 ? { bare: kept.join(' - '), versions } : { bare: parts[0]!, versions: none }
}

/** Whether people write so behind a title without brackets: set phrases, and all that says how a copy was changed. */
function isTrailing(tail: string): boolean {
  if (trailingPhrases.has(tail)) return true
  const { mask, rest } = readWords(tail.split(' '))
  return rest.length === 0 && mask !== 0 && (mask & ~DERIVATIVES) === 0
}

/** Takes version words off the end that stand there without brackets or dash. */
function withoutTrailing(title: string): { bare: string; versions: Versions } {
  const words = title.split(' ')
  for (let length = Math.min(PHRASE_WORDS_MAX, words.length - 1); length > 0; length--) {
    const tail = words.slice(-length).join(' ')
    if (!isTrailing(latinKey(tail))) continue
    const before = words
      .slice(0, -length)
      .join(' ')
      .replace(/[ +&|,-]+$/, '')
    const { mask, year } = readWords(latinKey(tail).split(' '))
    const more = before === '' ? { bare: tail, versions: none } : withoutTrailing(before)
    return { bare: more.bare, versions: joined(more.versions, { mask, by: '', year }) }
  }
  return { bare: title, versions: none }
}

/** Whether a title can have anything but a bare name in it; most have not. */
const MARKED = /[([{（【〔［「|~]| [-–—] |\b(?:feat|ft|featuring)\b/i

/**
 * Takes a title and its version field apart: version words in brackets, after dashes, at the end, and in the field;
 * featured artists; the bare title. Noise like `(Official Video) [HD]` goes. A part that is not about the version
 * stays in the bare title.
 */
export function readTitle(title: string, version = ''): TitleParts {
  const text = title.slice(0, TITLE_LENGTH_MAX).replaceAll(/\s+/g, ' ').trim()
  const field = version === '' ? none : versionField(version)
  const trailing = withoutTrailing(text)
  if (!MARKED.test(trailing.bare)) {
    return { bare: trailing.bare, versions: joined(trailing.versions, field), featured: [] }
  }
  const brackets = withoutBrackets(trailing.bare)
  const { before, featured } = splitFeaturing(brackets.bare)
  // `Song feat. Somebody - Radio Edit`: the words after the dash were read as a part of a name.
  const dashed = withoutDashes(brackets.bare)
  const plain = featured.length > 0 ? splitFeaturing(dashed.bare) : { before: dashed.bare, featured }
  const rest = withoutTrailing((plain.before || before).trim())
  const versions = [brackets.versions, dashed.versions, rest.versions, trailing.versions].reduce(
    joined,
    field,
  )
  return { bare: rest.bare || trailing.bare, versions, featured: [...brackets.featured, ...plain.featured] }
}

/** A version field: all of it is about the version, so that words count that would not in a title. */
function versionField(version: string): Versions {
  const said = readVersion(version)
  if (said) return said
  const { mask, year, rest } = readWords(latinKey(version.slice(0, TITLE_LENGTH_MAX)).split(' '))
  return { mask, by: byOf(mask, rest), year }
}
