import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { IntakeMailId, type SubmissionId, TenantId, newId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { IntakeMail, type IntakeOutcome, NOTED_DAYS, NOTED_PER_HOUR_MAX, SENDERS_MAX } from './intake.ts'

const Standing = z.object({ intakeToken: z.string().nullable(), replyDomain: z.string().nullable() })

/** The token in an account's intake address, null while it is switched off, and its own domain for mails. */
export const intakeOf = (tx: Tx, id: TenantId): Promise<z.infer<typeof Standing>> =>
  tx.one(Standing)`select intake_token, reply_domain from tenant where id = ${id}`

/** Sets another token, or none. */
export const setIntakeToken = (tx: Tx, id: TenantId, token: string | null): Promise<number> =>
  tx.run`update tenant set intake_token = ${token} where id = ${id}`

const Receiving = z.object({
  tenantId: TenantId,
  replyDomain: z.string().nullable(),
  mailFrom: z.string().nullable(),
})
/** An account that takes mails, and what its own mails are told by. */
export type Receiving = z.infer<typeof Receiving>

/** The account of a token; for a transaction that sees all accounts. */
export const receivingAt = (tx: Tx, token: string): Promise<Receiving | undefined> =>
  tx.maybe(
    Receiving,
  )`select id as tenant_id, reply_domain, mail_from from tenant where intake_token = ${token}`

const Sender = z.object({ pattern: z.string(), addedBy: z.string(), addedAt: z.date() })
/** Who may hand in by mail, and who said so. */
export type IntakeSender = z.infer<typeof Sender>

/** The senders that are allowed, by name. */
export const sendersOf = (tx: Tx, tenantId: TenantId): Promise<IntakeSender[]> =>
  tx.all(Sender)`
    select s.pattern, coalesce(m.name, s.added_by) as added_by, s.added_at
      from intake_sender s left join member m on s.added_by = 'member:' || m.id
     where s.tenant_id = ${tenantId} order by s.pattern limit ${SENDERS_MAX}`

/** Allows a sender. @returns false when it was allowed before. */
export const keepSender = async (tx: Tx, tenantId: TenantId, pattern: string, by: string): Promise<boolean> =>
  (await tx.run`
    insert into intake_sender (tenant_id, pattern, added_by) values (${tenantId}, ${pattern}, ${by})
    on conflict do nothing`) === 1

/** Allows a sender no more. @returns false when it was not on the list. */
export const removeSender = async (tx: Tx, tenantId: TenantId, pattern: string): Promise<boolean> =>
  (await tx.run`delete from intake_sender where tenant_id = ${tenantId} and pattern = ${pattern}`) === 1

/** One mail of an account is taken after the other, until the transaction ends. */
export async function lockIntake(tx: Tx, tenantId: TenantId): Promise<void> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`intake ${tenantId}`}, 0))`
}

/** Whether a mail was taken before. @param key of it, as `noteMail` keeps it. */
export async function wasTaken(tx: Tx, tenantId: TenantId, key: string): Promise<boolean> {
  const { taken } = await tx.one(z.object({ taken: z.boolean() }))`
    select exists (select from intake_mail
                    where tenant_id = ${tenantId} and message_key = ${key} and outcome = 'taken') as taken`
  return taken
}

/** How many mails of an account were taken, or were not, in the last hour. */
export async function mailsInHour(tx: Tx, tenantId: TenantId, which: 'taken' | 'not-taken'): Promise<number> {
  const { mails } = await tx.one(z.object({ mails: z.number() }))`
    select count(*) as mails from intake_mail
     where tenant_id = ${tenantId} and received_at > now() - interval '1 hour'
       and (outcome = 'taken') = ${which === 'taken'}`
  return mails
}

/** A mail before it is noted. */
export interface NewIntakeMail {
  readonly tenantId: TenantId
  readonly key: string
  readonly sender: string
  readonly subject: string
  readonly outcome: IntakeOutcome
  readonly submissionId?: SubmissionId
}

/** Notes a mail; of those that were not taken only so many in an hour. @returns whether it was noted. */
export async function noteMail(tx: Tx, mail: NewIntakeMail): Promise<boolean> {
  const { tenantId, key, sender, subject, outcome, submissionId = null } = mail
  if (outcome !== 'taken' && (await mailsInHour(tx, tenantId, 'not-taken')) >= NOTED_PER_HOUR_MAX)
    return false
  await tx.run`
    insert into intake_mail (id, tenant_id, message_key, sender, subject, outcome, submission_id)
    values (${newId(IntakeMailId)}, ${tenantId}, ${key}, ${sender}, ${subject}, ${outcome}, ${submissionId})`
  return true
}

/** The mails that came, newest first. */
export function listMails(
  tx: Tx,
  asked: { readonly after?: { readonly at: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<IntakeMail[]> {
  const conditions = [
    sql`true`,
    ...(asked.after ? [sql`(received_at, id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(IntakeMail)`
    select id, sender, subject, outcome, submission_id, received_at from intake_mail
     where ${join(conditions, ' and ')} order by received_at desc, id desc limit ${asked.limit}`
}

/** Forgets old mails that were not taken. @returns how many that were. */
export const forgetMails = (tx: Tx): Promise<number> =>
  tx.run`
    delete from intake_mail
     where outcome <> 'taken' and received_at < now() - make_interval(days => ${NOTED_DAYS})`
