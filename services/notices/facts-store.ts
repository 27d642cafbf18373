import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, type NoticeId, Sha256 } from '../core/ids.ts'

/** The files of notices that are still held, by their hashes: what can be hashed again. */
export async function heldFilesOf(tx: Tx, ids: readonly NoticeId[]): Promise<Sha256[]> {
  const rows = await tx.all(z.object({ sha256: Sha256 }))`
    select distinct i.sha256 from notice_location l
      join match m on m.case_id = l.case_id join item i on i.id = m.item_id
     where l.notice_id = any(${[...ids]}::uuid[]) and i.media_held`
  return rows.map(({ sha256 }) => sha256)
}

/**
 * Whether somebody says that the copy of a case is lawful, and that stands: nothing may be demanded there meanwhile. Until it
 * is answered, neither may anything else at that address.
 */
export async function isCountered(tx: Tx, caseId: CaseId): Promise<boolean> {
  const { countered } = await tx.one(z.object({ countered: z.boolean() }))`
    select exists (select from counter_notice where case_id = ${caseId}) or exists (
      select from counter_notice k
        join notice_location there on there.notice_id = k.notice_id and there.case_id = k.case_id
        join notice_location here on here.canonical_url = there.canonical_url and here.tenant_id = there.tenant_id
       where here.case_id = ${caseId} and k.answer is null) as countered`
  return countered
}

/** Whether a recipient says that the copy of a case is gone, in an answer to a notice that demands it. */
export async function isRemovalClaimed(tx: Tx, caseId: CaseId): Promise<boolean> {
  const { claimed } = await tx.one(z.object({ claimed: z.boolean() }))`
    select exists (
      select from notice_location l join notice_event e on e.notice_id = l.notice_id
       where l.case_id = ${caseId} and l.live and e.details -> 'removalClaimed' ? ${caseId}::text) as claimed`
  return claimed
}
