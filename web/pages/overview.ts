import express, { type Router } from 'express'

import * as recordings from '../../services/catalog/store.ts'
import { caseCounts, listCases } from '../../services/matches/case-store.ts'
import * as matches from '../../services/matches/store.ts'
import * as submissions from '../../services/submissions/store.ts'
import { toldCase } from '../../services/unreleased.ts'
import { type Visit, type Web, forMembers } from '../visit.ts'
import { overviewView } from './overview-view.ts'

/** What fits beside each other without scrolling. */
const LATEST_ROWS = 6

async function overviewPage(visit: Visit) {
  const read = await visit.tenant(async (tx) => {
    const latest = await submissions.list(tx, { limit: LATEST_ROWS })
    const found = await matches.foundIn(
      tx,
      latest.map(({ id }) => id),
    )
    return {
      latest: latest.map((submission) => ({ submission, recordings: found.get(submission.id) ?? 0 })),
      cases: (await listCases(tx, { limit: LATEST_ROWS })).map((row) => toldCase(visit.caller, row)),
      caseCounts: await caseCounts(tx),
      submissionCounts: await submissions.counts(tx),
      catalogCounts: await recordings.counts(tx),
    }
  })
  return { title: 'Overview', section: 'overview' as const, body: overviewView(read) }
}

/** The first page: what waits, and what happened last. */
export function overviewRoutes(web: Web): Router {
  const router = express.Router()
  router.get('/', forMembers(web, overviewPage))
  return router
}
