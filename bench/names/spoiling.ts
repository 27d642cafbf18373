import {
  type ClaimReading,
  type ClaimSource,
  readClaims,
} from '../../services/metadata/claims/claimed-names.ts'
import type { Names } from '../../services/metadata/compare/name-keys.ts'
import { type InventedRecording, type Random, pick } from './material.ts'
import type { Wording } from './words.ts'

/** What degradations draw from. */
export interface Spoiler {
  readonly random: Random
  readonly wording: Wording
  /** Other recordings, to take wrong codes from. */
  readonly catalogue: readonly InventedRecording[]
}

/** What is known of a suspect beside the text that names it. */
type Known = Pick<Names, 'durationMs' | 'speed' | 'upc' | 'year' | 'isrc' | 'releaseTitle'>

/** What one degradation makes of a recording: a suspect as the service would read it. */
export type Degradation = (spoiler: Spoiler, recording: InventedRecording) => ClaimReading[]

/** Readings as `readClaims` gives them, with what was measured on the file. */
export const read = (source: ClaimSource, known: Known = {}): ClaimReading[] =>
  readClaims(source).map((reading) => ({ ...reading, names: { ...reading.names, ...known } }))

/** A file with these tags. */
export const tagged = (title: string, artists: readonly string[], known: Known = {}): ClaimReading[] =>
  read({ kind: 'tags', tags: { title, artists } }, known)

/** True in so many of all cases. */
export const chance = (random: Random, share: number): boolean => random() < share

/** Most copies have our length to a second; some an intro, a cut end, or a video around them. */
function heardMs(random: Random, durationMs: number): number {
  const kind = random()
  if (kind < 0.85) return durationMs + Math.round((random() - 0.5) * 2_400)
  if (kind < 0.97) return durationMs + Math.round((random() - 0.5) * 14_000)
  return durationMs + Math.round(random() * 60_000)
}

/** Shares of claims that tell a release and its year, and of those that tell another release than ours. */
const RELEASE_SHARE = 0.3
const OTHER_RELEASE_SHARE = 0.3

/** Now and then a release: ours, or another that the song is on too. */
export function releaseOf({ random, catalogue }: Spoiler, recording: InventedRecording): Known {
  if (!chance(random, RELEASE_SHARE)) return {}
  const { releaseTitle, year } = chance(random, OTHER_RELEASE_SHARE) ? pick(random, catalogue) : recording
  return { releaseTitle, year }
}

/** A length as mostly known, with a release now and then. */
export function length(spoiler: Spoiler, recording: InventedRecording, share = 0.8): Known {
  const { random } = spoiler
  const known = chance(random, share) ? { durationMs: heardMs(random, recording.durationMs) } : {}
  return { ...known, ...releaseOf(spoiler, recording) }
}

/** A title with its version in brackets. */
export const titleOf = ({ title, version }: InventedRecording): string =>
  version ? `${title} (${version})` : title

/** All artists in one line. */
export const artistOf = ({ random, wording }: Spoiler, { artists }: InventedRecording): string =>
  artists.join(artists.length > 1 ? pick(random, wording.joins) : '')

const KEYBOARD = 'qwertyuiopasdfghjklzxcvbnm'

/** One typing error: a letter exchanged, left out, doubled, or changed for its neighbour on the keyboard. */
export function mistyped(random: Random, text: string): string {
  const letters = Array.from(text)
  if (letters.length < 4) return text
  const at = 1 + Math.floor(random() * (letters.length - 2))
  const letter = letters[at]!
  const key = KEYBOARD.indexOf(letter)
  const kind = Math.floor(random() * 4)
  if (kind === 0) letters.splice(at, 2, letters[at + 1]!, letter)
  else if (kind === 1) letters.splice(at, 1)
  else if (kind === 2 || key < 0) letters.splice(at, 0, letter)
  else letters[at] = KEYBOARD[(key + 1) % KEYBOARD.length]!
  return letters.join('')
}
