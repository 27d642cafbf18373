import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { ApiKeyId, MemberId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import {
  checkPassword,
  createSignInLink,
  hashPassword,
  openSession,
  setPassword,
} from '../tenants/sign-in.ts'
import * as tenants from '../tenants/store.ts'
import {
  type ApiKey,
  type Caller,
  type Member,
  type Role,
  type Tenant,
  type TenantChange,
  actorOf,
  hasRole,
} from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** PostgreSQL's code for a value that is there already. */
const UNIQUE_VIOLATION = '23505'

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION

/** A caller who is a person. */
export type MemberCaller = Extract<Caller, { kind: 'member' }>

/** @throws {Problem} auth/forbidden */
function needOwner(caller: Caller): void {
  if (!hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account can do this')
}

/** Leaves an entry in the account's audit chain. */
type Note = (action: string, subject: string, details?: Record<string, unknown>) => Promise<void>

/** Work in one transaction of the caller's account, with a way to note what is done. */
const noting = <T>(house: House, caller: Caller, work: (tx: Tx, note: Note) => Promise<T>): Promise<T> =>
  house.db.tenant(caller.tenantId, (tx) =>
    work(tx, (action, subject, details = {}) =>
      audit(tx, caller.tenantId, { actor: actorOf(caller), action, subject, details }),
    ),
  )

async function existing(tx: Tx, id: MemberId): Promise<Member> {
  const member = await tenants.findMember(tx, id)
  if (!member) throw new Problem('row/unknown', 'No such member')
  return member
}

/** Changes what is given of the account and leaves the rest. @throws {Problem} auth/forbidden. */
export async function changeAccount(house: House, caller: Caller, change: TenantChange): Promise<Tenant> {
  needOwner(caller)
  return noting(house, caller, async (tx, note) => {
    // Which fields, not their values: addresses of people do not belong into a chain that is kept for ever. How
    // sure a claim had to be at what time does: years later somebody may ask.
    const { falseClaimsPerMillion } = change
    await note('account.changed', `tenant:${caller.tenantId}`, {
      fields: Object.keys(change).toSorted(),
      ...(falseClaimsPerMillion !== undefined && { falseClaimsPerMillion }),
    })
    return tenants.changeTenant(tx, caller.tenantId, change)
  })
}

/**
 * Pauses signing and sending of all notices, at once, or with `undefined` lets them go on. For whoever answers for
 * them: an owner or a signer.
 *
 * @throws {Problem} auth/forbidden
 */
export async function pauseNotices(house: House, caller: Caller, why: string | undefined): Promise<Tenant> {
  if (!hasRole(caller, 'owner') && !hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only an owner or a signer can pause notices or let them go on')
  return noting(house, caller, async (tx, note) => {
    const action = why === undefined ? 'notices.resumed' : 'notices.paused'
    await note(action, `tenant:${caller.tenantId}`, why === undefined ? {} : { why })
    return tenants.pauseNotices(tx, caller.tenantId, why ?? null)
  })
}

/** A member and the one-time link by which they sign in, which is shown once. */
export interface Invited {
  readonly member: Member
  readonly signInUrl: string
}

async function invitation(house: House, tx: Tx, member: Member): Promise<Invited> {
  return { member, signInUrl: `${house.config.publicUrl}/sign-in/${await createSignInLink(tx, member)}` }
}

/** Adds a member. @throws {Problem} auth/forbidden, request/conflict when the address is taken. */
export async function inviteMember(
  house: House,
  caller: Caller,
  who: { email: string; name: string; title: string; roles: readonly Role[] },
): Promise<Invited> {
  needOwner(caller)
  try {
    return await noting(house, caller, async (tx, note) => {
      const member = await tenants.createMember(tx, caller.tenantId, who)
      await note('member.invited', `member:${member.id}`, { roles: member.roles })
      return invitation(house, tx, member)
    })
  } catch (error) {
    if (!isTaken(error)) throw error
    const faults = [{ pointer: '/email', detail: 'somebody has this address already' }]
    throw new Problem('request/conflict', 'Somebody with this e-mail address is a member already', {
      faults,
      cause: error,
    })
  }
}

/** A new one-time link for a member who lost the password. @throws {Problem} auth/forbidden, row/unknown, row/stage. */
export async function linkForMember(house: House, caller: Caller, id: MemberId): Promise<Invited> {
  needOwner(caller)
  return noting(house, caller, async (tx, note) => {
    const member = await existing(tx, id)
    if (member.disabledAt) throw new Problem('row/stage', 'This member is shut out')
    await note('member.link-made', `member:${id}`)
    return invitation(house, tx, member)
  })
}

/** An account without an owner could never be managed again. */
async function keepAnOwner(tx: Tx): Promise<void> {
  const owners = (await tenants.members(tx)).filter(
    ({ roles, disabledAt }) => roles.includes('owner') && disabledAt === null,
  )
  if (owners.length === 0)
    throw new Problem('request/conflict', 'An account needs an owner: make somebody else one first')
}

/**
 * Changes a member, or shuts them out and lets them in again.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/conflict when no owner would be left.
 */
export async function changeMember(
  house: House,
  caller: Caller,
  id: MemberId,
  change: Parameters<typeof tenants.changeMember>[2],
): Promise<Member> {
  needOwner(caller)
  return noting(house, caller, async (tx, note) => {
    await existing(tx, id)
    // Before the change: of two owners who shut each other out at once, the second waits here and is refused.
    const details = { fields: Object.keys(change).toSorted(), ...(change.roles && { roles: change.roles }) }
    await note('member.changed', `member:${id}`, details)
    await tenants.changeMember(tx, id, change)
    await keepAnOwner(tx)
    return existing(tx, id)
  })
}

/** Makes an API key. @returns the key and its secret, which is shown once. @throws {Problem} auth/forbidden. */
export async function makeKey(
  house: House,
  caller: MemberCaller,
  name: string,
): Promise<{ key: ApiKey; secret: string }> {
  needOwner(caller)
  return noting(house, caller, async (tx, note) => {
    const made = await tenants.createApiKey(tx, caller.tenantId, { name, createdBy: caller.member.id })
    await note('key.created', `key:${made.key.id}`, { name })
    return made
  })
}

/** Ends an API key; a second time there is nothing left to do. @throws {Problem} auth/forbidden, row/unknown. */
export async function revokeKey(house: House, caller: Caller, id: ApiKeyId): Promise<void> {
  needOwner(caller)
  await noting(house, caller, async (tx, note) => {
    if (!(await tenants.apiKeys(tx)).some((key) => key.id === id))
      throw new Problem('row/unknown', 'No such key')
    if (await tenants.revokeApiKey(tx, id)) await note('key.revoked', `key:${id}`)
  })
}

/**
 * Sets the member's own password, which ends all sessions, and opens a new one for this browser.
 *
 * @param given.present asked for when there is one: an open browser left alone must not be enough.
 * @returns the new session's secret.
 * @throws {Problem} request/invalid when the present one is wrong, or the new one too short or too long.
 */
export async function choosePassword(
  house: House,
  caller: MemberCaller,
  given: { password: string; present: string | undefined },
): Promise<string> {
  const { member } = caller
  const mayChange = !member.hasPassword || (await checkPassword(house.db, member.email, given.present ?? ''))
  if (!mayChange) {
    const faults = [{ pointer: '/present', detail: 'is not your password' }]
    throw new Problem('request/invalid', 'The present password is not right', { faults })
  }
  const passwordHash = await hashPassword(given.password)
  return noting(house, caller, async (tx, note) => {
    await setPassword(tx, member.id, passwordHash)
    await note('member.password-set', `member:${member.id}`)
    return openSession(tx, member)
  })
}
