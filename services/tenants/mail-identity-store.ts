import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'

const columns = sql`mail_from, reply_domain, smtp_url_sealed, dkim_domain, dkim_selector, dkim_key_sealed`

const MailRow = z.object({
  mailFrom: z.string().nullable(),
  replyDomain: z.string().nullable(),
  smtpUrlSealed: Bytes.nullable(),
  dkimDomain: z.string().nullable(),
  dkimSelector: z.string().nullable(),
  dkimKeySealed: Bytes.nullable(),
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
      dkim_key_sealed = ${row.dkimKeySealed}
    where id = ${id} returning ${columns}`
