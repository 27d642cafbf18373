import { handOver, prepare, recordAnswer } from '../../services/actions/hand-over.ts'
import { handleReply } from '../../services/actions/handle-reply.ts'
import { takeReply } from '../../services/actions/replies.ts'
import type { DeliveryId } from '../../services/core/ids.ts'
import { replyAddressOf } from '../../services/notices/delivery.ts'
import { send } from '../../workers/send.ts'
import { type Doing, noticeOf, oneOf } from './removal-doing.ts'
import type { MailServerMood } from './removal-lane.ts'
import { acnsMail, bounceMail, mail } from './reply-samples.ts'

const takes: MailServerMood = { atRecipient: 'take', atData: 'take' }

/** What the mail server does, and how far the worker comes. */
const deliveries: readonly {
  readonly mood?: Partial<MailServerMood>
  readonly until?: 'composing' | 'prepared' | 'handed over' | 'late'
  readonly runs?: 'twice' | 'at once'
}[] = [
  {},
  {},
  { mood: { atData: 451 } },
  { mood: { atData: 554 } },
  { mood: { atData: 'cut' } },
  { mood: { atData: 'lose' } },
  { mood: { atRecipient: 450 } },
  { mood: { atRecipient: 550 } },
  { mood: { atRecipient: 'cut' } },
  { until: 'composing' },
  { until: 'prepared' },
  { until: 'handed over' },
  { until: 'late' },
  { runs: 'twice' },
  { runs: 'at once' },
]
export const deliverWays = deliveries.length

/** The job of a message, once, as the queue would run it; or a part of it, after which the process ends. */
export async function deliver(doing: Doing): Promise<void> {
  const { scene, house, now, pick, way } = doing
  const { mood, sending: whole } = scene.lane
  const open = now.deliveries.filter(({ stage }) => stage === 'send')
  const id = oneOf(open.length > 0 ? open : now.deliveries, pick)?.id
  if (!id) return
  const sending = { ...whole, ...house }
  const how = oneOf(deliveries, way) ?? {}
  const run = { log: house.log, progress: async () => undefined, signal: new AbortController().signal }
  const work = () => send(sending)({ id }, run)
  Object.assign(mood, takes, how.mood)
  try {
    if (how.until) await breakOff(doing, id, how.until)
    else if (how.runs === 'at once') await both(work)
    else await work()
    if (how.runs === 'twice') await work()
  } finally {
    Object.assign(mood, takes)
  }
}

/** Two workers at once; one that breaks off leaves the other at work. */
async function both(work: () => Promise<void>): Promise<void> {
  for (const ended of await Promise.allSettled([work(), work()]))
    if (ended.status === 'rejected') throw ended.reason
}

async function breakOff(
  { scene, house }: Doing,
  id: DeliveryId,
  until: NonNullable<(typeof deliveries)[number]['until']>,
): Promise<void> {
  const sending = { ...scene.lane.sending, ...house }
  if (until === 'composing') {
    const blobs = { ...sending.blobs, put: () => Promise.reject(new Error('crash')) }
    await prepare({ ...sending, blobs }, id).catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'crash') throw error
    })
    return
  }
  const step = await prepare(sending, id)
  if (step.kind !== 'hand-over' || until === 'prepared') return
  const response = await handOver(sending, step.message)
  if (until === 'late') scene.late.push({ message: step.message, response })
}

/** A worker that was slow, or cut off, writes down after all what the mail server answered. */
export async function settleLate({ scene, house, pick }: Doing): Promise<void> {
  const late = oneOf(scene.late, pick)
  if (late) await recordAnswer({ ...scene.lane.sending, ...house }, late.message, late.response)
}

const ack = (number: string, attributes: string): Buffer =>
  acnsMail(
    `<NoticeAck xmlns="http://www.acns.net/ACNS" ${attributes}><Case><ID>${number}</ID></Case></NoticeAck>`,
  )
const status = (number: string, type: string, reason: string): Buffer =>
  acnsMail(
    `<NoticeStatus xmlns="http://www.acns.net/ACNS"><CaseStatus CaseID="${number}" TimeStamp="2026-11-23T09:00:00Z">` +
      `<Disposition><Type>${type}</Type><Reason>${reason}</Reason></Disposition></CaseStatus></NoticeStatus>`,
  )

/** What a recipient writes. */
function mailBack(way: number, number: string, messageId: string | undefined): Buffer {
  const auto = { 'Auto-Submitted': 'auto-replied' }
  const about = messageId ? { originalMessageId: messageId } : {}
  switch (way % 8) {
    case 1:
      return mail({ subject: '[Ticket#2026112310000012] We have received your report', headers: auto })
    case 2:
      return bounceMail({ action: 'failed', status: '5.1.1', ...about })
    case 3:
      return bounceMail({ action: 'delayed', status: '4.4.1', ...about })
    case 4:
      return status(number, 'CLOSED', 'Content removed')
    case 5:
      return status(number, 'REJECTED', 'Incomplete')
    case 6:
      return mail({ text: 'Which file do you mean?' })
    case 7:
      return status(number, 'COUNTERNOTICE', '')
    default:
      return ack(number, 'Accepted="true"')
  }
}

/** A mail comes back, perhaps one that came before. */
export async function answerByMail(doing: Doing): Promise<void> {
  const { scene, house, now, pick, way } = doing
  const notice = noticeOf(doing)
  if (!notice) return
  const message = now.deliveries.findLast(({ noticeId }) => noticeId === notice.id)
  const again = way === 11 ? oneOf(scene.mails, pick) : undefined
  const raw = again ?? mailBack(way, notice.number, message?.messageId ?? undefined)
  scene.mails.push(raw)
  const envelopeTo = replyAddressOf(notice.token, house.config.REPLY_DOMAIN)
  const { isNew, noticeId } = await takeReply(house, raw, { envelopeTo })
  if (isNew) scene.answered.push(`reply.taken notice:${noticeId}`)
}

/** A person says what an answer means. */
export async function handle({ scene, house, now, pick, way }: Doing): Promise<void> {
  const waiting = now.replies.filter(({ handled }) => !handled)
  const reply = oneOf(waiting.length > 0 ? waiting : now.replies, pick)
  if (!reply) return
  const handlings = [
    { as: 'acknowledged' },
    { as: 'asked' },
    { as: 'rejected', outcome: 'incomplete' },
    { as: 'rejected', outcome: 'not_infringing' },
    { as: 'countered', outcome: 'counter_notice' },
    { as: 'bounced' },
    { as: 'commented' },
  ] as const
  const given = { ...(oneOf(handlings, way) ?? handlings[0]), comment: 'Read' }
  const { noticeId } = await handleReply(house, scene.lane.signer, reply.id, given)
  scene.answered.push(`reply.handled notice:${noticeId}`)
}
