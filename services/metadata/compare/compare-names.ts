import { type NameKeys, type Names, keysOfNames } from './name-keys.ts'
import { type Levels, type NameField, levelsOf, nameLevels } from './name-levels.ts'
import { ACCEPTED_PROBABILITY, FITTED_RECORDINGS, PRIOR_LOG_ODDS, nameWeights } from './name-weights.ts'
import { reasonText } from './reason-texts.ts'

/** Why a score is what it is: one field. */
export interface Reason {
  readonly field: NameField
  readonly level: string
  /** Natural log-odds that the field adds. */
  readonly logOdds: number
  /** For people: `duration off by 41 s −6.0`. */
  readonly text: string
}

/**
 * What does not fit although the rest may.
 *
 * - `isrc-contradicted`: the ISRC is ours, title and duration are not; it was not counted.
 * - `isrc-differs`: the names are ours, the ISRC is another.
 */
export type NameFlag = 'isrc-contradicted' | 'isrc-differs'

/** A claim held against a recording. */
export interface Comparison {
  /** That the claim means this recording, or by `relation` something made of it. */
  readonly probability: number
  /** The same as natural log-odds. */
  readonly logOdds: number
  /** In the order of their weight, the heaviest first. */
  readonly reasons: readonly Reason[]
  /** `other-version`: the version words speak of another recording of the work, and nothing outweighs them. */
  readonly relation: 'same' | 'derivative' | 'other-version'
  readonly flags: readonly NameFlag[]
}

/** A score without its reasons. */
export interface Score {
  readonly logOdds: number
  readonly levels: Levels
}

/** In a smaller catalogue namesakes are no rarer: they are of the same artists. */
const CATALOGUE_SIZE_MIN = 1_000

const isWrong = (level: Levels['title']): boolean => level === 'other' || level === 'some'

/**
 * Whether names contradict an equal ISRC. Codes are copied from the neighbouring track and reused, so a code does not
 * win against another title, nor against another version or artist whose length is not ours. A title in another
 * script may be a translation: then the length decides.
 */
export function isrcContradicted({ isrc, title, version, artists, duration }: Levels): boolean {
  if (isrc !== 'equal') return false
  const lengthFits = duration === 'equal' || duration === 'near' || duration === 'scaled'
  if (isWrong(title)) return true
  return (title === 'other-script' || version === 'other' || artists === 'other') && !lengthFits
}

const weightOf = (field: NameField, level: string | undefined): number =>
  level === undefined ? 0 : (nameWeights[field] as Readonly<Record<string, number>>)[level]!

/** Prior log-odds: the more recordings there are, the more of them look like the claim by chance. */
const priorLogOdds = (recordings: number): number =>
  PRIOR_LOG_ODDS - Math.log(Math.max(CATALOGUE_SIZE_MIN, recordings) / FITTED_RECORDINGS)

/** Log-odds that a claim means a recording, of a catalogue of so many: the fast way, without reasons. */
export function scoreNames(claim: NameKeys, ours: NameKeys, recordings: number): Score {
  const levels = levelsOf(claim, ours)
  const { isrc, upc, title, artists, version, duration, release, year } = levels
  let logOdds = priorLogOdds(recordings)
  if (isrc !== undefined && !isrcContradicted(levels)) logOdds += nameWeights.isrc[isrc]
  if (upc !== undefined) logOdds += nameWeights.upc[upc]
  if (title !== undefined) logOdds += nameWeights.title[title]
  if (artists !== undefined) logOdds += nameWeights.artists[artists]
  if (version !== undefined) logOdds += nameWeights.version[version]
  if (duration !== undefined) logOdds += nameWeights.duration[duration]
  if (release !== undefined) logOdds += nameWeights.release[release]
  if (year !== undefined) logOdds += nameWeights.year[year]
  return { logOdds, levels }
}

/** Natural log-odds as a probability. */
export const probabilityOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

const fields = Object.keys(nameLevels) as NameField[]

/** A score with what people want to know of it. */
export function explainScore({ logOdds, levels }: Score, claim: NameKeys, ours: NameKeys): Comparison {
  const contradicted = isrcContradicted(levels)
  const reasons = fields.flatMap((field): Reason[] => {
    const level = levels[field]
    if (level === undefined) return []
    const added = field === 'isrc' && contradicted ? 0 : weightOf(field, level)
    return [{ field, level, logOdds: added, text: reasonText(field, level, added, claim, ours) }]
  })
  const probability = probabilityOf(logOdds)
  const isAccepted = probability >= ACCEPTED_PROBABILITY
  const isOther = levels.version === 'other' || levels.version === 'unsaid'
  const flags: NameFlag[] = []
  if (contradicted) flags.push('isrc-contradicted')
  if (levels.isrc === 'differs' && isAccepted) flags.push('isrc-differs')
  return {
    probability,
    logOdds,
    reasons: reasons.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds)),
    relation:
      levels.version === 'derivative' ? 'derivative' : isOther && !isAccepted ? 'other-version' : 'same',
    flags,
  }
}

/**
 * Holds a claim against a recording by the model of Fellegi and Sunter ("A theory for record linkage", 1969): each
 * field adds the log-odds of how well it agrees, and the size of the catalogue gives where to begin.
 *
 * @param recordings in the catalogue that the recording was found in.
 */
export function compareNames(claim: Names, ours: Names, recordings: number): Comparison {
  const [claimKeys, ourKeys] = [keysOfNames(claim), keysOfNames(ours)]
  return explainScore(scoreNames(claimKeys, ourKeys, recordings), claimKeys, ourKeys)
}
