import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'

const columns = sql`mail_from, reply_domain, smtp_url_sealed, dkim_domain, dkim_selector, dkim_key_sealed,
  mail_problem, mail_problem_at`

const MailRow = z.object({
  mailFrom: z.string().nullable(),
  replyDomain: z.string().nullable(),
  smtpUrlSealed: Bytes.nullable(),
  dkimDomain: z.string().nullable(),
  dkimSelector: z.string().nullable(),
  dkimKeySealed: Bytes.nullable(),
  /** Why the account's own server cannot be used, and since when that is known. */
  mailProblem: z.string().nullable(),
  mailProblemAt: z.date().nullable(),
})
/** What is kept of a tenant's mail; its secrets are sealed. */
export type MailRow = z.infer<typeof MailRow>

export const mailRowOf = (tx: Tx, id: TenantId): Promise<MailRow> =>
  tx.one(MailRow)`select ${columns} from tenant where id = ${id}`

/** The same, locked until the transaction ends. */
export const lockMailRow = (tx: Tx, id: TenantId): Promise<MailRow> =>
  tx.one(MailRow)`select ${columns} from tenant where id = ${id} for update`

export const keepMailRow = (tx: Tx, id: TenantId, row: MailRow): Promise<MailRow> =>
  tx.one(MailRow)`
    update tenant set mail_from = ${row.mailFrom}, reply_domain = ${row.replyDomain},
      smtp_url_sealed = ${row.smtpUrlSealed}, dkim_domain = ${row.dkimDomain}, dkim_selector = ${row.dkimSelector},
      dkim_key_sealed = ${row.dkimKeySealed}, mail_problem = ${row.mailProblem}, mail_problem_at = ${row.mailProblemAt}
    where id = ${id} returning ${columns}`

/** Notes why an account's own server cannot be used. @returns false when that is known already. */
export const keepMailProblem = async (tx: Tx, id: TenantId, words: string): Promise<boolean> =>
  (await tx.run`
    update tenant set mail_problem = ${words.slice(0, 2000)}, mail_problem_at = now()
     where id = ${id} and mail_problem is null`) === 1

/** A mail went out by the way that is set. */
export const clearMailProblem = async (tx: Tx, id: TenantId): Promise<void> => {
  await tx.run`
    update tenant set mail_problem = null, mail_problem_at = null where id = ${id} and mail_problem is not null`
}
