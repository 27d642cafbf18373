import express, { type Router } from 'express'
import { z } from 'zod'

import { type MemberCaller, changeAccount, pauseNotices } from '../../services/actions/account.ts'
import { type Html, html } from '../../services/core/html.ts'
import { findTenant } from '../../services/tenants/store.ts'
import { type Tenant, TenantChange, hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm, textOf } from '../forms.ts'
import { type Filled, checkField, formFault, textArea, textField, unfilled } from '../parts/fields.ts'
import { card, facts, noteBox } from '../parts/pieces.ts'
import { timeExact } from '../parts/words.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found } from '../visit.ts'
import { settingsFrame } from './settings-view.ts'

const here = '/settings/notices'

function rulesForm(tenant: Tenant, filled: Filled): Html {
  const stored = {
    ownDomains: tenant.ownDomains.join('\n'),
    secondApproverAbove: String(tenant.secondApproverAbove),
  }
  const shown: Filled = { values: { ...stored, ...filled.values }, faults: filled.faults }
  return html`<form method="post" action="${here}" class="stack">
    ${formFault(filled)}
    ${textArea(
      {
        name: 'ownDomains',
        label: 'Our own domains',
        rows: 4,
        hint: 'One a line. No notice is ever made about a copy there, nor below them.',
      },
      shown,
    )}
    ${textField(
      {
        name: 'secondApproverAbove',
        label: 'Locations a day without a second signer',
        required: true,
        charactersMax: 7,
        hint: 'Above this, another signer has to approve before anything is sent.',
      },
      shown,
    )}
    ${checkField({
      name: 'lumenSharing',
      label: 'Share signed notices with the Lumen database',
      hint: 'A public archive for research on takedown requests (lumendatabase.org).',
      checked: tenant.lumenSharing,
    })}
    <p><button class="button button-primary">Save</button></p>
  </form>`
}

const rulesFacts = (tenant: Tenant): Html =>
  facts([
    { label: 'Own domains', value: tenant.ownDomains.join(', ') || 'none' },
    { label: 'Locations a day without a second signer', value: tenant.secondApproverAbove },
    { label: 'Shared with Lumen', value: tenant.lumenSharing ? 'yes' : 'no' },
  ])

function pauseCard({ noticesPausedAt, noticesPausedWhy }: Tenant, mayPause: boolean, filled: Filled): Html {
  const isPaused = noticesPausedAt !== null
  const form = isPaused
    ? html`<form method="post" action="${here}/resume"><button class="button">Let them go on</button></form>`
    : html`<form method="post" action="${here}/pause" class="stack">
        ${formFault(filled)}
        ${textField({ name: 'why', label: 'Why', required: true, charactersMax: 500 }, filled)}
        <p><button class="button button-danger">Pause all notices</button></p>
      </form>`
  return card({
    id: 'pause',
    title: 'Emergency brake',
    body: html`${
      isPaused
        ? noteBox('attention', html`Paused since ${timeExact(noticesPausedAt)}: ${noticesPausedWhy}`)
        : html`<p>
            Stops signing and sending at once. What was sent already stays sent: take it back by retraction.
          </p>`
    }
    ${mayPause && form}`,
  })
}

async function noticesPage(
  visit: Visit,
  shown: { rules?: Filled; pause?: Filled } = {},
  status = 200,
): Promise<Page> {
  const { caller } = visit
  const tenant = found(await visit.tenant((tx) => findTenant(tx, caller.tenantId)), 'account')
  const rules = hasRole(caller, 'owner') ? rulesForm(tenant, shown.rules ?? unfilled) : rulesFacts(tenant)
  const body = html`${card({ id: 'rules', title: 'Rules for notices', body: rules })}
  ${pauseCard(tenant, mayPause(caller), shown.pause ?? unfilled)}`
  return { title: 'Notices', section: 'settings', body: settingsFrame('notices', caller, body), status }
}

const mayPause = (caller: MemberCaller): boolean => hasRole(caller, 'owner') || hasRole(caller, 'signer')

async function rulesSaved(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => {
      const above = textOf(visit.form, 'secondApproverAbove').trim()
      const change = readForm(TenantChange, {
        ownDomains: textOf(visit.form, 'ownDomains')
          .split(/[\s,;]+/)
          .filter(Boolean),
        secondApproverAbove: above === '' ? Number.NaN : Number(above),
        lumenSharing: visit.form['lumenSharing'] === 'on',
      })
      return changeAccount(visit.house, visit.caller, change)
    },
  )
  if (refusal) return noticesPage(visit, { rules: refusal.filled }, refusal.status)
  return { redirect: withFlash(here, 'saved') }
}

const Pause = z.object({ why: z.string().trim().min(1).max(500) })

async function paused(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => pauseNotices(visit.house, visit.caller, readForm(Pause, visit.form).why),
  )
  if (refusal) return noticesPage(visit, { pause: refusal.filled }, refusal.status)
  return { redirect: withFlash(here, 'notices-paused') }
}

async function resumed(visit: Visit): Promise<Reply> {
  await pauseNotices(visit.house, visit.caller, undefined)
  return { redirect: withFlash(here, 'notices-resumed') }
}

/** What holds for all notices of an account, and the brake that stops them. */
export function noticeSettingsRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    here,
    forMembers(web, (visit) => noticesPage(visit)),
  )
  router.post(here, forMembers(web, rulesSaved))
  router.post(`${here}/pause`, forMembers(web, paused))
  router.post(`${here}/resume`, forMembers(web, resumed))
  return router
}
