import { mailsAbout } from '../alerts/store.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import { allowedDecisions, undoable } from '../matches/case-machine.ts'
import { decisionsOf, findCase } from '../matches/case-store.ts'
import { reviewsOf } from '../matches/exceptions-store.ts'
import { list as matchesAbout } from '../matches/store.ts'
import { reportsOf } from '../reports/store.ts'
import type { Caller } from '../tenants/tenant.ts'
import { knowsUnreleased, toldCase } from '../unreleased.ts'
import { withPassages } from './found-matches.ts'
import { found } from './found.ts'

/** A case with all that stands under it, as the caller may see it, for `CaseDetailView`. @throws {Problem} row/unknown. */
export async function caseDetail(tx: Tx, caller: Caller, id: CaseId) {
  const opened = found(await findCase(tx, id), 'case')
  const decisions = await decisionsOf(tx, id)
  return {
    ...toldCase(caller, opened),
    allowedDecisions: allowedDecisions(opened.state),
    undoable: undoable(decisions)?.number ?? null,
    decisions,
    exceptionsReviews: await reviewsOf(tx, id),
    matches: await withPassages(tx, caller, await matchesAbout(tx, { caseId: id })),
    // A mail is kept as it was sent: to those who may know, with the names.
    mails: opened.recordingUnreleased && !knowsUnreleased(caller) ? [] : await mailsAbout(tx, id),
    reports: await reportsOf(tx, id),
  }
}
