import { randomUUID } from 'node:crypto'

import { cookieName } from '../../services/tenants/caller.ts'
import { totpAbout } from '../../services/tenants/factor.ts'
import { markFresh } from '../../services/tenants/second-factor-store.ts'
import { findSession, openSession } from '../../services/tenants/sign-in.ts'
import { createMember } from '../../services/tenants/store.ts'
import type { Caller, Role } from '../../services/tenants/tenant.ts'
import { TOTP_STEP_S, newTotpSecret, totpCode, totpStep } from '../../services/tenants/totp.ts'
import type { World } from './world.ts'

/** How long a test may take from asking for a code to showing it. */
const SLACK_MS = 2_000

/** A member who may sign, in a session that has shown its second factor. */
export interface SignerSession {
  readonly caller: Extract<Caller, { kind: 'member' }>
  /** The Cookie header of the session. */
  readonly cookie: string
  /** A code that was not used yet: three fit into the present, more are none. */
  totp(): string
  /** Makes it so many minutes since the factor was shown. */
  age(minutes: number): Promise<void>
}

/** Adds a signer to the world's first account, with an authenticator app enrolled and shown just now. */
export async function signerSession(
  world: World,
  name = 'A Signer',
  { tenantId = world.owner.tenantId, roles = ['reviewer', 'signer'] as readonly Role[] } = {},
): Promise<SignerSession> {
  const { db, config, secrets } = world.house
  const secret = newTotpSecret()
  const opened = await db.system(async (tx) => {
    const email = `signer-${randomUUID()}@example.org`
    const member = await createMember(tx, tenantId, { email, name, title: 'Head of Rights', roles })
    const sealed = secrets.seal(secret, totpAbout(member.id))
    await tx.run`update member set totp_sealed = ${sealed}, totp_confirmed_at = now() where id = ${member.id}`
    const token = await openSession(tx, member)
    const session = await findSession(tx, token)
    if (!session) throw new Error('a session just opened is not there')
    return { token, ...session }
  })
  const caller = { kind: 'member', tenantId, member: opened.member, sessionHash: opened.sessionHash } as const
  await db.system((tx) => markFresh(tx, caller, 'totp'))
  // A code of the step that is about to be too old would not arrive in time.
  let given = totpStep(new Date(Date.now() + SLACK_MS)) - 2
  return {
    caller,
    cookie: `${cookieName(config.publicUrl)}=${opened.token}`,
    totp() {
      given += 1
      return totpCode(secret, new Date(given * TOTP_STEP_S * 1000))
    },
    async age(minutes) {
      await db.system(
        (tx) => tx.run`
          update session set second_factor_at = now() - make_interval(mins => ${minutes})
           where token_hash = ${caller.sessionHash}`,
      )
    },
  }
}
