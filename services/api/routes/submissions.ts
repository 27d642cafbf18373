import { z } from 'zod'

import { retrySubmission, submitFile, submitUrl } from '../../actions/submissions.ts'
import { namesOf } from '../../catalog/store.ts'
import type { Tx } from '../../core/db.ts'
import { SubmissionId } from '../../core/ids.ts'
import { withListedClues } from '../../listed-files.ts'
import { leadsIn } from '../../matches/lead-store.ts'
import { list as matchesAbout } from '../../matches/store.ts'
import { captureAt } from '../../submissions/captures.ts'
import { countItems, itemsOf, standingOfItems } from '../../submissions/item-store.ts'
import { COPIES_TOLD_MAX, audioCopiesOf } from '../../submissions/same-audio-store.ts'
import { find, list } from '../../submissions/store.ts'
import {
  type Item,
  type Submission,
  SubmissionStage,
  SuspectLink,
  standing,
} from '../../submissions/submission.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { toldLeads } from '../../unreleased.ts'
import { withPassages } from '../found-matches.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, file, json, route } from '../route.ts'
import { request } from '../schema.ts'
import { ItemPageView, SubmissionDetailView, SubmissionView } from '../views.ts'

const tag = 'Submissions'

const note = z
  .string()
  .trim()
  .max(2_000)
  .optional()
  .describe('Where it was seen, for whoever looks at it later')

/** A submission with where it stands; only while items are compared do they have to be looked at. */
async function stood(tx: Tx, submission: Submission) {
  const items = submission.stage === 'compare' ? await standingOfItems(tx, submission.id) : []
  return { ...submission, ...standing(submission, items) }
}

/** What became of an item: null while that is not known. */
function verdictOf({ kind, stage }: Item, matches: number): 'matched' | 'nothing_found' | null {
  if (kind !== 'media' || stage !== 'done') return null
  return matches > 0 ? 'matched' : 'nothing_found'
}

/** Items that are told with their submission; there may be thousands. */
const ITEMS_TOLD = 100
/** As large as a number of the database. */
const NUMBER_MAX = 2 ** 31 - 1

/** A page of a submission's items with what was found in each. */
async function itemPage(
  tx: Tx,
  caller: Caller,
  { id }: Submission,
  { after, limit }: { readonly after: number; readonly limit: number },
) {
  const rows = await itemsOf(tx, id, { after, limit: limit + 1 })
  const shown = await withListedClues(tx, rows.slice(0, limit))
  const itemIds = shown.map((item) => item.id)
  const allLeads = await leadsIn(tx, id, itemIds)
  const named = await namesOf(
    tx,
    allLeads.map(({ recordingId }) => recordingId),
  )
  const leads = toldLeads(caller, allLeads, named)
  const matches = await withPassages(tx, caller, await matchesAbout(tx, { itemIds }))
  const copies = await audioCopiesOf(tx, shown)
  const items = shown.map((item) => {
    const own = matches.filter(({ itemId }) => itemId === item.id)
    const ownLeads = leads.filter(({ itemId }) => itemId === item.id)
    const audioCopies = copies.filter((copy) => copy.of === item.id).slice(0, COPIES_TOLD_MAX)
    return { ...item, audioCopies, matches: own, leads: ownLeads, verdict: verdictOf(item, own.length) }
  })
  const last = shown.at(-1)
  return last && rows.length > limit ? { items, next: last.number } : { items }
}

async function detail(tx: Tx, caller: Caller, submission: Submission) {
  const { items, next } = await itemPage(tx, caller, submission, { after: 0, limit: ITEMS_TOLD })
  const capture = await captureAt(tx, submission.id, { itemId: undefined, url: submission.url })
  return {
    ...submission,
    ...standing(submission, await standingOfItems(tx, submission.id)),
    counts: await countItems(tx, submission.id),
    items,
    ...(next !== undefined && { nextItem: next }),
    captures: capture ? [capture] : [],
  }
}

const accepted = (submission: Submission) =>
  new Reply(
    { ...submission, ...standing(submission, []) },
    { headers: { Location: `/v1/submissions/${submission.id}` } },
  )

const submitAddress = route({
  id: 'submitUrl',
  method: 'post',
  path: '/v1/submissions',
  summary: 'Have an address compared with your catalogue; one that is in work is not taken twice',
  tag,
  caller: 'any',
  body: json(
    request(
      'NewSubmission',
      z
        .strictObject({ url: SuspectLink, note })
        .meta({ examples: [{ url: 'https://host.example/leak.mp3', note: 'Seen in a forum' }] }),
    ),
  ),
  status: 202,
  answer: SubmissionView,
  idempotent: true,
  handle: async ({ house, caller, body }) => accepted(await submitUrl(house, caller, body)),
})

const submitUpload = route({
  id: 'submitFile',
  method: 'post',
  path: '/v1/submissions/file',
  summary: 'Have a file compared with your catalogue',
  tag,
  caller: 'any',
  body: file(z.strictObject({ note })),
  status: 202,
  answer: SubmissionView,
  problems: ['file/empty'],
  idempotent: true,
  handle: async ({ house, caller, body: { fields, fileName, source } }) =>
    accepted(await submitFile(house, caller, { ...fields, fileName, source })),
})

const listAll = route({
  id: 'listSubmissions',
  method: 'get',
  path: '/v1/submissions',
  summary: 'Submissions, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, stage: SubmissionStage.optional() }),
  answer: listOf('SubmissionList', SubmissionView),
  async handle({ house, caller, query: { stage, cursor: after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      const { items, next } = pageOf(
        await list(tx, { stage, after, limit: limit + 1 }),
        limit,
        (row) => row.createdAt,
      )
      const told = []
      for (const submission of items) told.push(await stood(tx, submission))
      return { items: told, next }
    })
  },
})

const getOne = route({
  id: 'getSubmission',
  method: 'get',
  path: '/v1/submissions/:id',
  summary: 'Where a submission stands and what was found in it',
  tag,
  caller: 'any',
  params: oneId(SubmissionId),
  answer: SubmissionDetailView,
  async handle({ house, caller, params }) {
    return house.db.tenant(caller.tenantId, async (tx) =>
      detail(tx, caller, found(await find(tx, params.id), 'submission')),
    )
  },
})

const listItems = route({
  id: 'listItems',
  method: 'get',
  path: '/v1/submissions/:id/items',
  summary: 'What was found in a submission, in its order, and what is in it',
  tag,
  caller: 'any',
  params: oneId(SubmissionId),
  query: z.strictObject({
    limit: pageQuery.limit,
    after: z.coerce
      .number()
      .int()
      .min(0)
      .max(NUMBER_MAX)
      .default(0)
      .describe('`next` of the page before, or `nextItem`'),
  }),
  answer: ItemPageView,
  async handle({ house, caller, params, query: { after, limit } }) {
    return house.db.tenant(caller.tenantId, async (tx) => {
      const submission = found(await find(tx, params.id), 'submission')
      return itemPage(tx, caller, submission, { after, limit })
    })
  },
})

const retry = route({
  id: 'retrySubmission',
  method: 'post',
  path: '/v1/submissions/:id/retry',
  summary: 'Try again what failed in a submission',
  tag,
  caller: 'any',
  params: oneId(SubmissionId),
  status: 202,
  answer: SubmissionView,
  problems: ['row/stage'],
  idempotent: true,
  async handle({ house, caller, params }) {
    const submission = await retrySubmission(house, caller, params.id)
    return house.db.tenant(caller.tenantId, (tx) => stood(tx, submission))
  },
})

export const submissionRoutes = [submitAddress, submitUpload, listAll, getOne, listItems, retry]
