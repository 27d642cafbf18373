import { z } from 'zod'

import { AllowEntryId, CaseId, MemberId, RecordingId } from '../core/ids.ts'
import { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { PriorityReason } from './priority.ts'

/** Set aside, a case waits for nobody and nobody is told: for its place leave was given, or it is only kept. */
export const AsideState = z.enum(['allowed', 'monitored', 'excluded'])
export type AsideState = z.infer<typeof AsideState>

/**
 * A case waits for a person, who confirms or dismisses it, unless it is set aside. What is confirmed is demanded in a
 * notice until the copy is removed, or somebody else is asked (`escalated`), or it is given up.
 */
export const CaseState = z.enum([
  'needs_review',
  'confirmed',
  'in_notice',
  'escalated',
  'removed',
  'restored',
  'closed',
  'dismissed',
  ...AsideState.options,
])
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
  'noticed',
  'voided',
  'escalated',
  'removed',
  'restored',
  'closed',
  'assigned',
  'released',
  'quarantined',
  'unquarantined',
  'undone',
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
  /** Of the kind `undone`: the number of the decision that it takes back. */
  supersedes: z.number().nullable(),
  /** Decisions that were taken together share it. */
  batchId: z.uuid().nullable(),
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
  /** Its recording is under embargo: not everybody may know its names (services/unreleased.ts). */
  recordingUnreleased: z.boolean(),
  locationKey: z.string(),
  location: z.string(),
  /** The page that leads to its location, where there is one. */
  pageUrl: z.string().nullable(),
  /** Who put the copy there, as that page says. */
  saidUploader: SaidUploader.nullable(),
  state: CaseState,
  confidence: z.number(),
  falseMatchProbability: z.number(),
  /** All that was found is audio that other recordings have too: nothing tells that this one was copied. */
  shared: z.boolean(),
  /** By harm (priority.ts), 0 … 1, and what it is made of; null of cases from before it was told. */
  priority: z.number(),
  priorityReasons: z.array(PriorityReason).nullable(),
  /** Since when it waits behind the others, because its recording was suddenly found everywhere (quarantine.ts). */
  quarantinedAt: z.date().nullable(),
  /** Who is looking at it now, so that nobody else decides; null when nobody is. */
  assignedTo: MemberId.nullable(),
  assignedName: z.string().nullable(),
  assignedUntil: z.date().nullable(),
  openedAt: z.date(),
  lastSeenAt: z.date(),
})
export type Case = z.infer<typeof Case>

/** What one more find means: a person has to look, or the case is set aside, and why, in words. */
export type Standing =
  | { readonly state: 'needs_review' }
  | { readonly state: AsideState; readonly words: string; readonly entryId?: AllowEntryId | undefined }

/** What stays as it is when the recording is found once more: a person or a notice has to do with it. */
const steadyStates: ReadonlySet<CaseState> = new Set([
  'confirmed',
  'dismissed',
  'in_notice',
  'escalated',
  'restored',
  'closed',
])

/**
 * What the system decides about a case when its recording was found there once more. What a person confirmed, dismissed
 * or opened again stays so, but for what was dismissed because it was gone: it is not. When leave is over, the next find
 * brings the case up; what was removed is back; a find that says nothing (`excluded`) changes nothing that other finds
 * have grounded.
 *
 * @param told.wasGone it was dismissed because it was gone.
 * @returns undefined when everything stays as it is.
 */
export function afterFind(
  state: CaseState,
  found: Standing['state'],
  told: { readonly isNew: boolean; readonly reopenedByPerson: boolean; readonly wasGone?: boolean },
): DecisionKind | undefined {
  if (state === 'dismissed' && told.wasGone && found === 'needs_review') return 'reopened'
  if (state === 'removed') return found === 'needs_review' ? 'restored' : undefined
  if (state === found || steadyStates.has(state)) return undefined
  if (told.reopenedByPerson || (found === 'excluded' && !told.isNew)) return undefined
  return found === 'needs_review' ? 'reopened' : found
}
