import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { NoticeId, TenantId } from '../core/ids.ts'
import { Notice } from './notice-row.ts'

/** Notices whose clocks are looked at in one round; the next round takes the others. */
const ROUND_MAX = 200

const Due = z.object({ id: NoticeId })

/** Notices of which a clock has run out, or that were sent and have none yet. */
export async function dueNotices(tx: Tx): Promise<NoticeId[]> {
  const rows = await tx.all(Due)`
    select id from notice
     where due_at <= now() or (due_at is null and state in ('sent', 'acknowledged', 'partially_actioned'))
     order by due_at nulls first limit ${ROUND_MAX}`
  return rows.map(({ id }) => id)
}

/** What the clocks of a notice are told by (timers.ts), and what they have told before. */
const ClockRow = Notice.pick({
  state: true,
  regimes: true,
  sentAt: true,
  acknowledgedAt: true,
  reminders: true,
}).extend({
  tenantId: TenantId,
  lastSentAt: z.date().nullable(),
  decidedAt: z.date().nullable(),
  acknowledgeH: z.number(),
  removeH: z.number(),
  /** How the notice itself went out, and to which address. */
  way: z.enum(['mail', 'hand']).nullable(),
  address: z.string().nullable(),
  /** No reminder goes out while the account, or the recipient, is paused. */
  paused: z.boolean(),
  /** The clocks that were told already, by their kinds. */
  told: z.array(z.string()),
})
export type ClockRow = z.infer<typeof ClockRow>

export const clockRow = (tx: Tx, id: NoticeId): Promise<ClockRow> =>
  tx.one(ClockRow)`
    select n.tenant_id, n.state, n.regimes, n.sent_at, n.acknowledged_at, n.reminders, r.acknowledge_h, r.remove_h,
           (select max(d.sent_at) from delivery d where d.notice_id = n.id and d.kind <> 'retraction') as last_sent_at,
           (select max(e.at) from notice_event e
             where e.notice_id = n.id and e.kind in ('rejected', 'all_gone')) as decided_at,
           first.way, first.address,
           r.paused_at is not null or t.notices_paused_at is not null as paused,
           array(select e.reason from notice_event e
                  where e.notice_id = n.id and e.actor = 'system' and e.kind = 'commented' and e.reason is not null) as told
      from notice n join recipient r on r.id = n.recipient_id join tenant t on t.id = n.tenant_id
      left join lateral (select d.way, d.address from delivery d
                          where d.notice_id = n.id and d.kind = 'notice' order by d.number, d.part limit 1) first on true
     where n.id = ${id}`

/** Sets when the next clock of a notice runs out; null when none runs. */
export async function setDue(tx: Tx, id: NoticeId, at: Date | null): Promise<void> {
  await tx.run`update notice set due_at = ${at} where id = ${id}`
}

/** Counts one more reminder. */
export async function countReminder(tx: Tx, id: NoticeId): Promise<void> {
  await tx.run`update notice set reminders = reminders + 1 where id = ${id}`
}
