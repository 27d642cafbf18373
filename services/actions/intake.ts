import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { SENDERS_MAX, intakeAddressOf, newIntakeToken } from '../intake/intake.ts'
import {
  type IntakeSender,
  intakeOf,
  keepSender,
  removeSender,
  sendersOf,
  setIntakeToken,
} from '../intake/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { House } from './house.ts'

/** How an account takes mails. */
export interface IntakeSettings {
  /** Where mails are handed in; null while it is switched off. */
  readonly address: string | null
  /** Whether this installation listens for mails at all. */
  readonly listens: boolean
  readonly senders: readonly IntakeSender[]
}

function needOwner(caller: Caller): void {
  if (!hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account can change who hands in by mail')
}

async function settingsOf(tx: Tx, house: House, { tenantId }: Caller): Promise<IntakeSettings> {
  const { intakeToken, replyDomain } = await intakeOf(tx, tenantId)
  const domain = replyDomain ?? house.config.REPLY_DOMAIN
  return {
    address: intakeToken === null ? null : intakeAddressOf(intakeToken, domain),
    listens: house.config.MAIL_IN_PORT !== undefined,
    senders: await sendersOf(tx, tenantId),
  }
}

/** The account's address for mails and who may write to it; for everybody in the account. */
export const intakeSettings = (house: House, caller: Caller): Promise<IntakeSettings> =>
  house.db.tenant(caller.tenantId, (tx) => settingsOf(tx, house, caller))

/** Changes something about the intake in the caller's name, and notes it when anything changed. */
async function change(
  house: House,
  caller: Caller,
  work: (
    tx: Tx,
  ) => Promise<{ readonly action: string; readonly details: Record<string, string> } | undefined>,
): Promise<IntakeSettings> {
  needOwner(caller)
  const { tenantId } = caller
  return house.db.tenant(tenantId, async (tx) => {
    const done = await work(tx)
    if (done) await audit(tx, tenantId, { actor: actorOf(caller), subject: `tenant:${tenantId}`, ...done })
    return settingsOf(tx, house, caller)
  })
}

/**
 * Gives the account an address for mails, in place of the one it had: to that one nothing can be sent any more.
 *
 * @throws {Problem} auth/forbidden
 */
export const renewIntake = (house: House, caller: Caller): Promise<IntakeSettings> =>
  change(house, caller, async (tx) => {
    const { intakeToken } = await intakeOf(tx, caller.tenantId)
    await setIntakeToken(tx, caller.tenantId, newIntakeToken())
    return { action: 'intake.address-changed', details: { to: intakeToken === null ? 'on' : 'renewed' } }
  })

/** Takes no mails any more; a second time there is nothing left to do. @throws {Problem} auth/forbidden */
export const switchIntakeOff = (house: House, caller: Caller): Promise<IntakeSettings> =>
  change(house, caller, async (tx) => {
    const { intakeToken } = await intakeOf(tx, caller.tenantId)
    if (intakeToken === null) return undefined
    await setIntakeToken(tx, caller.tenantId, null)
    return { action: 'intake.address-changed', details: { to: 'off' } }
  })

/**
 * Lets a sender hand in by mail; one that may already, still may.
 *
 * @param pattern as `SenderPattern` reads it.
 * @throws {Problem} auth/forbidden, request/conflict when there are too many.
 */
export const allowSender = (house: House, caller: Caller, pattern: string): Promise<IntakeSettings> =>
  change(house, caller, async (tx) => {
    if ((await sendersOf(tx, caller.tenantId)).length >= SENDERS_MAX)
      throw new Problem('request/conflict', `More than ${SENDERS_MAX} senders cannot be kept; allow a domain`)
    const isNew = await keepSender(tx, caller.tenantId, pattern, actorOf(caller))
    return isNew ? { action: 'intake.sender-allowed', details: { pattern } } : undefined
  })

/** Lets a sender hand in no more. @throws {Problem} auth/forbidden, row/unknown */
export const disallowSender = (house: House, caller: Caller, pattern: string): Promise<IntakeSettings> =>
  change(house, caller, async (tx) => {
    if (!(await removeSender(tx, caller.tenantId, pattern)))
      throw new Problem('row/unknown', 'No such sender on the list')
    return { action: 'intake.sender-removed', details: { pattern } }
  })
