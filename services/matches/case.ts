import { z } from 'zod'

import { AllowEntryId, CaseId, RecordingId } from '../core/ids.ts'

/** Set aside, a case waits for nobody and nobody is told: for its place leave was given, or it is only kept. */
export const AsideState = z.enum(['allowed', 'monitored', 'excluded'])
export type AsideState = z.infer<typeof AsideState>

/** A case waits for a person, who confirms or dismisses it, unless it is set aside. */
export const CaseState = z.enum(['needs_review', 'confirmed', 'dismissed', ...AsideState.options])
export type CaseState = z.infer<typeof CaseState>

export const isSetAside = (state: CaseState): state is AsideState =>
  (AsideState.options as readonly CaseState[]).includes(state)

export const DismissReason = z.enum([
  'false_positive',
  'authorised_use',
  'exception_applies',
  'not_our_territory',
  'duplicate',
  'content_gone',
])
export type DismissReason = z.infer<typeof DismissReason>

export const DecisionKind = z.enum([
  'opened',
  'joined',
  'confirmed',
  'dismissed',
  'reopened',
  'commented',
  ...AsideState.options,
])
export type DecisionKind = z.infer<typeof DecisionKind>

/** What happened to a case, in order. Decisions are only ever added. */
export const Decision = z.object({
  number: z.number(),
  kind: DecisionKind,
  actor: z.string(),
  actorName: z.string().nullable(),
  reason: DismissReason.nullable(),
  comment: z.string().nullable(),
  /** The entry of the allow-list that gave leave, of the kind `allowed`. */
  allowEntryId: AllowEntryId.nullable(),
  at: z.date(),
})
export type Decision = z.infer<typeof Decision>

/** One recording at one location. */
export const Case = z.object({
  id: CaseId,
  number: z.string(),
  recordingId: RecordingId,
  recordingTitle: z.string(),
  recordingArtists: z.array(z.string()),
  locationKey: z.string(),
  location: z.string(),
  state: CaseState,
  confidence: z.number(),
  falseMatchProbability: z.number(),
  /** All that was found is audio that other recordings have too: nothing tells that this one was copied. */
  shared: z.boolean(),
  openedAt: z.date(),
  lastSeenAt: z.date(),
})
export type Case = z.infer<typeof Case>

/** Which decisions may be added in which state, and where they lead; the one table that says so. */
const transitions = {
  needs_review: {
    confirmed: 'confirmed',
    dismissed: 'dismissed',
    allowed: 'allowed',
    monitored: 'monitored',
    excluded: 'excluded',
  },
  confirmed: { reopened: 'needs_review', allowed: 'allowed' },
  dismissed: { reopened: 'needs_review' },
  allowed: { reopened: 'needs_review', monitored: 'monitored' },
  monitored: { reopened: 'needs_review', allowed: 'allowed' },
  excluded: { reopened: 'needs_review', allowed: 'allowed', monitored: 'monitored' },
} as const satisfies Record<CaseState, Partial<Record<DecisionKind, CaseState>>>

/** What only the system decides, from the policy of a recording and its segments. */
const systemOnly: ReadonlySet<DecisionKind> = new Set(['monitored', 'excluded'])

/** The decisions that a person may take now; `allowed` by an entry of the allow-list. A comment is always allowed. */
export const allowedDecisions = (state: CaseState): DecisionKind[] => [
  ...(Object.keys(transitions[state]) as DecisionKind[]).filter((kind) => !systemOnly.has(kind)),
  'commented',
]

/** The state after one more decision, or undefined when it is not allowed in this state. */
export function afterDecision(state: CaseState, kind: DecisionKind): CaseState | undefined {
  if (kind === 'opened' || kind === 'joined' || kind === 'commented') return state
  return (transitions[state] as Partial<Record<DecisionKind, CaseState>>)[kind]
}

/** The state of a case from nothing but its decisions. */
export const foldState = (decisions: readonly Pick<Decision, 'kind'>[]): CaseState =>
  decisions.reduce<CaseState>((state, { kind }) => afterDecision(state, kind) ?? state, 'needs_review')

/** What one more find means: a person has to look, or the case is set aside, and why, in words. */
export type Standing =
  | { readonly state: 'needs_review' }
  | { readonly state: AsideState; readonly words: string; readonly entryId?: AllowEntryId | undefined }

/**
 * What the system decides about a case when its recording was found there once more. What a person confirmed, dismissed
 * or opened again stays so. When leave is over, the next find brings the case up; a find that says nothing (`excluded`)
 * changes nothing that other finds have grounded.
 *
 * @returns undefined when everything stays as it is.
 */
export function afterFind(
  state: CaseState,
  found: CaseState,
  told: { readonly isNew: boolean; readonly reopenedByPerson: boolean },
): DecisionKind | undefined {
  if (state === found || state === 'confirmed' || state === 'dismissed') return undefined
  if (told.reopenedByPerson || (found === 'excluded' && !told.isNew)) return undefined
  return found === 'needs_review' ? 'reopened' : isSetAside(found) ? found : undefined
}
