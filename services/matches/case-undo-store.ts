import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { type Effective, allowedDecisions, undoable } from './case-machine.ts'
import { type AboutCase, decisionsOf, enter, lockKnown, noteDecision, requireFree } from './case-store.ts'
import type { CaseState } from './case.ts'
import { lockPlaces } from './place-lock.ts'

const Successor = z.object({ exists: z.boolean() })

/** Whether another case was opened at the place of one that was closed. */
async function hasSuccessor(tx: Tx, id: CaseId): Promise<boolean> {
  const { exists } = await tx.one(Successor)`
    select exists (select from case_file c join case_file o using (tenant_id, recording_id, location_key)
                    where c.id = ${id} and o.id <> c.id and o.state <> 'closed') as exists`
  return exists
}

/**
 * Takes the latest decision about a case back, by a new one that supersedes it.
 *
 * @param wanted.number only when this is the decision that is taken back.
 * @returns the decision that was taken back, and the state that the case has again.
 * @throws {Problem} row/unknown; row/stage when nothing can be taken back, or another decision than asked for;
 *   request/conflict when somebody else is looking at it.
 */
export async function undo(
  tx: Tx,
  about: AboutCase,
  wanted: { actor: string; comment?: string | undefined; number?: number | undefined },
): Promise<{ taken: Effective; state: CaseState }> {
  // What is opened again must not meet the case of a find that is just being written.
  await lockPlaces(tx, about.tenantId)
  const locked = await lockKnown(tx, about.id)
  const latest = undoable(await decisionsOf(tx, about.id))
  if (!latest || (wanted.number !== undefined && wanted.number !== latest.number)) {
    const now = latest
      ? `decision ${latest.number} (${latest.kind}) has to be taken back first`
      : 'no decision of a person can be taken back now'
    const allowed = allowedDecisions(locked.state).join(', ')
    throw new Problem('row/stage', `Case ${locked.number}: ${now}; it can be: ${allowed}`)
  }
  requireFree(locked, wanted.actor)
  if (locked.state === 'closed' && (await hasSuccessor(tx, about.id)))
    throw new Problem(
      'row/stage',
      `Case ${locked.number} was found again since, and has a new case at its place`,
    )
  const { actor, comment } = wanted
  await noteDecision(tx, about, { kind: 'undone', actor, comment, supersedes: latest.number })
  await enter(tx, about.id, latest.before)
  return { taken: latest, state: latest.before }
}
