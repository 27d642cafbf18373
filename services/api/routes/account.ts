import { z } from 'zod'

import { changeAccount, pauseNotices } from '../../actions/account.ts'
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

const pause = route({
  id: 'pauseNotices',
  method: 'post',
  path: '/v1/account/notices/pause',
  summary: 'Stop signing and sending all notices at once; for owners and signers',
  tag,
  caller: 'member',
  body: json(
    request(
      'NoticesPause',
      z
        .strictObject({
          why: z.string().trim().min(1).max(500).describe('Shown wherever something waits for it'),
        })
        .meta({ examples: [{ why: 'A wrong reference was found; we check what went out' }] }),
    ),
  ),
  answer: AccountView,
  handle: ({ house, caller, body }) => pauseNotices(house, caller, body.why),
})

const resume = route({
  id: 'resumeNotices',
  method: 'post',
  path: '/v1/account/notices/resume',
  summary: 'Let signing and sending go on; for owners and signers',
  tag,
  caller: 'member',
  answer: AccountView,
  handle: ({ house, caller }) => pauseNotices(house, caller, undefined),
})

export const accountRoutes = [get, change, pause, resume]
