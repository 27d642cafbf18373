import express, { type Router } from 'express'

import { caseCounts } from '../../services/matches/case-store.ts'
import { noticeCounts } from '../../services/notices/counts-store.ts'
import { NoticeState } from '../../services/notices/notice-state.ts'
import { listNotices } from '../../services/notices/store.ts'
import { noticeSettingsOf } from '../../services/tenants/signing-store.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers } from '../visit.ts'
import { caseRetractPage, retractedEverywhere } from './case-notices.ts'
import { preparePage, prepared } from './notice-new.ts'
import { previewPage } from './notice-preview.ts'
import { sendingPage, sentAll } from './notice-send.ts'
import { approvePage, approved, checkedAll, signed, signingPage } from './notice-sign.ts'
import * as one from './notice.ts'
import { NOTICES_PATH, noticesView } from './notices-view.ts'

async function listPage(visit: Visit): Promise<Page> {
  const state = NoticeState.safeParse(visit.query['state']).data
  const after = readAfter(visit.query['after'])
  const { page, counts, cases, pausedWhy } = await visit.tenant(async (tx) => ({
    page: pageOf(await listNotices(tx, { state, after, limit: PAGE_ROWS + 1 })),
    counts: await noticeCounts(tx),
    cases: await caseCounts(tx),
    pausedWhy: (await noticeSettingsOf(tx, visit.caller.tenantId)).noticesPausedWhy,
  }))
  const waiting = cases.confirmed + cases.restored + cases.escalated
  const body = noticesView({
    rows: page.shown,
    last: page.last,
    counts,
    state,
    query: visit.query,
    waiting,
    pausedWhy,
  })
  return { title: 'Notices', section: 'notices', body }
}

/** Notices: prepared from cases, checked, signed, sent, and what became of them. */
export function noticeRoutes(web: Web): Router {
  const router = express.Router()
  const members = (handle: (visit: Visit) => Promise<Reply>) => forMembers(web, handle)
  const path = `${NOTICES_PATH}/:id`
  router.get(NOTICES_PATH, members(listPage))
  router.get(
    `${NOTICES_PATH}/new`,
    members((visit) => preparePage(visit)),
  )
  router.post(`${NOTICES_PATH}/new`, members(prepared))
  router.post(`${NOTICES_PATH}/check`, members(checkedAll))
  router.get(`${NOTICES_PATH}/sign`, members(signingPage))
  router.post(`${NOTICES_PATH}/sign`, members(signed))
  router.get(`${NOTICES_PATH}/send`, members(sendingPage))
  router.post(`${NOTICES_PATH}/send`, members(sentAll))
  router.get(
    path,
    members((visit) => one.noticePage(visit)),
  )
  router.post(path, members(one.edited))
  router.post(`${path}/check`, members(one.checked))
  router.post(`${path}/leave-out`, members(one.leftOut))
  router.post(`${path}/drop`, members(one.dropped))
  router.get(`${path}/preview`, members(previewPage))
  router.get(`${path}/approve`, members(approvePage))
  router.post(`${path}/approve`, members(approved))
  router.post(`${path}/send`, members(one.sentNow))
  router.post(`${path}/by-hand`, members(one.sentByHand))
  router.post(`${path}/supplement`, members(one.supplemented))
  router.post(`${path}/retract`, members(one.retracted))
  router.post(`${path}/deliveries/:deliveryId`, members(one.resolved))
  router.get(
    '/cases/:id/retract',
    members((visit) => caseRetractPage(visit)),
  )
  router.post('/cases/:id/retract', members(retractedEverywhere))
  return router
}
