import express, { type Router } from 'express'
import { z } from 'zod'

import {
  type IntakeSettings,
  allowSender,
  disallowSender,
  intakeSettings,
  renewIntake,
  switchIntakeOff,
} from '../../services/actions/intake.ts'
import { SenderPattern } from '../../services/intake/intake.ts'
import { listMails } from '../../services/intake/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers } from '../visit.ts'
import { INTAKE_PATH, intakeView } from './intake-settings-view.ts'
import { settingsFrame } from './settings-view.ts'

const SenderForm = z.object({ pattern: SenderPattern })

async function intakePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const { caller, query } = visit
  const settings = await intakeSettings(visit.house, caller)
  const after = readAfter(query['after'])
  const rows = await visit.tenant((tx) => listMails(tx, { after, limit: PAGE_ROWS + 1 }))
  const { shown, last } = pageOf(rows)
  const body = intakeView({
    settings,
    mails: shown,
    last,
    query,
    canChange: hasRole(caller, 'owner'),
    filled,
  })
  return { title: 'Intake by mail', section: 'settings', body: settingsFrame('intake', caller, body), status }
}

const saved =
  (work: (visit: Visit) => Promise<IntakeSettings>) =>
  async (visit: Visit): Promise<Reply> => {
    const { refusal } = await attempt(
      () => visit.form,
      async () => work(visit),
    )
    if (refusal) return intakePage(visit, refusal.filled, refusal.status)
    return { redirect: withFlash(INTAKE_PATH, 'saved') }
  }

const patternOf = ({ form }: Visit): string => readForm(SenderForm, form).pattern

/** Intake by mail under Settings. */
export function intakeSettingsRoutes(web: Web): Router {
  const router = express.Router()
  const post = (path: string, work: (visit: Visit) => Promise<IntakeSettings>) =>
    router.post(`${INTAKE_PATH}${path}`, forMembers(web, saved(work)))
  router.get(
    INTAKE_PATH,
    forMembers(web, (visit) => intakePage(visit)),
  )
  post('/address', ({ house, caller }) => renewIntake(house, caller))
  post('/off', ({ house, caller }) => switchIntakeOff(house, caller))
  post('/senders', async (visit) => allowSender(visit.house, visit.caller, patternOf(visit)))
  post('/senders/remove', async (visit) => disallowSender(visit.house, visit.caller, patternOf(visit)))
  return router
}
