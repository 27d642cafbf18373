import { z } from 'zod'

import { CaseId, DeliveryId } from '../core/ids.ts'

export const NoticeState = z.enum([
  'draft',
  'invalid',
  'ready',
  'signed',
  'queued',
  'sent',
  'delivery_failed',
  'acknowledged',
  'info_requested',
  'actioned',
  'partially_actioned',
  'rejected',
  'no_response',
  'counter_noticed',
  'retracted',
  'closed',
])
export type NoticeState = z.infer<typeof NoticeState>

/** What can happen to a notice. What is said of it, `approved` and `location_retracted` change no state. */
export const NoticeEventKind = z.enum([
  'created',
  'checked_ready',
  'checked_open',
  'edited',
  'aged',
  'signed',
  'approved',
  'queued',
  'sent',
  'bounced',
  'rerouted',
  'acknowledged',
  'asked',
  'supplemented',
  'some_gone',
  'all_gone',
  'rejected',
  'deadline_passed',
  'reminded',
  'countered',
  'put_back',
  'action_filed',
  /** What a counter-notice froze goes on: it was answered, and more of the notice is open. */
  'resumed',
  'retracted',
  /** Some locations were taken back (`RetractedPart`), and the notice goes on about the others. */
  'location_retracted',
  'closed',
  'commented',
])
export type NoticeEventKind = z.infer<typeof NoticeEventKind>

/** What `location_retracted` has in its details: what was taken back, and the messages that tell it. */
export const RetractedPart = z.object({
  caseIds: z.array(CaseId),
  /** As the document names them. */
  locationIds: z.array(CaseId),
  deliveryIds: z.array(DeliveryId),
})
export type RetractedPart = z.infer<typeof RetractedPart>

/** What happened to a notice, in order. Events are only ever added; the state is their fold. */
export const NoticeEvent = z.object({
  number: z.number(),
  kind: NoticeEventKind,
  /** After it. */
  state: NoticeState,
  actor: z.string(),
  actorName: z.string().nullable(),
  reason: z.string().nullable(),
  comment: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).nullable(),
  at: z.date(),
})
export type NoticeEvent = z.infer<typeof NoticeEvent>

const answered = {
  asked: 'info_requested',
  some_gone: 'partially_actioned',
  all_gone: 'actioned',
  rejected: 'rejected',
  deadline_passed: 'no_response',
  retracted: 'retracted',
  bounced: 'delivery_failed',
} as const

/** Which events may be added in which state, and where they lead; the one table that says so. */
const transitions = {
  draft: { edited: 'draft', checked_ready: 'ready', checked_open: 'invalid', closed: 'closed' },
  invalid: { edited: 'draft', checked_ready: 'ready', closed: 'closed' },
  ready: { edited: 'draft', aged: 'draft', checked_open: 'invalid', signed: 'signed', closed: 'closed' },
  signed: { queued: 'queued', retracted: 'retracted' },
  queued: { sent: 'sent', bounced: 'delivery_failed', retracted: 'retracted' },
  sent: { acknowledged: 'acknowledged', reminded: 'sent', ...answered },
  acknowledged: { ...answered, reminded: 'acknowledged', countered: 'counter_noticed' },
  delivery_failed: { rerouted: 'closed', retracted: 'retracted' },
  info_requested: { supplemented: 'closed', all_gone: 'actioned', retracted: 'retracted' },
  partially_actioned: {
    reminded: 'partially_actioned',
    all_gone: 'actioned',
    rejected: 'rejected',
    countered: 'counter_noticed',
    retracted: 'retracted',
    deadline_passed: 'no_response',
  },
  actioned: { countered: 'counter_noticed', closed: 'closed', retracted: 'retracted' },
  rejected: { supplemented: 'closed', closed: 'closed', all_gone: 'actioned', retracted: 'retracted' },
  no_response: { closed: 'closed', all_gone: 'actioned', retracted: 'retracted' },
  counter_noticed: {
    put_back: 'closed',
    action_filed: 'closed',
    resumed: 'acknowledged',
    retracted: 'retracted',
  },
  retracted: {},
  closed: { retracted: 'retracted' },
} as const satisfies Record<NoticeState, Partial<Record<NoticeEventKind, NoticeState>>>

const stateless: ReadonlySet<NoticeEventKind> = new Set(['commented', 'approved', 'location_retracted'])

/**
 * The events that may be added now, besides a comment.
 *
 * @param isSigned  a notice that was dropped before anybody signed it is closed, and there is nothing to retract.
 */
export const allowedEvents = (state: NoticeState, isSigned = true): NoticeEventKind[] =>
  (Object.keys(transitions[state]) as NoticeEventKind[]).filter((kind) => isSigned || kind !== 'retracted')

/** The state after one more event, or undefined when it is not allowed in this state. */
export function afterEvent(state: NoticeState, kind: NoticeEventKind): NoticeState | undefined {
  if (stateless.has(kind)) return state
  return (transitions[state] as Partial<Record<NoticeEventKind, NoticeState>>)[kind]
}

/** The state of a notice from nothing but its events. */
export const foldNotice = (events: readonly Pick<NoticeEvent, 'kind'>[]): NoticeState =>
  events.reduce<NoticeState>((state, { kind }) => afterEvent(state, kind) ?? state, 'draft')

/** Before it is signed a notice is only a plan: it can be edited, and dropped without anybody hearing of it. */
export const isUnsigned = (state: NoticeState): boolean => ['draft', 'invalid', 'ready'].includes(state)

/** A signed notice that may have reached somebody. Of `closed` ones that were never signed, ask `signedAt`. */
export const isOut = (state: NoticeState): boolean =>
  !isUnsigned(state) && state !== 'signed' && state !== 'queued'

/** States in which a notice waits for nobody any more. */
export const isEnd = (state: NoticeState): boolean => state === 'closed' || state === 'retracted'

/** What became of one location; refusals of every recipient are told by these (services/notices/replies). */
export const Outcome = z.enum([
  'removed',
  'incomplete',
  'url_not_direct',
  'wrong_recipient',
  'duplicate',
  'already_gone',
  'not_infringing',
  'court_order_needed',
  'counter_notice',
  'restored',
  'no_response',
  'retracted',
])
export type Outcome = z.infer<typeof Outcome>

/** Outcomes that can be told from an answer; the others are for looks, clocks and retractions to say. */
export const answeredOutcomes = [
  'incomplete',
  'url_not_direct',
  'wrong_recipient',
  'duplicate',
  'already_gone',
  'not_infringing',
  'court_order_needed',
  'counter_notice',
] as const satisfies readonly Outcome[]

/** Refusals that nobody can mend there: somebody else is asked, or a court. */
export const finalOutcomes: ReadonlySet<Outcome> = new Set(['not_infringing', 'court_order_needed'])

/** Refusals that a new version can mend: its cases go back to be noticed anew. */
export const fixableOutcomes: ReadonlySet<Outcome> = new Set([
  'incomplete',
  'url_not_direct',
  'wrong_recipient',
])
