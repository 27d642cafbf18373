import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type MemberId, RecipientId, type TenantId, newId } from '../core/ids.ts'
import { type Sql, join, sql } from '../core/sql.ts'
import { type FoundRecipient, isByPerson, meeting } from './candidates.ts'
import { type NewRecipient, type RecipientChange, changesContact } from './new-recipient.ts'
import { Recipient, type RecipientRole } from './recipient.ts'

/** A recipient's columns, of the table by the name `r`. */
export const recipientColumns = sql`r.id, r.tenant_id, r.role, r.key, r.name, r.email, r.form_url, r.country, r.source, r.formats,
  r.languages, r.same_host, r.urls_max, r.mails_per_hour, r.acknowledge_h, r.remove_h, r.class, r.note, r.resolved_at,
  r.confirmed_by, r.paused_at, r.paused_why, r.created_at`

/** Entries that a person keeps about one host and those found for it: a handful. */
const ENTERED_MAX = 100

export const findRecipient = (tx: Tx, id: RecipientId): Promise<Recipient | undefined> =>
  tx.maybe(Recipient)`select ${recipientColumns} from recipient r where r.id = ${id}`

/** How a recipient stands; the filters of the list. */
export const RecipientState = z.enum(['usable', 'stale', 'guess', 'paused'])
export type RecipientState = z.infer<typeof RecipientState>

/** The same as `freshUntil` and `isGuess` (recipient.ts), where the database has to tell. */
const isStale = sql`r.resolved_at <
  now() - case when r.source like 'rdap%' then interval '30 days' else interval '90 days' end`
const isGuess = sql`r.source = 'rfc2142' and r.confirmed_by is null`

const conditionOf: Readonly<Record<RecipientState, Sql>> = {
  usable: sql`not (${isGuess}) and not (${isStale}) and r.paused_at is null`,
  stale: sql`${isStale}`,
  guess: isGuess,
  paused: sql`r.paused_at is not null`,
}

/** The recipients of an account, newest first. */
export function listRecipients(
  tx: Tx,
  asked: {
    readonly state?: RecipientState | undefined
    readonly role?: RecipientRole | undefined
    readonly after?: { readonly at: Date; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<Recipient[]> {
  const conditions = [
    asked.state ? conditionOf[asked.state] : sql`true`,
    asked.role ? sql`r.role = ${asked.role}` : sql`true`,
    ...(asked.after ? [sql`(r.created_at, r.id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(Recipient)`
    select ${recipientColumns} from recipient r where ${join(conditions, ' and ')}
     order by r.created_at desc, r.id desc limit ${asked.limit}`
}

/** Keeps what a person entered. @returns undefined when there is an entry of this role and key already. */
export async function createRecipient(
  tx: Tx,
  { tenantId, memberId }: { tenantId: TenantId; memberId: MemberId },
  given: NewRecipient,
): Promise<Recipient | undefined> {
  const id = newId(RecipientId)
  await tx.run`
    insert into recipient (id, tenant_id, role, key, name, email, form_url, country, source, formats, languages, same_host,
                           urls_max, mails_per_hour, acknowledge_h, remove_h, class, note, resolved_at, confirmed_by)
    values (${id}, ${tenantId}, ${given.role}, ${given.key}, ${given.name}, ${given.email}, ${given.formUrl},
            ${given.country}, ${given.source}, ${given.formats}, ${given.languages}, ${given.sameHost}, ${given.urlsMax},
            ${given.mailsPerHour}, ${given.acknowledgeH}, ${given.removeH}, ${given.class}, ${given.note}, now(),
            ${memberId})
    on conflict (tenant_id, role, key) do nothing`
  return findRecipient(tx, id)
}

/** The recipient of a role that is known by a key. */
export const findByKey = (
  tx: Tx,
  tenantId: TenantId,
  role: RecipientRole,
  key: string,
): Promise<Recipient | undefined> =>
  tx.maybe(Recipient)`
    select ${recipientColumns} from recipient r where r.tenant_id = ${tenantId} and r.role = ${role} and r.key = ${key}`

/** A recipient that nobody else changes until the transaction ends. */
export const lockRecipient = (tx: Tx, id: RecipientId): Promise<Recipient | undefined> =>
  tx.maybe(Recipient)`select ${recipientColumns} from recipient r where r.id = ${id} for update`

/**
 * Changes a recipient as a person says. Whoever changes the contact vouches for it: from then on it is their entry, and
 * machines leave it alone.
 */
export async function changeRecipient(
  tx: Tx,
  present: Recipient,
  memberId: MemberId,
  change: RecipientChange,
): Promise<void> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  const next: Recipient = { ...present, ...(Object.fromEntries(given) as Partial<Recipient>) }
  const vouched = changesContact(change)
  const source = vouched && !isByPerson(present.source) ? 'manual' : present.source
  await tx.run`
    update recipient
       set name = ${next.name}, email = ${next.email}, form_url = ${next.formUrl}, country = ${next.country},
           formats = ${next.formats}, languages = ${next.languages}, same_host = ${next.sameHost},
           urls_max = ${next.urlsMax}, mails_per_hour = ${next.mailsPerHour}, acknowledge_h = ${next.acknowledgeH},
           remove_h = ${next.removeH}, class = ${next.class}, note = ${next.note}, source = ${source},
           confirmed_by = case when ${vouched} then ${memberId}::uuid else confirmed_by end,
           resolved_at = case when ${vouched} then now() else resolved_at end
     where id = ${present.id}`
}

/** Notes that a person looked at a contact today and took it for right. */
export const confirmRecipient = (tx: Tx, id: RecipientId, memberId: MemberId): Promise<number> =>
  tx.run`update recipient set confirmed_by = ${memberId}, resolved_at = now() where id = ${id}`

/** Holds back what goes to a recipient. @returns false when it is held back already. */
export const pauseRecipient = async (tx: Tx, id: RecipientId, why: string): Promise<boolean> =>
  (await tx.run`
    update recipient set paused_at = now(), paused_why = ${why} where id = ${id} and paused_at is null`) === 1

/** @returns false when it was not paused. */
export const resumeRecipient = async (tx: Tx, id: RecipientId): Promise<boolean> =>
  (await tx.run`
    update recipient set paused_at = null, paused_why = null where id = ${id} and paused_at is not null`) ===
  1

/** What people entered about a host or about those who were found for it. */
export const enteredFor = (tx: Tx, tenantId: TenantId, keys: readonly string[]): Promise<Recipient[]> =>
  tx.all(Recipient)`
    select ${recipientColumns} from recipient r
     where r.tenant_id = ${tenantId} and r.key = any(${[...keys]})
       and r.source in ('manual', 'copyright_office_directory')
     order by r.created_at, r.id limit ${ENTERED_MAX}`

/**
 * Keeps what was found, once for its role and key. What a person stands behind is not overwritten, and our own limits
 * for a recipient, its class and its pauses never are.
 *
 * @returns the entry, and whether the contact in it is another than the one found.
 */
export async function keepFound(
  tx: Tx,
  tenantId: TenantId,
  found: FoundRecipient,
): Promise<{ recipient: Recipient; differs: boolean }> {
  await tx.run`
    insert into recipient (id, tenant_id, role, key, name, email, form_url, country, source, formats, languages, same_host,
                           urls_max, acknowledge_h, remove_h, note, resolved_at)
    values (${newId(RecipientId)}, ${tenantId}, ${found.role}, ${found.key}, ${found.name}, ${found.email},
            ${found.formUrl}, ${found.country}, ${found.source}, ${found.formats}, ${found.languages}, ${found.sameHost},
            ${found.urlsMax}, ${found.acknowledgeH}, ${found.removeH}, ${found.note}, ${found.resolvedAt})
    on conflict (tenant_id, role, key) do nothing`
  const kept = await tx.one(Recipient)`
    select ${recipientColumns} from recipient r
     where r.tenant_id = ${tenantId} and r.role = ${found.role} and r.key = ${found.key} for update`
  const how = meeting(kept, found)
  if (how === 'replace')
    await tx.run`
      update recipient
         set name = ${found.name}, email = ${found.email}, form_url = ${found.formUrl}, country = ${found.country},
             source = ${found.source}, formats = ${found.formats}, languages = ${found.languages},
             note = case when source = ${found.source} then note else ${found.note} end,
             resolved_at = ${found.resolvedAt}
       where id = ${kept.id}`
  if (how === 'refresh')
    await tx.run`
      update recipient set resolved_at = greatest(resolved_at, ${found.resolvedAt}) where id = ${kept.id}`
  const recipient = await tx.one(
    Recipient,
  )`select ${recipientColumns} from recipient r where r.id = ${kept.id}`
  return { recipient, differs: recipient.email !== found.email || recipient.formUrl !== found.formUrl }
}
