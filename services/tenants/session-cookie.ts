import { cookieName } from './caller.ts'

/** The session's row says when it ends; the cookie only has to outlive it. Browsers allow 400 days. */
const MAX_AGE_S = 400 * 86_400

const attributes = (publicUrl: string): string =>
  `Path=/; HttpOnly; SameSite=Lax${publicUrl.startsWith('https:') ? '; Secure' : ''}`

/** The Set-Cookie header that opens a session in a browser. */
export const sessionCookie = (publicUrl: string, token: string): string =>
  `${cookieName(publicUrl)}=${token}; Max-Age=${MAX_AGE_S}; ${attributes(publicUrl)}`

/** The Set-Cookie header that ends it. */
export const noCookie = (publicUrl: string): string =>
  `${cookieName(publicUrl)}=; Max-Age=0; ${attributes(publicUrl)}`
