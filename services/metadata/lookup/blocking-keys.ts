import type { NameKeys } from '../compare/name-keys.ts'
import { soundKey } from '../normalise.ts'

/**
 * The kinds of blocking keys, with how much a candidate is worth that shares one. Two records are only compared when
 * they share a key; each kind survives another way of spoiling a name.
 */
const keyKinds = {
  isrc: 5,
  upc: 1,
  title: 2,
  nativeTitle: 3,
  /** Title and one artist. */
  song: 4,
  /** Two of the three rarest words of title and artists: survives additions, other orders, a typing error. */
  wordPair: 1,
  /** An artist with the beginning, or the end, of the title: survives typing errors and cuts. */
  titleStart: 1,
  titleEnd: 1,
  /** How title and artists sound: survives transliteration. */
  songSound: 3,
  titleSound: 2,
  artistSound: 1,
  /** Release and artist. */
  release: 1,
} as const
type KeyKind = keyof typeof keyKinds

/** Hashed blocking keys of one record; reused from record to record. */
export interface KeyList {
  readonly hashes: Uint32Array
  readonly worths: Uint8Array
  count: number
}

/** More keys than a record can have. */
const KEYS_MAX = 64
/** So many artists of a record have keys of their own. */
const ARTISTS_MAX = 3
/** Of a catalogue's recording so many of the rarest words are paired, of a claim one more: a typing error may be rare. */
const RARE_WORDS = 3
const RARE_WORDS_OF_CLAIM = 4
const WORDS_MAX = 32
const TITLE_START_LETTERS = 3
const TITLE_END_LETTERS = 4
/** A title that sounds shorter sounds like too many others. */
const TITLE_SOUND_MIN = 3
const ARTIST_SOUND_TITLE_SOUNDS = 2

/** An empty list with room for the keys of any record. */
export const createKeyList = (): KeyList => ({
  hashes: new Uint32Array(KEYS_MAX),
  worths: new Uint8Array(KEYS_MAX),
  count: 0,
})

const kinds = Object.keys(keyKinds) as KeyKind[]
/** Each kind begins its hashes elsewhere. */
const seeds = Object.fromEntries(kinds.map((kind, at) => [kind, Math.imul(at + 1, 0x9e_37_79_b1)])) as Record<
  KeyKind,
  number
>

/** FNV-1a over UTF-16 units, from a seed. */
function hashText(text: string, seed: number, from = 0, to = text.length): number {
  let hash = seed ^ 0x81_1c_9d_c5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93)
  return hash
}

/** Spreads a hash over all its bits (the end of MurmurHash3, by Austin Appleby). */
function spread(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2_b2_ae_35)
  return (h ^ (h >>> 16)) >>> 0
}

function push(list: KeyList, kind: KeyKind, hash: number): void {
  if (list.count === KEYS_MAX) return
  list.hashes[list.count] = spread(hash)
  list.worths[list.count++] = keyKinds[kind]
}

/** How often words occur in a catalogue, by hash: words that share a place count as one. */
export class WordCounts {
  readonly counts: Uint32Array
  readonly #mask: number

  /** @param words expected; there are twice as many places. */
  constructor(words: number) {
    const places = 2 ** Math.min(22, Math.max(12, Math.ceil(Math.log2(Math.max(1, words))) + 1))
    this.counts = new Uint32Array(places)
    this.#mask = places - 1
  }

  add(keys: NameKeys): void {
    const count = readWords(keys)
    for (let at = 0; at < count; at++) this.counts[words[at]! & this.#mask]! += 1
  }

  of(word: number): number {
    return this.counts[word & this.#mask]!
  }
}

/** Hashes of a record's different words, and how often each occurs; scratch space. */
const words = new Uint32Array(WORDS_MAX)
const frequencies = new Uint32Array(WORDS_MAX)

/** Hashes the words of title and artists into `words`. @returns how many. */
function readWords(keys: NameKeys): number {
  let count = readWordsOf(keys.title, 0)
  for (let at = 0; at < Math.min(ARTISTS_MAX, keys.artists.all.length); at++) {
    count = readWordsOf(keys.artists.all[at]!, count)
  }
  return count
}

function isRead(word: number, count: number): boolean {
  for (let at = 0; at < count; at++) if (words[at] === word) return true
  return false
}

function readWordsOf(text: string, before: number): number {
  let count = before
  let from = 0
  for (let at = 0; at <= text.length && count < WORDS_MAX; at++) {
    if (at < text.length && text.charCodeAt(at) !== 32) continue
    if (at > from) {
      const word = spread(hashText(text, seeds.wordPair, from, at))
      if (!isRead(word, count)) words[count++] = word
    }
    from = at + 1
  }
  return count
}

/** Brings the rarest words that the catalogue knows to the front. @returns how many there are, at most `most`. */
function rarestFirst(count: number, counts: WordCounts, most: number): number {
  for (let at = 0; at < count; at++) frequencies[at] = counts.of(words[at]!) || 0xff_ff_ff_ff
  let known = 0
  for (; known < Math.min(count, most); known++) {
    let rarest = known
    for (let at = known + 1; at < count; at++) {
      const isRarer = frequencies[at]! < frequencies[rarest]!
      if (isRarer || (frequencies[at] === frequencies[rarest] && words[at]! < words[rarest]!)) rarest = at
    }
    if (frequencies[rarest] === 0xff_ff_ff_ff) break
    swap(words, known, rarest)
    swap(frequencies, known, rarest)
  }
  return known
}

function swap(values: Uint32Array, one: number, other: number): void {
  const value = values[one]!
  values[one] = values[other]!
  values[other] = value
}

function pushWordPairs(list: KeyList, keys: NameKeys, counts: WordCounts, most: number): void {
  const known = rarestFirst(readWords(keys), counts, most)
  for (let one = 0; one < known; one++) {
    for (let other = one + 1; other < known; other++) {
      const [low, high] =
        words[one]! < words[other]! ? [words[one]!, words[other]!] : [words[other]!, words[one]!]
      push(list, 'wordPair', Math.imul(low, 31) ^ high)
    }
  }
}

function pushArtist(list: KeyList, artist: string, { title, nativeTitle, release }: NameKeys): void {
  const name = title === '' ? nativeTitle : title
  if (name !== '') {
    push(list, 'song', hashText(name, hashText(artist, seeds.song)))
    push(list, 'titleStart', hashText(name, hashText(artist, seeds.titleStart), 0, TITLE_START_LETTERS))
    const from = Math.max(0, name.length - TITLE_END_LETTERS)
    push(list, 'titleEnd', hashText(name, hashText(artist, seeds.titleEnd), from))
  }
  if (release !== '') push(list, 'release', hashText(release, hashText(artist, seeds.release)))
}

function pushSounds(list: KeyList, { title, artists }: NameKeys): void {
  const titleSound = soundKey(title)
  if (titleSound.length >= TITLE_SOUND_MIN) push(list, 'titleSound', hashText(titleSound, seeds.titleSound))
  if (artists.whole === '' || titleSound === '') return
  const artistSound = soundKey(artists.whole)
  push(list, 'songSound', hashText(titleSound, hashText(artistSound, seeds.songSound)))
  const to = Math.min(titleSound.length, ARTIST_SOUND_TITLE_SOUNDS)
  push(list, 'artistSound', hashText(titleSound, hashText(artistSound, seeds.artistSound), 0, to))
}

/**
 * Writes the blocking keys of a record into a list.
 *
 * @param isClaim a claim asks for more pairs of words than a recording has: its rarest word may be a typing error
 *   that happens to be another word.
 */
export function readKeys(list: KeyList, keys: NameKeys, counts: WordCounts, isClaim: boolean): void {
  list.count = 0
  if (keys.isrc !== '') push(list, 'isrc', hashText(keys.isrc, seeds.isrc))
  if (keys.gtin !== '') push(list, 'upc', hashText(keys.gtin, seeds.upc))
  if (keys.title !== '') push(list, 'title', hashText(keys.title, seeds.title))
  if (keys.nativeTitle !== '') push(list, 'nativeTitle', hashText(keys.nativeTitle, seeds.nativeTitle))
  pushWordPairs(list, keys, counts, isClaim ? RARE_WORDS_OF_CLAIM : RARE_WORDS)
  pushSounds(list, keys)
  const { whole, main } = keys.artists
  for (let at = 0; at < Math.min(ARTISTS_MAX, main.length); at++) pushArtist(list, main[at]!, keys)
  if (whole !== '' && !(main.length === 1 && main[0] === whole)) pushArtist(list, whole, keys)
}
