import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, NoticeId, ReplyId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { locationsOf } from '../notices/locations-store.ts'
import { type NoticeEventKind, afterEvent, type answeredOutcomes } from '../notices/notice-state.ts'
import { type Reply, findReply, markHandled } from '../notices/reply-store.ts'
import { type NewNoticeEvent, addEvent, lockNotice, notNow } from '../notices/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { leftOf } from './countered.ts'
import type { House } from './house.ts'
import { takeOutcome } from './refusals.ts'

/** What a person may conclude from an answer. That a copy is gone is for a look at it to say, not for an answer. */
export const handledAs = [
  'acknowledged',
  'asked',
  'rejected',
  'countered',
  'bounced',
  'commented',
] as const satisfies readonly NoticeEventKind[]

type AnsweredOutcome = (typeof answeredOutcomes)[number]

/** What a person found in an answer. */
export interface Handling {
  readonly as: (typeof handledAs)[number]
  /** Of all locations of the notice that have no answer yet. */
  readonly outcome?: AnsweredOutcome | undefined
  readonly comment: string
}

/** @throws {Problem} auth/forbidden. */
function requirePerson(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'reviewer') && !hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only a reviewer or a signer can say what an answer means')
}

/** Notes what a person read about all locations without an answer. @returns the cases whose copies are said to be gone. */
async function takeOutcomes(tx: Tx, noticeId: NoticeId, outcome: AnsweredOutcome): Promise<CaseId[]> {
  const notice = await lockNotice(tx, noticeId)
  const claimed: CaseId[] = []
  for (const location of await locationsOf(tx, noticeId))
    if (location.outcome === null && (await takeOutcome(tx, notice, location, outcome, 'person')))
      claimed.push(location.caseId)
  return claimed
}

/**
 * A person read a counter-notice. About which of several locations it is they say when they register it: until then the
 * others go on.
 *
 * @throws {Problem} row/stage.
 */
async function countered(tx: Tx, noticeId: NoticeId, event: Omit<NewNoticeEvent, 'kind'>): Promise<void> {
  const notice = await lockNotice(tx, noticeId)
  if (afterEvent(notice.state, 'countered') === undefined) throw notNow(notice, 'countered')
  const open = new Set((await leftOf(tx, notice)).open.map(({ canonicalUrl }) => canonicalUrl))
  const isOfSome = open.size > 1
  await addEvent(
    tx,
    notice,
    isOfSome ? { ...event, kind: 'commented', reason: 'countered' } : { ...event, kind: 'countered' },
  )
}

/**
 * A person says what an answer means.
 *
 * @throws {Problem} auth/forbidden; row/unknown; row/stage when it was handled before, or its notice does not allow
 *   that event now.
 */
export async function handleReply(
  house: House,
  caller: Caller,
  id: ReplyId,
  { as, outcome, comment }: Handling,
): Promise<Reply> {
  requirePerson(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const reply = await findReply(tx, id)
    if (!reply) throw new Problem('row/unknown', 'No such answer')
    const actor = actorOf(caller)
    if (!(await markHandled(tx, id, actor)))
      throw new Problem('row/stage', 'This answer was handled before; add a comment to its notice instead')
    const { noticeId, tenantId } = reply
    const claimed = outcome ? await takeOutcomes(tx, noticeId, outcome) : []
    const details = {
      replyId: id,
      ...(outcome && { outcome }),
      ...(claimed.length > 0 && { removalClaimed: claimed }),
    }
    const event = { actor, reason: outcome, comment, details }
    if (as === 'countered') await countered(tx, noticeId, event)
    else await addEvent(tx, { id: noticeId, tenantId }, { ...event, kind: as })
    await audit(tx, tenantId, {
      actor,
      action: 'reply.handled',
      subject: `notice:${noticeId}`,
      details: { reply: id, as, outcome: outcome ?? null },
    })
    const handled = await findReply(tx, id)
    if (!handled) throw new Error('a handled answer is not there')
    return handled
  })
}
