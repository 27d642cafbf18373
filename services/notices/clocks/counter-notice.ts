import { z } from 'zod'

import { CaseId, CounterNoticeId, NoticeId } from '../../core/ids.ts'
import { addDays, businessDaysAfter, isBusinessDay } from './business-days.ts'

/** Why somebody says that their material may stay; the words are those in which such answers are published. */
export const CounterReason = z.enum(['owner', 'authorised', 'fair_use', 'misidentified', 'other'])
export type CounterReason = z.infer<typeof CounterReason>

/** What a counter-notice must have by 17 U.S.C. 512(g)(3); a person reads it and says what is there. */
export const counterElements = [
  'signature',
  'material_and_location',
  'perjury_statement',
  'name_address_phone',
  'jurisdiction_consent',
] as const
export type CounterElement = (typeof counterElements)[number]

export const CounterChecks = z.strictObject(
  Object.fromEntries(counterElements.map((element) => [element, z.boolean()])) as Record<
    CounterElement,
    z.ZodBoolean
  >,
)
export type CounterChecks = z.infer<typeof CounterChecks>

/** `retracted`: it was right; `accepted`: it may stay and nothing more is done; `action_filed`: a court decides. */
export const CounterAnswer = z.enum(['retracted', 'accepted', 'action_filed'])
export type CounterAnswer = z.infer<typeof CounterAnswer>

/** A counter-notice about one location, as it was registered. Days are ISO 8601 dates. */
export const CounterNotice = z.object({
  id: CounterNoticeId,
  noticeId: NoticeId,
  caseId: CaseId,
  receivedOn: z.iso.date(),
  sender: z.string(),
  text: z.string(),
  reason: CounterReason,
  checks: CounterChecks,
  putBackFrom: z.iso.date(),
  putBackLatest: z.iso.date(),
  answer: CounterAnswer.nullable(),
  docket: z.string().nullable(),
  /** When the action was filed, which can be before somebody recorded it. */
  filedOn: z.iso.date().nullable(),
  answeredAt: z.date().nullable(),
  createdAt: z.date(),
})
export type CounterNotice = z.infer<typeof CounterNotice>

/** The elements that a counter-notice lacks: without them the provider need not put anything back. */
export const missingElements = (checks: CounterChecks): CounterElement[] =>
  counterElements.filter((element) => !checks[element])

/** Business days after receipt on which a person is told how much time is left to file an action. */
const ALERT_BUSINESS_DAYS = [3, 7, 9] as const

/** The days on which somebody has to be told: that of the receipt, and those of the countdown. */
export const alertDays = (receivedOn: string): string[] => [
  receivedOn,
  ...ALERT_BUSINESS_DAYS.map((days) => businessDaysAfter(receivedOn, days, 'US')),
]

/** Business days of the United States from a day to another; 0 when that has come. */
export function businessDaysLeft(today: string, until: string): number {
  let left = 0
  for (let day = addDays(today, 1); day <= until; day = addDays(day, 1))
    if (isBusinessDay(day, 'US')) left += 1
  return left
}
