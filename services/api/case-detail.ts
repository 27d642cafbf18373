import { mailsAbout } from '../alerts/store.ts'
import { captureOfCase } from '../case-dossier.ts'
import { whereaboutsOf } from '../case-whereabouts.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import type { NetworkTable } from '../core/network-table.ts'
import { allowedDecisions, undoable } from '../matches/case-machine.ts'
import { decisionsOf, findCase } from '../matches/case-store.ts'
import { reviewsOf } from '../matches/exceptions-store.ts'
import { list as matchesAbout } from '../matches/store.ts'
import { reportsOf } from '../reports/store.ts'
import type { Caller } from '../tenants/tenant.ts'
import { knowsCase, toldCase } from '../unreleased.ts'
import { withPassages } from './found-matches.ts'
import { found } from './found.ts'

/** A case with all that stands under it, as the caller may see it, for `CaseDetailView`. @throws {Problem} row/unknown. */
export async function caseDetail(tx: Tx, caller: Caller, id: CaseId, networks: NetworkTable | undefined) {
  const opened = found(await findCase(tx, id), 'case')
  const decisions = await decisionsOf(tx, id)
  const told = toldCase(caller, opened)
  const capture = knowsCase(caller, opened) ? await captureOfCase(tx, id) : undefined
  return {
    ...told,
    place: await whereaboutsOf(tx, told, capture, networks),
    allowedDecisions: allowedDecisions(opened.state),
    undoable: undoable(decisions)?.number ?? null,
    decisions,
    exceptionsReviews: await reviewsOf(tx, id),
    matches: await withPassages(tx, caller, await matchesAbout(tx, { caseId: id })),
    // A mail is kept as it was sent: to those who may know, with the names.
    mails: knowsCase(caller, opened) ? await mailsAbout(tx, id) : [],
    reports: await reportsOf(tx, id),
  }
}
