import { z } from 'zod'

import { audit } from '../../core/audit.ts'
import type { Tx } from '../../core/db.ts'
import { MemberId } from '../../core/ids.ts'
import { Problem } from '../../core/problem.ts'
import { createSignInLink } from '../../tenants/sign-in.ts'
import { changeMember, createMember, findMember, members } from '../../tenants/store.ts'
import { type Caller, Role, actorOf } from '../../tenants/tenant.ts'
import { found, oneId } from '../found.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'
import { MemberView } from '../views.ts'

const tag = 'Members'

const name = z.string().trim().min(1).max(200)
const title = z.string().trim().max(200).describe('Stands under a signature, e.g. Head of Rights')
const roles = z.array(Role).min(1).max(Role.options.length)

/** PostgreSQL's code for a value that is there already. */
const UNIQUE_VIOLATION = '23505'
const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION

const InvitedView = view(
  'InvitedMember',
  MemberView.extend({
    signInUrl: z.url().describe('Signs in once, within a day: a secret to hand to the member'),
  }),
)

const signInUrl = (publicUrl: string, token: string): string => `${publicUrl}/sign-in/${token}`

/** Notes who did what to a member. Its lock makes writers of one account take turns, until the commit. */
const note = (tx: Tx, caller: Caller, action: string, id: MemberId, details: Record<string, unknown> = {}) =>
  audit(tx, caller.tenantId, { actor: actorOf(caller), action, subject: `member:${id}`, details })

const listAll = route({
  id: 'listMembers',
  method: 'get',
  path: '/v1/members',
  summary: 'The people of the account',
  tag,
  caller: { role: 'owner' },
  answer: view('MemberList', z.object({ items: z.array(MemberView) })),
  async handle({ house, caller }) {
    return { items: await house.db.tenant(caller.tenantId, members) }
  },
})

const invite = route({
  id: 'inviteMember',
  method: 'post',
  path: '/v1/members',
  summary: 'Add a person, and get the link by which they sign in for the first time',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'NewMember',
      z
        .strictObject({ email: z.email().max(254), name, title: title.default(''), roles })
        .meta({ examples: [{ email: 'rita@example.org', name: 'Rita Sample', roles: ['reviewer'] }] }),
    ),
  ),
  status: 201,
  answer: InvitedView,
  problems: ['request/conflict'],
  async handle({ house, caller, body }) {
    try {
      return await house.db.tenant(caller.tenantId, async (tx) => {
        const member = await createMember(tx, caller.tenantId, body)
        await note(tx, caller, 'member.invited', member.id, { roles: member.roles })
        const token = await createSignInLink(tx, member)
        return { ...member, signInUrl: signInUrl(house.config.publicUrl, token) }
      })
    } catch (error) {
      if (isUniqueViolation(error))
        throw new Problem('request/conflict', 'Somebody with this e-mail address is a member already')
      throw error
    }
  },
})

/** An account without an owner could never be managed again. */
async function refuseWithoutOwner(tx: Tx): Promise<void> {
  const owners = (await members(tx)).filter(({ roles, disabledAt }) => !disabledAt && roles.includes('owner'))
  if (owners.length === 0)
    throw new Problem('request/conflict', 'An account needs an owner: make somebody else one first')
}

const change = route({
  id: 'changeMember',
  method: 'patch',
  path: '/v1/members/:id',
  summary: 'Change a person’s name, roles or alerts, or shut them out',
  tag,
  caller: { role: 'owner' },
  params: oneId(MemberId),
  body: json(
    request(
      'MemberChange',
      z
        .strictObject({ name, title, roles, getsAlerts: z.boolean(), disabled: z.boolean() })
        .partial()
        .meta({ examples: [{ roles: ['reviewer', 'signer'] }] }),
    ),
  ),
  answer: MemberView,
  problems: ['request/conflict'],
  handle: ({ house, caller, params: { id }, body }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      found(await findMember(tx, id), 'member')
      // Before the change: of two owners who shut each other out at once, the second waits here and is refused.
      const details = { fields: Object.keys(body).toSorted(), ...(body.roles && { roles: body.roles }) }
      await note(tx, caller, 'member.changed', id, details)
      const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
      const changed = found(await changeMember(tx, id, given), 'member')
      await refuseWithoutOwner(tx)
      return changed
    }),
})

const link = route({
  id: 'createSignInLink',
  method: 'post',
  path: '/v1/members/:id/sign-in-link',
  summary: 'A new link for a person who lost their password',
  tag,
  caller: { role: 'owner' },
  params: oneId(MemberId),
  status: 201,
  answer: InvitedView,
  handle: ({ house, caller, params: { id } }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const member = found(await findMember(tx, id), 'member')
      if (member.disabledAt) throw new Problem('row/stage', 'This member is shut out')
      await note(tx, caller, 'member.link-made', id)
      const token = await createSignInLink(tx, member)
      return { ...member, signInUrl: signInUrl(house.config.publicUrl, token) }
    }),
})

export const memberRoutes = [listAll, invite, change, link]
