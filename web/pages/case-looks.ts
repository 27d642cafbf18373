import express, { type Router } from 'express'

import { lookAgain } from '../../services/actions/rechecks.ts'
import type { Tx } from '../../services/core/db.ts'
import type { Html } from '../../services/core/html.ts'
import { CaseId } from '../../services/core/ids.ts'
import type { Case } from '../../services/matches/case.ts'
import { isLooking, rechecksOf } from '../../services/matches/recheck-store.ts'
import { withFlash } from '../flash.ts'
import { type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { caseLooksView } from './case-looks-view.ts'

/** What the page of a case shows of the looks at its location: read and drawn in one call; false without an address. */
export async function caseLooks(tx: Tx, opened: Case): Promise<Html | false> {
  if (!opened.locationKey.startsWith('http')) return false
  return caseLooksView(opened, await rechecksOf(tx, opened.id), await isLooking(tx, opened.id))
}

async function looked(visit: Visit): Promise<Reply> {
  const id = idOf(CaseId, visit.params['id'], 'case')
  await lookAgain(visit.house, visit.caller, id)
  return { redirect: `${withFlash(`/cases/${id}`, 'look-started')}#looks` }
}

/** Looking again whether a copy is still there. */
export function caseLookRoutes(web: Web): Router {
  const router = express.Router()
  router.post('/cases/:id/rechecks', forMembers(web, looked))
  return router
}
