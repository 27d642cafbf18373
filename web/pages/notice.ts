import { z } from 'zod'

import { approvalObstacle } from '../../services/actions/approval.ts'
import { resolveUnclear, sendByHand, sendNotice } from '../../services/actions/deliveries.ts'
import { leaveOut } from '../../services/actions/leave-out.ts'
import { checkNotice, dropDraft, editNotice, lookAtNotice } from '../../services/actions/notices.ts'
import { retractNotice } from '../../services/actions/retract-notice.ts'
import { supplementNotice } from '../../services/actions/supplement-notice.ts'
import { line, url } from '../../services/core/document-fields.ts'
import { CaseId, DeliveryId, NoticeId, RecipientId } from '../../services/core/ids.ts'
import { deliveriesOf } from '../../services/notices/delivery-store.ts'
import { locationsOf } from '../../services/notices/locations-store.ts'
import { repliesOf } from '../../services/notices/reply-store.ts'
import { eventsOf, findSigned, versionsOf } from '../../services/notices/store.ts'
import type { Recipient } from '../../services/recipients/recipient.ts'
import { candidatesOfHost } from '../../services/recipients/resolution-store.ts'
import { findRecipient } from '../../services/recipients/store.ts'
import { hasRole } from '../../services/tenants/tenant.ts'
import { type Flash, withFlash } from '../flash.ts'
import { attempt, momentOf, readForm, textOf } from '../forms.ts'
import { type Page, type Reply, type Visit, found, idOf } from '../visit.ts'
import { noticeCapsules } from './capsules.ts'
import { noticeCounters } from './counter-notices.ts'
import { type FilledForm, noForm } from './notice-forms-view.ts'
import { wordsOf } from './notice-new.ts'
import { retractionOf } from './notice-retraction.ts'
import { type NoticeRead, noticeView } from './notice-view.ts'
import { NOTICES_PATH, noticeName } from './notices-view.ts'

export const noticeId = (visit: Visit): NoticeId => idOf(NoticeId, visit.params['id'], 'notice')

const pathOf = (id: NoticeId): string => `${NOTICES_PATH}/${id}`

/** Everything that is known of a notice. @throws {Problem} row/unknown. */
export async function readNotice(visit: Visit, id: NoticeId): Promise<NoticeRead> {
  const { notice, checked } = await lookAtNotice(visit.house, visit.caller, id)
  return visit.tenant(async (tx) => {
    const recipient = found(await findRecipient(tx, notice.recipientId), 'recipient')
    const others = await candidatesOfHost(tx, visit.caller.tenantId, notice.host)
    const candidates: Recipient[] = [recipient, ...others.filter((other) => other.id !== recipient.id)]
    return {
      notice,
      checked,
      document: checked?.subject.document ?? (await findSigned(tx, id))?.document,
      locations: await locationsOf(tx, id),
      events: await eventsOf(tx, id),
      deliveries: await deliveriesOf(tx, id),
      replies: await repliesOf(tx, id),
      versions: await versionsOf(tx, notice.number),
      approvalObstacle: await approvalObstacle(tx, notice),
      recipient,
      candidates,
    }
  })
}

export async function noticePage(visit: Visit, sent: FilledForm = noForm, status = 200): Promise<Page> {
  const read = await readNotice(visit, noticeId(visit))
  const { caller } = visit
  const besides = await visit.tenant(async (tx) => ({
    counters: await noticeCounters(tx, read.notice, caller),
    evidence: await noticeCapsules(tx, read.notice),
  }))
  const body = noticeView(read, { canSign: hasRole(caller, 'signer'), sent, ...besides })
  return { title: noticeName(read.notice), section: 'notices', body, status }
}

/** What a button or a form of the page does, under the name of the form; a refusal comes back beside it. */
const acts =
  (form: string, flash: Flash, work: (visit: Visit, id: NoticeId) => Promise<NoticeId | void>) =>
  async (visit: Visit): Promise<Reply> => {
    const id = noticeId(visit)
    const tried = await attempt(
      () => visit.form,
      async () => (await work(visit, id)) ?? id,
    )
    if (tried.refusal) return noticePage(visit, { form, filled: tried.refusal.filled }, tried.refusal.status)
    return { redirect: withFlash(pathOf(tried.done), flash) }
  }

export const checked = acts('check', 'notice-checked', async ({ house, caller }, id) => {
  await checkNotice(house, caller, id)
})

export const edited = acts('edit', 'notice-saved', async ({ house, caller, form }, id) => {
  const recipientId = RecipientId.safeParse(textOf(form, 'recipientId')).data
  await editNotice(house, caller, id, { ...wordsOf(form), recipientId })
})

export const leftOut = acts('leave-out', 'notice-saved', async ({ house, caller, form }, id) => {
  await leaveOut(house, caller, id, idOf(CaseId, textOf(form, 'caseId'), 'case'))
})

export const dropped = acts('drop', 'notice-dropped', async ({ house, caller, form }, id) => {
  await dropDraft(house, caller, id, textOf(form, 'comment').trim() || undefined)
})

export const sentNow = acts('send', 'notice-queued', async ({ house, caller }, id) => {
  await sendNotice(house, caller, id)
})

const ByHand = z.object({
  formUrl: url(),
  at: z.iso.datetime('a moment like 2031-03-06 14:30, in UTC').optional(),
  reference: line(200).optional(),
})

export const sentByHand = acts('by-hand', 'notice-by-hand', async ({ house, caller, form }, id) => {
  const typed = textOf(form, 'at').trim()
  const given = readForm(ByHand, { ...form, at: typed === '' ? '' : momentOf(typed) })
  await sendByHand(house, caller, id, { ...given, at: given.at ? new Date(given.at) : new Date() })
})

export const supplemented = acts('supplement', 'notice-supplemented', async ({ house, caller, form }, id) => {
  const recipientId = RecipientId.safeParse(textOf(form, 'recipientId')).data
  return (await supplementNotice(house, caller, id, { recipientId })).id
})

export const retracted = acts('retract', 'notice-retracted', async ({ house, caller, form }, id) => {
  await retractNotice(house, caller, id, retractionOf(form))
})

const Finding = z.object({ note: line(500), unsent: z.literal('on').optional() })

/** A person found out what became of a message. */
export async function resolved(visit: Visit): Promise<Reply> {
  const deliveryId = idOf(DeliveryId, visit.params['deliveryId'], 'message')
  return acts(`resolve-${deliveryId}`, 'delivery-resolved', async ({ house, caller, form }) => {
    const { note, unsent } = readForm(Finding, form)
    await resolveUnclear(house, caller, deliveryId, { sent: unsent === undefined, note })
  })(visit)
}
