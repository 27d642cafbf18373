import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { CaseId, RecordingId, TenantId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { join, sql } from '../core/sql.ts'
import {
  Case,
  type CaseState,
  Decision,
  type DecisionKind,
  type DismissReason,
  afterDecision,
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

/** Cases, newest first. */
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
    ...(asked.after ? [sql`(c.opened_at, c.id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(Case)`
    select ${columns} from ${tables} where ${join(conditions, ' and ')} order by c.opened_at desc, c.id desc limit ${asked.limit}`
}

const Counts = z.object({ needsReview: z.number(), confirmed: z.number(), dismissed: z.number() })
export type CaseCounts = z.infer<typeof Counts>

export const caseCounts = (tx: Tx): Promise<CaseCounts> =>
  tx.one(Counts)`
    select count(*) filter (where state = 'needs_review') as needs_review,
           count(*) filter (where state = 'confirmed') as confirmed,
           count(*) filter (where state = 'dismissed') as dismissed
      from case_file`

/** What happened to a case, oldest first, with the names of the people who decided. */
export const decisionsOf = (tx: Tx, id: CaseId): Promise<Decision[]> =>
  tx.all(Decision)`
    select d.number, d.kind, d.actor, m.name as actor_name, d.reason, d.comment, d.at
      from case_decision d left join member m on d.actor = 'member:' || m.id
     where d.case_id = ${id} order by d.number`

/** Adds a decision as it is told, without asking whether it is allowed: for what the system notes itself. */
export async function noteDecision(
  tx: Tx,
  about: { id: CaseId; tenantId: TenantId },
  decision: {
    kind: DecisionKind
    actor: string
    reason?: DismissReason | undefined
    comment?: string | undefined
  },
): Promise<void> {
  await tx.run`
    insert into case_decision (id, tenant_id, case_id, number, kind, actor, reason, comment)
    select ${randomUUID()}, ${about.tenantId}, ${about.id}, coalesce(max(number), 0) + 1, ${decision.kind}, ${decision.actor},
           ${decision.reason ?? null}, ${decision.comment ?? null}
      from case_decision where case_id = ${about.id}`
}

const Locked = z.object({ state: Case.shape.state, number: z.string() })

/**
 * A person decides. Of two who decide at once the second meets the state that the first left.
 *
 * @throws {Problem} row/unknown, or row/stage with what is allowed now.
 */
export async function decide(
  tx: Tx,
  about: { id: CaseId; tenantId: TenantId },
  decision: {
    kind: DecisionKind
    actor: string
    reason?: DismissReason | undefined
    comment?: string | undefined
  },
): Promise<void> {
  const locked = await tx.maybe(Locked)`select state, number from case_file where id = ${about.id} for update`
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
