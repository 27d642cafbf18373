import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { AlertId, CaseId, type MemberId, type TenantId, newId } from '../core/ids.ts'
import { stagesOf } from '../core/stages.ts'
import { AsideState } from '../matches/case.ts'
import { Alert, AlertKind, alertTransitions } from './alert.ts'

export const stages = stagesOf('alert', alertTransitions)

const Gathering = z.object({ id: AlertId, kind: AlertKind })

/**
 * Adds a newly opened case to the alert that is gathering, or starts one that is due after the quiet time. One of an
 * unreleased recording goes to an alert of its own kind, which is due at once.
 *
 * @returns the alert, whether it has just been started, and in how many milliseconds it is due.
 */
export async function gather(
  tx: Tx,
  tenantId: TenantId,
  caseId: CaseId,
  mergeS: number,
): Promise<{ id: AlertId; isNew: boolean; delayMs: number }> {
  const fresh = newId(AlertId)
  const { id, kind } = await tx.one(Gathering)`
    insert into alert (id, tenant_id, kind, stage, due_at)
    select ${fresh}, ${tenantId}, case when urgent then 'unreleased_found' else 'cases_opened' end, 'notify',
           now() + make_interval(secs => case when urgent then 0 else ${mergeS}::double precision end)
      from (select exists (select from case_file c join recording r on r.id = c.recording_id
                            where c.id = ${caseId} and r.embargo_until > now()) as urgent) about
    on conflict (tenant_id, kind) where stage = 'notify' and tries = 0 do update set due_at = alert.due_at
    returning id, kind`
  await tx.run`insert into alert_case (alert_id, case_id, tenant_id) values (${id}, ${caseId}, ${tenantId}) on conflict do nothing`
  return { id, isNew: id === fresh, delayMs: kind === 'unreleased_found' ? 0 : mergeS * 1000 }
}

export const find = (tx: Tx, id: AlertId): Promise<Alert | undefined> =>
  tx.maybe(Alert)`select id, tenant_id, kind, stage, due_at from alert where id = ${id}`

/** The cases of an alert; those that were set aside since it began to gather are not told. */
export const casesOf = async (tx: Tx, id: AlertId): Promise<CaseId[]> => {
  const rows = await tx.all(z.object({ caseId: CaseId }))`
    select ac.case_id from alert_case ac join case_file c on c.id = ac.case_id
     where ac.alert_id = ${id} and c.state <> all(${AsideState.options}) order by c.opened_at, c.number`
  return rows.map(({ caseId }) => caseId)
}

/** The members who have this alert's mail already, so that a retry mails the others only. */
export const mailedMembers = async (tx: Tx, id: AlertId): Promise<Set<string>> => {
  const rows = await tx.all(
    z.object({ memberId: z.string() }),
  )`select member_id from alert_mail where alert_id = ${id}`
  return new Set(rows.map(({ memberId }) => memberId))
}

/** The first mail that told this member about a case: a later one joins its thread. */
export async function threadOf(
  tx: Tx,
  memberId: MemberId,
  caseIds: readonly CaseId[],
): Promise<string | undefined> {
  const row = await tx.maybe(z.object({ messageId: z.string() }))`
    select m.message_id from alert_mail m join alert_case c on c.alert_id = m.alert_id
     where m.member_id = ${memberId} and c.case_id = any(${[...caseIds]}::uuid[]) order by m.sent_at limit 1`
  return row?.messageId
}

/** What was sent, as it was sent. */
export const AlertMail = z.object({
  alertId: AlertId,
  messageId: z.string(),
  recipient: z.string(),
  subject: z.string(),
  body: z.string(),
  response: z.string(),
  sentAt: z.date(),
})
export type AlertMail = z.infer<typeof AlertMail>

export async function keepMail(
  tx: Tx,
  alert: Pick<Alert, 'id' | 'tenantId'>,
  memberId: MemberId,
  mail: Omit<AlertMail, 'alertId' | 'sentAt'>,
): Promise<void> {
  await tx.run`
    insert into alert_mail (alert_id, member_id, tenant_id, message_id, recipient, subject, body, response)
    values (${alert.id}, ${memberId}, ${alert.tenantId}, ${mail.messageId}, ${mail.recipient}, ${mail.subject}, ${mail.body}, ${mail.response})
    on conflict do nothing`
}

/** The mails that told of a case, oldest first. */
export const mailsAbout = (tx: Tx, caseId: CaseId): Promise<AlertMail[]> =>
  tx.all(AlertMail)`
    select m.alert_id, m.message_id, m.recipient, m.subject, m.body, m.response, m.sent_at
      from alert_mail m join alert_case c on c.alert_id = m.alert_id where c.case_id = ${caseId} order by m.sent_at`
