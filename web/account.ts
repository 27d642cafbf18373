import { z } from 'zod'

import type { House } from '../services/actions.ts'
import { audit } from '../services/core/audit.ts'
import type { Tx } from '../services/core/db.ts'
import type { ApiKeyId, MemberId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import { checkPassword, createSignInLink, openSession, setPassword } from '../services/tenants/sign-in.ts'
import * as tenants from '../services/tenants/store.ts'
import { Role, type TenantChange, actorOf } from '../services/tenants/tenant.ts'
import { type MemberCaller, found, needRole } from './visit.ts'

/** PostgreSQL's code for a row that is there already. */
const UNIQUE_VIOLATION = '23505'

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION

const roles = z.preprocess(
  (given) => (typeof given === 'string' ? [given] : given),
  z.array(Role, { error: 'choose at least one role' }).min(1, 'choose at least one role'),
)

/** What is given to add a member. */
export const NewMember = z.object({
  email: z.email().max(254),
  name: z.string().trim().min(1).max(200),
  title: z.string().trim().max(200).default(''),
  roles,
})
export type NewMember = z.infer<typeof NewMember>

/** What an owner can change of a member. */
export const MemberChange = z.object({ roles })

export const NewKey = z.object({ name: z.string().trim().min(1).max(100) })

/** Leaves an entry in the account's audit chain. */
type Note = (action: string, subject: string, details?: Record<string, unknown>) => Promise<void>

/** Work in one transaction of the caller's account, with a way to note what is done. */
const noting = <T>(
  house: House,
  caller: MemberCaller,
  work: (tx: Tx, note: Note) => Promise<T>,
): Promise<T> =>
  house.db.tenant(caller.tenantId, (tx) =>
    work(tx, (action, subject, details = {}) =>
      audit(tx, caller.tenantId, { actor: actorOf(caller), action, subject, details }),
    ),
  )

/** @throws {Problem} auth/forbidden for everybody but owners. */
export async function changeAccount(house: House, caller: MemberCaller, change: TenantChange): Promise<void> {
  needRole(caller, 'owner')
  await noting(house, caller, async (tx, note) => {
    // The names of the fields are enough to know what was changed; the values stand in the account.
    await note('account.changed', `tenant:${caller.tenantId}`, { fields: Object.keys(change).toSorted() })
    await tenants.changeTenant(tx, caller.tenantId, change)
  })
}

const linkTo = (house: House, token: string): string => `${house.config.publicUrl}/sign-in/${token}`

/**
 * Adds a member.
 *
 * @returns the one-time sign-in link, which is shown once.
 * @throws {Problem} auth/forbidden, request/conflict when the address is taken.
 */
export async function addMember(house: House, caller: MemberCaller, who: NewMember): Promise<string> {
  needRole(caller, 'owner')
  try {
    return await noting(house, caller, async (tx, note) => {
      const member = await tenants.createMember(tx, caller.tenantId, who)
      await note('member.invited', `member:${member.id}`, { roles: member.roles })
      return linkTo(house, await createSignInLink(tx, member))
    })
  } catch (error) {
    if (!isTaken(error)) throw error
    const faults = [{ pointer: '/email', detail: 'somebody has this address already' }]
    throw new Problem('request/conflict', 'This address is taken', { faults, cause: error })
  }
}

/** A new one-time link for a member who lost the password. @throws {Problem} auth/forbidden, row/unknown, row/stage. */
export async function linkForMember(house: House, caller: MemberCaller, id: MemberId): Promise<string> {
  needRole(caller, 'owner')
  return noting(house, caller, async (tx, note) => {
    const member = found(await tenants.findMember(tx, id), 'member')
    if (member.disabledAt) throw new Problem('row/stage', 'This member is shut out')
    await note('member.link-made', `member:${id}`)
    return linkTo(house, await createSignInLink(tx, member))
  })
}

/** An account without an owner could never be managed again. */
async function keepAnOwner(tx: Tx): Promise<void> {
  const owners = (await tenants.members(tx)).filter(
    ({ roles: held, disabledAt }) => held.includes('owner') && disabledAt === null,
  )
  if (owners.length === 0)
    throw new Problem('request/conflict', 'An account needs an owner: make somebody else one first')
}

/**
 * Changes a member's roles, or shuts them out and lets them in again.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/conflict when no owner would be left.
 */
export async function changeMember(
  house: House,
  caller: MemberCaller,
  id: MemberId,
  change: { roles?: readonly Role[]; disabled?: boolean },
): Promise<void> {
  needRole(caller, 'owner')
  await noting(house, caller, async (tx, note) => {
    found(await tenants.findMember(tx, id), 'member')
    // Before the change: of two owners who shut each other out at once, the second waits here and is refused.
    await note('member.changed', `member:${id}`, change)
    await tenants.changeMember(tx, id, change)
    await keepAnOwner(tx)
  })
}

/** Makes an API key. @returns the key itself, which is shown once. @throws {Problem} auth/forbidden. */
export async function makeKey(house: House, caller: MemberCaller, name: string): Promise<string> {
  needRole(caller, 'owner')
  return noting(house, caller, async (tx, note) => {
    const createdBy = caller.member.id
    const { key, secret } = await tenants.createApiKey(tx, caller.tenantId, { name, createdBy })
    await note('key.created', `key:${key.id}`, { name: key.name })
    return secret
  })
}

/** Ends an API key. @throws {Problem} auth/forbidden, row/unknown. */
export async function revokeKey(house: House, caller: MemberCaller, id: ApiKeyId): Promise<void> {
  needRole(caller, 'owner')
  await noting(house, caller, async (tx, note) => {
    if (!(await tenants.revokeApiKey(tx, id))) throw new Problem('row/unknown', 'No such key in use')
    await note('key.revoked', `key:${id}`)
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
  given: { password: string; present: string },
): Promise<string> {
  const { member } = caller
  const mayChange =
    !member.hasPassword || (await house.db.system((tx) => checkPassword(tx, member.email, given.present)))
  if (!mayChange) {
    const faults = [{ pointer: '/present', detail: 'is not your password' }]
    throw new Problem('request/invalid', 'The present password is not right', { faults })
  }
  return noting(house, caller, async (tx, note) => {
    await setPassword(tx, member.id, given.password)
    await note('member.password-set', `member:${member.id}`)
    return openSession(tx, member)
  })
}
