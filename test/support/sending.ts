import { onTestFinished } from 'vitest'

import { sendNotice } from '../../services/actions/deliveries.ts'
import type { Sending } from '../../services/actions/hand-over.ts'
import type { DeliveryId, RecipientId } from '../../services/core/ids.ts'
import { openMailer } from '../../services/core/mail.ts'
import { deliveriesOf, findDelivery } from '../../services/notices/delivery-store.ts'
import type { Delivery } from '../../services/notices/delivery.ts'
import type { Notice } from '../../services/notices/notice-row.ts'
import { eventsOf, findNotice } from '../../services/notices/store.ts'
import type { Caller } from '../../services/tenants/tenant.ts'
import { send } from '../../workers/send.ts'
import { completeContact, confirmedAt, recipientFor, signedAbout } from './noticing.ts'
import { signerSession } from './signing.ts'
import { type SmtpHost, startSmtpHost } from './smtp.ts'
import type { World } from './world.ts'

export const HOST = 'files.hoster.example'

/** A signed notice, a mail server, and the worker that hands the one to the other. */
export interface SendingScene {
  readonly notice: Notice
  readonly recipientId: RecipientId
  readonly signer: Extract<Caller, { kind: 'member' }>
  readonly host: SmtpHost
  readonly sending: Sending
  /** Sends the notice and answers its first message. */
  readonly queue: () => Promise<DeliveryId>
  /** Runs the job of a message once, as the queue would. */
  readonly work: (id: DeliveryId) => Promise<void>
  readonly delivery: (id: DeliveryId) => Promise<Delivery>
  readonly deliveries: () => Promise<Delivery[]>
  /** State and kinds of events so far. */
  readonly story: () => Promise<{ state: string; kinds: string[] }>
}

/** @param then what the mail server does with each message; see startSmtpHost. */
export async function sendingScene(
  world: World,
  then?: () => 'take' | 'cut' | number,
  { locations = 1 } = {},
): Promise<SendingScene> {
  const { house } = world
  const host = await startSmtpHost(then)
  const mailer = openMailer(host.url)
  onTestFinished(async () => {
    mailer.close()
    await host.close()
  })
  await completeContact(world)
  const recipientId = await recipientFor(world, HOST)
  const { caller: signer } = await signerSession(world)
  await house.db.system(
    (tx) => tx.run`update member set first_signed_at = now() where id = ${signer.member.id}`,
  )
  const cases = []
  for (let i = 1; i <= locations; i += 1) cases.push(await confirmedAt(world, `https://${HOST}/d/${i}`))
  const [notice] = await signedAbout(world, signer, cases)
  if (!notice) throw new Error('no notice')
  const sending: Sending = { ...house, mailer }
  const run = { log: house.log, progress: async () => {}, signal: new AbortController().signal }
  return {
    notice,
    recipientId,
    signer,
    host,
    sending,
    queue: () => sendNotice(house, signer, notice.id),
    work: (id) => send(sending)({ id }, run),
    async delivery(id) {
      const found = await house.db.system((tx) => findDelivery(tx, id))
      if (!found) throw new Error('no such message')
      return found
    },
    deliveries: () => house.db.system((tx) => deliveriesOf(tx, notice.id)),
    story: () =>
      house.db.system(async (tx) => ({
        state: (await findNotice(tx, notice.id))?.state ?? '',
        kinds: (await eventsOf(tx, notice.id)).map(({ kind }) => kind),
      })),
  }
}
