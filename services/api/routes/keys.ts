import { z } from 'zod'

import { makeKey, revokeKey } from '../../actions/account.ts'
import { ApiKeyId } from '../../core/ids.ts'
import { apiKeys } from '../../tenants/store.ts'
import { oneId } from '../found.ts'
import { json, nothing, route } from '../route.ts'
import { request, view } from '../schema.ts'
import { ApiKeyView } from '../views.ts'

const tag = 'API keys'

const listAll = route({
  id: 'listKeys',
  method: 'get',
  path: '/v1/keys',
  summary: 'The keys of the account; never the secrets',
  tag,
  caller: { role: 'owner' },
  answer: view('ApiKeyList', z.object({ items: z.array(ApiKeyView) })),
  async handle({ house, caller }) {
    return { items: await house.db.tenant(caller.tenantId, apiKeys) }
  },
})

const create = route({
  id: 'createKey',
  method: 'post',
  path: '/v1/keys',
  summary: 'Make a key for a program; it is shown this once',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'NewApiKey',
      z
        .strictObject({ name: z.string().trim().min(1).max(100).describe('What it is for') })
        .meta({ examples: [{ name: 'Catalogue import' }] }),
    ),
  ),
  status: 201,
  answer: view('CreatedApiKey', ApiKeyView.extend({ secret: z.string().describe('The key itself') })),
  async handle({ house, caller, body }) {
    const { key, secret } = await makeKey(house, caller, body.name)
    return { ...key, secret }
  },
})

const revoke = route({
  id: 'revokeKey',
  method: 'delete',
  path: '/v1/keys/:id',
  summary: 'Revoke a key; it is refused from now on',
  tag,
  caller: { role: 'owner' },
  params: oneId(ApiKeyId),
  answer: nothing,
  handle: ({ house, caller, params: { id } }) => revokeKey(house, caller, id),
})

export const keyRoutes = [listAll, create, revoke]
