import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { AllowEntryId, CaseId, RecordingId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import {
  AsideState,
  Case,
  type CaseState,
  Decision,
  type DecisionKind,
  type DismissReason,
  type Standing,
  afterDecision,
  afterFind,
  allowedDecisions,
} from './case.ts'

const columns = sql`c.id, c.number, c.recording_id, r.title as recording_title, r.artists as recording_artists,
  c.location_key, c.location, c.state, c.confidence, c.opened_at, c.last_seen_at,
  (select min(m.false_match_probability) from match m where m.case_id = c.id and m.beside_id is null) as false_match_probability,
  coalesce((select bool_and(p.shared_with <> '{}') from match m join passage p on p.match_id = m.id
             where m.case_id = c.id and m.beside_id is null), false) as shared`
const tables = sql`case_file c join recording r on r.id = c.recording_id`

export const findCase = (tx: Tx, id: CaseId): Promise<Case | undefined> =>
  tx.maybe(Case)`select ${columns} from ${tables} where c.id = ${id}`

/**
 * Cases, newest first.
 *
 * @param asked.state without it, of all states but those that are set aside, unless one recording is asked about.
 */
export async function listCases(
  tx: Tx,
  asked: {
    state?: CaseState | undefined
    recordingId?: RecordingId | undefined
    after?: { at: Date; id: string } | undefined
    limit: number
  },
): Promise<Case[]> {
  const conditions = [
    sql`true`,
    ...(asked.state ? [sql`c.state = ${asked.state}`] : []),
    ...(asked.recordingId ? [sql`c.recording_id = ${asked.recordingId}`] : []),
    ...(asked.state || asked.recordingId ? [] : [sql`c.state <> all(${AsideState.options})`]),
    ...(asked.after ? [sql`(c.opened_at, c.id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(Case)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')} order by c.opened_at desc, c.id desc limit ${asked.limit}`
}

const Counts = z.object({
  needsReview: z.number(),
  confirmed: z.number(),
  dismissed: z.number(),
  allowed: z.number(),
  monitored: z.number(),
  excluded: z.number(),
})
export type CaseCounts = z.infer<typeof Counts>

export const caseCounts = (tx: Tx): Promise<CaseCounts> =>
  tx.one(Counts)`
    select count(*) filter (where state = 'needs_review') as needs_review,
           count(*) filter (where state = 'confirmed') as confirmed,
           count(*) filter (where state = 'dismissed') as dismissed,
           count(*) filter (where state = 'allowed') as allowed,
           count(*) filter (where state = 'monitored') as monitored,
           count(*) filter (where state = 'excluded') as excluded
      from case_file`

/** What happened to a case, oldest first, with the names of the people who decided. */
export const decisionsOf = (tx: Tx, id: CaseId): Promise<Decision[]> =>
  tx.all(Decision)`
    select d.number, d.kind, d.actor, m.name as actor_name, d.reason, d.comment,
           d.allow_entry_id, d.at
      from case_decision d left join member m on d.actor = 'member:' || m.id
     where d.case_id = ${id} order by d.number`

/** A decision before it is numbered. */
interface NewDecision {
  readonly kind: DecisionKind
  readonly actor: string
  readonly reason?: DismissReason | undefined
  readonly comment?: string | undefined
  readonly allowEntryId?: AllowEntryId | undefined
}

/** Adds a decision as it is told, without asking whether it is allowed: for what the system notes itself. */
export async function noteDecision(
  tx: Tx,
  about: { id: CaseId; tenantId: TenantId },
  decision: NewDecision,
): Promise<void> {
  await tx.run`
    insert into case_decision (id, tenant_id, case_id, number, kind, actor, reason, comment, allow_entry_id)
    select ${randomUUID()}, ${about.tenantId}, ${about.id}, coalesce(max(number), 0) + 1, ${decision.kind}, ${decision.actor},
           ${decision.reason ?? null}, ${decision.comment ?? null}, ${decision.allowEntryId ?? null}
      from case_decision where case_id = ${about.id}`
}

const Locked = z.object({ state: Case.shape.state, number: z.string() })

/** The state of a case, which nobody else changes until the transaction ends; undefined when there is no such case. */
export const lockCase = (tx: Tx, id: CaseId): Promise<z.infer<typeof Locked> | undefined> =>
  tx.maybe(Locked)`select state, number from case_file where id = ${id} for update`

/**
 * A person decides. Of two who decide at once the second meets the state that the first left.
 *
 * @throws {Problem} row/unknown, or row/stage with what is allowed now.
 */
export async function decide(
  tx: Tx,
  about: { id: CaseId; tenantId: TenantId },
  decision: NewDecision,
): Promise<void> {
  const locked = await lockCase(tx, about.id)
  if (!locked) throw new Problem('row/unknown', 'No such case')
  const next = afterDecision(locked.state, decision.kind)
  if (!next) {
    const allowed = allowedDecisions(locked.state).join(', ')
    throw new Problem(
      'row/stage',
      `Case ${locked.number} is ${locked.state.replace('_', ' ')}; now it can be: ${allowed}`,
    )
  }
  await noteDecision(tx, about, decision)
  await tx.run`update case_file set state = ${next} where id = ${about.id}`
}

const AtFind = z.object({ state: Case.shape.state, reopenedByPerson: z.boolean() })

/**
 * Notes one more find, and what it means for its case (`afterFind`).
 *
 * @param about.isNew the case was opened for this find.
 * @returns whether somebody should be told: the case is new or comes up again, and waits for a person.
 */
export async function followFind(
  tx: Tx,
  about: { readonly id: CaseId; readonly tenantId: TenantId; readonly isNew: boolean },
  found: Standing,
): Promise<boolean> {
  const { id, isNew } = about
  await noteDecision(tx, about, { kind: isNew ? 'opened' : 'joined', actor: 'system' })
  const { state, reopenedByPerson } = await tx.one(AtFind)`
    select c.state, coalesce((
             select d.kind = 'reopened' and d.actor <> 'system' from case_decision d
              where d.case_id = c.id and d.kind not in ('opened', 'joined', 'commented')
              order by d.number desc limit 1), false) as reopened_by_person
      from case_file c where c.id = ${id} for update of c`
  const kind = afterFind(state, found.state, { isNew, reopenedByPerson })
  if (!kind) return isNew
  const why =
    found.state === 'needs_review'
      ? { comment: 'Found again, and what it was set aside for holds no more' }
      : { comment: found.words, allowEntryId: found.entryId }
  await noteDecision(tx, about, { kind, actor: 'system', ...why })
  await tx.run`update case_file set state = ${afterDecision(state, kind) ?? state} where id = ${id}`
  return kind === 'reopened'
}
