import { z } from 'zod'

import { resolveUnclear, sendByHand, sendNotice } from '../../actions/deliveries.ts'
import type { Tx } from '../../core/db.ts'
import { line, url } from '../../core/document-fields.ts'
import { DeliveryId, NoticeId } from '../../core/ids.ts'
import { deliveriesOf, findDelivery } from '../../notices/delivery-store.ts'
import { Delivery } from '../../notices/delivery.ts'
import { findNotice } from '../../notices/store.ts'
import { found, oneId } from '../found.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Notices'

const DeliveryView = view(
  'Delivery',
  Delivery.omit({ tenantId: true, tries: true })
    .extend({
      number: Delivery.shape.number.describe('1, 2 … among those of its kind'),
      part: Delivery.shape.part.describe('1, 2 … where one notice takes several messages'),
      address: Delivery.shape.address.describe('A mail address, or the address of a form'),
      stage: Delivery.shape.stage.describe(
        '`unclear`: the mail server may have it or not; only a person moves it on, so that nothing is sent twice',
      ),
      attemptedAt: Delivery.shape.attemptedAt.describe('From then on the mail server may have had it'),
      response: Delivery.shape.response.describe('What the mail server said, or what a person noted'),
      sha256: Delivery.shape.sha256.describe('Of the message as it was handed over'),
    })
    .describe('One message to a recipient, or a form that a person filled in'),
)

const shown = async (tx: Tx, id: DeliveryId) => found(await findDelivery(tx, id), 'message')

const send = route({
  id: 'sendNotice',
  method: 'post',
  path: '/v1/notices/:id/send',
  summary: 'Send a signed notice by mail; where it goes by a form, record that instead',
  tag,
  caller: { role: 'signer' },
  params: oneId(NoticeId),
  status: 202,
  answer: DeliveryView,
  problems: [
    'row/stage',
    'request/conflict',
    'notice/paused',
    'notice/barred',
    'recipient/unknown',
    'recipient/limit',
  ],
  async handle({ house, caller, params }) {
    const id = await sendNotice(house, caller, params.id)
    return house.db.tenant(caller.tenantId, (tx) => shown(tx, id))
  },
})

const byHand = route({
  id: 'sendNoticeByHand',
  method: 'post',
  path: '/v1/notices/:id/sent-by-hand',
  summary: 'Record that you gave a signed notice in at the recipient’s form',
  tag,
  caller: { role: 'signer' },
  params: oneId(NoticeId),
  body: json(
    request(
      'SentByHand',
      z.strictObject({
        formUrl: url().describe('The form that was filled in'),
        at: z.iso.datetime().pipe(z.coerce.date()).describe('When; not before the signature'),
        reference: line(200).optional().describe('Number that the form answered with'),
      }),
    ),
  ),
  status: 201,
  answer: DeliveryView,
  problems: ['row/stage', 'request/conflict', 'notice/paused', 'notice/barred'],
  async handle({ house, caller, params, body }) {
    const id = await sendByHand(house, caller, params.id, body)
    return house.db.tenant(caller.tenantId, (tx) => shown(tx, id))
  },
})

const listOfNotice = route({
  id: 'listDeliveries',
  method: 'get',
  path: '/v1/notices/:id/deliveries',
  summary: 'Messages of a notice, oldest first',
  tag,
  caller: 'any',
  params: oneId(NoticeId),
  answer: view('DeliveryList', z.object({ items: z.array(DeliveryView) })),
  handle: ({ house, caller, params }) =>
    house.db.tenant(caller.tenantId, async (tx) => {
      const notice = found(await findNotice(tx, params.id), 'notice')
      return { items: await deliveriesOf(tx, notice.id) }
    }),
})

const resolve = route({
  id: 'resolveDelivery',
  method: 'post',
  path: '/v1/deliveries/:id/resolve',
  summary: 'Say what became of a message of which nobody knows whether it was sent',
  tag,
  caller: { role: 'signer' },
  params: oneId(DeliveryId),
  body: json(
    request(
      'DeliveryFinding',
      z.strictObject({
        sent: z.boolean().describe('false: it was not sent, and is sent once more'),
        note: line(500).describe('How you found out, such as by the log of the mail server'),
      }),
    ),
  ),
  answer: DeliveryView,
  problems: ['row/stage'],
  async handle({ house, caller, params, body }) {
    await resolveUnclear(house, caller, params.id, body)
    return house.db.tenant(caller.tenantId, (tx) => shown(tx, params.id))
  },
})

export const deliveryRoutes = [send, byHand, listOfNotice, resolve]
