import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, type MemberId } from '../core/ids.ts'
import { type AboutCase, lockKnown, noteDecision, requireFree } from './case-store.ts'

/**
 * Gives a case to a reviewer, so that nobody else decides it meanwhile; again, to prolong it. Whose time ran out has lost
 * it to whoever comes next.
 *
 * @returns whether it was free before. @throws {Problem} row/unknown; request/conflict with the name of who else is
 *   looking at it.
 */
export async function assign(
  tx: Tx,
  about: AboutCase,
  memberId: MemberId,
  minutes: number,
): Promise<boolean> {
  const actor = `member:${memberId}`
  const locked = await lockKnown(tx, about.id)
  requireFree(locked, actor)
  // Prolonging is nothing new: the history says who took it.
  const isFree = locked.assignedTo === null
  if (isFree) await noteDecision(tx, about, { kind: 'assigned', actor })
  await tx.run`
    update case_file set assigned_to = ${memberId}, assigned_until = now() + make_interval(mins => ${minutes})
     where id = ${about.id}`
  return isFree
}

/** Gives a case back that this member looks at. @returns whether it did. @throws {Problem} row/unknown. */
export async function release(tx: Tx, about: AboutCase, memberId: MemberId): Promise<boolean> {
  const { assignedTo } = await lockKnown(tx, about.id)
  if (assignedTo !== memberId) return false
  await noteDecision(tx, about, { kind: 'released', actor: `member:${memberId}` })
  await tx.run`update case_file set assigned_to = null, assigned_until = null where id = ${about.id}`
  return true
}

const NextCase = z.object({ id: CaseId })

/** The most urgent case that waits for this member: none that another looks at, none in quarantine, and not `except`. */
export async function nextCase(tx: Tx, memberId: MemberId, except?: CaseId): Promise<CaseId | undefined> {
  const next = await tx.maybe(NextCase)`
    select id from case_file
     where state = 'needs_review' and quarantined_at is null and id is distinct from ${except ?? null}
       and (assigned_to is null or assigned_to = ${memberId} or assigned_until <= now())
     order by priority desc, id desc limit 1`
  return next?.id
}
