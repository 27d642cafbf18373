import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type CaseId, NoticeId, type RecipientId, type TenantId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { NoticeLocationRow } from './notice-row.ts'
import type { Outcome } from './notice-state.ts'

/** A location of a notice that is being made. */
export interface NewNoticeLocation {
  readonly caseId: CaseId
  /** Exactly as observed. */
  readonly url: string
  readonly canonicalUrl: string
}

const columns = sql`l.id, l.notice_id, l.case_id, c.number as case_number, c.state as case_state, l.position, l.recipient_id, l.url, l.canonical_url,
  l.beside_id, l.live, l.outcome, l.outcome_by, l.outcome_at`
const tables = sql`notice_location l join case_file c on c.id = l.case_id`

/** The locations of a notice, in their order. */
export const locationsOf = (tx: Tx, id: NoticeId): Promise<NoticeLocationRow[]> =>
  tx.all(NoticeLocationRow)`select ${columns} from ${tables} where l.notice_id = ${id} order by l.position`

/** The locations of all notices in which a case was demanded or is planned to be, the latest notice first. */
export const locationsOfCase = (tx: Tx, caseId: CaseId): Promise<NoticeLocationRow[]> =>
  tx.all(NoticeLocationRow)`
    select ${columns} from ${tables} join notice n on n.id = l.notice_id
     where l.case_id = ${caseId} order by n.created_at desc, n.id desc`

/** Writes the locations of a new notice. Cases at one address stand beside the first of them. */
export async function keepLocations(
  tx: Tx,
  notice: { readonly id: NoticeId; readonly tenantId: TenantId; readonly recipientId: RecipientId },
  locations: readonly NewNoticeLocation[],
): Promise<void> {
  const first = new Map<string, string>()
  const rows = locations.map(({ caseId, url, canonicalUrl }, index) => {
    const id = randomUUID()
    const besideId = first.get(canonicalUrl) ?? null
    if (!besideId) first.set(canonicalUrl, id)
    return sql`(${id}::uuid, ${notice.tenantId}::uuid, ${notice.id}::uuid, ${caseId}::uuid, ${index + 1}::integer,
      ${notice.recipientId}::uuid, ${url}, ${canonicalUrl}, ${besideId}::uuid)`
  })
  await tx.run`
    insert into notice_location (id, tenant_id, notice_id, case_id, position, recipient_id, url, canonical_url, beside_id)
    values ${join(rows, ', ')}`
}

/** Takes a case out of a notice that is not signed; of others at its address the first stands for it from now on. */
export async function removeLocation(tx: Tx, noticeId: NoticeId, caseId: CaseId): Promise<void> {
  const rows = await locationsOf(tx, noticeId)
  const removed = rows.find((row) => row.caseId === caseId)
  const heir = rows.find(({ besideId }) => besideId !== null && besideId === removed?.id)
  if (heir && removed)
    await tx.run`
      update notice_location set beside_id = case when id = ${heir.id} then null else ${heir.id}::uuid end
       where beside_id = ${removed.id}`
  await tx.run`delete from notice_location where notice_id = ${noticeId} and case_id = ${caseId}`
}

/** What leaves a demand as it is: silence, and a recipient who says that they have it already. */
const leavesLive = (outcome: Outcome): boolean => outcome === 'duplicate' || outcome === 'no_response'

/**
 * Notes what became of a location, for every case there. The last answer stands: what was removed can come back; only
 * what was taken back stays so. What was answered is demanded no more by this notice, so that another one may demand it
 * anew.
 *
 * @param location a row of `locationsOf`. @param caseIds only of these cases, where each has an answer of its own.
 */
export async function setOutcome(
  tx: Tx,
  location: Pick<NoticeLocationRow, 'noticeId' | 'canonicalUrl'>,
  outcome: Outcome,
  by: 'recheck' | 'recipient' | 'person' | 'clock',
  caseIds?: readonly CaseId[],
): Promise<void> {
  const which = caseIds ? sql`and case_id = any(${[...caseIds]}::uuid[])` : sql``
  await tx.run`
    update notice_location
       set outcome = ${outcome}, outcome_by = ${by}, outcome_at = now(), live = live and ${leavesLive(outcome)}
     where notice_id = ${location.noticeId} and canonical_url = ${location.canonicalUrl} ${which}
       and outcome is distinct from 'retracted'`
}

/** Whether locations are demanded; of a whole notice, or of some of its cases. */
export async function setLive(
  tx: Tx,
  noticeId: NoticeId,
  live: boolean,
  caseIds?: readonly CaseId[],
): Promise<void> {
  const which = caseIds ? sql`and case_id = any(${[...caseIds]}::uuid[])` : sql``
  await tx.run`update notice_location set live = ${live} where notice_id = ${noticeId} ${which}`
}

const Demanded = z.object({ canonicalUrl: z.string(), noticeId: NoticeId, number: z.string() })

/**
 * Where the same is demanded of the same recipient already, by canonical address.
 *
 * @param about.except notices that do not count: the one that is asked for, and the version that it replaces.
 */
export async function demandedIn(
  tx: Tx,
  about: {
    readonly recipientId: RecipientId
    readonly urls: readonly string[]
    readonly except: readonly NoticeId[]
  },
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.all(Demanded)`
    select l.canonical_url, n.id as notice_id, n.number from notice_location l join notice n on n.id = l.notice_id
     where l.live and l.recipient_id = ${about.recipientId} and l.canonical_url = any(${[...about.urls]}::text[])
       and l.notice_id <> all(${[...about.except]}::uuid[])`
  return new Map(rows.map(({ canonicalUrl, number }) => [canonicalUrl, number]))
}

/** How many locations an account has signed for since a moment. */
export async function signedSince(tx: Tx, tenantId: TenantId, since: Date): Promise<number> {
  const { count } = await tx.one(z.object({ count: z.number() }))`
    select count(*) as count from notice_location l join notice n on n.id = l.notice_id
     where n.tenant_id = ${tenantId} and n.signed_at >= ${since} and l.beside_id is null`
  return count
}
