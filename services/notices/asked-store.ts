import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, RecipientId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import type { Outcome } from './notice-state.ts'

/** Answers after which asking the same recipient about the same copy again leads nowhere. */
const inVain: readonly Outcome[] = ['no_response', 'wrong_recipient', 'not_infringing', 'court_order_needed']
/** Answers that are none to the demand itself, or a success: the same recipient may be asked once more. */
const askAgain: readonly Outcome[] = ['removed', 'already_gone', 'restored', 'duplicate', 'retracted']

const Asked = z.object({ caseId: CaseId, recipientId: RecipientId, recipientName: z.string() })
/** A recipient that was asked about a case without success. */
export type Asked = z.infer<typeof Asked>

const askedWhere = (tx: Tx, which: ReturnType<typeof sql>): Promise<Asked[]> =>
  tx.all(Asked)`
    select distinct l.case_id, l.recipient_id, r.name as recipient_name
      from notice_location l join notice n on n.id = l.notice_id join recipient r on r.id = l.recipient_id
      join case_file c on c.id = l.case_id
     where ${which} and c.state in ('confirmed', 'escalated', 'restored') and n.signed_at is not null
       and n.state <> 'retracted'
       and (l.outcome = any(${[...inVain]})
            or (c.state = 'escalated' and coalesce(l.outcome <> all(${[...askAgain]}), true)))
     order by l.case_id, r.name`

/** Who was asked about these cases before, in signed notices, and did not remove the copy; who removed it may be asked again. */
export const askedInVain = (tx: Tx, caseIds: readonly CaseId[]): Promise<Asked[]> =>
  askedWhere(tx, sql`l.case_id = any(${[...caseIds]}::uuid[])`)

/** The same of all cases at a host that wait for a notice. */
export const askedInVainAt = (tx: Tx, host: string): Promise<Asked[]> => askedWhere(tx, sql`n.host = ${host}`)
