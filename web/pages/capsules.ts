import express, { type Router } from 'express'

import { requestCapsule } from '../../services/actions/evidence.ts'
import type { Tx } from '../../services/core/db.ts'
import type { Html } from '../../services/core/html.ts'
import { CaseId, NoticeId } from '../../services/core/ids.ts'
import { capsulesOf } from '../../services/evidence/store.ts'
import { findCase } from '../../services/matches/case-store.ts'
import type { Case } from '../../services/matches/case.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { findNotice } from '../../services/notices/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { knowsCase } from '../../services/unreleased.ts'
import { withFlash } from '../flash.ts'
import { type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { capsulesCard, capsulesPath } from './capsules-view.ts'

/** Capsules that are shown: older ones have lost their file long since. */
const CAPSULES_MAX = 10

/** What the page of a case shows of its evidence capsules: read and drawn in one call; false to who may not have them. */
export const caseCapsules = async (tx: Tx, opened: Case, caller: Caller): Promise<Html | false> =>
  knowsCase(caller, opened) &&
  capsulesCard({
    about: 'case',
    path: `/cases/${opened.id}`,
    capsules: await capsulesOf(tx, { caseId: opened.id }, CAPSULES_MAX),
  })

/** The same of a notice; undefined while nobody has signed it. */
export const noticeCapsules = async (
  tx: Tx,
  { id, signedAt }: Pick<Notice, 'id' | 'signedAt'>,
): Promise<Html | undefined> =>
  signedAt === null
    ? undefined
    : capsulesCard({
        about: 'notice',
        path: `/notices/${id}`,
        capsules: await capsulesOf(tx, { noticeId: id }, CAPSULES_MAX),
      })

const caseId = (visit: Visit): CaseId => idOf(CaseId, visit.params['id'], 'case')

const noticeId = (visit: Visit): NoticeId => idOf(NoticeId, visit.params['id'], 'notice')

const casePiece = (visit: Visit): Promise<Html> =>
  visit.tenant(async (tx) => {
    const opened = found(await findCase(tx, caseId(visit)), 'case')
    return found((await caseCapsules(tx, opened, visit.caller)) || undefined, 'capsule')
  })

const noticePiece = (visit: Visit): Promise<Html> =>
  visit.tenant(async (tx) => {
    const notice = found(await findNotice(tx, noticeId(visit)), 'notice')
    return found(await noticeCapsules(tx, notice), 'capsule')
  })

const asked = (path: string): Reply => ({ redirect: `${withFlash(path, 'capsule-asked')}#evidence` })

async function askedForCase(visit: Visit): Promise<Reply> {
  const id = caseId(visit)
  await requestCapsule(visit.house, visit.caller, { caseId: id })
  return asked(`/cases/${id}`)
}

async function askedForNotice(visit: Visit): Promise<Reply> {
  const id = noticeId(visit)
  await requestCapsule(visit.house, visit.caller, { noticeId: id })
  return asked(`/notices/${id}`)
}

/** Evidence capsules: asked for from the page of what they are about, which then looks how they get on. */
export function capsuleRoutes(web: Web): Router {
  const router = express.Router()
  router.get(capsulesPath('/cases/:id'), forMembers(web, casePiece))
  router.post(capsulesPath('/cases/:id'), forMembers(web, askedForCase))
  router.get(capsulesPath('/notices/:id'), forMembers(web, noticePiece))
  router.post(capsulesPath('/notices/:id'), forMembers(web, askedForNotice))
  return router
}
