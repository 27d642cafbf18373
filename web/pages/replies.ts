import express, { type Router } from 'express'
import { z } from 'zod'

import { handleReply, handledAs } from '../../services/actions/handle-reply.ts'
import { ReplyId } from '../../services/core/ids.ts'
import { waitingReplies } from '../../services/notices/counts-store.ts'
import { answeredOutcomes } from '../../services/notices/notice-state.ts'
import { findReply, listReplies } from '../../services/notices/reply-store.ts'
import { findNotice } from '../../services/notices/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import { attempt, readForm } from '../forms.ts'
import { type Filled, unfilled } from '../parts/fields.ts'
import { PAGE_ROWS, pageOf, readAfter } from '../parts/paging.ts'
import { type Page, type Reply, type Visit, type Web, forMembers, found, idOf } from '../visit.ts'
import { REPLIES_PATH, repliesView, replyView } from './replies-view.ts'

const replyId = (visit: Visit): ReplyId => idOf(ReplyId, visit.params['id'], 'reply')

async function listPage(visit: Visit): Promise<Page> {
  const isAll = visit.query['show'] === 'all'
  const after = readAfter(visit.query['after'])
  const { page, waiting } = await visit.tenant(async (tx) => ({
    page: pageOf(await listReplies(tx, { waiting: !isAll, after, limit: PAGE_ROWS + 1 })),
    waiting: await waitingReplies(tx),
  }))
  const body = repliesView({ rows: page.shown, last: page.last, waiting, isAll, query: visit.query })
  return { title: 'Replies', section: 'replies', body }
}

async function onePage(visit: Visit, filled: Filled = unfilled, status = 200): Promise<Page> {
  const { reply, notice } = await visit.tenant(async (tx) => {
    const read = found(await findReply(tx, replyId(visit)), 'reply')
    return { reply: read, notice: found(await findNotice(tx, read.noticeId), 'notice') }
  })
  const canHandle = hasRole(visit.caller, 'reviewer') || hasRole(visit.caller, 'signer')
  const body = replyView({ reply, notice, canHandle, filled })
  return { title: reply.subject || 'Reply', section: 'replies', body, status }
}

const Handling = z.object({
  as: z.enum(handledAs, 'choose what it means'),
  outcome: z.enum(answeredOutcomes).optional(),
  comment: z.string().trim().min(1).max(5000),
})

async function handled(visit: Visit): Promise<Reply> {
  const { refusal } = await attempt(
    () => visit.form,
    async () => handleReply(visit.house, visit.caller, replyId(visit), readForm(Handling, visit.form)),
  )
  if (refusal) return onePage(visit, refusal.filled, refusal.status)
  return { redirect: withFlash(REPLIES_PATH, 'reply-handled') }
}

/** Answers to notices, and what people make of those that no machine understands. */
export function replyRoutes(web: Web): Router {
  const router = express.Router()
  router.get(REPLIES_PATH, forMembers(web, listPage))
  router.get(
    `${REPLIES_PATH}/:id`,
    forMembers(web, (visit) => onePage(visit)),
  )
  router.post(`${REPLIES_PATH}/:id`, forMembers(web, handled))
  return router
}
