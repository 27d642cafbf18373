import { z } from 'zod'

import { choosePassword } from '../../actions/account.ts'
import { audit } from '../../core/audit.ts'
import type { Tx } from '../../core/db.ts'
import { Problem } from '../../core/problem.ts'
import { noCookie, sessionCookie } from '../../tenants/session-cookie.ts'
import {
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  checkPassword,
  hashPassword,
  closeSession,
  openSession,
  setPassword,
  spendLink,
} from '../../tenants/sign-in.ts'
import type { Member } from '../../tenants/tenant.ts'
import { found } from '../found.ts'
import { Reply, json, nothing, route } from '../route.ts'
import { request } from '../schema.ts'
import { MemberView } from '../views.ts'

const tag = 'Session'

const NewPassword = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX)

/** Opens a session for a member who has just shown who they are. */
async function enter(tx: Tx, member: Member): Promise<string> {
  const actor = `member:${member.id}`
  await audit(tx, member.tenantId, { actor, action: 'member.signed-in', subject: actor })
  return openSession(tx, member)
}

const signedIn = (publicUrl: string, member: Member, token: string) =>
  new Reply(member, { headers: { 'Set-Cookie': sessionCookie(publicUrl, token) } })

const signIn = route({
  id: 'signIn',
  method: 'post',
  path: '/v1/session',
  summary: 'Sign in with e-mail and password; the answer sets the session cookie',
  tag,
  caller: 'none',
  guessable: true,
  body: json(
    request(
      'Credentials',
      z
        .strictObject({
          email: z.string().min(1).max(254),
          password: z.string().min(1).max(PASSWORD_LENGTH_MAX),
        })
        .meta({ examples: [{ email: 'rita@example.org', password: 'correct horse battery staple' }] }),
    ),
  ),
  status: 201,
  answer: MemberView,
  problems: ['auth/missing', 'auth/forbidden', 'request/too-many'],
  async handle({ house, body }) {
    const member = await checkPassword(house.db, body.email.trim(), body.password)
    if (!member) throw new Problem('auth/missing', 'This e-mail and password do not belong together')
    const token = await house.db.system((tx) => enter(tx, member))
    return signedIn(house.config.publicUrl, member, token)
  },
})

const signOut = route({
  id: 'signOut',
  method: 'delete',
  path: '/v1/session',
  summary: 'Sign out',
  tag,
  caller: 'member',
  answer: nothing,
  async handle({ house, caller }) {
    await house.db.tenant(caller.tenantId, (tx) => closeSession(tx, caller.sessionHash))
    return new Reply(undefined, { headers: { 'Set-Cookie': noCookie(house.config.publicUrl) } })
  },
})

const spend = route({
  id: 'spendSignInLink',
  method: 'post',
  path: '/v1/sign-in-links/:token',
  summary: 'Spend a sign-in link; a password may be set with it',
  tag,
  caller: 'none',
  guessable: true,
  params: z.object({ token: z.string().regex(/^ewl_[\w-]{43}$/) }),
  body: json(
    request(
      'SpentLink',
      z
        .strictObject({
          password: NewPassword.optional().describe('Replaces a forgotten one; ends other sessions'),
        })
        .meta({ examples: [{}] }),
    ),
  ),
  status: 201,
  answer: MemberView,
  problems: ['row/unknown', 'auth/forbidden', 'request/too-many'],
  async handle({ house, params, body: { password } }) {
    const passwordHash = password === undefined ? undefined : await hashPassword(password)
    const entered = await house.db.system(async (tx) => {
      const member = found(await spendLink(tx, params.token), 'link: it was used or is older than a day')
      if (passwordHash !== undefined) await setPassword(tx, member.id, passwordHash)
      return { member, token: await enter(tx, member) }
    })
    const member = { ...entered.member, hasPassword: entered.member.hasPassword || password !== undefined }
    return signedIn(house.config.publicUrl, member, entered.token)
  },
})

const changePassword = route({
  id: 'setPassword',
  method: 'post',
  path: '/v1/session/password',
  summary: 'Set one’s password, with the present one if there is one; ends all other sessions',
  tag,
  caller: 'member',
  guessable: true,
  body: json(
    request(
      'PasswordChange',
      z
        .strictObject({
          password: NewPassword,
          present: z.string().min(1).max(PASSWORD_LENGTH_MAX).optional().describe('The password until now'),
        })
        .meta({ examples: [{ password: 'correct horse battery staple' }] }),
    ),
  ),
  answer: MemberView,
  problems: ['auth/forbidden', 'request/too-many'],
  async handle({ house, caller, body: { password, present } }) {
    const token = await choosePassword(house, caller, { password, present })
    return signedIn(house.config.publicUrl, { ...caller.member, hasPassword: true }, token)
  },
})

export const sessionRoutes = [signIn, signOut, spend, changePassword]
