import { sendNotice } from '../../services/actions/deliveries.ts'
import type { NoticeId } from '../../services/core/ids.ts'
import { Problem } from '../../services/core/problem.ts'
import { isMailFormat } from '../../services/recipients/recipient.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { withFlash } from '../flash.ts'
import type { Page, Reply, Visit } from '../visit.ts'
import { type Sendable, sendView } from './notice-send-view.ts'
import { idsInForm, idsInQuery, pathWith, someOf } from './notice-sign.ts'
import { readNotice } from './notice.ts'

async function sendPage(
  visit: Visit,
  ids: readonly NoticeId[],
  refusals: ReadonlyMap<NoticeId, string> = new Map(),
): Promise<Page> {
  const sendables: Sendable[] = []
  for (const id of someOf(ids)) {
    const { notice, recipient, approvalObstacle } = await readNotice(visit, id)
    sendables.push({ notice, recipient, approvalObstacle, refusal: refusals.get(id) })
  }
  const body = sendView({ sendables, canSign: hasRole(visit.caller, 'signer') })
  return { title: 'Send notices', section: 'notices', body, status: refusals.size > 0 ? 409 : 200 }
}

export const sendingPage = (visit: Visit): Promise<Page> => sendPage(visit, idsInQuery(visit))

/** Sends what is signed and goes by mail, each for itself: what one recipient does not take keeps no other back. */
export async function sentAll(visit: Visit): Promise<Reply> {
  const ids = someOf(idsInForm(visit))
  const refusals = new Map<NoticeId, string>()
  for (const id of ids) {
    const { notice } = await readNotice(visit, id)
    if (notice.state !== 'signed' || !isMailFormat(notice.format)) continue
    try {
      await sendNotice(visit.house, visit.caller, id)
    } catch (error) {
      if (!(error instanceof Problem) || ![409, 422, 429].includes(error.status)) throw error
      refusals.set(id, error.message)
    }
  }
  if (refusals.size > 0) return sendPage(visit, ids, refusals)
  return { redirect: withFlash(pathWith('send', ids), 'notices-queued') }
}
