import { soundKey } from '../normalise.ts'
import { similarity } from '../similarity.ts'
import type { ArtistKeys, NameKeys } from './name-keys.ts'
import { type VersionRelation, compareVersions, saidSpeed } from './version-matrix.ts'

/** The fields that are compared, and how well each may agree. A field that a side lacks has no level. */
export const nameLevels = {
  isrc: ['equal', 'differs'],
  upc: ['equal', 'differs'],
  title: ['equal-long', 'equal', 'near', 'close', 'part', 'some', 'other-script', 'other'],
  artists: ['equal', 'near', 'shared', 'partly', 'other-script', 'other'],
  version: ['agreed', 'edit', 'derivative', 'unsaid', 'other'],
  duration: ['equal', 'near', 'close', 'off', 'far', 'scaled', 'not-scaled'],
  release: ['equal', 'near', 'other'],
  year: ['equal', 'near', 'other'],
} as const
/** A field that is compared. */
export type NameField = keyof typeof nameLevels
/** How well one field may agree. */
export type LevelOf<Field extends NameField> = (typeof nameLevels)[Field][number]
/** How well each field agrees; undefined where a side lacks it. */
export type Levels = { readonly [Field in NameField]: LevelOf<Field> | undefined }

/** A title of so many letters or words is not shared by chance. */
const LONG_TITLE_LETTERS = 14
const LONG_TITLE_WORDS = 3

/** Edit similarities (`similarity`) from which two names are near, close, or have something in common. */
const NEAR_MIN = 0.84
const CLOSE_MIN = 0.68
const SOME_MIN = 0.56

/** What is left of a name that was cut off is no shorter, or it says too little. */
const PART_LETTERS_MIN = 4
/** And no smaller a part of the whole name. */
const PART_SHARE_MIN = 0.3

const isPrefix = (one: string, other: string): boolean => {
  const [shorter, longer] = one.length < other.length ? [one, other] : [other, one]
  const isEnough = shorter.length >= PART_LETTERS_MIN && shorter.length >= PART_SHARE_MIN * longer.length
  return isEnough && longer.startsWith(shorter)
}

/** Similarity in whichever script shows more of it; names that sound the same are near. */
function bestSimilarity(latin: string, otherLatin: string, native: string, otherNative: string): number {
  let best = latin === '' || otherLatin === '' ? 0 : similarity(latin, otherLatin)
  if (best < 1 && native !== '' && otherNative !== '') best = Math.max(best, similarity(native, otherNative))
  if (best >= SOUND_SIMILARITY_MIN && best < NEAR_MIN && soundsSame(latin, otherLatin)) return NEAR_MIN
  return best
}

/** Names that sound the same without being at least so similar do so by chance. */
const SOUND_SIMILARITY_MIN = 0.6
/** A sound shorter than this is shared by many names. */
const SOUND_LENGTH_MIN = 3

function soundsSame(one: string, other: string): boolean {
  const sound = soundKey(one)
  return sound.length >= SOUND_LENGTH_MIN && sound === soundKey(other)
}

const WITH_NUMBER = /\d|\b[ivx]{2,4}\b|\bv\b/
const NUMBER = /^(?:\d{1,3}|i{2,3}|i?v|vi{1,3}|ix)$/

/** The numbers in a title, which no typing error excuses; years are none. */
function numbersOf(latin: string): string {
  if (!WITH_NUMBER.test(latin)) return ''
  return latin
    .split(' ')
    .filter((word) => NUMBER.test(word))
    .join(' ')
}

/** A name in another script may be a translation, or a reading that transliteration does not know. */
const otherLevel = (native: string, otherNative: string): 'other' | 'other-script' =>
  (native === '') === (otherNative === '') ? 'other' : 'other-script'

function titleLevel(claim: NameKeys, ours: NameKeys): Levels['title'] {
  const [a, b] = [claim.title, ours.title]
  const hasLatin = a !== '' && b !== ''
  const hasNative = claim.nativeTitle !== '' && ours.nativeTitle !== ''
  if (!hasLatin && !hasNative) return undefined
  if (hasLatin ? a === b : claim.nativeTitle === ours.nativeTitle) {
    const isLong =
      a.length >= LONG_TITLE_LETTERS || a.split(' ', LONG_TITLE_WORDS).length === LONG_TITLE_WORDS
    return isLong ? 'equal-long' : 'equal'
  }
  const best = bestSimilarity(a, b, claim.nativeTitle, ours.nativeTitle)
  // 'Part 1' is written almost like 'Part 2', and is another work.
  if (best >= SOME_MIN && numbersOf(a) !== numbersOf(b)) return 'some'
  if (best >= NEAR_MIN) return 'near'
  if (isPrefix(a, b)) return 'part'
  if (best >= CLOSE_MIN) return 'close'
  return best >= SOME_MIN ? 'some' : otherLevel(claim.nativeTitle, ours.nativeTitle)
}

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, place) => name === other[place])

/** Whether two names have the same words, as `Surname Forename` and `Forename Surname`. */
const sameWords = (one: string, other: string): boolean =>
  one.length === other.length && one.split(' ').sort().join() === other.split(' ').sort().join()

function artistsLevel(claim: ArtistKeys, ours: ArtistKeys): Levels['artists'] {
  const hasNative = claim.native !== '' && ours.native !== ''
  if ((claim.whole === '' || ours.whole === '') && !hasNative) {
    return claim.all.length > 0 && ours.all.length > 0 && claim.all.some((name) => ours.all.includes(name))
      ? 'shared'
      : undefined
  }
  if (claim.whole === ours.whole || (hasNative && claim.native === ours.native)) return 'equal'
  if (sameSet(claim.main, ours.main) || sameSet(claim.all, ours.all)) return 'equal'
  const isShared =
    claim.main.some((name) => ours.all.includes(name)) || ours.main.some((name) => claim.all.includes(name))
  const best = bestSimilarity(claim.whole, ours.whole, claim.native, ours.native)
  if (isShared) return best >= NEAR_MIN ? 'near' : 'shared'
  if (best >= NEAR_MIN || sameWords(claim.whole, ours.whole)) return 'near'
  if (best >= CLOSE_MIN || isPrefix(claim.whole, ours.whole) || oneIsNear(claim, ours)) return 'partly'
  return otherLevel(claim.native, ours.native)
}

/** More names than this are not compared with each other: the work is their product. */
const NAMES_COMPARED_MAX = 4

/** Whether one of several artists is written like one of the others. */
function oneIsNear({ all: claimed }: ArtistKeys, { all: ours }: ArtistKeys): boolean {
  if (claimed.length === 1 && ours.length === 1) return false
  const some = ours.slice(0, NAMES_COMPARED_MAX)
  return claimed
    .slice(0, NAMES_COMPARED_MAX)
    .some((name) => some.some((other) => similarity(name, other) >= NEAR_MIN))
}

/** Differences in length, in ms: another encoder's padding, another master's silence, another fade. */
const EQUAL_MS = 2_000
const NEAR_MS = 5_000
const CLOSE_MS = 10_000
const OFF_MS = 30_000

/** Speeds that people give to sped up and slowed copies. */
const SPEED_MIN = 0.7
const SPEED_MAX = 1.4
/** A length that differs by less is not changed in speed; reverb and silence may add so much. */
const SPEED_NEAR_ONE = 0.02
const TAIL_SHARE = 0.1

/** How the claimed length meets ours, given what the words and the audio say of the speed. */
function durationLevel(claim: NameKeys, ours: NameKeys, relation: VersionRelation): Levels['duration'] {
  if (claim.durationMs === 0 || ours.durationMs === 0) return undefined
  if (claim.speed === 0 && relation === 'derivative') return speedLevel(claim, ours)
  const expectedMs = ours.durationMs / (claim.speed || 1)
  const offMs = Math.abs(claim.durationMs - expectedMs)
  if (offMs <= EQUAL_MS) return 'equal'
  // An edit has another length by its nature.
  if (relation === 'edit') return undefined
  if (offMs <= NEAR_MS) return 'near'
  if (offMs <= CLOSE_MS) return 'close'
  return offMs <= OFF_MS ? 'off' : 'far'
}

function speedLevel(claim: NameKeys, ours: NameKeys): 'scaled' | 'not-scaled' {
  const speed = ours.durationMs / claim.durationMs
  const said = saidSpeed(claim.versions)
  const fits =
    said === 0
      ? speed >= 1 - TAIL_SHARE && speed <= 1 + SPEED_NEAR_ONE
      : said === 1
        ? speed >= 1 + SPEED_NEAR_ONE && speed <= SPEED_MAX
        : speed <= 1 - SPEED_NEAR_ONE && speed >= SPEED_MIN
  return fits ? 'scaled' : 'not-scaled'
}

function versionLevel(claim: NameKeys, ours: NameKeys, relation: VersionRelation): Levels['version'] {
  // What names nothing says nothing of the version.
  if (claim.title === '' && claim.nativeTitle === '' && claim.versions.mask === 0) return undefined
  if (relation !== 'same') return relation
  return claim.versions.mask !== 0 && claim.versions.mask === ours.versions.mask ? 'agreed' : undefined
}

function releaseLevel(claim: string, ours: string): Levels['release'] {
  if (claim === '' || ours === '') return undefined
  if (claim === ours) return 'equal'
  return isPrefix(claim, ours) || similarity(claim, ours) >= CLOSE_MIN ? 'near' : 'other'
}

function yearLevel(claim: number, ours: number): Levels['year'] {
  if (claim === 0 || ours === 0) return undefined
  if (claim === ours) return 'equal'
  return Math.abs(claim - ours) === 1 ? 'near' : 'other'
}

const codeLevel = (claim: string, ours: string): 'equal' | 'differs' | undefined =>
  claim === '' || ours === '' ? undefined : claim === ours ? 'equal' : 'differs'

/** How well each field of a claim agrees with a recording of ours. */
export function levelsOf(claim: NameKeys, ours: NameKeys): Levels {
  const relation = compareVersions(claim.versions, ours.versions)
  return {
    isrc: codeLevel(claim.isrc, ours.isrc),
    upc: codeLevel(claim.gtin, ours.gtin),
    title: titleLevel(claim, ours),
    artists: artistsLevel(claim.artists, ours.artists),
    version: versionLevel(claim, ours, relation),
    duration: durationLevel(claim, ours, relation),
    release: releaseLevel(claim.release, ours.release),
    year: yearLevel(claim.year, ours.year),
  }
}
