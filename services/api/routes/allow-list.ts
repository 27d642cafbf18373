import { z } from 'zod'

import { allowPlace, endLeave } from '../../actions/allow-list.ts'
import {
  AllowEntry,
  type Place,
  isInForce,
  matchesEntry,
  newEntryFields,
  normalised,
} from '../../allowlist/entry.ts'
import { EntryState, entriesAround, listEntries } from '../../allowlist/store.ts'
import { AllowEntryId, CaseId } from '../../core/ids.ts'
import { SubmittedUrl } from '../../submissions/submission.ts'
import { oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Allow-list'

const EntryView = view(
  'AllowEntry',
  AllowEntry.extend({
    value: AllowEntry.shape.value.describe(
      'In its one spelling: lower case, punycode, without scheme and `www.`',
    ),
    recordingId: AllowEntry.shape.recordingId.describe('Of this recording only'),
    releaseId: AllowEntry.shape.releaseId.describe('Of the recordings of this release only'),
    scopeTitle: AllowEntry.shape.scopeTitle.describe('Title of the recording or release'),
    ownerName: AllowEntry.shape.ownerName.describe('Who made the entry and answers for it'),
    expiresOn: AllowEntry.shape.expiresOn.describe('The last day on which it holds, in UTC'),
    endedBy: AllowEntry.shape.endedBy.describe('Who took it back'),
    inForce: z.boolean().describe('Neither ended nor expired'),
  }).describe('Leave for copies at a place. Entries are ended, never deleted'),
)

/** An entry as it stands now. */
const shown = (entry: AllowEntry) => ({ ...entry, inForce: isInForce(entry, new Date()) })

const listAll = route({
  id: 'listAllowList',
  method: 'get',
  path: '/v1/allow-list',
  summary: 'Places where copies are allowed, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, state: EntryState.optional() }),
  answer: listOf('AllowList', EntryView),
  async handle({ house, caller, query: { state, cursor: after, limit } }) {
    const asked = { state, after, limit: limit + 1 }
    const rows = await house.db.tenant(caller.tenantId, (tx) => listEntries(tx, asked))
    return pageOf(rows.map(shown), limit, ({ createdAt }) => createdAt)
  },
})

const make = route({
  id: 'allowPlace',
  method: 'post',
  path: '/v1/allow-list',
  summary:
    'Allow copies at a place, for all recordings or for one or its release; with a case, close it as allowed',
  tag,
  caller: 'member',
  body: json(
    request(
      'NewAllowEntry',
      z
        .strictObject({
          ...newEntryFields,
          caseId: CaseId.optional().describe('A case at this place that is closed as allowed with it'),
        })
        .transform((given, context) => normalised(given, context))
        .meta({
          examples: [{ kind: 'channel', value: 'youtube.com/@sampleband', reason: 'The band’s own channel' }],
        }),
    ),
  ),
  status: 201,
  answer: EntryView,
  problems: ['request/conflict', 'row/stage'],
  idempotent: true,
  async handle({ house, caller, body: { caseId, ...given } }) {
    return shown(await allowPlace(house, caller, given, caseId))
  },
})

const end = route({
  id: 'endAllowEntry',
  method: 'post',
  path: '/v1/allow-list/:id/end',
  summary: 'Take an entry back; finds at its place are shown again from now on',
  tag,
  caller: 'member',
  params: oneId(AllowEntryId),
  answer: EntryView,
  handle: async ({ house, caller, params }) => shown(await endLeave(house, caller, params.id)),
})

const test = route({
  id: 'testAllowList',
  method: 'get',
  path: '/v1/allow-list/test',
  summary: 'Which entries allow copies at an address now',
  tag,
  caller: 'any',
  query: z.strictObject({ url: SubmittedUrl }),
  answer: view(
    'AllowListTest',
    z.object({
      allowed: z.boolean().describe('At least one entry covers it; an entry may be for some recordings only'),
      entries: z.array(EntryView),
    }),
  ),
  async handle({ house, caller, query: { url } }) {
    const place: Place = { address: url }
    const around = await house.db.tenant(caller.tenantId, (tx) => entriesAround(tx, caller.tenantId, place))
    const entries = around.filter((entry) => matchesEntry(entry, place, new Date()))
    return { allowed: entries.length > 0, entries: entries.map(shown) }
  },
})

export const allowListRoutes = [listAll, make, end, test]
