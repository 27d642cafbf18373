import { domainToASCII } from 'node:url'

import { z } from 'zod'

import { line, url } from '../core/document-fields.ts'
import { HostClass, NoticeFormat, RecipientRole } from './recipient.ts'

const NAME_CHARACTERS_MAX = 200
const NOTE_CHARACTERS_MAX = 2000
const WHY_CHARACTERS_MAX = 500
/** No recipient reads more languages than this, and none takes more formats than there are. */
const LANGUAGES_MAX = 20
const HOURS_MAX = 24 * 365

const note = () =>
  z
    .string()
    .trim()
    .min(1)
    .max(NOTE_CHARACTERS_MAX)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, 'must be well-formed text')

/** What a recipient is reached by and what it takes: who changes this vouches for it. */
const contactFields = {
  name: line(NAME_CHARACTERS_MAX).describe('Who it is'),
  email: z.email().max(254).toLowerCase().nullable().describe('Where notices go by mail'),
  formUrl: url().nullable().describe('Where its form for notices is'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'two capital letters, e.g. IN')
    .nullable()
    .describe('ISO 3166-1 alpha-2'),
  formats: z
    .array(NoticeFormat)
    .min(1)
    .max(NoticeFormat.options.length)
    .describe('What it accepts, the best first'),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, 'two small letters, e.g. en'))
    .min(1)
    .max(LANGUAGES_MAX)
    .describe('Languages that it reads, ISO 639-1'),
}

/** How we deal with it. */
const settingFields = {
  sameHost: z.boolean().describe('All locations of a notice must be of one host'),
  urlsMax: z.int().min(1).max(1000).describe('Locations of one notice'),
  mailsPerHour: z.int().min(1).max(3600).describe('Mails in an hour'),
  acknowledgeH: z.int().min(1).max(HOURS_MAX).describe('Hours in which an answer is expected'),
  removeH: z.int().min(1).max(HOURS_MAX).describe('Hours in which removal is expected'),
  class: HostClass.nullable().describe('How it has dealt with notices so far'),
  note: note().nullable().describe('What people should know of it'),
}

/** A domain as domains are compared; any other name as it is. */
const keyOf = (text: string): string => {
  const name = text.trim().replace(/^https?:\/\//i, '')
  return /^[^\s/@]+\.[^\s/@]+\/?$/.test(name) ? domainToASCII(name.replace(/\/$/, '')) || name : text.trim()
}

/** A recipient as a person enters it. */
export const NewRecipient = z
  .strictObject({
    role: RecipientRole,
    key: line(300)
      .transform(keyOf)
      .describe('What it is known by: the domain of a platform or host, the name of a network'),
    source: z
      .enum(['manual', 'copyright_office_directory'])
      .default('manual')
      .describe('`copyright_office_directory`: looked up in the directory of designated agents'),
    name: contactFields.name,
    email: contactFields.email.default(null),
    formUrl: contactFields.formUrl.default(null),
    country: contactFields.country.default(null),
    formats: contactFields.formats.default(['mail']),
    languages: contactFields.languages.default(['en']),
    sameHost: settingFields.sameHost.default(true),
    urlsMax: settingFields.urlsMax.default(250),
    mailsPerHour: settingFields.mailsPerHour.default(30),
    acknowledgeH: settingFields.acknowledgeH.default(48),
    removeH: settingFields.removeH.default(72),
    class: settingFields.class.default(null),
    note: settingFields.note.default(null),
  })
  .superRefine((given, context) => {
    for (const { pointer, detail } of contactFaults(given))
      context.addIssue({ code: 'custom', path: [pointer], message: detail })
  })
export type NewRecipient = z.output<typeof NewRecipient>

/** What of a recipient can be changed. */
export const RecipientChange = z.strictObject({ ...contactFields, ...settingFields }).partial()
export type RecipientChange = z.infer<typeof RecipientChange>

/** Whether a change is one of the contact, for which the one who makes it vouches. */
export const changesContact = (change: RecipientChange): boolean =>
  Object.keys(contactFields).some((name) => change[name as keyof typeof contactFields] !== undefined)

const byMail: ReadonlySet<NoticeFormat> = new Set(['mail', 'xarf-mail', 'acns-mail'])

/** What keeps a contact from being used: it must be reached by something, and by mail where it accepts mail. */
export function contactFaults(contact: {
  readonly email: string | null
  readonly formUrl: string | null
  readonly formats: readonly NoticeFormat[]
}): { pointer: 'email' | 'formUrl'; detail: string }[] {
  const { email, formUrl, formats } = contact
  if (email === null && formats.some((format) => byMail.has(format)))
    return [{ pointer: 'email', detail: 'a mail address is needed for notices by mail' }]
  if (email === null && formUrl === null)
    return [{ pointer: 'formUrl', detail: 'a form or a mail address is needed' }]
  return []
}

/** Why notices to a recipient are held back. */
export const PauseReason = line(WHY_CHARACTERS_MAX)
