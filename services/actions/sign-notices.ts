import { isDataError, type Tx } from '../core/db.ts'
import type { CaseId, NoticeId } from '../core/ids.ts'
import { type Fault, Problem } from '../core/problem.ts'
import { decideBySystem, lockKnown } from '../matches/case-store.ts'
import { damagedFiles, subjectOf } from '../notice-standing.ts'
import { withSignature } from '../notices/compose.ts'
import { locationsOf, setLive } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { isUnsigned } from '../notices/notice-state.ts'
import { gateOf } from '../notices/readiness/gate.ts'
import { readinessOf } from '../notices/readiness/readiness.ts'
import type { ReadinessSubject } from '../notices/readiness/subject.ts'
import { shownDigest } from '../notices/shown.ts'
import { statementsDigest } from '../notices/statements/statements.ts'
import { addEvent, keepApproval, keepSigned, lockNotice, notNow } from '../notices/store.ts'
import { requireSecondFactor } from '../tenants/second-factor.ts'
import { lockSigning, markSigned, noticeSettingsOf } from '../tenants/signing-store.ts'
import { type Caller, actorOf } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { approvalObstacle, needsApproval } from './approval.ts'
import type { House } from './house.ts'
import { auditNotice, knownNotice } from './notices.ts'
import { requireSigner, signatureOf } from './signature.ts'

/** As many notices as one person reads before they sign once. */
export const NOTICES_MAX = 200

/** What a signer sends with their signature. */
export interface GivenSignature {
  readonly noticeIds: readonly NoticeId[]
  /** `/s/` and the name, as typed. */
  readonly signatureText: string
  /** Of each notice by its id, the digest (`shownDigest`) of what the signer read: recipient, places, works and words. */
  readonly shown: Readonly<Record<string, string>>
  /** The signer read how many of the locations are likely to be wrong. */
  readonly acknowledgedGate: true
}

/** A notice as it will be signed. */
interface Prepared {
  readonly notice: Notice
  readonly subject: ReadinessSubject
  readonly faults: readonly Fault[]
  /** Only others that demand the same keep it from being signed. */
  readonly onlyDuplicates: boolean
}

/** What speaks against signing a notice now, each with its pointer and its code. */
function faultsOf(subject: ReadinessSubject, shown: string | undefined, at: string): Fault[] {
  const points = readinessOf(subject).map(({ rule, code, pointer, todo }) => ({
    pointer: at + pointer,
    detail: `${rule} ${code}: ${todo}`,
  }))
  const stops = gateOf(subject).stops.map(({ code, pointer, todo }) => ({
    pointer: at + pointer,
    detail: `gate ${code}: ${todo}`,
  }))
  const changed = {
    pointer: at,
    detail: 'changed_since_shown: this is not what was shown, somebody changed it meanwhile; read it again',
  }
  const isAsShown = shown === shownDigest(subject.document, subject.format)
  return [...points, ...stops, ...(isAsShown ? [] : [changed])]
}

/** Nobody decides otherwise about the cases of notices while they are signed. */
async function lockCases(tx: Tx, ids: readonly NoticeId[]): Promise<void> {
  const cases = new Set<CaseId>()
  for (const id of ids) for (const { caseId } of await locationsOf(tx, id)) cases.add(caseId)
  for (const id of [...cases].toSorted()) await lockKnown(tx, id)
}

async function prepare(
  tx: Tx,
  { noticeIds, shown }: GivenSignature,
  looked: { readonly now: Date; readonly replyDomain: string; readonly damaged: ReadonlySet<string> },
): Promise<Prepared[]> {
  const locked = new Map<NoticeId, Notice>()
  // Always in the same order, or two signers could wait for each other.
  for (const id of noticeIds.toSorted()) locked.set(id, await lockNotice(tx, id))
  await lockCases(tx, noticeIds)
  const prepared: Prepared[] = []
  for (const [index, notice] of [...new Set(noticeIds)].map((id) => locked.get(id)).entries()) {
    if (!notice) throw new Error('a locked notice is not there')
    if (!isUnsigned(notice.state)) throw notNow(notice, 'signed')
    const subject = await subjectOf(tx, notice, looked)
    const faults = faultsOf(subject, shown[notice.id], `/notices/${index}`)
    const onlyDuplicates = faults.length > 0 && faults.every(({ detail }) => detail.startsWith('R13 '))
    prepared.push({ notice, subject, faults, onlyDuplicates })
  }
  return prepared
}

/** Pairs of one signature that demand the same of the same recipient. */
function clashesAmong(prepared: readonly Prepared[]): Fault[] {
  const numbers = new Map<string, string>()
  return prepared.flatMap(({ notice, subject }, index) =>
    subject.document.locations.flatMap(({ canonicalUrl }, at) => {
      const key = `${notice.recipientId} ${canonicalUrl}`
      const other = numbers.get(key)
      if (other === undefined) numbers.set(key, notice.number)
      return other === undefined
        ? []
        : [
            {
              pointer: `/notices/${index}/locations/${at}/url`,
              detail: `duplicate_notice: notice ${other} demands the same`,
            },
          ]
    }),
  )
}

/** @throws {Problem} notice/duplicate, notice/not-ready with everything that is open, row/stage of unchecked notices. */
function requireReady(prepared: readonly Prepared[]): void {
  const open = prepared.filter(({ faults }) => faults.length > 0)
  const clashes = clashesAmong(prepared)
  const faults = [...open.flatMap((each) => each.faults), ...clashes]
  if (faults.length > 0 && open.every(({ onlyDuplicates }) => onlyDuplicates)) {
    const others = new Set(faults.flatMap(({ detail }) => detail.match(/EN-\d{4}-\d{6}/g) ?? []))
    throw new Problem('notice/duplicate', `The same is demanded in ${[...others].join(', ')}`, { faults })
  }
  if (faults.length > 0) {
    const numbers = open.map(({ notice }) => notice.number).join(', ')
    throw new Problem('notice/not-ready', `Nothing was signed; not ready: ${numbers}`, { faults })
  }
  const unchecked = prepared.find(({ notice }) => notice.state !== 'ready')
  if (unchecked) throw notNow(unchecked.notice, 'signed')
}

/** From now on the notice demands its locations, and the version that it replaces no more. */
async function takeOver(tx: Tx, notice: Notice): Promise<void> {
  if (notice.supersedes) await setLive(tx, notice.supersedes, false)
  await setLive(tx, notice.id, true)
  for (const { caseId } of await locationsOf(tx, notice.id))
    await decideBySystem(
      tx,
      { id: caseId, tenantId: notice.tenantId },
      { kind: 'noticed', comment: `Demanded in notice ${notice.number}` },
    )
}

async function keepSignature(
  tx: Tx,
  caller: MemberCaller,
  { notice, subject }: Prepared,
  made: Omit<Parameters<typeof withSignature>[1], 'signer'> & { readonly approvalNeeded: boolean },
): Promise<void> {
  const { approvalNeeded, secondFactor, signedAt } = made
  const document = withSignature(subject.document, { signer: caller.member, ...made })
  const signedBy = caller.member.id
  const sha256 = await keepSigned(tx, notice.id, { document, signedBy, signedAt, approvalNeeded })
  await takeOver(tx, notice)
  const { templates, texts } = document.statements
  const details = {
    sha256,
    secondFactor,
    approvalNeeded,
    locations: document.locations.length,
    statements: { templates, sha256: statementsDigest(texts) },
    expectedWrong: gateOf(subject).expectedWrong,
  }
  await addEvent(tx, notice, { kind: 'signed', actor: actorOf(caller), details })
  await auditNotice(tx, caller, notice.id, 'signed', details)
}

/**
 * Signs notices, all of them or none: a person with the signer's role, who has just shown a second factor, makes the
 * statements of each as they were shown. Every notice is composed and checked anew first; then it never changes again.
 *
 * @throws {Problem} auth/forbidden, auth/second-factor, request/invalid (another name), row/unknown, row/stage,
 *   notice/paused, notice/not-ready with all faults of all notices, notice/duplicate naming the other notices.
 */
export async function signNotices(house: House, caller: Caller, given: GivenSignature): Promise<Notice[]> {
  requireSigner(caller)
  const signatureText = signatureOf(caller, given.signatureText, '/signatureText')
  const { tenantId } = caller
  const damaged = await damagedFiles(house, tenantId, given.noticeIds)
  const work = async (tx: Tx): Promise<Notice[]> => {
    const secondFactor = await requireSecondFactor(tx, caller)
    await lockSigning(tx, tenantId)
    await requireUnpaused(tx, caller)
    const signedAt = new Date()
    const looked = { now: signedAt, damaged, replyDomain: house.config.REPLY_DOMAIN }
    const prepared = await prepare(tx, given, looked)
    requireReady(prepared)
    const locations = prepared.reduce((sum, { subject }) => sum + subject.document.locations.length, 0)
    const approvalNeeded = await needsApproval(tx, caller, locations, signedAt)
    const made = { signatureText, signedAt, secondFactor, approvalNeeded }
    for (const each of prepared) await keepSignature(tx, caller, each, made)
    await markSigned(tx, caller.member.id)
    const signed: Notice[] = []
    for (const { notice } of prepared) signed.push(await knownNotice(tx, notice.id))
    return signed
  }
  return house.db.tenant(tenantId, work).catch((error: unknown) => {
    throw isClash(error)
      ? new Problem('notice/duplicate', 'Another notice has just demanded the same; check the notices again')
      : error
  })
}

/** The database's own guard: what nobody saw coming when two signed at once. */
const isClash = (error: unknown): boolean => isDataError(error) && error.constraint === 'notice_location_live'

/** @throws {Problem} notice/paused while the account's notices rest. */
async function requireUnpaused(tx: Tx, { tenantId }: Caller): Promise<void> {
  const { noticesPausedWhy } = await noticeSettingsOf(tx, tenantId)
  if (noticesPausedWhy !== null) throw new Problem('notice/paused', `Notices are paused: ${noticesPausedWhy}`)
}

/**
 * A second signer approves of a signed notice that may not go out without.
 *
 * @throws {Problem} auth/forbidden (no signer, or the one who signed), auth/second-factor, row/unknown, row/stage.
 */
export async function approveNotice(house: House, caller: Caller, id: NoticeId): Promise<Notice> {
  requireSigner(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const notice = await lockNotice(tx, id)
    const secondFactor = await requireSecondFactor(tx, caller)
    await requireUnpaused(tx, caller)
    if (notice.state !== 'signed') throw notNow(notice, 'approved')
    if (!notice.approvalNeeded || notice.approvedBy)
      throw new Problem('row/stage', `Notice ${notice.number} waits for no approval`)
    if (notice.signedBy === caller.member.id)
      throw new Problem(
        'auth/forbidden',
        (await approvalObstacle(tx, notice)) ?? 'Another signer has to approve of what you signed',
      )
    await keepApproval(tx, id, caller.member.id)
    await addEvent(tx, notice, { kind: 'approved', actor: actorOf(caller), details: { secondFactor } })
    await auditNotice(tx, caller, id, 'approved', { secondFactor })
    return knownNotice(tx, id)
  })
}
