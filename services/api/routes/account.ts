import { changeAccount } from '../../actions/account.ts'
import { findTenant } from '../../tenants/store.ts'
import { TenantChange } from '../../tenants/tenant.ts'
import { found } from '../found.ts'
import { json, route } from '../route.ts'
import { request } from '../schema.ts'
import { AccountView } from '../views.ts'

const tag = 'Account'

const get = route({
  id: 'getAccount',
  method: 'get',
  path: '/v1/account',
  summary: 'The account of the caller',
  tag,
  caller: 'any',
  answer: AccountView,
  async handle({ house, caller }) {
    return found(await house.db.tenant(caller.tenantId, (tx) => findTenant(tx, caller.tenantId)), 'account')
  },
})

const change = route({
  id: 'changeAccount',
  method: 'patch',
  path: '/v1/account',
  summary: 'Change what is given and leave the rest',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'AccountChange',
      TenantChange.strict().meta({ examples: [{ contactName: 'A. Sample', keepSuspectAudio: true }] }),
    ),
  ),
  answer: AccountView,
  handle: ({ house, caller, body }) => changeAccount(house, caller, body),
})

export const accountRoutes = [get, change]
