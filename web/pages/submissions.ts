import express, { type Router } from 'express'
import { z } from 'zod'

import { retrySubmission, submitFile, submitUrl } from '../../services/actions/submissions.ts'
import { SubmissionId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import * as matches from '../../services/matches/store.ts'
import * as submissions from '../../services/submissions/store.ts'
import { SubmissionStage, SuspectLink } from '../../services/submissions/submission.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm } from '../forms.ts'
import { readMultipart } from '../multipart.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter, readNumber } from '../parts/paging.ts'
import { uploadReply } from '../parts/upload.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf, wantsData } from '../visit.ts'
import { readSubmission } from './submission-data.ts'
import { submissionLive, submissionView } from './submission-view.ts'
import { nameOfSubmission, submissionsView } from './submissions-view.ts'

const NewUrl = z.object({ url: SuspectLink, note: z.string().trim().max(2000).optional() })
const Note = z.object({ note: z.string().trim().max(2000).optional() })

/** The list with the box to submit above it; `filled` brings back a refused form. */
async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const stage = SubmissionStage.safeParse(visit.query['stage']).data
  const after = readAfter(visit.query['after'])
  const { rows, counts } = await visit.tenant(async (tx) => {
    const page = pageOf(await submissions.list(tx, { stage, after, limit: PAGE_ROWS + 1 }))
    const found = await matches.foundIn(
      tx,
      page.shown.map(({ id }) => id),
    )
    const rows = page.shown.map((submission) => ({ submission, recordings: found.get(submission.id) ?? 0 }))
    return { rows: { ...page, shown: rows }, counts: await submissions.counts(tx) }
  })
  const body = submissionsView({
    rows: rows.shown,
    last: rows.last,
    counts,
    query: visit.query,
    stage,
    filled,
  })
  return { title: 'Submissions', section: 'submissions', body, status }
}

async function submitted(visit: Visit): Promise<Page | { redirect: string }> {
  const tried = await attempt(
    () => visit.form,
    () => submitUrl(visit.house, visit.caller, readForm(NewUrl, visit.form)),
  )
  if (tried.refusal) return listPage(visit, tried.refusal.filled, tried.refusal.status)
  return { redirect: withFlash(`/submissions/${tried.done.id}`, 'submitted') }
}

/** Files of a form, one after the other; upload.js sends a form for each, to show how far it is. */
async function filesSubmitted(visit: Visit): Promise<Reply> {
  const ids: SubmissionId[] = []
  const none = (): Sent => ({})
  const { refusal } = await attempt(none, async () => {
    const { files } = await readMultipart(visit.request, async ({ fileName, fields, source }) => {
      const { note } = readForm(Note, fields)
      ids.push((await submitFile(visit.house, visit.caller, { fileName, note, source })).id)
    })
    if (files === 0) throw new Problem('request/invalid', 'Choose a file first')
  })
  const one = withFlash(`/submissions/${ids[0]}`, 'submitted')
  const all = withFlash('/submissions', 'submitted-several')
  if (wantsData(visit.request)) return uploadReply(refusal, { one, all })
  if (!refusal) return { redirect: ids.length === 1 ? one : all }
  const filled = { values: {}, faults: { file: refusal.filled.faults[''] ?? '' } }
  return listPage(visit, filled, refusal.status)
}

const submissionId = (visit: Visit): SubmissionId => idOf(SubmissionId, visit.params['id'], 'submission')

/** Handing in what is suspect, and following what becomes of it. */
export function submissionRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/submissions',
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post('/submissions', forMembers(web, submitted))
  router.post('/submissions/files', forMembers(web, filesSubmitted))
  router.get(
    '/submissions/:id',
    forMembers(web, async (visit) => {
      const read = found(
        await visit.tenant((tx) =>
          readSubmission(tx, visit.caller, submissionId(visit), readNumber(visit.query['items'])),
        ),
        'submission',
      )
      return { title: nameOfSubmission(read.submission), section: 'submissions', body: submissionView(read) }
    }),
  )
  router.get(
    '/submissions/:id/progress',
    forMembers(web, async (visit) =>
      submissionLive(
        found(
          await visit.tenant((tx) =>
            readSubmission(tx, visit.caller, submissionId(visit), readNumber(visit.query['items'])),
          ),
          'submission',
        ),
      ),
    ),
  )
  router.post(
    '/submissions/:id/retry',
    forMembers(web, async (visit) => {
      const { id } = await retrySubmission(visit.house, visit.caller, submissionId(visit))
      return { redirect: withFlash(`/submissions/${id}`, 'retried') }
    }),
  )
  return router
}
