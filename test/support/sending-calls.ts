import { takeReply } from '../../services/actions/replies.ts'
import {
  type DeliveryId,
  DeliveryId as Id,
  type NoticeId,
  type ReplyId,
  newId,
} from '../../services/core/ids.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import type { Call } from './api-scene.ts'
import { confirmedAt, recipientFor, signedAbout } from './noticing.ts'
import { mail } from './reply-samples.ts'
import { signerSession } from './signing.ts'
import type { Account, World } from './world.ts'

/** Signed notices for the calls that send them, a message that is unclear, and an answer that waits. */
export interface SendingCallScene {
  readonly mailId: NoticeId
  readonly handId: NoticeId
  readonly unclearId: DeliveryId
  readonly replyId: ReplyId
  readonly address: string
}

/** An account's notices as the calls of sending need them. */
export async function sendingCallScene(world: World, account: Account): Promise<SendingCallScene> {
  const { house } = world
  const own = { ...world, owner: account.caller }
  await recipientFor(own, 'sent.example')
  const { caller } = await signerSession(own, 'A Sender', { tenantId: account.tenant.id })
  await house.db.system(
    (tx) => tx.run`update member set first_signed_at = now() where id = ${caller.member.id}`,
  )
  const signed = async (path: string) => {
    const [notice] = await signedAbout(own, caller, [await confirmedAt(own, `https://sent.example/${path}`)])
    if (!notice) throw new Error('no notice')
    return notice
  }
  const [byMail, byHand] = [await signed('mail'), await signed('hand')]
  const unclearId = newId(Id)
  await house.db.system(async (tx) => {
    await tx.run`update notice set format = 'hand' where id = ${byHand.id}`
    await tx.run`
      insert into delivery (id, tenant_id, notice_id, kind, number, way, format, stage, attempted_at)
      values (${unclearId}, ${byMail.tenantId}, ${byMail.id}, 'reminder', 1, 'mail', 'mail', 'unclear', now())`
  })
  const address = replyAddressOf(byMail.replyToken, house.config.REPLY_DOMAIN)
  const { id: replyId } = await takeReply(house, mail({ text: 'Hello' }), { envelopeTo: address })
  return { mailId: byMail.id, handId: byHand.id, unclearId, replyId, address }
}

/** Calls about what was sent and what came back. */
export const sendingCalls: Record<string, Call> = {
  recheckCase: { path: (s) => `/v1/cases/${s.notices.caseId}/rechecks`, status: 202 },
  listRechecks: { path: (s) => `/v1/cases/${s.notices.caseId}/rechecks`, status: 200 },
  getFigures: { path: () => '/v1/figures?from=2026-01-01&format=csv', status: 200, type: 'text/csv' },
  getYearlyFigures: { path: () => '/v1/figures/yearly?year=2026', status: 200, type: 'application/json' },
  sendNotice: { path: (s) => `/v1/notices/${s.sending.mailId}/send`, status: 202 },
  sendNoticeByHand: {
    path: (s) => `/v1/notices/${s.sending.handId}/sent-by-hand`,
    body: () => ({ formUrl: 'https://sent.example/form', at: new Date().toISOString() }),
    status: 201,
  },
  listDeliveries: { path: (s) => `/v1/notices/${s.sending.mailId}/deliveries`, status: 200 },
  resolveDelivery: {
    path: (s) => `/v1/deliveries/${s.sending.unclearId}/resolve`,
    body: () => ({ sent: true, note: 'In the log of the mail server' }),
    status: 200,
  },
  takeReply: {
    path: (s) => `/v1/replies?to=${encodeURIComponent(s.sending.address)}`,
    body: () => new Uint8Array(mail({ text: 'We looked at it' })),
    status: 201,
  },
  listReplies: { path: () => '/v1/replies?waiting=true', status: 200 },
  getReply: { path: (s) => `/v1/replies/${s.sending.replyId}`, status: 200 },
  handleReply: {
    path: (s) => `/v1/replies/${s.sending.replyId}/handle`,
    body: () => ({ as: 'commented', comment: 'A greeting' }),
    status: 200,
  },
}
