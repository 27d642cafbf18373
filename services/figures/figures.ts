import { z } from 'zod'

import { RecipientId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import type { DismissReason } from '../matches/case.ts'
import type { Outcome } from '../notices/notice-state.ts'
import { HostClass, RecipientRole } from '../recipients/recipient.ts'

const DAY_MS = 24 * 60 * 60_000
/** A longer period is no period any more; the yearly tables tell of single years. */
const PERIOD_DAYS_MAX = 3_660
/** Without a wish of the caller: a quarter of a year. */
const PERIOD_DAYS = 90

/** From a moment until before another. What was sent in between counts, with all that became of it until today. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

/**
 * The period of some days, both counted in, in UTC; left out, the last ninety until today.
 *
 * @param given ISO 8601 dates. @throws {Problem} request/invalid when it ends before it begins, or is too long.
 */
export function periodOf(
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
  now = new Date(),
): Period {
  const last = new Date(`${given.to ?? now.toISOString().slice(0, 10)}T00:00:00Z`)
  const to = new Date(last.getTime() + DAY_MS)
  const from = given.from
    ? new Date(`${given.from}T00:00:00Z`)
    : new Date(to.getTime() - PERIOD_DAYS * DAY_MS)
  const days = (to.getTime() - from.getTime()) / DAY_MS
  if (days >= 1 && days <= PERIOD_DAYS_MAX) return { from, to }
  const detail =
    days < 1 ? 'is after the end of the period' : `is more than ${PERIOD_DAYS_MAX} days before its end`
  throw new Problem('request/invalid', 'That is no period that can be told of', {
    faults: [{ pointer: '/from', detail }],
  })
}

/** A calendar year, in UTC. */
export const yearOf = (year: number): Period => ({
  from: new Date(Date.UTC(year, 0, 1)),
  to: new Date(Date.UTC(year + 1, 0, 1)),
})

/** Outcomes by which a recipient says that it does not remove what is demanded. */
export const refusalOutcomes = [
  'incomplete',
  'url_not_direct',
  'wrong_recipient',
  'duplicate',
  'already_gone',
  'not_infringing',
  'court_order_needed',
] as const satisfies readonly Outcome[]

/** Reasons for which a case that was noticed should not have been. That a copy is gone, or told twice, is no mistake. */
export const unfoundedReasons = [
  'false_positive',
  'authorised_use',
  'exception_applies',
  'not_our_territory',
] as const satisfies readonly DismissReason[]

/**
 * What is counted of demands. A demand is one address demanded of one recipient in one notice, whatever the number of its
 * versions; a removal is credited to the demand that was the latest when the copy was found gone.
 */
export const Counts = z.object({
  /** Notices that were sent, each version for itself, and those of which receipt was confirmed. */
  notices: z.number(),
  acknowledged: z.number(),
  locations: z.number(),
  /** Found gone, whether or not they came back; and those that did. */
  removed: z.number(),
  restored: z.number(),
  /** By the recipient's last word. */
  refused: z.number(),
  /** Given up without any answer. */
  noResponse: z.number(),
  counterNotices: z.number(),
  /** Taken back before anything was done. */
  withdrawn: z.number(),
  /** Retracted, dismissed after it was noticed, or a counter-notice that was right. */
  unfounded: z.number(),
})
export type Counts = z.infer<typeof Counts>

/** Hours that half of them took at most, and nine of ten; null where there are none. */
const Times = z.object({
  acknowledgeMedianH: z.number().nullable(),
  acknowledgeP90H: z.number().nullable(),
  /** From sending to the first look that found it gone. */
  removalMedianH: z.number().nullable(),
  removalP90H: z.number().nullable(),
})

/** What is counted and measured, for all recipients or one. */
export const Tally = Counts.extend(Times.shape)
export type Tally = z.infer<typeof Tally>

/** How often each refusal was given, over all versions; a reason that nobody gave is not there. */
export const Refusals = z.partialRecord(z.enum(refusalOutcomes), z.number())
export type Refusals = z.infer<typeof Refusals>

/** What became of cases that people reviewed in the period, by their last decision. */
export const Reviewed = z.object({
  confirmed: z.number(),
  falsePositives: z.number(),
  /** Right finds that are no infringement, or nothing to pursue. */
  otherwiseDismissed: z.number(),
})
export type Reviewed = z.infer<typeof Reviewed>

export const RecipientFigures = Tally.extend({
  recipientId: RecipientId,
  name: z.string(),
  role: RecipientRole,
  refusals: Refusals,
  /** As a person set it. */
  class: HostClass.nullable(),
  /** What the figures suggest; null where they are too few to suggest anything. */
  suggestedClass: HostClass.nullable(),
})
export type RecipientFigures = z.infer<typeof RecipientFigures>

/** The figures of an account for a period: all in all, and by recipient. */
export const Figures = z.object({
  from: z.date(),
  to: z.date(),
  total: Tally.extend({ refusals: Refusals }),
  reviewed: Reviewed,
  recipients: z.array(RecipientFigures),
})
export type Figures = z.infer<typeof Figures>

/** What a provider did about a location. `none` holds those that still wait, too. */
export const ProviderAction = z.enum(['removed', 'restored', 'refused', 'countered', 'none', 'withdrawn'])
export type ProviderAction = z.infer<typeof ProviderAction>

/** A row of the yearly table: a provider, the type of content, and what it did (Art. 22(3) of the DSA). */
export const YearlyRow = z.object({
  provider: z.string(),
  role: RecipientRole,
  country: z.string().nullable(),
  contentType: z.literal('sound recordings'),
  notices: z.number(),
  locations: z.number(),
  removed: z.number(),
  restored: z.number(),
  refused: z.number(),
  countered: z.number(),
  none: z.number(),
  withdrawn: z.number(),
})
export type YearlyRow = z.infer<typeof YearlyRow>

/** Of how many: a share with what it is made of, so that nobody takes one of two for a rule. */
export interface Share {
  readonly count: number
  readonly of: number
}

/** Of the locations that were not taken back, those that were found gone. */
export const removalShare = ({ removed, locations, withdrawn }: Counts): Share => ({
  count: removed,
  of: locations - withdrawn,
})

/** Of the locations that were demanded, those that should not have been. */
export const unfoundedShare = ({ unfounded, locations }: Pick<Counts, 'unfounded' | 'locations'>): Share => ({
  count: unfounded,
  of: locations,
})

/** Of the finds whose truth people judged, those that were right. */
export const precisionShare = ({ confirmed, falsePositives }: Reviewed): Share => ({
  count: confirmed,
  of: confirmed + falsePositives,
})

/** Fewer settled demands than this suggest nothing about a recipient. */
const SETTLED_MIN = 5
/** Who removes three of four within the time it is given complies; who removes less than one of four does not. */
const COMPLIANT_SHARE_MIN = 0.75
const NON_COMPLIANT_SHARE_MAX = 0.25

/**
 * What the figures say of a recipient, for a person to think about; nothing is done by itself.
 *
 * @param removeH hours that the recipient is given to remove. @returns undefined when there are too few.
 */
export function suggestedClass(
  tally: Pick<Tally, 'removed' | 'refused' | 'noResponse' | 'removalMedianH'>,
  removeH: number,
): HostClass | undefined {
  const settled = tally.removed + tally.refused + tally.noResponse
  if (settled < SETTLED_MIN) return undefined
  const share = tally.removed / settled
  if (share < NON_COMPLIANT_SHARE_MAX) return 'non_compliant'
  const inTime = tally.removalMedianH !== null && tally.removalMedianH <= removeH
  return share >= COMPLIANT_SHARE_MIN && inTime ? 'compliant' : 'slow'
}

/**
 * An account's notices are paused when more than one in twenty of what it demanded lately was unfounded: platforms suspend
 * those who often send manifestly unfounded notices, told by absolute and relative numbers (Art. 23(2) and (3) of the DSA).
 */
const UNFOUNDED_SHARE_MAX = 0.05
/** With fewer locations a single mistake would be a large share. */
const JUDGED_LOCATIONS_MIN = 40
export const JUDGED_DAYS = 180

/** Whether so many unfounded demands are a reason to stop until a person has looked. */
export const isTooUnfounded = ({ count, of }: Share): boolean =>
  of >= JUDGED_LOCATIONS_MIN && count / of > UNFOUNDED_SHARE_MAX
