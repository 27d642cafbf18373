import { z } from 'zod'

import {
  type MailSettings,
  changeMail,
  mailSettings,
  removeDkim,
  sendTestMail,
  setDkim,
} from '../../actions/mail-identity.ts'
import { DkimChange, MailChange } from '../../tenants/mail-settings.ts'
import { json, route } from '../route.ts'
import { request, view } from '../schema.ts'

const tag = 'Account'

const MailView = view(
  'MailSettings',
  z
    .object({
      mailFrom: z.string().nullable().describe('Sender of notices; null: the installation’s'),
      replyDomain: z
        .string()
        .nullable()
        .describe('Domain of the addresses that answers go to; null: the installation’s'),
      smtpHost: z
        .string()
        .nullable()
        .describe('Host and port of the own mail server; its password is never shown'),
      dkimDomain: z.string().nullable(),
      dkimSelector: z.string().nullable(),
      dkimRecord: z
        .object({ name: z.string(), value: z.string() })
        .nullable()
        .describe('The TXT record to publish, so that receivers can check signatures'),
      problem: z
        .object({ detail: z.string(), since: z.date() })
        .nullable()
        .describe('Why the own server cannot be used: messages wait until it is mended'),
      unreadable: z
        .array(z.enum(['smtpUrl', 'dkimKey']))
        .describe('Secrets that were sealed with another key of this installation: give them anew'),
    })
    .describe('How the account’s notices are mailed'),
)

/** The settings as they are answered. */
const viewed = (settings: MailSettings) => ({
  ...settings,
  unreadable: [...settings.unreadable],
})

const get = route({
  id: 'getMailSettings',
  method: 'get',
  path: '/v1/account/mail',
  summary: 'Who the account’s notices come from, through which server, and how they are signed',
  tag,
  caller: { role: 'owner' },
  answer: MailView,
  handle: async ({ house, caller }) => viewed(await mailSettings(house, caller)),
})

const change = route({
  id: 'changeMailSettings',
  method: 'patch',
  path: '/v1/account/mail',
  summary: 'Change what is given and leave the rest; null takes a setting away',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'MailSettingsChange',
      MailChange.strict().meta({
        examples: [
          { mailFrom: 'Sample Records <notices@records.example>', replyDomain: 'replies.records.example' },
        ],
      }),
    ),
  ),
  answer: MailView,
  handle: async ({ house, caller, body }) => viewed(await changeMail(house, caller, body)),
})

const sign = route({
  id: 'setDkim',
  method: 'put',
  path: '/v1/account/mail/dkim',
  summary: 'Sign mails in the name of a domain (DKIM), with a new key or with one’s own',
  tag,
  caller: { role: 'owner' },
  body: json(
    request(
      'DkimChange',
      z
        .strictObject(DkimChange.shape)
        .meta({ examples: [{ domain: 'records.example', selector: 'earwitness1' }] }),
    ),
  ),
  answer: MailView,
  handle: async ({ house, caller, body }) => viewed(await setDkim(house, caller, body)),
})

const unsign = route({
  id: 'removeDkim',
  method: 'delete',
  path: '/v1/account/mail/dkim',
  summary: 'Sign no more, and forget the key',
  tag,
  caller: { role: 'owner' },
  answer: MailView,
  handle: async ({ house, caller }) => viewed(await removeDkim(house, caller)),
})

const test = route({
  id: 'sendTestMail',
  method: 'post',
  path: '/v1/account/mail/test',
  summary: 'Mail oneself what a host would get',
  tag,
  caller: { role: 'owner' },
  answer: view(
    'TestMail',
    z.object({ to: z.string(), response: z.string().describe('What the mail server said') }),
  ),
  problems: ['mail/refused', 'mail/misconfigured', 'mail/unreachable', 'delivery/unclear'],
  handle: ({ house, caller }) => sendTestMail(house, caller),
})

export const mailRoutes = [get, change, sign, unsign, test]
