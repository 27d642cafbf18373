import { retractEverywhere } from '../../services/actions/retract-notice.ts'
import type { Tx } from '../../services/core/db.ts'
import type { Html } from '../../services/core/html.ts'
import { CaseId } from '../../services/core/ids.ts'
import { findCase } from '../../services/matches/case-store.ts'
import type { Case } from '../../services/matches/case.ts'
import { locationsOfCase } from '../../services/notices/locations-store.ts'
import { findNotice } from '../../services/notices/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { attempt } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, found, idOf, needRole } from '../visit.ts'
import { type CaseNotice, caseNoticesView, caseRetractView } from './case-notices-view.ts'
import { retractionOf } from './notice-retraction.ts'

async function noticesOf(tx: Tx, id: CaseId): Promise<CaseNotice[]> {
  const notices: CaseNotice[] = []
  for (const location of await locationsOfCase(tx, id)) {
    const notice = await findNotice(tx, location.noticeId)
    if (notice) notices.push({ notice, location })
  }
  return notices
}

/** What the page of a case shows of its notices: read and drawn in one call; false where there is nothing to say. */
export const caseNotices = async (tx: Tx, opened: Case, caller: Caller): Promise<Html | false> =>
  caseNoticesView(opened, await noticesOf(tx, opened.id), caller)

const caseId = (visit: Visit): CaseId => idOf(CaseId, visit.params['id'], 'case')

/** The page that takes a case back from every notice. */
export async function caseRetractPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  needRole(visit.caller, 'signer')
  const id = caseId(visit)
  const { opened, notices } = await visit.tenant(async (tx) => ({
    opened: found(await findCase(tx, id), 'case'),
    notices: await noticesOf(tx, id),
  }))
  return {
    title: `Retract ${opened.number}`,
    section: 'cases',
    body: caseRetractView(opened, notices, filled),
    status,
  }
}

/** Takes a case back from every notice that demands it: one action when it turns out that somebody was wrong. */
export async function retractedEverywhere(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  const { refusal } = await attempt(
    () => visit.form,
    async () => retractEverywhere(visit.house, visit.caller, id, retractionOf(visit.form)),
  )
  if (refusal) return caseRetractPage(visit, refusal.filled, refusal.status)
  return { redirect: `${withFlash(`/cases/${id}`, 'case-retracted')}#notices` }
}
