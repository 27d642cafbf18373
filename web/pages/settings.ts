import express, { type Router } from 'express'
import { z } from 'zod'

import { changeAccount, choosePassword } from '../../services/actions/account.ts'
import { Problem } from '../../services/core/problem.ts'
import { sessionCookie } from '../../services/tenants/session-cookie.ts'
import { changeMember, findTenant } from '../../services/tenants/store.ts'
import { TenantChange } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { guessesBySession } from '../guessing.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found } from '../visit.ts'
import { allowListRoutes } from './allow-list.ts'
import { intakeSettingsRoutes } from './intake-settings.ts'
import { keyRoutes } from './keys.ts'
import { mailSettingsRoutes } from './mail-settings.ts'
import { memberRoutes } from './members.ts'
import { noticeSettingsRoutes } from './notice-settings.ts'
import { securityRoutes } from './security.ts'
import { accountView, passwordView, settingsFrame } from './settings-view.ts'

const contactFields = [
  'name',
  'contactName',
  'contactAddress',
  'contactCountry',
  'contactPhone',
  'contactEmail',
] as const

/** The contact form: a field left empty takes the old value away, except the name. */
function contactOf(sent: Sent): TenantChange {
  const given = Object.fromEntries(
    contactFields.map((name) => {
      const text = typeof sent[name] === 'string' ? sent[name].trim() : ''
      return [name, text === '' && name !== 'name' ? null : text]
    }),
  )
  return readForm(TenantChange, { ...given, contactPhone: plainPhone(given['contactPhone']) })
}

/** People write `+91 22 5555 0100`; kept are the digits. */
const plainPhone = (phone: string | null | undefined): string | null =>
  phone?.replaceAll(/[\s().-]/g, '') ?? null

async function accountPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const tenant = found(await visit.tenant((tx) => findTenant(tx, visit.caller.tenantId)), 'account')
  const body = settingsFrame('account', visit.caller, accountView(tenant, visit.caller, filled))
  return { title: 'Settings', section: 'settings', body, status }
}

async function contactSaved(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => changeAccount(visit.house, visit.caller, contactOf(visit.form)),
  )
  if (refusal) return accountPage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash('/settings', 'saved') }
}

/** As people write a whole number: `1000`, `1 000` or `1,000`. In `1,5` and `1.000` it is not clear what is meant. */
const WHOLE_NUMBER = /^\d+$|^\d{1,3}([,\s]\d{3})+$/

/** How sure a claim must be: a whole number, or text that the schema refuses in its own words. */
async function acceptanceSaved(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => {
      const typed = textOf(visit.form, 'falseClaimsPerMillion').trim()
      const number = WHOLE_NUMBER.test(typed) ? Number(typed.replaceAll(/[,\s]/g, '')) : Number.NaN
      const change = readForm(TenantChange.pick({ falseClaimsPerMillion: true }).required(), {
        falseClaimsPerMillion: typed === '' ? '' : number,
      })
      return changeAccount(visit.house, visit.caller, change)
    },
  )
  if (refusal) return accountPage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash('/settings', 'saved') }
}

/** The switches of the account: a box that is not sent is off. */
async function switchesSaved(visit: Visit): Promise<Reply> {
  await changeAccount(visit.house, visit.caller, {
    keepReferenceAudio: visit.form['keepReferenceAudio'] === 'on',
    keepSuspectAudio: visit.form['keepSuspectAudio'] === 'on',
    alertsOn: visit.form['alertsOn'] === 'on',
  })
  return { redirect: withFlash('/settings', 'saved') }
}

async function ownAlertsSaved(visit: Visit): Promise<Reply> {
  const getsAlerts = visit.form['getsAlerts'] === 'on'
  await visit.tenant((tx) => changeMember(tx, visit.caller.member.id, { getsAlerts }))
  return { redirect: withFlash('/settings', 'saved') }
}

const Passwords = z.object({ present: z.string().default(''), password: z.string(), again: z.string() })

const passwordPage = (visit: Visit, filled: Filled = unfilled, status = 200): Page => {
  const isFirst = visit.query['first'] !== undefined
  const body = settingsFrame('password', visit.caller, passwordView(visit.caller.member, isFirst, filled))
  return { title: 'Your password', section: 'settings', body, status }
}

async function passwordSaved(visit: Visit): Promise<Reply> {
  const tried = await attempt(
    () => ({}),
    async () => {
      const { present, password, again } = readForm(Passwords, visit.form)
      if (password !== again) {
        const faults = [{ pointer: '/again', detail: 'is not the same as above' }]
        throw new Problem('request/invalid', 'The passwords differ', { faults })
      }
      return choosePassword(visit.house, visit.caller, { present, password })
    },
  )
  if (tried.refusal) return passwordPage(visit, tried.refusal.filled, tried.refusal.status)
  const cookie = sessionCookie(visit.house.config.publicUrl, tried.done)
  return { redirect: withFlash('/', 'password-set'), cookie }
}

/** The account, its people and keys, and what belongs to the member alone. */
export function settingsRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    '/settings',
    forMembers(web, (visit) => accountPage(visit)),
  )
  router.post('/settings/contact', forMembers(web, contactSaved))
  router.post('/settings/acceptance', forMembers(web, acceptanceSaved))
  router.post('/settings/switches', forMembers(web, switchesSaved))
  router.post('/settings/alerts', forMembers(web, ownAlertsSaved))
  router.get(
    '/settings/password',
    forMembers(web, async (visit) => passwordPage(visit)),
  )
  router.post(
    '/settings/password',
    guessesBySession(web.house.config.publicUrl),
    forMembers(web, passwordSaved),
  )
  router.use(memberRoutes(web))
  router.use(keyRoutes(web))
  router.use(allowListRoutes(web))
  router.use(mailSettingsRoutes(web))
  router.use(intakeSettingsRoutes(web))
  router.use(noticeSettingsRoutes(web))
  router.use(securityRoutes(web))
  return router
}
