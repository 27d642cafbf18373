import { z } from 'zod'

import { audit } from '../../core/audit.ts'
import { ApiKeyId } from '../../core/ids.ts'
import { apiKeys, createApiKey, revokeApiKey } from '../../tenants/store.ts'
import { actorOf } from '../../tenants/tenant.ts'
import { found, oneId } from '../found.ts'
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
  caller: 'member',
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
  caller: 'member',
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
  handle: ({ house, caller, body }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const createdBy = caller.member.id
      const { key, secret } = await createApiKey(tx, caller.tenantId, { name: body.name, createdBy })
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'key.created',
        subject: `key:${key.id}`,
        details: { name: key.name },
      })
      return { ...key, secret }
    }),
})

const revoke = route({
  id: 'revokeKey',
  method: 'delete',
  path: '/v1/keys/:id',
  summary: 'Revoke a key; it is refused from now on',
  tag,
  caller: 'member',
  params: oneId(ApiKeyId),
  answer: nothing,
  handle: ({ house, caller, params: { id } }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      found(
        (await apiKeys(tx)).find((key) => key.id === id),
        'key',
      )
      // A second time there is nothing left to do, and nothing to note.
      if (!(await revokeApiKey(tx, id))) return
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'key.revoked',
        subject: `key:${id}`,
      })
    }),
})

export const keyRoutes = [listAll, create, revoke]
