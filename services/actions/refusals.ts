import type { Tx } from '../core/db.ts'
import { decideBySystem } from '../matches/case-store.ts'
import { planRecheck } from '../matches/recheck-store.ts'
import { setOutcome } from '../notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from '../notices/notice-row.ts'
import { type Outcome, finalOutcomes, fixableOutcomes } from '../notices/notice-state.ts'

/**
 * Notes an answer about a location, and has its case go where the answer leads: what can be mended waits to be demanded
 * anew, what was refused for good goes to the next one who can be asked. That it is gone is looked at first.
 *
 * @returns whether the recipient says that the copy is gone.
 */
export async function takeOutcome(
  tx: Tx,
  notice: Pick<Notice, 'tenantId' | 'number' | 'recipientName'>,
  location: NoticeLocationRow,
  outcome: Outcome,
  by: 'recipient' | 'person',
): Promise<boolean> {
  const { caseId } = location
  if (outcome === 'already_gone') {
    await planRecheck(tx, caseId, new Date())
    return true
  }
  await setOutcome(tx, location, outcome, by, [caseId])
  const kind = fixableOutcomes.has(outcome) ? 'voided' : finalOutcomes.has(outcome) ? 'escalated' : undefined
  const words = outcome.replaceAll('_', ' ')
  const comment = `${notice.recipientName} refused notice ${notice.number}: ${words}`
  // A later version, or somebody else who was asked, may demand it by now; an answer to this one changes nothing there.
  if (kind && location.live)
    await decideBySystem(tx, { id: caseId, tenantId: notice.tenantId }, { kind, comment })
  return false
}
