import type { Tx } from '../core/db.ts'
import { signedSince } from '../notices/locations-store.ts'
import type { Notice } from '../notices/notice-row.ts'
import { noticeSettingsOf, signerStanding } from '../tenants/signing-store.ts'
import type { MemberCaller } from './account.ts'

/** Whether a second signer has to look: the signer signs for the first time, or the account signs for a lot today. */
export async function needsApproval(
  tx: Tx,
  caller: MemberCaller,
  locations: number,
  now: Date,
): Promise<boolean> {
  const { firstSignedAt, otherSigners } = await signerStanding(tx, caller.member.id)
  if (firstSignedAt === null && otherSigners > 0) return true
  const today = new Date(`${now.toISOString().slice(0, 10)}T00:00:00Z`)
  const before = await signedSince(tx, caller.tenantId, today)
  const { secondApproverAbove } = await noticeSettingsOf(tx, caller.tenantId)
  return before + locations > secondApproverAbove
}

const nobodyWords =
  'It needs a second signer; this account has one. Give another member the role ‘signer’ (Settings, Members): that ' +
  'person can then approve. Or sign for fewer locations a day than the limit in Settings, Notices.'

/**
 * Why nobody can approve of a signed notice that waits for it, and what to do; undefined when somebody can, or nobody has
 * to.
 */
export async function approvalObstacle(
  tx: Tx,
  { state, approvalNeeded, approvedAt, signedBy }: Notice,
): Promise<string | undefined> {
  if (state !== 'signed' || !approvalNeeded || approvedAt !== null || signedBy === null) return undefined
  return (await signerStanding(tx, signedBy)).otherSigners > 0 ? undefined : nobodyWords
}

/** The same before it is signed: what a signer is told whose signature would wait for somebody who is not there. */
export async function approvalAhead(
  tx: Tx,
  caller: MemberCaller,
  locations: number,
): Promise<string | undefined> {
  if ((await signerStanding(tx, caller.member.id)).otherSigners > 0) return undefined
  return (await needsApproval(tx, caller, locations, new Date())) ? nobodyWords : undefined
}
