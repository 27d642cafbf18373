import { z } from 'zod'

import type { House } from '../../actions/house.ts'
import {
  addRecipient,
  changeRecipient,
  chooseRecipient,
  confirmRecipient,
  pauseRecipient,
  resolveHosts,
  resumeRecipient,
} from '../../actions/recipients.ts'
import { RecipientId, type TenantId } from '../../core/ids.ts'
import { askedInVainAt } from '../../notices/asked-store.ts'
import { HostName } from '../../recipients/host.ts'
import { NewRecipient, PauseReason, RecipientChange } from '../../recipients/new-recipient.ts'
import { Recipient, RecipientRole, freshUntil, isGuess } from '../../recipients/recipient.ts'
import { Candidate, candidatesOfHost, latestResolution } from '../../recipients/resolution-store.ts'
import { Resolution } from '../../recipients/resolution.ts'
import { RecipientState, findRecipient, listRecipients } from '../../recipients/store.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Recipients'

const more = {
  freshUntil: z.date().describe('Until then it may be used without being looked up or confirmed again'),
  isStale: z.boolean().describe('What is known of it is too old to be used'),
  isGuess: z.boolean().describe('Nobody names this address: it is not used before a person has confirmed it'),
}

const RecipientView = view(
  'Recipient',
  Recipient.omit({ tenantId: true })
    .extend(more)
    .describe('Somebody who can remove copies, where that is known from, and how notices reach them'),
)

const CandidateView = Candidate.omit({ tenantId: true }).extend({
  ...more,
  askedInVain: z
    .number()
    .describe(
      'Of the cases at this host that wait for a notice, about how many it was asked and did not act',
    ),
})

const ResolutionView = view(
  'HostLookUp',
  Resolution.omit({ tenantId: true, tries: true }).describe('A look at who may be asked about a host'),
)

const HostView = view(
  'HostCandidates',
  z.object({
    host: z.string(),
    lookUp: ResolutionView.nullable().describe('The last one; null when the host was never looked up'),
    candidates: z.array(CandidateView).describe('Who may be asked, the first first'),
  }),
)

/** A recipient as it stands now. */
function shown<T extends Recipient>(recipient: T) {
  const until = freshUntil(recipient)
  return { ...recipient, freshUntil: until, isStale: until < new Date(), isGuess: isGuess(recipient) }
}

const hostView = (house: House, tenantId: TenantId, host: string) =>
  house.db.tenant(tenantId, async (tx) => {
    const asked = await askedInVainAt(tx, host)
    return {
      host,
      lookUp: (await latestResolution(tx, tenantId, host)) ?? null,
      candidates: (await candidatesOfHost(tx, tenantId, host)).map((candidate) => ({
        ...shown(candidate),
        askedInVain: asked.filter(({ recipientId }) => recipientId === candidate.id).length,
      })),
    }
  })

const oneHost = z.object({ host: HostName })

const listAll = route({
  id: 'listRecipients',
  method: 'get',
  path: '/v1/recipients',
  summary: 'Those who can remove copies, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({
    ...pageQuery,
    state: RecipientState.optional(),
    role: RecipientRole.optional(),
  }),
  answer: listOf('RecipientList', RecipientView),
  async handle({ house, caller, query: { state, role, cursor: after, limit } }) {
    const asked = { state, role, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listRecipients(tx, asked))
    return pageOf(rows.map(shown), limit, ({ createdAt }) => createdAt)
  },
})

const getOne = route({
  id: 'getRecipient',
  method: 'get',
  path: '/v1/recipients/:id',
  summary: 'One of those who can remove copies',
  tag,
  caller: 'any',
  params: oneId(RecipientId),
  answer: RecipientView,
  handle: async ({ house, caller, params }) =>
    shown(found(await house.db.tenant(caller.tenantId, (tx) => findRecipient(tx, params.id)), 'recipient')),
})

const create = route({
  id: 'addRecipient',
  method: 'post',
  path: '/v1/recipients',
  summary: 'Enter somebody who can remove copies; the one who does vouches for the contact',
  tag,
  caller: 'member',
  body: json(
    request(
      'NewRecipient',
      NewRecipient.meta({
        examples: [
          { role: 'hosting', key: 'host.example', name: 'Sample Hosting', email: 'abuse@host.example' },
        ],
      }),
    ),
  ),
  status: 201,
  answer: RecipientView,
  problems: ['request/conflict'],
  idempotent: true,
  handle: async ({ house, caller, body }) => shown(await addRecipient(house, caller, body)),
})

const change = route({
  id: 'changeRecipient',
  method: 'patch',
  path: '/v1/recipients/:id',
  summary: 'Change what is named; whoever changes the contact vouches for it',
  tag,
  caller: 'member',
  params: oneId(RecipientId),
  body: json(request('RecipientChange', RecipientChange)),
  answer: RecipientView,
  handle: async ({ house, caller, params, body }) =>
    shown(await changeRecipient(house, caller, params.id, body)),
})

const confirm = route({
  id: 'confirmRecipient',
  method: 'post',
  path: '/v1/recipients/:id/confirm',
  summary:
    'Take a contact for right after looking at it: a guess may be used then, an old entry is fresh again',
  tag,
  caller: 'member',
  params: oneId(RecipientId),
  answer: RecipientView,
  handle: async ({ house, caller, params }) => shown(await confirmRecipient(house, caller, params.id)),
})

const pause = route({
  id: 'pauseRecipient',
  method: 'post',
  path: '/v1/recipients/:id/pause',
  summary: 'Hold back what goes to a recipient',
  tag,
  caller: 'member',
  params: oneId(RecipientId),
  body: json(request('RecipientPause', z.strictObject({ why: PauseReason }))),
  answer: RecipientView,
  handle: async ({ house, caller, params, body }) =>
    shown(await pauseRecipient(house, caller, params.id, body.why)),
})

const resume = route({
  id: 'resumeRecipient',
  method: 'post',
  path: '/v1/recipients/:id/resume',
  summary: 'Let through again what goes to a recipient',
  tag,
  caller: 'member',
  params: oneId(RecipientId),
  answer: RecipientView,
  handle: async ({ house, caller, params }) => shown(await resumeRecipient(house, caller, params.id)),
})

const candidates = route({
  id: 'listHostCandidates',
  method: 'get',
  path: '/v1/hosts/:host/candidates',
  summary: 'Who may be asked about copies at a host, the first first',
  tag,
  caller: 'any',
  params: oneHost,
  answer: HostView,
  handle: ({ house, caller, params }) => hostView(house, caller.tenantId, params.host),
})

const resolve = route({
  id: 'lookUpHost',
  method: 'post',
  path: '/v1/hosts/:host/resolve',
  summary: 'Look up anew who may be asked about copies at a host',
  tag,
  caller: 'any',
  params: oneHost,
  status: 202,
  answer: HostView,
  async handle({ house, caller, params: { host } }) {
    await resolveHosts(house, caller, [host])
    return hostView(house, caller.tenantId, host)
  },
})

const choose = route({
  id: 'chooseHostRecipient',
  method: 'post',
  path: '/v1/hosts/:host/choose',
  summary: 'Say who is asked first about copies at a host',
  tag,
  caller: 'member',
  params: oneHost,
  body: json(request('HostChoice', z.strictObject({ recipientId: RecipientId }))),
  answer: HostView,
  async handle({ house, caller, params: { host }, body }) {
    await chooseRecipient(house, caller, host, body.recipientId)
    return hostView(house, caller.tenantId, host)
  },
})

export const recipientRoutes = [
  listAll,
  getOne,
  create,
  change,
  confirm,
  pause,
  resume,
  candidates,
  resolve,
  choose,
]
