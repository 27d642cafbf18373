import { Problem } from '../core/problem.ts'
import { nameKey } from '../metadata/normalise.ts'
import { type Caller, hasRole } from '../tenants/tenant.ts'
import type { MemberCaller } from './account.ts'

/** @throws {Problem} auth/forbidden unless a person with the signer’s role asks: no key ever makes a statement. */
export function requireSigner(caller: Caller): asserts caller is MemberCaller {
  if (caller.kind !== 'member' || !hasRole(caller, 'signer'))
    throw new Problem(
      'auth/forbidden',
      'signatory_required: only a person with the signer’s role can make the statements, in a session and never by key',
    )
}

/**
 * What stands under statements: `/s/` and the name of who makes them, which they have to type themselves.
 *
 * @param pointer of the field, for the fault. @throws {Problem} request/invalid when it is another name.
 */
export function signatureOf({ member }: MemberCaller, typed: string, pointer: string): string {
  const wanted = `/s/ ${member.name}`
  if (nameKey(typed.trim().replace(/^\/s\//, '')) === nameKey(member.name)) return wanted
  throw new Problem('request/invalid', `Sign with your name: ${wanted}`, {
    faults: [{ pointer, detail: `must be ${wanted}` }],
  })
}
