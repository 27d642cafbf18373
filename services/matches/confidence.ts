import { z } from 'zod'

import type { ArtworkEvidence } from './artwork.ts'
import { type ConfidenceWeights, confidenceWeights } from './confidence-weights.ts'
import type { FoundRecording } from './match.ts'
import type { NameEvidence } from './names.ts'

/** What a confidence is made of: all `logOdds` (natural) of a match add up to those of its confidence, within 0.05. */
export const ConfidenceReason = z.object({
  /** `limit`: what keeps the rest from saying more than is known. */
  part: z.enum(['audio', 'names', 'artwork', 'limit']),
  logOdds: z.number(),
  /** For people: `the cover is the same +1.1`. */
  text: z.string(),
})
export type ConfidenceReason = z.infer<typeof ConfidenceReason>

/** What is known of an item and a recording that was heard in it. */
export interface ConfidenceEvidence {
  /** As the audio's search has it (services/audio/search/decide.ts), 0 … 1. */
  readonly falseMatchProbability: number
  /** See `namesLogOdds`; undefined when the item has no name that says anything. */
  readonly namesLogOdds?: number | undefined
  /** Undefined when one of the two has no cover that can be compared. */
  readonly artwork?: ArtworkEvidence['relation'] | undefined
}

export interface Confidence {
  /** That the item contains this recording, 0 … 1. */
  readonly confidence: number
  /** In the order of the parts. */
  readonly reasons: readonly ConfidenceReason[]
}

/** Nobody is told of less doubt: neither the tail of false scores nor names were measured any further. */
const DOUBT_LEAST = 1e-6
/** The log-odds of a probability of 1 would be without end. */
const FALSE_MATCH_MOST = 0.999
/** Beyond this, names that agree in everything are as easily forged as names that agree in little. */
export const NAMES_LOG_ODDS_MAX = 12

const logitOf = (probability: number): number => Math.log(probability / (1 - probability))
/** The log-odds of what is as sure as anything is told to be. */
export const SUREST = logitOf(1 - DOUBT_LEAST)

/**
 * What the names add up to, as natural log-odds without regard to how large the catalogue is: the audio has chosen the
 * recording already. Beside version words that contradict, agreement is not counted: artist and title are what a live
 * recording and a remix have in common with the recording that they are not.
 */
export function namesLogOdds({ relation, reasons }: Pick<NameEvidence, 'relation' | 'reasons'>): number {
  const counted = reasons.filter(({ logOdds }) => relation !== 'other-version' || logOdds < 0)
  const sum = counted.reduce((before, { logOdds }) => before + logOdds, 0)
  return Math.max(-NAMES_LOG_ODDS_MAX, Math.min(NAMES_LOG_ODDS_MAX, sum))
}

/** Log-odds by part, before limits. */
export interface PartLogOdds {
  readonly audio: number
  readonly names: number
  readonly artwork: number
}

/**
 * How far audio is from sure, in natural log-odds: 0 from a false-match probability of one in a million on, below the
 * more often chance finds as much.
 */
export function audioShortfall(falseMatchProbability: number): number {
  const probability = Math.min(FALSE_MATCH_MOST, Math.max(DOUBT_LEAST, falseMatchProbability))
  return -logitOf(probability) - SUREST
}

/** How the weights read the evidence. What is not known adds nothing. */
export function partsOf(
  evidence: ConfidenceEvidence,
  weights: ConfidenceWeights = confidenceWeights,
): PartLogOdds {
  const { falseMatchProbability, namesLogOdds: names = 0, artwork } = evidence
  return {
    audio: SUREST + weights.audio * audioShortfall(falseMatchProbability),
    names: (names > 0 ? weights.namesFor : weights.namesAgainst) * names,
    artwork: artwork ? weights.artwork[artwork] : 0,
  }
}

/** Log-odds with their sign: `+9.1`, `−6.0`. */
const signed = (logOdds: number): string => `${logOdds < 0 ? '−' : '+'}${Math.abs(logOdds).toFixed(1)}`

/** How seldom a search finds as much by chance. */
function oddsInWords(probability: number): string {
  if (probability <= DOUBT_LEAST) return 'at most once in a million searches'
  const searches = Number((1 / probability).toPrecision(2))
  return `once in ${searches.toLocaleString('en')} searches`
}

const artworkTexts: Readonly<Record<ArtworkEvidence['relation'], string>> = {
  same: 'the cover is the same',
  similar: 'the cover is similar',
  different: 'the cover is another',
}

function reasonsOf(evidence: ConfidenceEvidence, parts: PartLogOdds): ConfidenceReason[] {
  const { falseMatchProbability, namesLogOdds: names, artwork } = evidence
  const reasons: { readonly part: keyof PartLogOdds; readonly text: string }[] = [
    { part: 'audio', text: `the audio, which chance brings about ${oddsInWords(falseMatchProbability)}` },
  ]
  if (names !== undefined)
    reasons.push({ part: 'names', text: names < 0 ? 'the names do not fit' : 'the names fit' })
  if (artwork) reasons.push({ part: 'artwork', text: artworkTexts[artwork] })
  return reasons.map(({ part, text }) => ({
    part,
    logOdds: parts[part],
    text: `${text} ${signed(parts[part])}`,
  }))
}

/** What the parts may amount to, and why not more or less. */
function limited(
  { falseMatchProbability }: ConfidenceEvidence,
  { audio, names, artwork }: PartLogOdds,
  falseClaimsPerMillion: number,
): { readonly logOdds: number; readonly why: string } {
  const accepted = falseClaimsPerMillion / 1e6
  const sum = audio + names + artwork
  if (falseMatchProbability > accepted && sum > audio)
    return { logOdds: audio, why: 'what is not heard surely is no surer by its names and cover' }
  if (falseMatchProbability <= DOUBT_LEAST && sum < SUREST)
    return { logOdds: SUREST, why: 'audio as sure as this is not outweighed' }
  return { logOdds: Math.min(sum, SUREST), why: 'no doubt is told to be less than one in a million' }
}

/** Limits that change less than people are shown are not told. */
const LIMIT_TOLD_MIN = 0.05

/**
 * One probability that an item contains a recording, from all that is known: the sum of what audio, names and cover
 * add, with weights fitted by logistic regression (`npm run bench -- confidence`). The audio leads. What it does not
 * carry by itself is not lifted by names or a cover; what is less than one in a million by chance is not sunk by them,
 * as a leak may be called anything; and nothing is surer than one in a million.
 *
 * @param falseClaimsPerMillion from which on the account accepts a find; see services/audio/search/decide.ts.
 */
export function confidenceOf(evidence: ConfidenceEvidence, falseClaimsPerMillion: number): Confidence {
  const parts = partsOf(evidence)
  const { logOdds, why } = limited(evidence, parts, falseClaimsPerMillion)
  const reasons = reasonsOf(evidence, parts)
  const limit = logOdds - (parts.audio + parts.names + parts.artwork)
  if (Math.abs(limit) >= LIMIT_TOLD_MIN)
    reasons.push({ part: 'limit', logOdds: limit, text: `${why} ${signed(limit)}` })
  return { confidence: 1 / (1 + Math.exp(-logOdds)), reasons }
}

/** A find with its confidence by everything that is known of it. */
export function withConfidence(found: FoundRecording, falseClaimsPerMillion: number): FoundRecording {
  const { falseMatchProbability, names, artwork } = found
  const evidence = {
    falseMatchProbability,
    namesLogOdds: names && namesLogOdds(names),
    artwork: artwork?.relation,
  }
  const { confidence, reasons } = confidenceOf(evidence, falseClaimsPerMillion)
  return { ...found, confidence, confidenceReasons: reasons }
}
