import { z } from 'zod'

import { CaseId, RecordingId } from '../core/ids.ts'

/** A case waits for a person, who confirms or dismisses it. */
export const CaseState = z.enum(['needs_review', 'confirmed', 'dismissed'])
export type CaseState = z.infer<typeof CaseState>

export const DismissReason = z.enum([
  'false_positive',
  'authorised_use',
  'exception_applies',
  'not_our_territory',
  'duplicate',
  'content_gone',
])
export type DismissReason = z.infer<typeof DismissReason>

export const DecisionKind = z.enum(['opened', 'joined', 'confirmed', 'dismissed', 'reopened', 'commented'])
export type DecisionKind = z.infer<typeof DecisionKind>

/** What happened to a case, in order. Decisions are only ever added. */
export const Decision = z.object({
  number: z.number(),
  kind: DecisionKind,
  actor: z.string(),
  actorName: z.string().nullable(),
  reason: DismissReason.nullable(),
  comment: z.string().nullable(),
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

/** Which decisions a person may add in which state, and where they lead; the one table that says so. */
const transitions = {
  needs_review: { confirmed: 'confirmed', dismissed: 'dismissed' },
  confirmed: { reopened: 'needs_review' },
  dismissed: { reopened: 'needs_review' },
} as const satisfies Record<CaseState, Partial<Record<DecisionKind, CaseState>>>

/** The decisions that a person may take now. A comment is always allowed. */
export const allowedDecisions = (state: CaseState): DecisionKind[] => [
  ...(Object.keys(transitions[state]) as DecisionKind[]),
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
