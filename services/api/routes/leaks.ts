import { z } from 'zod'

import { addLeak, changeLeak, knownLeak, removeLeak } from '../../actions/leaks.ts'
import { LeakId } from '../../core/ids.ts'
import { pageLeaks } from '../../leaks/leak-store.ts'
import { LeakChange, NewLeak } from '../../leaks/leak.ts'
import { oneId } from '../found.ts'
import { LeakView, shownLeak } from '../leak-views.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, json, route } from '../route.ts'
import { request } from '../schema.ts'

const tag = 'Leaks'

const listAll = route({
  id: 'listLeaks',
  method: 'get',
  path: '/v1/leaks',
  summary: 'Bulk leaks and data sets that can be asked about: the operator’s and one’s own, newest first',
  tag,
  caller: 'any',
  query: z.strictObject(pageQuery),
  answer: listOf('LeakList', LeakView),
  async handle({ house, caller, query: { cursor: after, limit } }) {
    const rows = await house.db.tenant(caller.tenantId, (tx) => pageLeaks(tx, { after, limit: limit + 1 }))
    const { items, ...next } = pageOf(rows, limit, ({ createdAt }) => createdAt)
    return { items: items.map((leak) => shownLeak(caller, leak)), ...next }
  },
})

const add = route({
  id: 'addLeak',
  method: 'post',
  path: '/v1/leaks',
  summary: 'Note a leak of which the account lawfully holds a manifest; say why it may be held',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'NewLeak',
      NewLeak.meta({
        examples: [
          {
            name: 'Sample dump 2025',
            kind: 'streaming-dump',
            takenOn: '2025-07-01',
            lawfulBasis: 'Given to us by the sample authority for checking our own catalogue',
            batches: [
              {
                number: 1,
                name: 'Most popular',
                popularityFrom: 60,
                popularityTo: 100,
                publishedOn: '2026-01-15',
              },
            ],
          },
        ],
      }),
    ),
  ),
  status: 201,
  answer: LeakView,
  problems: ['request/conflict'],
  idempotent: true,
  async handle({ house, caller, body }) {
    const leak = await addLeak(house, caller, body)
    return new Reply(shownLeak(caller, leak), { headers: { Location: `/v1/leaks/${leak.id}` } })
  },
})

const getOne = route({
  id: 'getLeak',
  method: 'get',
  path: '/v1/leaks/:id',
  summary: 'A leak and the batches in which it is published',
  tag,
  caller: 'any',
  params: oneId(LeakId),
  answer: LeakView,
  handle: async ({ house, caller, params }) =>
    shownLeak(caller, await house.db.tenant(caller.tenantId, (tx) => knownLeak(tx, params.id))),
})

const change = route({
  id: 'changeLeak',
  method: 'patch',
  path: '/v1/leaks/:id',
  summary:
    'Change a leak of one’s own; batches are replaced as a whole, and every catalogue that asks is audited anew',
  tag,
  caller: { role: 'owner' },
  params: oneId(LeakId),
  body: json(
    request(
      'LeakChange',
      LeakChange.meta({
        examples: [{ batches: [{ number: 1, name: 'Most popular', publishedOn: '2026-01-15' }] }],
      }),
    ),
  ),
  answer: LeakView,
  handle: async ({ house, caller, params, body }) =>
    shownLeak(caller, await changeLeak(house, caller, params.id, body)),
})

const remove = route({
  id: 'removeLeak',
  method: 'delete',
  path: '/v1/leaks/:id',
  summary: 'Remove a leak of one’s own with its manifests; audits that were made stay',
  tag,
  caller: { role: 'owner' },
  params: oneId(LeakId),
  answer: { kind: 'nothing' },
  handle: ({ house, caller, params }) => removeLeak(house, caller, params.id),
})

export const leakRoutes = [listAll, add, getOne, change, remove]
