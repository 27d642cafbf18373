import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import type { LeakId, LetterId, MemberId, TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { Letter, LetterDocument, letterDigest } from './letter.ts'

const columns = sql`t.id, t.tenant_id, t.leak_id, k.name as leak_name, t.audit_id, t.kind, t.language, t.recipient, t.sha256,
  t.signed_by, m.name as signed_by_name, t.signed_at`
const tables = sql`letter t join leak k on k.id = t.leak_id join member m on m.id = t.signed_by`

/** Keeps a letter as it was signed. @returns its hash. */
export async function keepLetter(
  tx: Tx,
  document: LetterDocument,
  by: { readonly tenantId: TenantId; readonly memberId: MemberId },
): Promise<string> {
  const { id, kind, language, leak, audit, recipient, signature } = document
  const sha256 = letterDigest(document)
  await tx.run`
    insert into letter (id, tenant_id, leak_id, audit_id, kind, language, recipient, content, sha256, signed_by, signed_at)
    values (${id}, ${by.tenantId}, ${leak.id}, ${audit?.id ?? null}, ${kind}, ${language}, ${recipient.name},
            ${JSON.stringify(document)}, ${sha256}, ${by.memberId}, ${new Date(signature.signedAt)})`
  return sha256
}

/** Letters that are seen in this transaction, newest first. @param asked.leakId about one leak. */
export function listLetters(
  tx: Tx,
  asked: {
    readonly leakId?: LeakId | undefined
    readonly after?: { readonly at: Date; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<Letter[]> {
  const { at = null, id = null } = asked.after ?? {}
  const leakId = asked.leakId ?? null
  return tx.all(Letter)`
    select ${columns} from ${tables}
     where (${leakId}::uuid is null or t.leak_id = ${leakId}::uuid)
       and (${at}::timestamptz is null or (t.signed_at, t.id) < (${at}, ${id}::uuid))
     order by t.signed_at desc, t.id desc limit ${asked.limit}`
}

export const findLetter = (tx: Tx, id: LetterId): Promise<Letter | undefined> =>
  tx.maybe(Letter)`select ${columns} from ${tables} where t.id = ${id}`

/** What a letter says, as it was signed. @throws {Error} when it is no longer what was signed. */
export async function contentOf(tx: Tx, id: LetterId): Promise<LetterDocument | undefined> {
  const row = await tx.maybe(z.object({ content: LetterDocument, sha256: z.string() }))`
    select content, sha256 from letter where id = ${id}`
  if (!row) return undefined
  if (letterDigest(row.content) !== row.sha256) throw new Error(`letter ${id} is no longer what was signed`)
  return row.content
}
