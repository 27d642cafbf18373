import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import type { z } from 'zod'

import { audit } from '../core/audit.ts'
import type { Tx } from '../core/db.ts'
import type { MemberId } from '../core/ids.ts'
import { Problem } from '../core/problem.ts'
import { PASSKEYS_MAX, type Passkey, WRONG_WINDOW_MINUTES, isLocked, totpAbout } from '../tenants/factor.ts'
import * as passkeys from '../tenants/passkeys.ts'
import * as store from '../tenants/second-factor-store.ts'
import { requireSecondFactor } from '../tenants/second-factor.ts'
import { checkPassword } from '../tenants/sign-in.ts'
import { findMember } from '../tenants/store.ts'
import { actorOf, hasRole } from '../tenants/tenant.ts'
import { acceptedStep, newTotpSecret, totpUri } from '../tenants/totp.ts'
import type { MemberCaller } from './account.ts'
import { takeFactors } from './factor-reset.ts'
import type { House } from './house.ts'

/** What a member has set up, and until when the session counts as confirmed. */
export interface SecondFactorState {
  readonly totp: boolean
  readonly passkeys: readonly Passkey[]
  /** Whether browsers allow passkeys at this address of the service. */
  readonly passkeysPossible: boolean
  readonly fresh: store.Fresh | undefined
}

const note = (tx: Tx, caller: MemberCaller, action: string, details: Record<string, unknown> = {}) =>
  audit(tx, caller.tenantId, {
    actor: actorOf(caller),
    action,
    subject: `member:${caller.member.id}`,
    details,
  })

const tooMany = (): Problem =>
  new Problem(
    'request/too-many',
    `Too many wrong tries. Wait ${WRONG_WINDOW_MINUTES} minutes, then try again`,
  )

/** The caller's own factors. */
export const secondFactorOf = (house: House, caller: MemberCaller): Promise<SecondFactorState> =>
  house.db.tenant(caller.tenantId, async (tx) => ({
    totp: (await store.enrolled(tx, caller.member.id)).totp,
    passkeys: await store.passkeysOf(tx, caller.member.id),
    passkeysPossible: passkeys.passkeySite(house.config.publicUrl) !== undefined,
    fresh: await store.freshFactor(tx, caller),
  }))

/**
 * Who adds a factor must show a present one; for the first, the password: a browser that somebody left open must
 * not become a signer's.
 *
 * @throws {Problem} auth/second-factor, request/invalid, request/too-many.
 */
async function requireProof(house: House, caller: MemberCaller, password: string | undefined): Promise<void> {
  const { member, tenantId } = caller
  const isFirst = await house.db.tenant(tenantId, async (tx) => {
    const has = await store.enrolled(tx, member.id)
    if (has.totp || has.passkeys > 0) await requireSecondFactor(tx, caller)
    else if (isLocked((await store.lockTotp(tx, member.id)).factorFailedAt, new Date())) throw tooMany()
    return !has.totp && has.passkeys === 0
  })
  if (!isFirst || !member.hasPassword) return
  if (await checkPassword(house.db, member.email, password ?? '')) return
  await house.db.tenant(tenantId, (tx) => noteWrong(tx, caller, 'password'))
  throw new Problem('request/invalid', 'The password is not right', {
    faults: [{ pointer: '/password', detail: 'is not your password' }],
  })
}

async function noteWrong(tx: Tx, caller: MemberCaller, what: 'password' | 'code'): Promise<void> {
  await store.noteWrong(tx, caller.member.id)
  await note(tx, caller, 'factor.refused', { what })
}

/**
 * Begins to set up an authenticator app. Nothing counts until a right code came; begun again, the first is void.
 *
 * @param password the member's, asked for while they have no factor.
 * @returns the secret, and the address that the app reads.
 * @throws {Problem} row/stage when there is one already; auth/second-factor, request/invalid, request/too-many.
 */
export async function beginTotp(
  house: House,
  caller: MemberCaller,
  password?: string,
): Promise<{ secret: string; uri: string }> {
  const { member, tenantId } = caller
  await requireProof(house, caller, password)
  const secret = newTotpSecret()
  const sealed = house.secrets.seal(secret, totpAbout(member.id))
  await house.db.tenant(tenantId, async (tx) => {
    const { totpConfirmedAt } = await store.lockTotp(tx, member.id)
    if (totpConfirmedAt)
      throw new Problem(
        'row/stage',
        'An authenticator app is set up already: remove it before you set up another',
      )
    await store.beginTotp(tx, member.id, sealed)
    await note(tx, caller, 'factor.totp-begun')
  })
  return { secret, uri: totpUri(secret, member.email) }
}

/** Looks at a code and writes down what came of it, in a transaction that is kept when the code was wrong. */
async function tryCode(
  house: House,
  caller: MemberCaller,
  code: string,
  enrolling: boolean,
): Promise<store.Fresh | 'wrong' | 'locked'> {
  const { member, tenantId } = caller
  return house.db.tenant(tenantId, async (tx) => {
    const totp = await store.lockTotp(tx, member.id)
    const isConfirmed = totp.totpConfirmedAt !== null
    if (!totp.totpSealed || (!enrolling && !isConfirmed))
      throw new Problem('auth/second-factor', 'No authenticator app is set up: begin with that')
    if (enrolling && isConfirmed) throw new Problem('row/stage', 'The authenticator app is set up already')
    if (isLocked(totp.factorFailedAt, new Date())) return 'locked'
    const secret = house.secrets.unseal(totp.totpSealed, totpAbout(member.id))
    const step = acceptedStep(secret, code, { lastStep: totp.totpLastStep, now: new Date() })
    if (step === undefined) {
      await noteWrong(tx, caller, 'code')
      return 'wrong'
    }
    await store.acceptTotp(tx, member.id, step)
    await note(tx, caller, enrolling ? 'factor.totp-enrolled' : 'factor.confirmed', { kind: 'totp' })
    return store.markFresh(tx, caller, 'totp')
  })
}

async function codeTried(
  house: House,
  caller: MemberCaller,
  code: string,
  enrolling: boolean,
): Promise<store.Fresh> {
  const verdict = await tryCode(house, caller, code, enrolling)
  if (verdict === 'locked') throw tooMany()
  if (verdict !== 'wrong') return verdict
  throw new Problem('request/invalid', 'The code is not right', {
    faults: [{ pointer: '/code', detail: 'is not right, or was used already: wait for the next one' }],
  })
}

/**
 * Ends the set-up of an authenticator app by its first right code, which counts as shown, too.
 *
 * @throws {Problem} request/invalid, request/too-many, row/stage, auth/second-factor when none was begun.
 */
export const enrolTotp = (house: House, caller: MemberCaller, code: string): Promise<store.Fresh> =>
  codeTried(house, caller, code, true)

/**
 * Shows the second factor by a code: the session may sign for a while.
 *
 * @throws {Problem} request/invalid, request/too-many, auth/second-factor when no app is set up.
 */
export const confirmTotp = (house: House, caller: MemberCaller, code: string): Promise<store.Fresh> =>
  codeTried(house, caller, code, false)

/** Makes a challenge for a new passkey. @throws {Problem} request/conflict, auth/second-factor, request/invalid. */
export async function offerPasskey(
  house: House,
  caller: MemberCaller,
  password?: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  await requireProof(house, caller, password)
  return house.db.tenant(caller.tenantId, async (tx) => {
    const present = await store.passkeysOf(tx, caller.member.id)
    if (present.length >= PASSKEYS_MAX)
      throw new Problem('request/conflict', `${PASSKEYS_MAX} passkeys are enough: remove one first`)
    const options = await passkeys.creationOptions(house.config.publicUrl, caller.member, present)
    await store.keepChallenge(tx, caller, 'adding', options.challenge)
    return options
  })
}

/** Spends the session's challenge, whatever becomes of the answer. @throws {Problem} row/stage when there is none. */
async function challengeOf(house: House, caller: MemberCaller, purpose: store.ChallengeFor): Promise<string> {
  const challenge = await house.db.tenant(caller.tenantId, (tx) => store.takeChallenge(tx, caller, purpose))
  if (challenge === undefined)
    throw new Problem('row/stage', 'No passkey was asked for here, or too long ago: begin again')
  return challenge
}

/** Adds the passkey that answered, which counts as shown. @throws {Problem} request/invalid, request/conflict, row/stage. */
export async function addPasskey(
  house: House,
  caller: MemberCaller,
  name: string,
  answer: z.infer<typeof passkeys.NewPasskeyAnswer>,
): Promise<store.Fresh> {
  const challenge = await challengeOf(house, caller, 'adding')
  const made = await passkeys.readNewPasskey(house.config.publicUrl, challenge, answer)
  return house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await store.keepPasskey(tx, caller, { ...made, name })))
      throw new Problem('request/conflict', 'This passkey is known already')
    await note(tx, caller, 'factor.passkey-added', { name })
    return store.markFresh(tx, caller, 'passkey')
  })
}

/** Makes a challenge for the passkeys there are. @throws {Problem} auth/second-factor when there is none. */
export const askPasskey = (
  house: House,
  caller: MemberCaller,
): Promise<PublicKeyCredentialRequestOptionsJSON> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    const present = await store.passkeysOf(tx, caller.member.id)
    if (present.length === 0) throw new Problem('auth/second-factor', 'You have no passkey: add one first')
    const options = await passkeys.requestOptions(house.config.publicUrl, present)
    await store.keepChallenge(tx, caller, 'showing', options.challenge)
    return options
  })

/** Shows the second factor by a passkey's answer. @throws {Problem} request/invalid, row/stage. */
export async function confirmPasskey(
  house: House,
  caller: MemberCaller,
  answer: z.infer<typeof passkeys.PasskeyAnswer>,
): Promise<store.Fresh> {
  const challenge = await challengeOf(house, caller, 'showing')
  const known = await house.db.tenant(caller.tenantId, (tx) => store.passkeysOf(tx, caller.member.id))
  const passkey = known.find(({ id }) => id === answer.id)
  if (!passkey) throw new Problem('request/invalid', 'This passkey is not one of yours')
  const counter = await passkeys.checkPasskey(house.config.publicUrl, challenge, passkey, answer)
  return house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await store.usePasskey(tx, passkey.id, counter)))
      throw new Problem('request/invalid', 'This passkey answered out of turn: it may have been copied')
    await note(tx, caller, 'factor.confirmed', { kind: 'passkey', name: passkey.name })
    return store.markFresh(tx, caller, 'passkey')
  })
}

/**
 * Removes an own factor; the session has to show one first. What was shown by that kind counts no more.
 *
 * @param which the authenticator app, or a passkey by its id.
 * @throws {Problem} auth/second-factor, row/unknown.
 */
export async function removeFactor(
  house: House,
  caller: MemberCaller,
  which: { kind: 'totp' } | { kind: 'passkey'; id: string },
): Promise<void> {
  const { member, tenantId } = caller
  await house.db.tenant(tenantId, async (tx) => {
    const known = await store.passkeysOf(tx, member.id)
    if (which.kind === 'passkey' && !known.some(({ id }) => id === which.id))
      throw new Problem('row/unknown', 'You have no such passkey')
    await requireSecondFactor(tx, caller)
    if (which.kind === 'passkey') await store.removePasskey(tx, member.id, which.id)
    else await store.forgetTotp(tx, member.id)
    await store.unmark(tx, member.id, which.kind)
    await note(tx, caller, 'factor.removed', { kind: which.kind })
  })
}

/**
 * Takes all factors of a member who lost their device, so that they can set up others. Only an owner who has shown
 * their own, and never for themselves.
 *
 * @throws {Problem} auth/forbidden, auth/second-factor, row/unknown.
 */
export async function resetFactors(house: House, caller: MemberCaller, id: MemberId): Promise<void> {
  if (!hasRole(caller, 'owner'))
    throw new Problem('auth/forbidden', 'Only an owner of the account can do this')
  if (id === caller.member.id)
    throw new Problem('auth/forbidden', 'Remove your own factors one by one; another owner can reset them')
  await house.db.tenant(caller.tenantId, async (tx) => {
    if (!(await findMember(tx, id))) throw new Problem('row/unknown', 'No such member')
    await requireSecondFactor(tx, caller)
    await takeFactors(tx, caller.tenantId, id, actorOf(caller))
  })
}
