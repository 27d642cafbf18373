import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { rateLimit } from 'express-rate-limit'

import { audit } from '../../services/core/audit.ts'
import { callerOf, refuseForeignOrigin } from '../../services/tenants/caller.ts'
import {
  checkPassword,
  closeSession,
  linkIsOpen,
  openSession,
  spendLink,
} from '../../services/tenants/sign-in.ts'
import type { Member } from '../../services/tenants/tenant.ts'
import { flashText, withFlash } from '../flash.ts'
import { type Sent, textOf } from '../forms.ts'
import { type Html, html } from '../html.ts'
import { type Filled, formFault, textField, unfilled } from '../parts/fields.ts'
import { icon } from '../parts/icons.ts'
import { plainLayout } from '../parts/layout.ts'
import { noCookie, sessionCookie } from '../session-cookie.ts'
import { type Web, credentialsOf } from '../visit.ts'

/** Wrong passwords from one address before it has to wait: too few to guess, enough to mistype. */
const TRIES_MAX = 10
const TRIES_WINDOW_MS = 15 * 60_000

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
      ${textField({ name: 'password', label: 'Password', type: 'password', required: true, autocomplete: 'current-password' }, filled)}
      <button class="button button-primary button-wide">Sign in</button>
    </form>
    <p class="hint">
      No password yet, or forgotten? An owner of your account can make you a sign-in link under Settings; the
      operator can with <code>earwitness sign-in-link</code>.
    </p>`

const linkView = (isOpen: boolean): Html =>
  isOpen
    ? html`<h1>Welcome</h1>
        <p class="lead">This link signs you in once. It stays good until you press the button.</p>
        <form method="post">
          <button class="button button-primary button-wide" autofocus>Sign in</button>
        </form>`
    : html`<h1>This link is no longer good</h1>
        <p class="lead">
          It was used already, or it is older than a day. Ask an owner of your account for another one, or
          sign in with your password.
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

const guard = (): RequestHandler =>
  rateLimit({
    windowMs: TRIES_WINDOW_MS,
    limit: TRIES_MAX,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    skipSuccessfulRequests: true,
    handler: (request, response) => {
      const filled = {
        values: { email: textOf(request.body as Sent | undefined, 'email') },
        faults: { '': 'Too many tries from this address. Wait a quarter of an hour, then try again.' },
      }
      sendPlain(response, 429, 'Sign in', signInView('/', filled))
    },
  })

function passwordRoutes(web: Web): Router {
  const { house } = web
  const router = express.Router()
  router.get('/sign-in', (request, response) => {
    const view = signInView(safeNext(request.query['next']), unfilled)
    sendPlain(response, 200, 'Sign in', view, flashText(request.query['done']))
  })
  router.post('/sign-in', guard(), async (request: Request, response) => {
    refuseForeignOrigin(credentialsOf(request), house.config.publicUrl)
    const sent = request.body as Sent | undefined
    const [email, password, next] = [textOf(sent, 'email'), textOf(sent, 'password'), textOf(sent, 'next')]
    const member = await house.db.system((tx) => checkPassword(tx, email, password))
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

/** Signing in by password or by a link that is good once, and signing out. */
export function signInRoutes(web: Web): Router {
  const { house } = web
  const router = passwordRoutes(web)
  // Reading the link spends nothing: mail scanners open every address they see.
  router.get('/sign-in/:token', async (request, response) => {
    const isOpen = await house.db.system((tx) => linkIsOpen(tx, request.params.token))
    sendPlain(response, isOpen ? 200 : 410, 'Sign in', linkView(isOpen))
  })
  router.post('/sign-in/:token', guard(), async (request: Request<{ token: string }>, response) => {
    refuseForeignOrigin(credentialsOf(request), house.config.publicUrl)
    const member = await house.db.system((tx) => spendLink(tx, request.params.token))
    if (!member) return sendPlain(response, 410, 'Sign in', linkView(false))
    await enter(web, response, member, member.hasPassword ? '/' : '/settings/password?first=1')
  })
  return router
}
