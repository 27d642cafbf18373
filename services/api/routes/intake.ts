import { z } from 'zod'

import {
  type IntakeSettings,
  allowSender,
  disallowSender,
  intakeSettings,
  renewIntake,
  switchIntakeOff,
} from '../../actions/intake.ts'
import { IntakeMail, SenderPattern } from '../../intake/intake.ts'
import { listMails } from '../../intake/store.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Intake by mail'

const IntakeView = view(
  'MailIntake',
  z
    .object({
      address: z.string().nullable().describe('Where mails are handed in; null while it is switched off'),
      listens: z.boolean().describe('Whether this installation takes mails at all'),
      senders: z.array(
        z.object({
          pattern: z.string().describe('An address, or everybody at a domain as `@records.example`'),
          addedBy: z.string(),
          addedAt: z.date(),
        }),
      ),
    })
    .describe('How the account takes mails: what is in them, and what they link to, is examined'),
)

/** The settings as they are answered. */
const viewed = (settings: IntakeSettings) => ({ ...settings, senders: [...settings.senders] })

const get = route({
  id: 'getMailIntake',
  method: 'get',
  path: '/v1/account/intake',
  summary: 'The address for mails, and who may write to it',
  tag,
  caller: 'any',
  answer: IntakeView,
  handle: async ({ house, caller }) => viewed(await intakeSettings(house, caller)),
})

const renew = route({
  id: 'renewMailIntake',
  method: 'post',
  path: '/v1/account/intake/address',
  summary: 'Take mails, at a new address; the one before is void',
  tag,
  caller: { role: 'owner' },
  answer: IntakeView,
  handle: async ({ house, caller }) => viewed(await renewIntake(house, caller)),
})

const off = route({
  id: 'switchMailIntakeOff',
  method: 'delete',
  path: '/v1/account/intake/address',
  summary: 'Take no mails any more',
  tag,
  caller: { role: 'owner' },
  answer: IntakeView,
  handle: async ({ house, caller }) => viewed(await switchIntakeOff(house, caller)),
})

const allow = route({
  id: 'allowMailSender',
  method: 'post',
  path: '/v1/account/intake/senders',
  summary: 'Let an address, or everybody at a domain, hand in by mail',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'NewMailSender',
      z.strictObject({ pattern: SenderPattern }).meta({ examples: [{ pattern: '@records.example' }] }),
    ),
  ),
  status: 201,
  answer: IntakeView,
  problems: ['request/conflict'],
  handle: async ({ house, caller, body }) => viewed(await allowSender(house, caller, body.pattern)),
})

const disallow = route({
  id: 'removeMailSender',
  method: 'delete',
  path: '/v1/account/intake/senders/:pattern',
  summary: 'Let a sender hand in no more',
  tag,
  caller: { role: 'owner' },
  params: z.object({ pattern: SenderPattern }),
  answer: IntakeView,
  handle: async ({ house, caller, params }) => viewed(await disallowSender(house, caller, params.pattern)),
})

const listAll = route({
  id: 'listIntakeMails',
  method: 'get',
  path: '/v1/account/intake/mails',
  summary: 'Mails that came, newest first, and what became of each',
  tag,
  caller: 'any',
  query: z.strictObject(pageQuery),
  answer: listOf(
    'IntakeMailList',
    view(
      'IntakeMail',
      IntakeMail.extend({
        sender: IntakeMail.shape.sender.describe('Who says to have sent it; anybody can write that'),
        outcome: IntakeMail.shape.outcome.describe(
          '`taken`: it is a submission. `repeated`: it was taken before. `sender`: who sent it is not on the list. ' +
            '`automatic`: a program or a list sent it. `empty`: there is nothing in it',
        ),
      }),
    ),
  ),
  async handle({ house, caller, query: { cursor: after, limit } }) {
    const rows = await house.db.tenant(caller.tenantId, (tx) => listMails(tx, { after, limit: limit + 1 }))
    return pageOf(rows, limit, ({ receivedAt }) => receivedAt)
  },
})

export const intakeRoutes = [get, renew, off, allow, disallow, listAll]
