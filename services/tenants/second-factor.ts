import type { Tx } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { FRESH_MINUTES, type FactorKind } from './factor.ts'
import { enrolled, freshFactor } from './second-factor-store.ts'
import type { Caller } from './tenant.ts'

/**
 * Lets only a person through who has shown a second factor in this very session, at most a quarter of an hour ago.
 *
 * @returns which factor that was.
 * @throws {Problem} auth/second-factor, saying what to do: enrol one first, or show it again.
 */
export async function requireSecondFactor(tx: Tx, caller: Caller): Promise<FactorKind> {
  if (caller.kind !== 'member')
    throw new Problem('auth/second-factor', 'Only a signed-in person has a second factor, never an API key')
  const fresh = await freshFactor(tx, caller)
  if (fresh) return fresh.kind
  const has = await enrolled(tx, caller.member.id)
  throw new Problem(
    'auth/second-factor',
    has.totp || has.passkeys > 0
      ? `Show your second factor again: it counts for ${FRESH_MINUTES} minutes (Settings → Security, or POST /v1/me/second-factor/verify)`
      : 'Set up a second factor first: an authenticator app or a passkey (Settings → Security, or POST /v1/me/second-factor/totp)',
  )
}
