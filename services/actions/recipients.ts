import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { RecipientId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import {
  type NewRecipient,
  PauseReason,
  type RecipientChange,
  changesContact,
  contactFaults,
} from '../recipients/new-recipient.ts'
import type { Recipient } from '../recipients/recipient.ts'
import { chooseCandidate, startResolution } from '../recipients/resolution-store.ts'
import type { Resolution } from '../recipients/resolution.ts'
import * as recipients from '../recipients/store.ts'
import { type Caller, actorOf, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'
import { type House, ring } from './house.ts'

/** Legal letters go where an entry says: it takes who answers for the account, or for the letters. */
function requireKeeper(caller: Caller): asserts caller is MemberCaller {
  if (!hasRole(caller, 'owner') && !hasRole(caller, 'signer'))
    throw new Problem('auth/forbidden', 'Only an owner or a signer can change who is written to')
}

const note = (
  tx: Tx,
  caller: Caller,
  action: string,
  id: RecipientId,
  details: Record<string, unknown> = {},
) =>
  audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action: `recipient.${action}`,
    subject: `recipient:${id}`,
    details,
  })

/** Nobody else changes it until the transaction ends. @throws {Problem} row/unknown. */
async function locked(tx: Tx, id: RecipientId): Promise<Recipient> {
  const present = await recipients.lockRecipient(tx, id)
  if (!present) throw new Problem('row/unknown', 'No such recipient')
  return present
}

/**
 * Has hosts looked up anew: who may be asked about copies there. One that is being looked up is not started twice.
 *
 * @param hosts each as `HostName` reads it.
 */
export async function resolveHosts(
  house: House,
  caller: Caller,
  hosts: readonly string[],
): Promise<Resolution[]> {
  const started = await house.db.tenant(caller.tenantId, async (tx) => {
    const resolutions: Resolution[] = []
    for (const host of new Set(hosts)) {
      resolutions.push(await startResolution(tx, caller.tenantId, host))
      await audit(tx, caller.tenantId, {
        actor: actorOf(caller),
        action: 'host.looked-up',
        subject: `host:${host}`,
      })
    }
    return resolutions
  })
  for (const { stage, id } of started) await ring(house, stage, id)
  return started
}

/**
 * Enters a recipient by hand, for which the caller vouches.
 *
 * @throws {Problem} auth/forbidden; request/conflict when the role and key have an entry already.
 */
export async function addRecipient(house: House, caller: Caller, given: NewRecipient): Promise<Recipient> {
  requireKeeper(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const by = { tenantId: caller.tenantId, memberId: caller.member.id }
    const made = await recipients.createRecipient(tx, by, given)
    if (!made) {
      const same = await recipients.findByKey(tx, caller.tenantId, given.role, given.key)
      const detail = `“${same?.name ?? given.key}” has this role and key already: change that entry`
      throw new Problem('request/conflict', detail, { faults: [{ pointer: '/key', detail }] })
    }
    await note(tx, caller, 'made', made.id, { ...given })
    return made
  })
}

/**
 * Changes what is named. Whoever changes the contact vouches for it, as if they had entered it.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/invalid when the recipient could no longer be reached.
 */
export async function changeRecipient(
  house: House,
  caller: Caller,
  id: RecipientId,
  change: RecipientChange,
): Promise<Recipient> {
  requireKeeper(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const present = await locked(tx, id)
    const { email = present.email, formUrl = present.formUrl, formats = present.formats } = change
    const faults = changesContact(change) ? contactFaults({ email, formUrl, formats }) : []
    if (faults.length > 0)
      throw new Problem('request/invalid', 'The recipient could not be reached any more', {
        faults: faults.map(({ pointer, detail }) => ({ pointer: `/${pointer}`, detail })),
      })
    await recipients.changeRecipient(tx, present, caller.member.id, change)
    await note(tx, caller, 'changed', id, { ...change })
    return locked(tx, id)
  })
}

/**
 * Takes a contact for right, in the caller's name: what was found by a guess may be used from now on, and what had
 * grown old is fresh again.
 *
 * @throws {Problem} auth/forbidden, row/unknown.
 */
export async function confirmRecipient(house: House, caller: Caller, id: RecipientId): Promise<Recipient> {
  requireKeeper(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const { email, formUrl, source } = await locked(tx, id)
    await recipients.confirmRecipient(tx, id, caller.member.id)
    await note(tx, caller, 'confirmed', id, { email, formUrl, source })
    return locked(tx, id)
  })
}

/**
 * Holds back what goes to a recipient; a second time the first reason stays.
 *
 * @throws {Problem} auth/forbidden, row/unknown, request/invalid when the reason is no line of text.
 */
export async function pauseRecipient(
  house: House,
  caller: Caller,
  id: RecipientId,
  why: string,
): Promise<Recipient> {
  requireKeeper(caller)
  const reason = PauseReason.safeParse(why.trim())
  if (!reason.success)
    throw new Problem('request/invalid', 'A reason is needed, in one line', {
      faults: [{ pointer: '/why', detail: 'one line of up to 500 characters' }],
    })
  return house.db.tenant(caller.tenantId, async (tx) => {
    await locked(tx, id)
    if (await recipients.pauseRecipient(tx, id, reason.data))
      await note(tx, caller, 'paused', id, { why: reason.data })
    return locked(tx, id)
  })
}

/** Lets through again what goes to a recipient. @throws {Problem} auth/forbidden, row/unknown. */
export async function resumeRecipient(house: House, caller: Caller, id: RecipientId): Promise<Recipient> {
  requireKeeper(caller)
  return house.db.tenant(caller.tenantId, async (tx) => {
    await locked(tx, id)
    if (await recipients.resumeRecipient(tx, id)) await note(tx, caller, 'resumed', id)
    return locked(tx, id)
  })
}

/**
 * Says who is asked first about a host, whatever was found for it; it stays so until another is chosen.
 *
 * @throws {Problem} auth/forbidden for a key; row/unknown.
 */
export async function chooseRecipient(
  house: House,
  caller: Caller,
  host: string,
  id: RecipientId,
): Promise<void> {
  if (caller.kind !== 'member')
    throw new Problem('auth/forbidden', 'Only a person can choose who is written to')
  await house.db.tenant(caller.tenantId, async (tx) => {
    await locked(tx, id)
    await chooseCandidate(tx, { tenantId: caller.tenantId, memberId: caller.member.id }, host, id)
    await note(tx, caller, 'chosen', id, { host })
  })
}
