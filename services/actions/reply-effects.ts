import type { Tx } from '../core/db.ts'
import type { CaseId, DeliveryId } from '../core/ids.ts'
import { planRecheck } from '../matches/recheck-store.ts'
import { deliveriesOf, recordSent } from '../notices/delivery-store.ts'
import type { Delivery } from '../notices/delivery.ts'
import { locationsOf } from '../notices/locations-store.ts'
import type { Notice, NoticeLocationRow } from '../notices/notice-row.ts'
import { type Outcome, finalOutcomes, fixableOutcomes } from '../notices/notice-state.ts'
import { acnsDocuments } from '../notices/render/acns.ts'
import type { AcnsReply } from '../notices/replies/acns-replies.ts'
import type { Classified, Findings } from '../notices/replies/classify.ts'
import { outcomeOf } from '../notices/replies/outcomes.ts'
import { addEvent, findSigned, tryEvent } from '../notices/store.ts'
import { pauseIfBouncing } from './bounces.ts'
import { noteCountered } from './countered.ts'
import { takeOutcome } from './refusals.ts'

/** An answer as it is being taken. */
export interface Answer extends Classified {
  readonly notice: Notice
  /** The message that it answers; undefined when it does not say. */
  readonly deliveryId: DeliveryId | undefined
  /** What its events carry, such as its id. */
  readonly source: Readonly<Record<string, unknown>>
}

/**
 * Whoever answers a message has it: an answer that comes before the mail server's, or after it was lost, settles that
 * the message is out.
 */
async function settleAttempted(
  tx: Tx,
  deliveries: readonly Delivery[],
  deliveryId: DeliveryId | undefined,
): Promise<void> {
  const open = deliveries.filter(
    ({ stage, attemptedAt }) => attemptedAt !== null && (stage === 'send' || stage === 'unclear'),
  )
  // An answer that names no message may be to any that is out: only of the first there can be no doubt.
  const first = deliveries.some(({ stage }) => stage === 'done')
    ? undefined
    : open.find(({ kind, part }) => kind === 'notice' && part === 1)
  const answered = deliveryId ? open.find(({ id }) => id === deliveryId) : first
  if (!answered?.attemptedAt) return
  const given = { at: answered.attemptedAt, response: 'the recipient answered', actor: 'system' }
  await recordSent(tx, answered.id, given)
}

async function takeBounce(
  tx: Tx,
  { notice, source }: Answer,
  bounce: NonNullable<Findings['bounce']>,
  answered: Delivery | undefined,
): Promise<boolean> {
  if (bounce.action === 'unknown') return false
  // Delayed: the server goes on trying. Delivered, relayed and expanded say no more than the mail server did.
  if (bounce.action !== 'failed') return true
  await pauseIfBouncing(tx, notice)
  if (answered?.kind === 'retraction') return false
  return tryEvent(tx, notice, {
    kind: 'bounced',
    actor: 'system',
    reason: bounce.status,
    comment: bounce.diagnostic?.slice(0, 2000),
    details: { ...source, recipient: bounce.recipient ?? null },
  })
}

async function takeAutoReply(
  tx: Tx,
  { notice, source }: Answer,
  { ticket, wantsPerson }: NonNullable<Findings['autoReply']>,
): Promise<boolean> {
  if (ticket === undefined || wantsPerson) return false
  await tryEvent(tx, notice, { kind: 'acknowledged', actor: 'system', details: { ...source, ticket } })
  return true
}

/** Which locations a case of ACNS means: the whole notice, one of the infringements it was sent as, or one location. */
type CasesOf = (caseId: string) => readonly NoticeLocationRow[]

async function casesOf(tx: Tx, notice: Notice, locations: readonly NoticeLocationRow[]): Promise<CasesOf> {
  // Only what was sent in ACNS has cases of its own there; others are answered by their number.
  const signed = notice.format === 'acns-mail' ? await findSigned(tx, notice.id) : undefined
  const urlsOf = new Map<string, ReadonlySet<string>>()
  const parts = signed ? acnsDocuments(signed.document, signed.documentSha256) : []
  for (const { infringement, locations: meant } of parts)
    urlsOf.set(infringement.Case.ID, new Set(meant.map(({ canonicalUrl }) => canonicalUrl)))
  return (caseId) => {
    if (caseId === notice.number) return locations
    const urls = urlsOf.get(caseId)
    return locations.filter(
      ({ canonicalUrl, caseNumber }) => caseNumber === caseId || urls?.has(canonicalUrl) === true,
    )
  }
}

/** What an answer in ACNS says about a location. */
type Verdict =
  | { readonly says: 'received' | 'removal claimed' }
  | { readonly says: 'refused' | 'countered'; readonly outcome: Outcome | undefined }

/** That it is gone already is a claim as any other: it is looked at before it is believed. */
const refusal = (outcome: Outcome | undefined): Verdict =>
  outcome === 'already_gone'
    ? { says: 'removal claimed' }
    : { says: outcome === 'counter_notice' ? 'countered' : 'refused', outcome }

function verdictOf(reply: AcnsReply): Verdict {
  if (reply.kind === 'ack')
    return reply.accepted === false
      ? refusal(outcomeOf('acns-ack', reply.rejectReason))
      : { says: 'received' }
  switch (reply.type) {
    case 'CLOSED':
      return { says: 'removal claimed' }
    case 'COUNTERNOTICE':
      return { says: 'countered', outcome: 'counter_notice' }
    case 'REJECTED':
      return refusal(outcomeOf('acns-status', reply.reason))
    default:
      return { says: 'received' }
  }
}

/** Outcomes after which nothing is to be expected of the recipient any more. */
const refusals: ReadonlySet<Outcome> = new Set([...fixableOutcomes, ...finalOutcomes])

/** What the answers say of each location; the last word about it counts. */
function verdictsOf(meant: CasesOf, replies: readonly AcnsReply[]): Map<NoticeLocationRow, Verdict> {
  const verdicts = new Map<NoticeLocationRow, Verdict>()
  for (const reply of replies)
    for (const location of meant(reply.caseId)) verdicts.set(location, verdictOf(reply))
  return verdicts
}

/** Notes what the recipient said of each location. @returns its outcomes now, and what it claims to have removed. */
async function keepVerdicts(
  tx: Tx,
  notice: Notice,
  locations: readonly NoticeLocationRow[],
  verdicts: ReadonlyMap<NoticeLocationRow, Verdict>,
): Promise<{ refused: (Outcome | undefined)[]; isRefusedWhole: boolean; claimed: CaseId[] }> {
  const refused: (Outcome | undefined)[] = []
  const claimed: CaseId[] = []
  let isRefusedWhole = true
  for (const location of locations) {
    const verdict = verdicts.get(location)
    if (verdict?.says === 'removal claimed') claimed.push(location.caseId)
    const outcome = verdict && 'outcome' in verdict ? verdict.outcome : undefined
    if (outcome) await takeOutcome(tx, notice, location, outcome, 'recipient')
    // A duplicate is no refusal: the other notice is being dealt with.
    const isRefusedNow = verdict?.says === 'refused' && outcome !== 'duplicate'
    if (isRefusedNow) refused.push(outcome)
    const wasRefused = !verdict && location.outcome !== null && refusals.has(location.outcome)
    isRefusedWhole &&= isRefusedNow || wasRefused
  }
  return { refused, isRefusedWhole, claimed }
}

async function takeAcns(tx: Tx, answer: Answer, replies: readonly AcnsReply[]): Promise<boolean> {
  const { notice, source } = answer
  const locations = await locationsOf(tx, notice.id)
  const meant = await casesOf(tx, notice, locations)
  const verdicts = verdictsOf(meant, replies)
  const { refused, isRefusedWhole, claimed } = await keepVerdicts(tx, notice, locations, verdicts)
  for (const caseId of claimed) await planRecheck(tx, caseId, new Date())
  const actor = 'system'
  const details = { ...source, ...(claimed.length > 0 && { removalClaimed: claimed }) }
  if (isRefusedWhole && refused.length > 0) {
    const reasons = new Set(refused)
    const reason = reasons.size > 1 ? 'several' : (refused[0] ?? 'unspecified')
    await tryEvent(tx, notice, { kind: 'rejected', actor, reason, details })
  } else if (verdicts.size > 0) {
    const isNews = await tryEvent(tx, notice, { kind: 'acknowledged', actor, details })
    if (!isNews && claimed.length > 0)
      await addEvent(tx, notice, { kind: 'commented', actor, reason: 'removal_claimed', details })
  }
  const isCountered = [...verdicts.values()].some(({ says }) => says === 'countered')
  if (isCountered) await noteCountered(tx, notice, { actor, reason: 'counter_notice', details })
  const isUnderstood = replies.every(({ caseId }) => meant(caseId).length > 0)
  // A counter-notice has to be registered by a person, with its text and its date; and words that are not in the table
  // of outcomes have to be read by one.
  return isUnderstood && !isCountered && !refused.includes(undefined)
}

/**
 * Draws the conclusions from an answer that can be drawn without a person: those from what machines wrote for machines.
 *
 * @returns whether nothing is left for a person.
 */
export async function applyAnswer(tx: Tx, answer: Answer): Promise<boolean> {
  const { kind, findings, notice, deliveryId } = answer
  // Anybody can write a number into a subject. And what could be read in part only may say more.
  if (findings.foundBy === 'subject' || findings.fault !== undefined) return false
  const deliveries = await deliveriesOf(tx, notice.id)
  await settleAttempted(tx, deliveries, deliveryId)
  if (kind === 'bounce' && findings.bounce) {
    const answered = deliveries.find(({ id }) => id === deliveryId)
    return takeBounce(tx, answer, findings.bounce, answered)
  }
  if (kind === 'auto_reply' && findings.autoReply) return takeAutoReply(tx, answer, findings.autoReply)
  return findings.acns ? takeAcns(tx, answer, findings.acns) : false
}
