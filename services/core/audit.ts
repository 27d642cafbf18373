import { createHash } from 'node:crypto'

import canonicalize from 'canonicalize'
import { z } from 'zod'

import type { Tx } from './db.ts'
import type { TenantId } from './ids.ts'

/** Who did something: a member in a session, an API key, or the system itself. */
export const Actor = z.string().regex(/^(member:[0-9a-f-]{36}|key:[0-9a-f-]{36}|system)$/)

const FIRST_HASH = '0'.repeat(64)

const Entry = z.object({
  number: z.number(),
  at: z.date(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  prevHash: z.string(),
  entryHash: z.string(),
})
export type AuditEntry = z.infer<typeof Entry>

const Head = z.object({ number: z.number(), entryHash: z.string() })

/** sha256(prev_hash ‖ canonical JSON of the entry): RFC 8785 makes the bytes the same everywhere. */
function hashOf(entry: Omit<AuditEntry, 'entryHash'>): string {
  const { prevHash, at, ...rest } = entry
  const text = canonicalize({ ...rest, at: at.toISOString() })
  return createHash('sha256')
    .update(prevHash)
    .update(text ?? '')
    .digest('hex')
}

/**
 * Appends one entry to a tenant's chain, in the transaction of what it tells about.
 *
 * @param details plain JSON; no secrets and no more personal data than the question 'who did it' needs.
 */
export async function audit(
  tx: Tx,
  tenant: TenantId,
  what: { actor: string; action: string; subject: string; details?: Record<string, unknown> },
): Promise<void> {
  // One writer a tenant at a time, or two entries would follow the same one.
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`audit:${tenant}`}, 0))`
  const head = await tx.maybe(Head)`
    select number, entry_hash from audit_entry where tenant_id = ${tenant} order by number desc limit 1`
  const unhashed = {
    number: (head?.number ?? 0) + 1,
    at: new Date(),
    actor: Actor.parse(what.actor),
    action: what.action,
    subject: what.subject,
    details: what.details ?? {},
    prevHash: head?.entryHash ?? FIRST_HASH,
  }
  await tx.run`
    insert into audit_entry (tenant_id, number, at, actor, action, subject, details, prev_hash, entry_hash)
    values (${tenant}, ${unhashed.number}, ${unhashed.at}, ${unhashed.actor}, ${unhashed.action}, ${unhashed.subject},
            ${JSON.stringify(unhashed.details)}, ${unhashed.prevHash}, ${hashOf(unhashed)})`
}

/** The chain of one tenant, oldest first, from a number on. */
export const auditEntries = (tx: Tx, fromNumber: number, rowsMax: number): Promise<AuditEntry[]> =>
  tx.all(Entry)`
    select number, at, actor, action, subject, details, prev_hash, entry_hash
      from audit_entry where number >= ${fromNumber} order by number limit ${rowsMax}`

/** The number of the first entry that does not follow from the one before it, or undefined when all hold. */
export function firstBroken(entries: readonly AuditEntry[], prevHash = FIRST_HASH): number | undefined {
  let hash = prevHash
  for (const entry of entries) {
    const { entryHash, ...unhashed } = entry
    if (entry.prevHash !== hash || hashOf(unhashed) !== entryHash) return entry.number
    hash = entryHash
  }
  return undefined
}
