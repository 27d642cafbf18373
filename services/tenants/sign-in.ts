import { hash, verify } from '@node-rs/argon2'
import { z } from 'zod'

import type { Db, Tx } from '../core/db.ts'
import { MemberId, TenantId, newSecret } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { findMember, hashSecret } from './store.ts'
import type { Member } from './tenant.ts'

/** A session ends after this long without use; a link that nobody opened after a day. */
const SESSION_DAYS = 14
const LINK_HOURS = 24
export const PASSWORD_LENGTH_MIN = 12
export const PASSWORD_LENGTH_MAX = 200

/** Verified when the address is unknown, so that both cases take the same time. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$0s6XrBWn9yvzcVlF+0DZmKBVQxBHtM6ZeKJYTTvZyyY'

const Holder = z.object({ memberId: MemberId, tenantId: TenantId })
const Login = z.object({ id: MemberId, passwordHash: z.string().nullable() })

/** A one-time sign-in link's secret for a member. */
export async function createSignInLink(tx: Tx, member: Pick<Member, 'id' | 'tenantId'>): Promise<string> {
  const token = newSecret('ewl_')
  await tx.run`
    insert into sign_in_link (token_hash, tenant_id, member_id, expires_at)
    values (${hashSecret(token)}, ${member.tenantId}, ${member.id}, now() + make_interval(hours => ${LINK_HOURS}))`
  return token
}

/** Whether a link could still be used: shown before it is spent, so that a mail scanner spends nothing. */
export async function linkIsOpen(tx: Tx, token: string): Promise<boolean> {
  const found = await tx.maybe(Holder)`
    select member_id, tenant_id from sign_in_link
     where token_hash = ${hashSecret(token)} and used_at is null and expires_at > now()`
  return found !== undefined
}

/** Spends a link. Of two who try, one gets the member; undefined when it is unknown, spent or too old. */
export async function spendLink(tx: Tx, token: string): Promise<Member | undefined> {
  const holder = await tx.maybe(Holder)`
    update sign_in_link set used_at = now()
     where token_hash = ${hashSecret(token)} and used_at is null and expires_at > now()
    returning member_id, tenant_id`
  const member = holder && (await findMember(tx, holder.memberId))
  return member && !member.disabledAt ? member : undefined
}

/** A password as it is kept. Only `hashPassword` makes one. */
export type PasswordHash = string & { readonly brand: 'PasswordHash' }

/**
 * Hashes a password (argon2id with the library's defaults: 19 MiB, 2 passes). It takes a tenth of a second, so it
 * is done before a transaction begins, not inside.
 *
 * @throws {Problem} request/invalid when it is too short or too long.
 */
export async function hashPassword(password: string): Promise<PasswordHash> {
  if (password.length < PASSWORD_LENGTH_MIN || password.length > PASSWORD_LENGTH_MAX) {
    throw new Problem(
      'request/invalid',
      `A password has ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`,
      {
        faults: [{ pointer: '/password', detail: `at least ${PASSWORD_LENGTH_MIN} characters` }],
      },
    )
  }
  return (await hash(password)) as PasswordHash
}

/** Sets the password and ends all sessions of the member. */
export async function setPassword(tx: Tx, id: MemberId, passwordHash: PasswordHash): Promise<void> {
  await tx.run`update member set password_hash = ${passwordHash} where id = ${id}`
  await tx.run`delete from session where member_id = ${id}`
}

/** The member with this address and password, or undefined; takes as long either way, and no transaction meanwhile. */
export async function checkPassword(db: Db, email: string, password: string): Promise<Member | undefined> {
  const login = await db.system(
    (tx) => tx.maybe(Login)`
      select id, password_hash from member where email = ${email.toLowerCase()} and disabled_at is null`,
  )
  const right = await verify(login?.passwordHash ?? NOBODY, password.slice(0, PASSWORD_LENGTH_MAX))
  if (!right || !login?.passwordHash) return undefined
  const { id } = login
  return db.system((tx) => findMember(tx, id))
}

/** @returns the session's secret, for the cookie. */
export async function openSession(tx: Tx, member: Pick<Member, 'id' | 'tenantId'>): Promise<string> {
  const token = newSecret('ews_')
  await tx.run`
    insert into session (token_hash, tenant_id, member_id, expires_at)
    values (${hashSecret(token)}, ${member.tenantId}, ${member.id}, now() + make_interval(days => ${SESSION_DAYS}))`
  return token
}

/** Who a session belongs to; prolongs it at most once an hour. */
export async function findSession(
  tx: Tx,
  token: string,
): Promise<{ member: Member; sessionHash: string } | undefined> {
  const sessionHash = hashSecret(token)
  const holder = await tx.maybe(Holder)`
    select member_id, tenant_id from session where token_hash = ${sessionHash} and expires_at > now()`
  const member = holder && (await findMember(tx, holder.memberId))
  if (!member || member.disabledAt) return undefined
  await tx.run`
    update session set last_seen_at = now(), expires_at = now() + make_interval(days => ${SESSION_DAYS})
     where token_hash = ${sessionHash} and last_seen_at < now() - interval '1 hour'`
  return { member, sessionHash }
}

export async function closeSession(tx: Tx, sessionHash: string): Promise<void> {
  await tx.run`delete from session where token_hash = ${sessionHash}`
}

/** Ended sessions, spent links and old idempotent answers; called by cron. */
export async function forgetExpired(tx: Tx): Promise<number> {
  const sessions = await tx.run`delete from session where expires_at < now()`
  const links = await tx.run`delete from sign_in_link where expires_at < now()`
  const answers = await tx.run`delete from idempotent_answer where created_at < now() - interval '1 day'`
  return sessions + links + answers
}
