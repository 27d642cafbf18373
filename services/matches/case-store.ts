import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { AllowEntryId, CaseId, MemberId, RecordingId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import { afterDecision, allowedDecisions, mayDecide } from './case-machine.ts'
import { AsideState, Case, type CaseState, Decision, type DecisionKind, type DismissReason } from './case.ts'
import { keepReview, reviewStanding } from './exceptions-store.ts'
import { type ExceptionAnswers, outcomeOf } from './exceptions.ts'

const columns = sql`c.id, c.number, c.recording_id, r.title as recording_title, r.artists as recording_artists,
  coalesce(r.embargo_until > now(), false) as recording_unreleased,
  c.location_key, c.location, c.page_url, c.said_uploader, c.state, c.confidence, c.opened_at, c.last_seen_at, c.priority, c.priority_reasons,
  c.quarantined_at, h.id as assigned_to, h.name as assigned_name, case when h.id is not null then c.assigned_until end as assigned_until,
  (select min(m.false_match_probability) from match m where m.case_id = c.id and m.beside_id is null) as false_match_probability,
  coalesce((select bool_and(p.shared_with <> '{}') from match m join passage p on p.match_id = m.id
             where m.case_id = c.id and m.beside_id is null), false) as shared`
// Whose time ran out looks at it no more.
const tables = sql`case_file c join recording r on r.id = c.recording_id
  left join member h on h.id = c.assigned_to and c.assigned_until > now()`

/** What a `Case` is read from. */
export const caseColumns = columns
export const caseTables = tables

export const findCase = (tx: Tx, id: CaseId): Promise<Case | undefined> =>
  tx.maybe(Case)`select ${columns} from ${tables} where c.id = ${id}`

/** Where a page of cases begins: after this one, in the order that was asked for. */
export type AfterCase =
  | { readonly at: Date; readonly id: string }
  | { readonly priority: number; readonly id: string }

/** What waits behind the others: a flood that nobody has looked at yet. */
const waitsBehind = sql`(c.state = 'needs_review' and c.quarantined_at is not null)`

function conditionsOf(asked: Parameters<typeof listCases>[1]) {
  const { state, recordingId, quarantined, heldBy, after } = asked
  return [
    sql`true`,
    ...(state ? [sql`c.state = ${state}`] : []),
    ...(recordingId ? [sql`c.recording_id = ${recordingId}`] : []),
    ...(state || recordingId ? [] : [sql`c.state <> all(${AsideState.options})`]),
    ...(quarantined ? [waitsBehind] : recordingId ? [] : [sql`not ${waitsBehind}`]),
    ...(heldBy ? [sql`h.id = ${heldBy}`] : []),
    // Priorities are single precision: as text they come back the same.
    ...(after && 'priority' in after
      ? [sql`(c.priority, c.id) < (${String(after.priority)}::real, ${after.id}::uuid)`]
      : after
        ? [sql`(c.opened_at, c.id) < (${after.at}, ${after.id})`]
        : []),
  ]
}

/**
 * Cases, newest first or by their priority.
 *
 * @param asked.state without it, of all states but those that are set aside, unless one recording is asked about.
 * @param asked.quarantined only those that wait in quarantine; without it all but those.
 * @param asked.heldBy only those that this member is looking at.
 * @param asked.after a position in the same order.
 */
export async function listCases(
  tx: Tx,
  asked: {
    state?: CaseState | undefined
    recordingId?: RecordingId | undefined
    quarantined?: boolean | undefined
    heldBy?: MemberId | undefined
    order?: 'priority' | 'newest' | undefined
    after?: AfterCase | undefined
    limit: number
  },
): Promise<Case[]> {
  const order =
    asked.order === 'priority' ? sql`c.priority desc, c.id desc` : sql`c.opened_at desc, c.id desc`
  return tx.all(Case)`
    select ${columns} from ${tables} where ${join(conditionsOf(asked), ' and ')} order by ${order} limit ${asked.limit}`
}

const Counts = z.object({
  needsReview: z.number(),
  confirmed: z.number(),
  inNotice: z.number(),
  escalated: z.number(),
  removed: z.number(),
  restored: z.number(),
  closed: z.number(),
  dismissed: z.number(),
  allowed: z.number(),
  monitored: z.number(),
  excluded: z.number(),
  quarantined: z.number(),
})
export type CaseCounts = z.infer<typeof Counts>

/** How many cases are in each state; those that wait in quarantine are counted by themselves. */
export const caseCounts = (tx: Tx): Promise<CaseCounts> =>
  tx.one(Counts)`
    select count(*) filter (where c.state = 'needs_review' and not ${waitsBehind}) as needs_review,
           count(*) filter (where c.state = 'confirmed') as confirmed,
           count(*) filter (where c.state = 'in_notice') as in_notice,
           count(*) filter (where c.state = 'escalated') as escalated,
           count(*) filter (where c.state = 'removed') as removed,
           count(*) filter (where c.state = 'restored') as restored,
           count(*) filter (where c.state = 'closed') as closed,
           count(*) filter (where c.state = 'dismissed') as dismissed,
           count(*) filter (where c.state = 'allowed') as allowed,
           count(*) filter (where c.state = 'monitored') as monitored,
           count(*) filter (where c.state = 'excluded') as excluded,
           count(*) filter (where ${waitsBehind}) as quarantined
      from case_file c`

/** What happened to a case, oldest first, with the names of the people who decided. */
export const decisionsOf = (tx: Tx, id: CaseId): Promise<Decision[]> =>
  tx.all(Decision)`
    select d.number, d.kind, d.actor, m.name as actor_name, d.reason, d.comment,
           d.allow_entry_id, d.supersedes, d.batch_id, d.at
      from case_decision d left join member m on d.actor = 'member:' || m.id
     where d.case_id = ${id} order by d.number`

/** What a decision is about. */
export interface AboutCase {
  readonly id: CaseId
  readonly tenantId: TenantId
}

/** A decision before it is numbered. */
export interface NewDecision {
  readonly kind: DecisionKind
  readonly actor: string
  readonly reason?: DismissReason | undefined
  readonly comment?: string | undefined
  readonly allowEntryId?: AllowEntryId | undefined
  readonly supersedes?: number | undefined
  readonly batchId?: string | undefined
}

/** Adds a decision as it is told, without asking whether it is allowed: for what the system notes itself. */
export async function noteDecision(tx: Tx, about: AboutCase, decision: NewDecision): Promise<void> {
  await tx.run`
    insert into case_decision (id, tenant_id, case_id, number, kind, actor, reason, comment, allow_entry_id, supersedes, batch_id)
    select ${randomUUID()}, ${about.tenantId}, ${about.id}, coalesce(max(number), 0) + 1, ${decision.kind}, ${decision.actor},
           ${decision.reason ?? null}, ${decision.comment ?? null}, ${decision.allowEntryId ?? null},
           ${decision.supersedes ?? null}, ${decision.batchId ?? null}
      from case_decision where case_id = ${about.id}`
}

const Locked = Case.pick({
  state: true,
  number: true,
  recordingId: true,
  assignedTo: true,
  assignedName: true,
  assignedUntil: true,
})
export type LockedCase = z.infer<typeof Locked>

/** What decides about a case, which nobody else changes until the transaction ends; undefined when there is no such case. */
export async function lockCase(tx: Tx, id: CaseId): Promise<LockedCase | undefined> {
  // By a statement of its own: one that locks and joins sees what it joins, the holder, as it was before the wait.
  await tx.run`select from case_file where id = ${id} for update`
  return tx.maybe(Locked)`
    select c.state, c.number, c.recording_id, h.id as assigned_to, h.name as assigned_name,
           case when h.id is not null then c.assigned_until end as assigned_until
      from ${tables} where c.id = ${id}`
}

/** The same of a case that has to be there. @throws {Problem} row/unknown. */
export async function lockKnown(tx: Tx, id: CaseId): Promise<LockedCase> {
  const locked = await lockCase(tx, id)
  if (!locked) throw new Problem('row/unknown', 'No such case')
  return locked
}

/** @throws {Problem} request/conflict with the name of who else is looking at the case. */
export function requireFree(locked: LockedCase, actor: string): void {
  if (locked.assignedTo === null || actor === `member:${locked.assignedTo}`) return
  const until = locked.assignedUntil?.toISOString().slice(11, 16)
  throw new Problem(
    'request/conflict',
    `${locked.assignedName} is looking at case ${locked.number}, at the latest until ${until} UTC`,
  )
}

/** Writes the state that a decision leads to; who decided looks at the case no more. */
export async function enter(tx: Tx, id: CaseId, state: CaseState): Promise<void> {
  await tx.run`
    update case_file set state = ${state}, assigned_to = null, assigned_until = null where id = ${id}`
}

/** @throws {Problem} request/invalid unless the exceptions were considered since the last find, and none applies. */
async function requireReview(tx: Tx, { id }: AboutCase, given: ExceptionAnswers | undefined): Promise<void> {
  const { outcome, isFresh } = given
    ? { outcome: outcomeOf(given), isFresh: true }
    : await reviewStanding(tx, id)
  if (outcome === 'not_excepted' && isFresh) return
  const detail =
    outcome === 'excepted'
      ? 'an exception applies, or may apply: dismiss the case, or review the exceptions again'
      : outcome
        ? 'it was found again since the exceptions were reviewed: review them again'
        : 'review the exceptions of the law first'
  const faults = [{ pointer: '/exceptions', detail }]
  throw new Problem('request/invalid', `It cannot be confirmed: ${detail}`, { faults })
}

/**
 * Whether a person may take a decision now; nothing is written. The case is locked until the transaction ends.
 *
 * @param exceptions a review that would be kept with it; without it the one that was kept before counts.
 * @returns the case as it is, and the state that the decision leads to.
 * @throws {Problem} row/unknown; row/stage with what is allowed now; request/conflict when somebody else is looking at
 *   it; request/invalid when it is confirmed without a review of the exceptions.
 */
export async function judge(
  tx: Tx,
  about: AboutCase,
  { kind, actor }: Pick<NewDecision, 'kind' | 'actor'>,
  exceptions?: ExceptionAnswers,
): Promise<{ locked: LockedCase; next: CaseState }> {
  const locked = await lockKnown(tx, about.id)
  const { state, number } = locked
  if (kind === 'commented') return { locked, next: state }
  const next = mayDecide(state, kind, 'person') ? afterDecision(state, kind) : undefined
  if (!next) {
    const allowed = allowedDecisions(state).join(', ')
    throw new Problem('row/stage', `Case ${number} is ${state.replace('_', ' ')}; now it can be: ${allowed}`)
  }
  requireFree(locked, actor)
  if (kind === 'confirmed') await requireReview(tx, about, exceptions)
  return { locked, next }
}

/**
 * A person decides. Of two who decide at once the second meets the state that the first left.
 *
 * @param review what is answered about the exceptions of the law with it, and kept.
 * @returns the case as it was, and the state that it has now.
 * @throws {Problem} what `judge` throws; then nothing was written.
 */
export async function decide(
  tx: Tx,
  about: AboutCase,
  decision: NewDecision,
  review?: { readonly answers: ExceptionAnswers; readonly reviewerId: MemberId },
): Promise<{ locked: LockedCase; next: CaseState }> {
  const judged = await judge(tx, about, decision, review?.answers)
  if (review) await keepReview(tx, about, review)
  await noteDecision(tx, about, decision)
  if (decision.kind !== 'commented') await enter(tx, about.id, judged.next)
  return judged
}

/**
 * The system decides: a notice, a recheck or a clock. Where the decision leads nowhere, as when the case is there
 * already or a person was faster, nothing is written. Cases of a recording in quarantine enter no notice.
 *
 * @returns whether it was taken. @throws {Problem} row/unknown.
 */
export async function decideBySystem(
  tx: Tx,
  about: AboutCase,
  decision: Pick<NewDecision, 'kind' | 'reason' | 'comment'>,
): Promise<boolean> {
  const { state, recordingId } = await lockKnown(tx, about.id)
  const next = mayDecide(state, decision.kind, 'system') && afterDecision(state, decision.kind)
  if (!next) return false
  if (decision.kind === 'noticed' && (await isQuarantined(tx, recordingId))) return false
  await noteDecision(tx, about, { ...decision, actor: 'system' })
  await enter(tx, about.id, next)
  return true
}

/** Whether cases of a recording wait in quarantine: then nothing is demanded for it. */
export async function isQuarantined(tx: Tx, id: RecordingId): Promise<boolean> {
  const { quarantined } = await tx.one(z.object({ quarantined: z.boolean() }))`
    select exists (select from case_file where recording_id = ${id} and quarantined_at is not null) as quarantined`
  return quarantined
}
