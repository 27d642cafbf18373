import { z } from 'zod'

import type { House } from '../services/actions.ts'
import { audit } from '../services/core/audit.ts'
import type { Tx } from '../services/core/db.ts'
import type { ApiKeyId, MemberId } from '../services/core/ids.ts'
import { Problem } from '../services/core/problem.ts'
import { createSignInLink, openSession, setPassword } from '../services/tenants/sign-in.ts'
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

/** Work in one transaction of the caller's account that leaves one entry in its audit chain. */
async function audited<T>(
  house: House,
  caller: MemberCaller,
  entry: { action: string; subject: (done: T) => string; details?: Record<string, unknown> },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const done = await work(tx)
    const what = { action: entry.action, subject: entry.subject(done), details: entry.details ?? {} }
    await audit(tx, caller.tenantId, { actor: actorOf(caller), ...what })
    return done
  })
}

/** @throws {Problem} auth/forbidden for everybody but owners. */
export async function changeAccount(house: House, caller: MemberCaller, change: TenantChange): Promise<void> {
  needRole(caller, 'owner')
  const subject = `tenant:${caller.tenantId}`
  // The names of the fields are enough to know what was changed; the values stand in the account.
  const entry = {
    action: 'account.changed',
    subject: () => subject,
    details: { fields: Object.keys(change) },
  }
  await audited(house, caller, entry, (tx) => tenants.changeTenant(tx, caller.tenantId, change))
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
  const entry = { action: 'member.added', subject: subjectOf, details: { roles: who.roles } }
  try {
    const { token } = await audited(house, caller, entry, async (tx) => {
      const member = await tenants.createMember(tx, caller.tenantId, who)
      return { id: member.id, token: await createSignInLink(tx, member) }
    })
    return linkTo(house, token)
  } catch (error) {
    if (!isTaken(error)) throw error
    const faults = [{ pointer: '/email', detail: 'somebody has this address already' }]
    throw new Problem('request/conflict', 'This address is taken', { faults, cause: error })
  }
}

const subjectOf = ({ id }: { id: string }): string => `member:${id}`

/** A new one-time link for a member who lost the password. @throws {Problem} auth/forbidden, row/unknown. */
export async function linkForMember(house: House, caller: MemberCaller, id: MemberId): Promise<string> {
  needRole(caller, 'owner')
  const { token } = await audited(
    house,
    caller,
    { action: 'member.link-made', subject: subjectOf },
    async (tx) => {
      const member = found(await tenants.findMember(tx, id), 'member')
      return { id: member.id, token: await createSignInLink(tx, member) }
    },
  )
  return linkTo(house, token)
}

/** An account without an owner could never be managed again. */
async function keepAnOwner(tx: Tx): Promise<void> {
  const owners = (await tenants.members(tx)).filter(
    ({ roles: held, disabledAt }) => held.includes('owner') && disabledAt === null,
  )
  if (owners.length === 0) throw new Problem('request/conflict', 'The account needs at least one owner')
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
  await audited(
    house,
    caller,
    { action: 'member.changed', subject: subjectOf, details: change },
    async (tx) => {
      const member = found(await tenants.changeMember(tx, id, change), 'member')
      await keepAnOwner(tx)
      return member
    },
  )
}

/** Makes an API key. @returns the key itself, which is shown once. @throws {Problem} auth/forbidden. */
export async function makeKey(house: House, caller: MemberCaller, name: string): Promise<string> {
  needRole(caller, 'owner')
  const entry = { action: 'key.made', subject: keySubject, details: { name } }
  const { secret } = await audited(house, caller, entry, (tx) =>
    tenants.createApiKey(tx, caller.tenantId, { name, createdBy: caller.member.id }),
  )
  return secret
}

const keySubject = ({ key }: { key: { id: string } }): string => `key:${key.id}`

/** Ends an API key. @throws {Problem} auth/forbidden, row/unknown. */
export async function revokeKey(house: House, caller: MemberCaller, id: ApiKeyId): Promise<void> {
  needRole(caller, 'owner')
  await audited(house, caller, { action: 'key.revoked', subject: () => `key:${id}` }, async (tx) => {
    if (!(await tenants.revokeApiKey(tx, id))) throw new Problem('row/unknown', 'No such key in use')
  })
}

/**
 * Sets the member's own password, which ends all sessions, and opens a new one for this browser.
 *
 * @returns the new session's secret. @throws {Problem} request/invalid when it is too short or too long.
 */
export async function choosePassword(house: House, caller: MemberCaller, password: string): Promise<string> {
  const { member } = caller
  const entry = { action: 'member.password-set', subject: () => `member:${member.id}` }
  return audited(house, caller, entry, async (tx) => {
    await setPassword(tx, member.id, password)
    return openSession(tx, member)
  })
}
