import { z } from 'zod'

import { retrySubmission, submitFile, submitUrl } from '../../actions/submissions.ts'
import { namesOf } from '../../catalog/store.ts'
import type { Tx } from '../../core/db.ts'
import { SubmissionId } from '../../core/ids.ts'
import { leadsIn } from '../../matches/lead-store.ts'
import { list as matchesAbout } from '../../matches/store.ts'
import { capturesOf } from '../../submissions/captures.ts'
import { find, itemsOf, list } from '../../submissions/store.ts'
import {
  type Item,
  type Submission,
  SubmissionStage,
  SubmittedUrl,
  standing,
} from '../../submissions/submission.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { toldLeads } from '../../unreleased.ts'
import { withPassages } from '../found-matches.ts'
import { found, oneId } from '../found.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, file, json, route } from '../route.ts'
import { request } from '../schema.ts'
import { SubmissionDetailView, SubmissionView } from '../views.ts'

const tag = 'Submissions'

const note = z
  .string()
  .trim()
  .max(2_000)
  .optional()
  .describe('Where it was seen, for whoever looks at it later')

/** A submission with where it stands; only while items are compared do they have to be looked at. */
async function stood(tx: Tx, submission: Submission) {
  const items = submission.stage === 'compare' ? await itemsOf(tx, submission.id) : []
  return { ...submission, ...standing(submission, items) }
}

/** What became of an item: null while that is not known. */
function verdictOf({ stage }: Item, matches: number): 'matched' | 'nothing_found' | null {
  if (stage !== 'done') return null
  return matches > 0 ? 'matched' : 'nothing_found'
}

async function detail(tx: Tx, caller: Caller, submission: Submission) {
  const items = await itemsOf(tx, submission.id)
  const allLeads = await leadsIn(tx, submission.id)
  const ids = allLeads.map(({ recordingId }) => recordingId)
  const leads = toldLeads(caller, allLeads, await namesOf(tx, ids))
  const matches = await withPassages(tx, caller, await matchesAbout(tx, { submissionId: submission.id }))
  return {
    ...submission,
    ...standing(submission, items),
    items: items.map((item) => {
      const own = matches.filter(({ itemId }) => itemId === item.id)
      const ownLeads = leads.filter(({ itemId }) => itemId === item.id)
      return { ...item, matches: own, leads: ownLeads, verdict: verdictOf(item, own.length) }
    }),
    captures: await capturesOf(tx, submission.id),
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
        .strictObject({ url: SubmittedUrl, note })
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

export const submissionRoutes = [submitAddress, submitUpload, listAll, getOne, retry]
