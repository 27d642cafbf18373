import express, { type Router } from 'express'

import { allowPlace, endLeave } from '../../services/actions/allow-list.ts'
import { NewAllowEntry, type Place, matchesEntry } from '../../services/allowlist/entry.ts'
import { EntryState, entriesAround, entryCounts, listEntries } from '../../services/allowlist/store.ts'
import * as recordings from '../../services/catalog/store.ts'
import { AllowEntryId, RecordingId } from '../../services/core/ids.ts'
import { SubmittedUrl } from '../../services/submissions/submission.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { type Sent, attempt, readForm, textOf } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, idOf } from '../visit.ts'
import { ALLOW_LIST_PATH, type Tested, allowListView, scopeOf } from './allow-list-view.ts'
import { settingsFrame } from './settings-view.ts'

/** What the form says; the list's own schema judges what is in it. */
export const entryOf = (sent: Sent): NewAllowEntry => {
  const { scope: _scope, from: _from, ...fields } = sent
  return readForm(NewAllowEntry, { ...fields, ...definedOf(scopeOf(textOf(sent, 'scope'))) })
}

const definedOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** The test of an address, from the query of the page. */
async function testedOf(visit: Visit): Promise<{ tested?: Tested; filled: Filled }> {
  const asked = visit.query['test']?.trim()
  if (!asked) return { filled: unfilled }
  const values = { test: asked }
  const url = SubmittedUrl.safeParse(/^[a-z]+:\/\//i.test(asked) ? asked : `https://${asked}`)
  if (!url.success) return { filled: { values, faults: { test: 'not an http or https address' } } }
  const place: Place = { address: url.data }
  const around = await visit.tenant((tx) => entriesAround(tx, visit.caller.tenantId, place))
  const entries = around.filter((entry) => matchesEntry(entry, place, new Date()))
  return { tested: { url: url.data, entries }, filled: { values, faults: {} } }
}

async function listPage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const state = EntryState.safeParse(visit.query['state']).data ?? 'in-force'
  const after = readAfter(visit.query['after'])
  const from = RecordingId.safeParse(visit.query['recording'] ?? filled.values['from']).data
  const read = await visit.tenant(async (tx) => ({
    page: pageOf(await listEntries(tx, { state, after, limit: PAGE_ROWS + 1 })),
    counts: await entryCounts(tx),
    recording: from && (await recordings.find(tx, from)),
  }))
  const { tested, filled: testFilled } = await testedOf(visit)
  const body = allowListView({
    rows: read.page.shown,
    last: read.page.last,
    counts: read.counts,
    state,
    query: visit.query,
    canChange: hasRole(visit.caller, 'owner') || hasRole(visit.caller, 'reviewer'),
    recording: read.recording,
    tested,
    testFilled,
    filled,
  })
  return {
    title: 'Allow-list',
    section: 'settings',
    body: settingsFrame('allowList', visit.caller, body),
    status,
  }
}

async function made(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => allowPlace(visit.house, visit.caller, entryOf(visit.form)),
  )
  if (refusal) return listPage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash(ALLOW_LIST_PATH, 'place-allowed') }
}

/** The allow-list under Settings. */
export function allowListRoutes(web: Web): Router {
  const router = express.Router()
  router.get(
    ALLOW_LIST_PATH,
    forMembers(web, (visit) => listPage(visit)),
  )
  router.post(ALLOW_LIST_PATH, forMembers(web, made))
  router.post(
    `${ALLOW_LIST_PATH}/:id/end`,
    forMembers(web, async (visit) => {
      await endLeave(visit.house, visit.caller, idOf(AllowEntryId, visit.params['id'], 'entry'))
      return { redirect: withFlash(ALLOW_LIST_PATH, 'leave-ended') }
    }),
  )
  return router
}
