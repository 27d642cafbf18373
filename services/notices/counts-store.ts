import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, NoticeId } from '../core/ids.ts'
import { NoticeState } from './notice-state.ts'

/** More cases than this nobody looks at on one page. */
const PLANNED_MAX = 2_000

/** How many notices are in each state; a state without any is not there. */
export async function noticeCounts(tx: Tx): Promise<ReadonlyMap<NoticeState, number>> {
  const rows = await tx.all(z.object({ state: NoticeState, count: z.number() }))`
    select state, count(*) as count from notice group by state`
  return new Map(rows.map(({ state, count }) => [state, count]))
}

/** How many answers wait for a person to read them. */
export async function waitingReplies(tx: Tx): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from reply where handled_at is null`
  return count
}

const Planned = z.object({ caseId: CaseId, noticeId: NoticeId, number: z.string() })
export type Planned = z.infer<typeof Planned>

/** Which of these cases stand in a notice that nobody has signed yet. */
export const plannedCases = (tx: Tx, ids: readonly CaseId[]): Promise<Planned[]> =>
  tx.all(Planned)`
    select l.case_id, n.id as notice_id, n.number from notice_location l join notice n on n.id = l.notice_id
     where l.case_id = any(${[...ids]}::uuid[]) and n.state in ('draft', 'invalid', 'ready')
     order by n.created_at limit ${PLANNED_MAX}`
