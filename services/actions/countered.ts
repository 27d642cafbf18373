import type { Tx } from '../core/db.ts'
import type { CaseId } from '../core/ids.ts'
import { counterNoticesOf } from '../notices/counter-store.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from '../notices/notice-row.ts'
import type { NoticeState } from '../notices/notice-state.ts'
import { type NewNoticeEvent, addEvent, lockNotice, tryEvent } from '../notices/store.ts'

type About = Pick<Notice, 'id' | 'tenantId'>

/** States in which nobody waits for an answer to a notice, so that none can be countered. */
const over: ReadonlySet<NoticeState> = new Set(['delivery_failed', 'retracted', 'closed'])

/** What is left of a notice that is out. */
export interface LeftOver {
  /** Locations on which the recipient still has to act: only they are reminded of, and given up by the clocks. */
  readonly open: readonly NoticeLocationRow[]
  /** Cases about which a counter-notice waits for a person. Each freezes its address, with every work demanded there. */
  readonly countered: readonly CaseId[]
}

/** What of a notice is open, and what is frozen by counter-notices; one that was answered freezes nothing any more. */
export async function leftOf(tx: Tx, { id }: Pick<Notice, 'id'>): Promise<LeftOver> {
  const rows = await locationsOf(tx, id)
  const answers = new Map((await counterNoticesOf(tx, id)).map(({ caseId, answer }) => [caseId, answer]))
  // A recipient can say that there is one before anybody has registered it.
  const countered = rows.filter(({ caseId, outcome }) =>
    answers.has(caseId) ? answers.get(caseId) === null : outcome === 'counter_notice',
  )
  const frozen = new Set(countered.map(({ canonicalUrl }) => canonicalUrl))
  const open = rows.filter(
    // What the recipient called a duplicate it did not act on either.
    ({ live, outcome, canonicalUrl }) =>
      live && (outcome === null || outcome === 'duplicate') && !frozen.has(canonicalUrl),
  )
  return { open, countered: countered.map(({ caseId }) => caseId) }
}

/**
 * Notes that a counter-notice came, after its location has that outcome. It freezes its own address and no other: the
 * notice as a whole is `counter_noticed` only when nothing else of it is open, and goes its course otherwise.
 *
 * @returns false, with nothing noted, when nobody waits for an answer to the notice.
 */
export async function noteCountered(
  tx: Tx,
  notice: About,
  event: Omit<NewNoticeEvent, 'kind'>,
): Promise<boolean> {
  if (over.has((await lockNotice(tx, notice.id)).state)) return false
  const isAlone = (await leftOf(tx, notice)).open.length === 0
  if (isAlone && (await tryEvent(tx, notice, { ...event, kind: 'countered' }))) return true
  await addEvent(tx, notice, { ...event, kind: 'commented', reason: 'countered' })
  return true
}

/** Once all that was open beside a counter-notice is answered, the notice waits for nothing else. @returns whether so. */
export async function noteOnlyCountered(tx: Tx, notice: About): Promise<boolean> {
  const { open, countered } = await leftOf(tx, notice)
  if (open.length > 0 || countered.length === 0) return false
  return tryEvent(tx, notice, { kind: 'countered', actor: 'system', reason: 'nothing_else_open' })
}
