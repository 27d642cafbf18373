import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { CaseId, NoticeId, RecipientId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { decideBySystem, findCase } from '../matches/case-store.ts'
import type { Case } from '../matches/case.ts'
import { damagedFiles, demandableStates, subjectOf } from '../notice-standing.ts'
import type { DemandedCase } from '../notices/batches.ts'
import { locationsOf, setLive } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { isUnsigned } from '../notices/notice-state.ts'
import type { Language, NoticeDetails, OpenPoint, Regime } from '../notices/notice.ts'
import { type Gate, gateOf } from '../notices/readiness/gate.ts'
import { readinessOf } from '../notices/readiness/readiness.ts'
import type { ReadinessSubject } from '../notices/readiness/subject.ts'
import {
  type NoticeChange,
  addEvent,
  changeNotice,
  createNotice,
  findNotice,
  keepCheck,
  lockNotice,
  notNow,
} from '../notices/store.ts'
import { hostNameOf } from '../recipients/host.ts'
import type { NoticeFormat } from '../recipients/recipient.ts'
import { findRecipient } from '../recipients/store.ts'
import { canonicalUrlOf } from '../submissions/canonical-url.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { House } from './house.ts'
import { batchesFor, recipientsOf } from './notice-recipients.ts'

/** As many cases as one request drafts notices for; more would take longer than anybody waits. */
export const CASES_MAX = 1000

/** How long a check holds: what was live three days ago may be gone (rule R04). */
const CHECK_HOLDS_MS = 72 * 60 * 60_000

/** What notices are drafted from. */
export interface NoticePlan {
  readonly caseIds: readonly CaseId[]
  /** Who is asked about which host; for others the best known candidate who was not asked in vain is taken. */
  readonly recipientByHost?: Readonly<Record<string, RecipientId>> | undefined
  readonly regimes: readonly Regime[]
  readonly language: Language
  /** Left out: the best that each recipient takes. */
  readonly format?: NoticeFormat | undefined
  readonly details: NoticeDetails
}

/** A case as something can be demanded about it. @throws {Problem} row/unknown. */
async function demandOf(tx: Tx, id: CaseId): Promise<{ opened: Case; demanded: DemandedCase | undefined }> {
  const opened = await findCase(tx, id)
  if (!opened) throw new Problem('row/unknown', 'No such case')
  const { location: url } = opened
  // Nobody can be asked about a file that was handed in, or a torrent without a host.
  const host = URL.canParse(url) ? hostNameOf(new URL(url).hostname) : undefined
  return {
    opened,
    demanded: host === undefined ? undefined : { caseId: id, url, canonicalUrl: canonicalUrlOf(url), host },
  }
}

/** The cases of a plan. @throws {Problem} row/unknown, request/invalid or row/stage, naming every case that cannot be. */
async function demandsOf(tx: Tx, ids: readonly CaseId[]): Promise<DemandedCase[]> {
  const demands: DemandedCase[] = []
  const early: { pointer: string; detail: string }[] = []
  const placeless: { pointer: string; detail: string }[] = []
  for (const [index, id] of [...new Set(ids)].entries()) {
    const { opened, demanded } = await demandOf(tx, id)
    const pointer = `/caseIds/${index}`
    if (!demanded) placeless.push({ pointer, detail: `case ${opened.number} has no address at a host` })
    else if (demandableStates.has(opened.state)) demands.push(demanded)
    else early.push({ pointer, detail: `case ${opened.number} is ${opened.state.replaceAll('_', ' ')}` })
  }
  if (placeless.length > 0)
    throw new Problem('request/invalid', 'Some cases are about files without an address', {
      faults: placeless,
    })
  if (early.length > 0)
    throw new Problem('row/stage', 'Only confirmed, restored and escalated cases can be noticed', {
      faults: early,
    })
  return demands
}

/** A notice that is there. @throws {Problem} row/unknown. */
export async function knownNotice(tx: Tx, id: NoticeId): Promise<Notice> {
  const notice = await findNotice(tx, id)
  if (!notice) throw new Problem('row/unknown', 'No such notice')
  return notice
}

/** Notes what somebody did with a notice in the audit chain. */
export const auditNotice = (
  tx: Tx,
  caller: Caller,
  id: NoticeId,
  did: string,
  details?: Record<string, unknown>,
): Promise<void> =>
  audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action: `notice.${did}`,
    subject: `notice:${id}`,
    ...(details && { details }),
  })

/**
 * Drafts notices about cases: one for each recipient and host, and more where one would be too long. Nothing is demanded
 * and no case changes before they are signed.
 *
 * @throws {Problem} row/unknown, row/stage (a case is not confirmed), request/invalid, recipient/unknown.
 */
export async function draftNotices(house: House, caller: Caller, plan: NoticePlan): Promise<Notice[]> {
  const { regimes, language, details } = plan
  return house.db.tenant(caller.tenantId, async (tx) => {
    const demands = await demandsOf(tx, plan.caseIds)
    const chosen = plan.recipientByHost ?? {}
    const asked = await recipientsOf(tx, caller.tenantId, demands, chosen)
    const drafted: Notice[] = []
    for (const { recipient, host, cases } of asked.flatMap(batchesFor)) {
      const format = plan.format ?? recipient.formats[0] ?? 'mail'
      const recipientId = recipient.id
      const written = { recipientId, host, regimes, language, format, details, locations: cases }
      const id = await createNotice(tx, caller.tenantId, { ...written, createdBy: actorOf(caller) })
      await auditNotice(tx, caller, id, 'drafted', { recipient: recipientId, host, locations: cases.length })
      drafted.push(await knownNotice(tx, id))
    }
    return drafted
  })
}

/** Changes a notice that nobody has signed; it has to be checked again. @throws {Problem} row/unknown, row/stage. */
export async function editNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
  change: NoticeChange,
): Promise<Notice> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    if (!isUnsigned(notice.state)) throw notNow(notice, 'edited')
    if (change.recipientId && !(await findRecipient(tx, change.recipientId)))
      throw new Problem('row/unknown', 'No such recipient')
    await changeNotice(tx, id, change)
    const fields = Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]))
    await addEvent(tx, notice, { kind: 'edited', actor: actorOf(caller), details: { fields } })
    await auditNotice(tx, caller, id, 'edited', { fields })
    return knownNotice(tx, id)
  })
}

/**
 * Gives up a notice that nobody has signed. When it was to replace another version, what that one demanded is demanded no
 * more, and its cases can be noticed anew.
 *
 * @throws {Problem} row/unknown, row/stage.
 */
export async function dropDraft(
  house: House,
  caller: Caller,
  id: NoticeId,
  comment?: string,
): Promise<Notice> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    if (!isUnsigned(notice.state)) throw notNow(notice, 'closed')
    await addEvent(tx, notice, { kind: 'closed', actor: actorOf(caller), reason: 'not_wanted', comment })
    if (notice.supersedes) {
      await setLive(tx, notice.supersedes, false)
      for (const { caseId } of await locationsOf(tx, id))
        await decideBySystem(
          tx,
          { id: caseId, tenantId: notice.tenantId },
          { kind: 'voided', comment: `Notice ${notice.number} was not sent again` },
        )
    }
    await auditNotice(tx, caller, id, 'dropped')
    return knownNotice(tx, id)
  })
}

/** What was found when a notice was checked. */
export interface CheckedNotice {
  readonly notice: Notice
  readonly subject: ReadinessSubject
  readonly openPoints: readonly OpenPoint[]
  readonly gate: Gate
}

/** Moves a notice to what a check found of it, and notes when; in the state where it is there is nothing to move. */
async function keepFindings(
  tx: Tx,
  notice: Notice,
  openPoints: readonly OpenPoint[],
  now: Date,
): Promise<void> {
  await keepCheck(tx, notice.id, openPoints, now)
  const [kind, state] =
    openPoints.length === 0 ? (['checked_ready', 'ready'] as const) : (['checked_open', 'invalid'] as const)
  if (notice.state === state) return
  const details = { codes: [...new Set(openPoints.map(({ code }) => code))] }
  await addEvent(tx, notice, { kind, actor: 'system', details })
}

/**
 * Checks whether a notice is ready to be signed: everything that is open at once, and the estimate of the good-faith
 * gate. It is `ready` afterwards, or `invalid`.
 *
 * @throws {Problem} row/unknown, row/stage when it is signed or dropped.
 */
export async function checkNotice(house: House, caller: Caller, id: NoticeId): Promise<CheckedNotice> {
  const { tenantId } = caller
  const damaged = await damagedFiles(house, tenantId, [id])
  return house.db.tenant(tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    if (!isUnsigned(notice.state)) throw notNow(notice, 'checked_ready')
    const now = new Date()
    const subject = await subjectOf(tx, notice, { now, damaged, replyDomain: house.config.REPLY_DOMAIN })
    const openPoints = readinessOf(subject)
    await keepFindings(tx, notice, openPoints, now)
    return { notice: await knownNotice(tx, id), subject, openPoints, gate: gateOf(subject) }
  })
}

/** A notice as it stands today: one that was ready for too long is a draft again. */
async function aged(tx: Tx, notice: Notice, now: Date): Promise<Notice> {
  const { state, checkedAt, id } = notice
  if (state !== 'ready' || (checkedAt && now.getTime() - checkedAt.getTime() <= CHECK_HOLDS_MS)) return notice
  const locked = await lockNotice(tx, id)
  if (locked.state === 'ready')
    await addEvent(tx, notice, { kind: 'aged', actor: 'system', reason: 'check_too_old' })
  return knownNotice(tx, id)
}

/**
 * A notice for whoever looks at it. Of one that is not signed it shows what would be sent and what is open now, without
 * changing it; a check that is too old no longer counts.
 *
 * @throws {Problem} row/unknown.
 */
export async function lookAtNotice(
  house: House,
  caller: Caller,
  id: NoticeId,
): Promise<{ notice: Notice; checked: CheckedNotice | undefined }> {
  return house.db.tenant(caller.tenantId, async (tx) => {
    const now = new Date()
    const notice = await aged(tx, await knownNotice(tx, id), now)
    if (!isUnsigned(notice.state)) return { notice, checked: undefined }
    // Files are hashed when it is checked and when it is signed: looking at a page reads no gigabytes.
    const damaged = new Set<string>()
    const subject = await subjectOf(tx, notice, { now, damaged, replyDomain: house.config.REPLY_DOMAIN })
    const openPoints = readinessOf(subject)
    return { notice, checked: { notice, subject, openPoints, gate: gateOf(subject) } }
  })
}
