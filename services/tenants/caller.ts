import type { Db } from '../core/db.ts'
import { Problem } from '../core/problem.ts'
import { findSession } from './sign-in.ts'
import { findApiKey } from './store.ts'
import type { Caller } from './tenant.ts'

/** The `__Host-` prefix needs https; on plain http (one machine) the browser takes only the short name. */
export const cookieName = (publicUrl: string): string =>
  publicUrl.startsWith('https:') ? '__Host-earwitness' : 'earwitness'

/** What of a request tells who asks. */
export interface Credentials {
  readonly method: string
  readonly authorization?: string | undefined
  readonly cookie?: string | undefined
  readonly origin?: string | undefined
  readonly fetchSite?: string | undefined
}

/** The value of one cookie in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}

const changes = (method: string): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method)

/**
 * Another site must not act with a member's cookie: browsers say where a request comes from, and a
 * request that changes something and does not say it comes from us is refused. Keys are not sent by
 * browsers on their own, so they need no such check.
 *
 * @throws {Problem} auth/forbidden
 */
export function refuseForeignOrigin(given: Credentials, publicUrl: string): void {
  if (!changes(given.method)) return
  const same = given.fetchSite === 'same-origin' || given.origin === new URL(publicUrl).origin
  if (!same) throw new Problem('auth/forbidden', 'This request came from another site')
}

/**
 * Who asks: the member of the session in the cookie, or the program with the key.
 *
 * @returns undefined when the request carries neither or they are not valid (any more).
 */
export async function callerOf(db: Db, publicUrl: string, given: Credentials): Promise<Caller | undefined> {
  const key = given.authorization?.match(/^Bearer (ewk_[\w-]{43})$/)?.[1]
  if (key) {
    const holder = await db.system((tx) => findApiKey(tx, key))
    return holder && { kind: 'key', tenantId: holder.tenantId, keyId: holder.id }
  }
  const token = readCookie(given.cookie, cookieName(publicUrl))
  if (!token) return undefined
  refuseForeignOrigin(given, publicUrl)
  const session = await db.system((tx) => findSession(tx, token))
  return session && { kind: 'member', tenantId: session.member.tenantId, ...session }
}
