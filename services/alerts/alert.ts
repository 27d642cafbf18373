import { z } from 'zod'

import { AlertId, CaseId, NoticeId, TenantId } from '../core/ids.ts'
import type { Transitions } from '../core/stages.ts'

export const AlertStage = z.enum(['notify', 'done', 'failed'])
/**
 * `unreleased_found`: of recordings under embargo, told at once and in a mail of their own. `removal_news`: what happened
 * after something was demanded.
 */
export const AlertKind = z.enum(['cases_opened', 'unreleased_found', 'removal_news'])
export type AlertKind = z.infer<typeof AlertKind>
export const alertTransitions = { notify: ['done'] } as const satisfies Transitions

/** Tells members that cases have opened; gathers for a moment, unless it is urgent, so that many matches make one mail. */
export const Alert = z.object({
  id: AlertId,
  tenantId: TenantId,
  kind: AlertKind,
  stage: AlertStage,
  dueAt: z.date(),
})
export type Alert = z.infer<typeof Alert>

/** ISO 8601 dates. */
const day = z.iso.date()
const about = { caseId: CaseId.nullable(), noticeId: NoticeId.nullable() }

/** One thing that a mail tells, with what it has to say of it. Names are read when it is mailed, not kept. */
export const News = z.discriminatedUnion('kind', [
  /** A copy that was removed is there again. */
  z.object({ kind: z.literal('restored'), ...about, details: z.object({}) }),
  /** The recipient of a notice was given up. */
  z.object({ kind: z.literal('no_answer'), ...about, details: z.object({ locations: z.number() }) }),
  z.object({
    kind: z.literal('counter_notice'),
    ...about,
    details: z.object({
      receivedOn: day,
      putBackFrom: day,
      putBackLatest: day,
      /** Until the copy may be put back. */
      businessDaysLeft: z.number(),
    }),
  }),
  /** The court's order that rule 75 of India asks for: a week before it is due, and on the day. */
  z.object({
    kind: z.literal('india_order'),
    ...about,
    details: z.object({ dueOn: day, isDue: z.boolean() }),
  }),
  z.object({
    kind: z.literal('notices_paused'),
    ...about,
    details: z.object({ unfounded: z.number(), locations: z.number(), days: z.number() }),
  }),
  /** A watched place could not be read several times in a row. */
  z.object({
    kind: z.literal('watch_failing'),
    ...about,
    details: z.object({
      watchId: z.uuid(),
      name: z.string(),
      failures: z.number(),
      /** The title of the last problem. */
      problem: z.string(),
    }),
  }),
  /** An audit that nobody asked for found more of the catalogue in leaks than was known. */
  z.object({
    kind: z.literal('exposed'),
    ...about,
    details: z.object({
      auditId: z.uuid(),
      /** `registered`, `manifest` or `batch`: services/leaks/exposure.ts. */
      cause: z.string(),
      /** Recordings of which more is known than before, and those of them whose audio was taken. */
      recordings: z.number(),
      audio: z.number(),
      /** Of recordings under embargo among them. */
      unreleased: z.number(),
      leaks: z.array(z.string()).max(10),
    }),
  }),
  z.object({ kind: z.literal('reply_waiting'), ...about, details: z.object({ replyId: z.uuid() }) }),
])
export type News = z.infer<typeof News>
