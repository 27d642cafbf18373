import { createHash } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ApiKeyId, MemberId, TenantId, newId, newSecret } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { ApiKey, Member, type Role, Tenant, type TenantChange } from './tenant.ts'

/** Secrets are random, so one round of SHA-256 is enough: there is nothing to guess. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const tenantColumns = sql`id, name, contact_name, contact_address, contact_country, contact_phone, contact_email,
  keep_reference_audio, keep_suspect_audio, alerts_on, false_claims_per_million, own_domains, second_approver_above,
  lumen_sharing, notices_paused_at, notices_paused_why`
const memberColumns = sql`id, tenant_id, email, name, title, roles, gets_alerts, created_at, disabled_at,
  password_hash is not null as has_password`
const keyColumns = sql`id, name, hint, created_at, last_used_at, revoked_at`

export const findTenant = (tx: Tx, id: TenantId): Promise<Tenant | undefined> =>
  tx.maybe(Tenant)`select ${tenantColumns} from tenant where id = ${id}`

/** The tenant that was made first: the owner's, on an installation for one. */
export const firstTenant = (tx: Tx): Promise<Tenant | undefined> =>
  tx.maybe(Tenant)`select ${tenantColumns} from tenant order by created_at, id limit 1`

export async function createTenant(tx: Tx, name: string): Promise<Tenant> {
  return tx.one(
    Tenant,
  )`insert into tenant (id, name) values (${newId(TenantId)}, ${name}) returning ${tenantColumns}`
}

/** Changes what is given and leaves the rest. */
export async function changeTenant(tx: Tx, id: TenantId, change: TenantChange): Promise<Tenant> {
  const now = await tx.one(Tenant)`select ${tenantColumns} from tenant where id = ${id} for update`
  const next = { ...now, ...change, ownDomains: change.ownDomains ?? now.ownDomains }
  return tx.one(Tenant)`
    update tenant set name = ${next.name}, contact_name = ${next.contactName}, contact_address = ${next.contactAddress},
      contact_country = ${next.contactCountry}, contact_phone = ${next.contactPhone}, contact_email = ${next.contactEmail},
      keep_reference_audio = ${next.keepReferenceAudio}, keep_suspect_audio = ${next.keepSuspectAudio},
      alerts_on = ${next.alertsOn}, false_claims_per_million = ${next.falseClaimsPerMillion},
      own_domains = ${[...next.ownDomains]}, second_approver_above = ${next.secondApproverAbove},
      lumen_sharing = ${next.lumenSharing}
    where id = ${id} returning ${tenantColumns}`
}

/**
 * Pauses signing and sending with a reason, or with null takes the pause back; paused again, the first moment stays. What
 * was wrong before a person let them go on does not pause them again (services/figures).
 */
export const pauseNotices = (tx: Tx, id: TenantId, why: string | null): Promise<Tenant> =>
  tx.one(Tenant)`
    update tenant set notices_paused_why = ${why},
      notices_paused_at = case when ${why}::text is null then null else coalesce(notices_paused_at, now()) end,
      notices_judged_at = case when ${why}::text is null then now() else notices_judged_at end
    where id = ${id} returning ${tenantColumns}`

/** @throws the database's unique violation when the address is taken; the caller names it. */
export async function createMember(
  tx: Tx,
  tenantId: TenantId,
  who: { email: string; name: string; title?: string; roles: readonly Role[] },
): Promise<Member> {
  return tx.one(Member)`
    insert into member (id, tenant_id, email, name, title, roles, unsubscribe_token)
    values (${newId(MemberId)}, ${tenantId}, ${who.email.toLowerCase()}, ${who.name}, ${who.title ?? ''},
            ${[...who.roles]}, ${newSecret('ewu_')})
    returning ${memberColumns}`
}

export const members = (tx: Tx): Promise<Member[]> =>
  tx.all(Member)`select ${memberColumns} from member order by lower(name), id`

export const findMember = (tx: Tx, id: MemberId): Promise<Member | undefined> =>
  tx.maybe(Member)`select ${memberColumns} from member where id = ${id}`

/** Whoever has a mail address, of whichever account: addresses are theirs alone. */
export const memberByEmail = (tx: Tx, email: string): Promise<Member | undefined> =>
  tx.maybe(Member)`select ${memberColumns} from member where email = ${email.toLowerCase()}`

/** Who is mailed about a tenant's cases. Runs with the tenant named: a worker sees all of them. */
export const alertedMembers = (tx: Tx, tenantId: TenantId): Promise<Member[]> =>
  tx.all(Member)`
    select ${memberColumns} from member
     where tenant_id = ${tenantId} and gets_alerts and disabled_at is null order by email`

export async function changeMember(
  tx: Tx,
  id: MemberId,
  change: {
    name?: string
    title?: string
    roles?: readonly Role[]
    getsAlerts?: boolean
    disabled?: boolean
  },
): Promise<Member | undefined> {
  return tx.maybe(Member)`
    update member set
      name = coalesce(${change.name ?? null}, name),
      title = coalesce(${change.title ?? null}, title),
      roles = coalesce(${change.roles ? [...change.roles] : null}::text[], roles),
      gets_alerts = coalesce(${change.getsAlerts ?? null}, gets_alerts),
      disabled_at = case ${change.disabled ?? null}::boolean when true then coalesce(disabled_at, now()) when false then null else disabled_at end
    where id = ${id} returning ${memberColumns}`
}

/** The secret in a member's unsubscribe links. */
export async function unsubscribeToken(tx: Tx, id: MemberId): Promise<string> {
  const row = await tx.one(z.object({ unsubscribeToken: z.string() }))`
    select unsubscribe_token from member where id = ${id}`
  return row.unsubscribeToken
}

/** Stops alert mails for whoever holds the secret; answers false when there is no such secret. */
export async function unsubscribe(tx: Tx, token: string): Promise<boolean> {
  return (await tx.run`update member set gets_alerts = false where unsubscribe_token = ${token}`) === 1
}

/** @returns the key itself, which is shown once and never again. */
export async function createApiKey(
  tx: Tx,
  tenantId: TenantId,
  what: { name: string; createdBy?: MemberId },
): Promise<{ key: ApiKey; secret: string }> {
  const secret = newSecret('ewk_')
  const key = await tx.one(ApiKey)`
    insert into api_key (id, tenant_id, name, token_hash, hint, created_by)
    values (${newId(ApiKeyId)}, ${tenantId}, ${what.name}, ${hashSecret(secret)}, ${secret.slice(0, 9)}, ${what.createdBy ?? null})
    returning ${keyColumns}`
  return { key, secret }
}

export const apiKeys = (tx: Tx): Promise<ApiKey[]> =>
  tx.all(ApiKey)`select ${keyColumns} from api_key order by revoked_at is not null, created_at desc`

export async function revokeApiKey(tx: Tx, id: ApiKeyId): Promise<boolean> {
  return (await tx.run`update api_key set revoked_at = now() where id = ${id} and revoked_at is null`) === 1
}

const KeyHolder = z.object({ id: ApiKeyId, tenantId: TenantId })

/** The holder of a key that is not revoked; notes that it was used, at most once a minute. */
export async function findApiKey(tx: Tx, secret: string): Promise<z.infer<typeof KeyHolder> | undefined> {
  const hash = hashSecret(secret)
  const holder = await tx.maybe(KeyHolder)`
    select id, tenant_id from api_key where token_hash = ${hash} and revoked_at is null`
  if (holder) {
    await tx.run`
      update api_key set last_used_at = now()
       where id = ${holder.id} and (last_used_at is null or last_used_at < now() - interval '1 minute')`
  }
  return holder
}
