import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { Bytes, type MemberId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { CHALLENGE_MINUTES, FRESH_MINUTES, FactorKind, Passkey, WRONG_MAX } from './factor.ts'
import type { Caller } from './tenant.ts'

type Person = Extract<Caller, { kind: 'member' }>

const passkeyColumns = sql`id, name, public_key, counter, transports, created_at, last_used_at`

const Totp = z.object({
  totpSealed: Bytes.nullable(),
  totpConfirmedAt: z.date().nullable(),
  totpLastStep: z.number().nullable(),
  factorFailedAt: z.array(z.date()),
})
/** What is kept of a member's codes. */
export type Totp = z.infer<typeof Totp>

/** Locks the member until the transaction ends: of many guesses at once, each is counted before the next is looked at. */
export const lockTotp = (tx: Tx, id: MemberId): Promise<Totp> =>
  tx.one(Totp)`
    select totp_sealed, totp_confirmed_at, totp_last_step, factor_failed_at from member where id = ${id} for update`

/** Begins an enrolment, or begins it anew: nothing of it counts before a right code came. */
export async function beginTotp(tx: Tx, id: MemberId, sealed: Uint8Array): Promise<void> {
  await tx.run`
    update member set totp_sealed = ${sealed}, totp_confirmed_at = null, totp_last_step = null where id = ${id}`
}

/** Notes that a code was right, and for which step. */
export async function acceptTotp(tx: Tx, id: MemberId, step: number): Promise<void> {
  await tx.run`
    update member set totp_last_step = ${step}, totp_confirmed_at = coalesce(totp_confirmed_at, now())
     where id = ${id}`
}

/** Keeps the latest wrong tries, as many as it takes to tell that it is enough. */
export async function noteWrong(tx: Tx, id: MemberId): Promise<void> {
  await tx.run`
    update member set factor_failed_at =
      (array_append(factor_failed_at, now()))[greatest(1, cardinality(factor_failed_at) + 2 - ${WRONG_MAX}::integer):]
     where id = ${id}`
}

export async function forgetTotp(tx: Tx, id: MemberId): Promise<void> {
  await tx.run`
    update member set totp_sealed = null, totp_confirmed_at = null, totp_last_step = null where id = ${id}`
}

const Enrolled = z.object({ totp: z.boolean(), passkeys: z.number() })

/** Which factors a member has that count. */
export const enrolled = (tx: Tx, id: MemberId): Promise<z.infer<typeof Enrolled>> =>
  tx.one(Enrolled)`
    select totp_confirmed_at is not null as totp,
           (select count(*) from passkey p where p.member_id = m.id) as passkeys
      from member m where m.id = ${id}`

const Fresh = z.object({ kind: FactorKind, until: z.date() })
export type Fresh = z.infer<typeof Fresh>

/** The factor that the session has shown lately, or undefined. */
export const freshFactor = (tx: Tx, { member, sessionHash }: Person): Promise<Fresh | undefined> =>
  tx.maybe(Fresh)`
    select second_factor as kind, second_factor_at + make_interval(mins => ${FRESH_MINUTES}) as until
      from session
     where token_hash = ${sessionHash} and member_id = ${member.id} and second_factor is not null
       and expires_at > now() and second_factor_at > now() - make_interval(mins => ${FRESH_MINUTES})`

/** Notes that the session has shown a factor. @returns until when that counts. */
export const markFresh = (tx: Tx, { member, sessionHash }: Person, kind: FactorKind): Promise<Fresh> =>
  tx.one(Fresh)`
    update session set second_factor = ${kind}, second_factor_at = now()
     where token_hash = ${sessionHash} and member_id = ${member.id}
    returning second_factor as kind, second_factor_at + make_interval(mins => ${FRESH_MINUTES}) as until`

/** What the member's sessions have shown by a factor of this kind counts no more. */
export async function unmark(tx: Tx, id: MemberId, kind: FactorKind): Promise<void> {
  await tx.run`
    update session set second_factor = null, second_factor_at = null
     where member_id = ${id} and second_factor = ${kind}`
}

/**
 * What a challenge was made for. Whoever may be asked to show a passkey may not add one for that: each is answered for
 * its own purpose only.
 */
export type ChallengeFor = 'adding' | 'showing'

const boundTo = (purpose: ChallengeFor, challenge: string): string => `${purpose} ${challenge}`

/** Keeps the challenge that a passkey has to answer in this session; an earlier one is forgotten. */
export async function keepChallenge(
  tx: Tx,
  { sessionHash }: Person,
  purpose: ChallengeFor,
  challenge: string,
): Promise<void> {
  await tx.run`
    update session set challenge = ${boundTo(purpose, challenge)},
           challenge_expires_at = now() + make_interval(mins => ${CHALLENGE_MINUTES})
     where token_hash = ${sessionHash}`
}

const Challenge = z.object({ challenge: z.string() })

/** The challenge of this session, which is spent by it; undefined when there is none for this, or it is too old. */
export async function takeChallenge(
  tx: Tx,
  { sessionHash }: Person,
  purpose: ChallengeFor,
): Promise<string | undefined> {
  const taken = await tx.maybe(Challenge)`
    select challenge from session
     where token_hash = ${sessionHash} and challenge is not null and challenge_expires_at > now() for update`
  await tx.run`update session set challenge = null, challenge_expires_at = null where token_hash = ${sessionHash}`
  const head = boundTo(purpose, '')
  return taken?.challenge.startsWith(head) ? taken.challenge.slice(head.length) : undefined
}

export const passkeysOf = (tx: Tx, id: MemberId): Promise<Passkey[]> =>
  tx.all(Passkey)`select ${passkeyColumns} from passkey where member_id = ${id} order by created_at, id`

/** Keeps a new passkey; answers false when there is one with this id. */
export async function keepPasskey(
  tx: Tx,
  { tenantId, member }: Person,
  passkey: Pick<Passkey, 'id' | 'name' | 'publicKey' | 'counter' | 'transports'>,
): Promise<boolean> {
  const written = await tx.run`
    insert into passkey (id, tenant_id, member_id, name, public_key, counter, transports)
    values (${passkey.id}, ${tenantId}, ${member.id}, ${passkey.name}, ${passkey.publicKey}, ${passkey.counter},
            ${[...passkey.transports]})
    on conflict (id) do nothing`
  return written === 1
}

/**
 * Notes a use. A counter that does not grow tells of a copied key, unless the device does not count (WebAuthn,
 * section 6.1.1): then this answers false and writes nothing.
 */
export async function usePasskey(tx: Tx, id: string, counter: number): Promise<boolean> {
  const written = await tx.run`
    update passkey set counter = ${counter}, last_used_at = now()
     where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter}::bigint = 0))`
  return written === 1
}

export async function removePasskey(tx: Tx, member: MemberId, id: string): Promise<boolean> {
  return (await tx.run`delete from passkey where id = ${id} and member_id = ${member}`) === 1
}

export async function removePasskeys(tx: Tx, member: MemberId): Promise<void> {
  await tx.run`delete from passkey where member_id = ${member}`
}
