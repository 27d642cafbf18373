import { z } from 'zod'

/** One part of a priority: its points of 1, and why, in words. */
export const PriorityReason = z.object({ points: z.number(), text: z.string() })
export type PriorityReason = z.infer<typeof PriorityReason>

/** What is known of the harm that a copy does. Counts are of the account's own finds of the recording. */
export interface Harm {
  /** Unreleased: what leaks now was never to be had. */
  readonly unreleased: boolean
  /** Since its release; undefined where the date is not known. */
  readonly releasedDays: number | undefined
  /** Places where it has been found, this one included. */
  readonly locations: number
  /** Days of the last thirty on which it was found. */
  readonly days: number
  /** Of the recording, 0 … 1, in the largest find of the case. */
  readonly shareOfRecording: number
  /** That it is the recording at all, 0 … 1. */
  readonly confidence: number
}

/** Weights of the parts; they add up to 1. A leak before the release costs most, and cannot be made good later. */
const EARLY = 0.45
const REACH = 0.25
const DAYS = 0.1
const SHARE = 0.2

/** A recording on its first day is worth so much of an unreleased one, and half of that after each half-life. */
const NEW_RELEASE = 0.7
const HALF_LIFE_DAYS = 30
/** Reach counts in doublings: from so many places on, more of them say nothing new. */
const LOCATIONS_FULL = 64
const DAYS_FULL = 10
/** Parts smaller than this are not worth a line. */
const POINTS_SHOWN_MIN = 0.005

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
const percent = (share: number): string => `${Math.round(share * 100)} %`

/** 0 … 1: unreleased is all of it, an old release next to nothing. */
const earliness = ({ unreleased, releasedDays }: Harm): number => {
  if (unreleased) return 1
  return releasedDays === undefined ? 0 : NEW_RELEASE * 2 ** (-Math.max(0, releasedDays) / HALF_LIFE_DAYS)
}

const earlyWords = ({ unreleased, releasedDays = 0 }: Harm): string =>
  unreleased ? 'Not released yet' : `Released ${counted(Math.max(0, Math.floor(releasedDays)), 'day')} ago`

const clamp = (value: number): number => Math.min(1, Math.max(0, value))

/**
 * How urgent a case is by the harm of its copy, and by what: unreleased or new, found in many places and on many days,
 * whole rather than in part; all of it in proportion to how sure the match is. How long the case has waited says nothing.
 *
 * @returns a priority of 0 … 1, which the points of the reasons add up to, but for those too small to be told.
 */
export function priorityOf(harm: Harm): { priority: number; reasons: PriorityReason[] } {
  const reach = clamp(Math.log2(Math.max(1, harm.locations)) / Math.log2(LOCATIONS_FULL))
  const parts: PriorityReason[] = [
    { points: EARLY * earliness(harm), text: earlyWords(harm) },
    { points: REACH * reach, text: `Found at ${counted(harm.locations, 'place')}` },
    {
      points: DAYS * clamp((harm.days - 1) / (DAYS_FULL - 1)),
      text: `Found on ${counted(harm.days, 'day')} of the last 30`,
    },
    {
      points: SHARE * clamp(harm.shareOfRecording),
      text: `${percent(harm.shareOfRecording)} of the recording is there`,
    },
  ]
  const whole = parts.reduce((sum, { points }) => sum + points, 0)
  const priority = clamp(whole * clamp(harm.confidence))
  const doubt = { points: priority - whole, text: `The match is only ${percent(harm.confidence)} sure` }
  const reasons = [...parts, doubt].filter(({ points }) => Math.abs(points) >= POINTS_SHOWN_MIN)
  return { priority, reasons: reasons.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points)) }
}
