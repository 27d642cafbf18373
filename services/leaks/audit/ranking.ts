import type { LeakAnswer } from '../exposure.ts'
import type { LeakKind } from '../leak.ts'
import type { TrackCodec, TrackStatus } from '../manifest-row.ts'

/** What of an answer says how exposed a recording is. */
export interface Ranked extends Pick<LeakAnswer, 'status' | 'codec' | 'popularity' | 'probability'> {
  /** The day on which its batch was published; null: it is in none, or in one that is not published yet. */
  readonly publishedOn: string | null
}

/** Whether a leak has the audio of a recording, by itself or by another copy of it. */
export const hasAudio = ({ status }: { readonly status: TrackStatus }): boolean =>
  status === 'audio' || status === 'sibling'

/*
 * Shares of the score. They are an order, not a measure: audio that anybody can have is worse than audio that only the
 * leak's makers have, that is worse than being on their list, and within each the better known is worse.
 */
const statusScores: Readonly<Record<TrackStatus, number>> = {
  audio: 0.6,
  sibling: 0.55,
  planned: 0.3,
  unknown: 0.15,
  metadata: 0.1,
  failed: 0.05,
}
const PUBLISHED_SCORE = 0.25
const POPULARITY_SCORE = 0.1
const codecScores: Readonly<Record<TrackCodec, number>> = {
  'vorbis-160': 0.05,
  other: 0.03,
  'opus-75': 0.02,
  unknown: 0,
}

/** How exposed a recording is by one leak, 0 to 1; half as sure is half as exposed. */
export function scoreOf(ranked: Ranked): number {
  const { status, codec, popularity, publishedOn, probability } = ranked
  const audio = hasAudio(ranked) ? codecScores[codec] + (publishedOn === null ? 0 : PUBLISHED_SCORE) : 0
  const score = statusScores[status] + audio + (POPULARITY_SCORE * (popularity ?? 0)) / 100
  return Number((score * probability).toFixed(4))
}

/** What of an answer is told as a change when it is another. */
export type Standing = Pick<Ranked, 'status' | 'publishedOn'>

const levelOf = (standing: Standing): number => {
  if (hasAudio(standing)) return standing.publishedOn === null ? 3 : 4
  return standing.status === 'planned' ? 2 : 1
}

/**
 * Whether a recording is worse off than before: it was not known to be in the leak, its audio was taken or is about to be,
 * or what was taken is published now.
 */
export const isWorse = (before: Standing | null, after: Standing): boolean =>
  before === null || levelOf(after) > levelOf(before)

/** Below it people compare for themselves before they do anything. */
const SURE_PROBABILITY = 0.9

const statusAdvice: Readonly<Record<Exclude<TrackStatus, 'audio' | 'sibling'>, string>> = {
  planned: 'It stands on the list and was not taken yet: ask again when there is a newer manifest.',
  metadata: 'Only what it is called was taken: there is nothing to be removed.',
  failed: 'Its makers could not take it: there is nothing to be removed.',
  unknown: 'The leak does not say what was taken: ask again when there is a fuller manifest.',
}

function audioAdvice({ publishedOn }: Ranked, isInBatch: boolean): string {
  if (publishedOn !== null)
    return 'Its audio can be had by anybody: watch the places where copies are shared, and have each file that turns up compared.'
  return isInBatch
    ? 'Its audio was taken and is not published yet: see that its own audio is registered, so that copies are recognised from the first day.'
    : 'Its audio was taken, and nobody said when it is published: see that its own audio is registered, so that copies are recognised.'
}

/**
 * What to do about a recording in a leak, in a sentence or two for people.
 *
 * @param leak `isInBatch`: whether one of its batches has the recording.
 */
export function adviceOf(
  ranked: Ranked,
  leak: { readonly kind: LeakKind; readonly isInBatch: boolean },
): string {
  const { status, probability } = ranked
  const advice =
    leak.kind === 'data-set'
      ? 'Reserve your rights against its use for training, and demand that it is taken out of the data set.'
      : status === 'audio' || status === 'sibling'
        ? audioAdvice(ranked, leak.isInBatch)
        : statusAdvice[status]
  return probability < SURE_PROBABILITY ? `Compare the rows with your recording first. ${advice}` : advice
}
