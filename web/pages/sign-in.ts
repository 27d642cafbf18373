import express, { type Request, type Response, type Router } from 'express'

import { audit } from '../../services/core/audit.ts'
import { type Html, html } from '../../services/core/html.ts'
import { callerOf, refuseForeignOrigin } from '../../services/tenants/caller.ts'
import { noCookie, sessionCookie } from '../../services/tenants/session-cookie.ts'
import {
  checkPassword,
  hashPassword,
  closeSession,
  linkIsOpen,
  openSession,
  PASSWORD_LENGTH_MAX,
  PASSWORD_LENGTH_MIN,
  setPassword,
  spendLink,
} from '../../services/tenants/sign-in.ts'
import type { Member } from '../../services/tenants/tenant.ts'
import { flashText, withFlash } from '../flash.ts'
import { type Sent, attempt, textOf } from '../forms.ts'
import { guessesByAccount, guessesByAddress } from '../guessing.ts'
import { type Filled, formFault, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { plainLayout } from '../parts/layout.ts'
import { type Web, credentialsOf } from '../visit.ts'

/** Only our own pages: `//elsewhere` and `/\elsewhere` are other sites to a browser. */
export const safeNext = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : '/'

const signInView = (next: string, filled: Filled): Html =>
  html` <h1>Sign in</h1>
    <p class="lead">Find leaked copies of your catalogue, and act on them.</p>
    ${formFault(filled)}
    <form method="post" action="/sign-in" class="stack">
      <input type="hidden" name="next" value="${next}" />
      ${textField({ name: 'email', label: 'E-mail', type: 'email', required: true, autocomplete: 'username' }, filled)}
      ${textField(
        {
          name: 'password',
          label: 'Password',
          type: 'password',
          required: true,
          autocomplete: 'current-password',
        },
        filled,
      )}
      <button class="button button-primary button-wide">Sign in</button>
    </form>
    <p class="hint">
      No password yet, or forgotten? An owner of your account can make you a sign-in link under Settings; each
      start of the service prints one for its first owner.
    </p>`

/** A link signs in; who has forgotten the password chooses another in the same step. */
const openLinkView = (filled: Filled): Html =>
  html`<h1>Welcome</h1>
    <p class="lead">This link signs you in once. It stays good until you press the button.</p>
    ${formFault(filled)}
    <form method="post" class="stack">
      <button class="button button-primary button-wide" autofocus>Sign in</button>
      <details class="more" ${Boolean(filled.faults['password']) && html`open`}>
        <summary>Choose a new password as well</summary>
        ${textField(
          {
            name: 'password',
            label: 'New password',
            type: 'password',
            autocomplete: 'new-password',
            charactersMax: PASSWORD_LENGTH_MAX,
            hint: `At least ${PASSWORD_LENGTH_MIN} characters.`,
          },
          filled,
        )}
      </details>
    </form>`

const spentLinkView: Html = html`<h1>This link is no longer good</h1>
  <p class="lead">
    It was used already, or it is older than a day. Ask an owner of your account for another one, or sign in
    with your password.
  </p>
  <p><a class="button" href="/sign-in">${icon('arrow')}Sign in with a password</a></p>`

const sendPlain = (response: Response, status: number, title: string, body: Html, flash?: string): void => {
  response.status(status).set('cache-control', 'no-store').type('html')
  response.send(plainLayout({ title, body, flash }).text)
}

/** Opens a session for a member and tells the browser. */
async function enter({ house }: Web, response: Response, member: Member, next: string): Promise<void> {
  const token = await house.db.system(async (tx) => {
    const actor = `member:${member.id}`
    await audit(tx, member.tenantId, { actor, action: 'member.signed-in', subject: actor })
    return openSession(tx, member)
  })
  response.append('set-cookie', sessionCookie(house.config.publicUrl, token))
  response.redirect(303, next)
}

/** The form again, for who has tried too often; what was typed as the address stays. */
const tooOften = (request: Request, response: Response): void => {
  const filled = {
    values: { email: textOf(request.body as Sent | undefined, 'email') },
    faults: { '': 'Too many wrong tries. Wait a quarter of an hour, then try again.' },
  }
  sendPlain(response, 429, 'Sign in', signInView('/', filled))
}

function passwordRoutes(web: Web): Router {
  const { house } = web
  const router = express.Router()
  router.get('/sign-in', (request, response) => {
    const view = signInView(safeNext(request.query['next']), unfilled)
    sendPlain(response, 200, 'Sign in', view, flashText(request.query['done']))
  })
  const guards = [guessesByAddress(tooOften), guessesByAccount(tooOften)]
  router.post('/sign-in', ...guards, async (request: Request, response) => {
    refuseForeignOrigin(credentialsOf(request), house.config.publicUrl)
    const sent = request.body as Sent | undefined
    const [email, password, next] = [textOf(sent, 'email'), textOf(sent, 'password'), textOf(sent, 'next')]
    const member = await checkPassword(house.db, email, password)
    if (member) return enter(web, response, member, safeNext(next))
    const filled = {
      values: { email },
      faults: { '': 'This e-mail and password do not belong together.' },
    }
    sendPlain(response, 401, 'Sign in', signInView(safeNext(next), filled))
  })
  router.post('/sign-out', async (request, response) => {
    const caller = await callerOf(house.db, house.config.publicUrl, credentialsOf(request))
    if (caller?.kind === 'member') await house.db.system((tx) => closeSession(tx, caller.sessionHash))
    response.append('set-cookie', noCookie(house.config.publicUrl))
    response.redirect(303, withFlash('/sign-in', 'signed-out'))
  })
  return router
}

/** Spends a link, and sets the password that came with it; neither when the password does not do. */
async function spend(web: Web, token: string, password: string): Promise<Member | undefined> {
  const passwordHash = password === '' ? undefined : await hashPassword(password)
  return web.house.db.system(async (tx) => {
    const member = await spendLink(tx, token)
    if (!member || !passwordHash) return member
    await setPassword(tx, member.id, passwordHash)
    return { ...member, hasPassword: true }
  })
}

/** Signing in by password or by a link that is good once, and signing out. */
export function signInRoutes(web: Web): Router {
  const { house } = web
  const router = passwordRoutes(web)
  // Reading the link spends nothing: mail scanners open every address they see.
  router.get('/sign-in/:token', async (request, response) => {
    const isOpen = await house.db.system((tx) => linkIsOpen(tx, request.params.token))
    sendPlain(response, isOpen ? 200 : 410, 'Sign in', isOpen ? openLinkView(unfilled) : spentLinkView)
  })
  router.post(
    '/sign-in/:token',
    guessesByAddress(),
    async (request: Request<{ token: string }>, response) => {
      refuseForeignOrigin(credentialsOf(request), house.config.publicUrl)
      const password = textOf(request.body as Sent | undefined, 'password')
      const tried = await attempt(
        () => ({}),
        () => spend(web, request.params.token, password),
      )
      if (tried.refusal)
        return sendPlain(response, tried.refusal.status, 'Sign in', openLinkView(tried.refusal.filled))
      const member = tried.done
      if (!member) return sendPlain(response, 410, 'Sign in', spentLinkView)
      await enter(web, response, member, member.hasPassword ? '/' : '/settings/password?first=1')
    },
  )
  return router
}
