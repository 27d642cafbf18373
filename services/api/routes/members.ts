import { z } from 'zod'

import { type Invited, changeMember, inviteMember, linkForMember } from '../../actions/account.ts'
import { MemberId } from '../../core/ids.ts'
import { members } from '../../tenants/store.ts'
import { Role } from '../../tenants/tenant.ts'
import { oneId } from '../found.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'
import { MemberView } from '../views.ts'

const tag = 'Members'

const name = z.string().trim().min(1).max(200)
const title = z.string().trim().max(200).describe('Stands under a signature, e.g. Head of Rights')
const roles = z.array(Role).min(1).max(Role.options.length)

const InvitedView = view(
  'InvitedMember',
  MemberView.extend({
    signInUrl: z.url().describe('Signs in once, within a day: a secret to hand to the member'),
  }),
)

/** An invitation as it is answered: the member with the link. */
const invitedView = ({ member, signInUrl }: Invited) => ({ ...member, signInUrl })

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
  handle: async ({ house, caller, body }) => invitedView(await inviteMember(house, caller, body)),
})

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
  handle: ({ house, caller, params: { id }, body }) => {
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
    return changeMember(house, caller, id, given)
  },
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
  handle: async ({ house, caller, params: { id } }) => invitedView(await linkForMember(house, caller, id)),
})

export const memberRoutes = [listAll, invite, change, link]
