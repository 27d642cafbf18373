import express, { type Router } from 'express'
import { toString as qrCode } from 'qrcode'

import {
  beginTotp,
  confirmTotp,
  enrolTotp,
  removeFactor,
  secondFactorOf,
} from '../../services/actions/second-factor.ts'
import { Problem } from '../../services/core/problem.ts'
import { withFlash } from '../flash.ts'
import { type Refusal, attempt, refused, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, type Web, forMembers } from '../visit.ts'
import { type Shown, enrolView, securityView } from './security-view.ts'
import { settingsFrame } from './settings-view.ts'
import { safeNext } from './sign-in.ts'

const here = '/settings/security'

/** Where a visitor came from and wants to go back to: only a page of ours; empty when nothing was said. */
const thenOf = (text: string | undefined): string => (text ? safeNext(text) : '')

async function securityPage(visit: Visit, shown: Shown, status = 200): Promise<Page> {
  const state = await secondFactorOf(visit.house, visit.caller)
  const body = settingsFrame('security', visit.caller, securityView(state, visit.caller, shown))
  return { title: 'Security', section: 'settings', body, status }
}

/** As `attempt`, and what says to wait or to show a factor first comes back beside the form, too. */
async function tried<T>(
  visit: Visit,
  work: () => Promise<T>,
): Promise<{ done: T; refusal?: never } | { refusal: Refusal }> {
  try {
    return await attempt(() => visit.form, work)
  } catch (error) {
    const isShown =
      error instanceof Problem && ['request/too-many', 'auth/second-factor'].includes(error.type)
    if (!isShown) throw error
    return { refusal: { filled: refused(visit.form, error), status: error.status } }
  }
}

const enrolPage = (
  visit: Visit,
  begun: { secret: string; svg: string } | undefined,
  filled: Filled,
  status: number,
): Page => ({
  title: 'Set up an authenticator app',
  section: 'settings',
  body: settingsFrame('security', visit.caller, enrolView(begun, thenOf(textOf(visit.form, 'then')), filled)),
  status,
})

async function begun(visit: Visit): Promise<Reply> {
  const begin = await tried(visit, () => beginTotp(visit.house, visit.caller, textOf(visit.form, 'password')))
  const onward = thenOf(textOf(visit.form, 'then'))
  if (begin.refusal) return securityPage(visit, { onward, proof: begin.refusal.filled }, begin.refusal.status)
  // Answered at once, not after a redirect: the secret is nowhere to be read again.
  const svg = await qrCode(begin.done.uri, { type: 'svg', width: 220 })
  return enrolPage(visit, { secret: begin.done.secret, svg }, unfilled, 200)
}

async function enrolled(visit: Visit): Promise<Reply> {
  const { refusal } = await tried(visit, () =>
    enrolTotp(visit.house, visit.caller, textOf(visit.form, 'code')),
  )
  if (refusal) return enrolPage(visit, undefined, refusal.filled, refusal.status)
  return { redirect: thenOf(textOf(visit.form, 'then')) || withFlash(here, 'factor-added') }
}

async function verified(visit: Visit): Promise<Reply> {
  const { refusal } = await tried(visit, () =>
    confirmTotp(visit.house, visit.caller, textOf(visit.form, 'code')),
  )
  const onward = thenOf(textOf(visit.form, 'then'))
  if (refusal) return securityPage(visit, { onward, confirm: refusal.filled }, refusal.status)
  return { redirect: onward || withFlash(here, 'factor-shown') }
}

async function removed(visit: Visit, which: Parameters<typeof removeFactor>[2]): Promise<Reply> {
  const { refusal } = await tried(visit, () => removeFactor(visit.house, visit.caller, which))
  if (refusal) return securityPage(visit, { onward: '', confirm: refusal.filled }, refusal.status)
  return { redirect: withFlash(here, 'factor-removed') }
}

/** A member's own second factors: set up, shown, removed. */
export function securityRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    here,
    forMembers(web, (visit) => securityPage(visit, { onward: thenOf(visit.query['then']) })),
  )
  router.post(`${here}/totp`, forMembers(web, begun))
  router.post(`${here}/totp/confirm`, forMembers(web, enrolled))
  router.post(`${here}/verify`, forMembers(web, verified))
  router.post(
    `${here}/totp/remove`,
    forMembers(web, (visit) => removed(visit, { kind: 'totp' })),
  )
  router.post(
    `${here}/passkeys/:id/remove`,
    forMembers(web, (visit) => removed(visit, { kind: 'passkey', id: visit.params['id'] ?? '' })),
  )
  return router
}
