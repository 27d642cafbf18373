import { z } from 'zod'

import { MemberId, RecipientId, TenantId } from '../core/ids.ts'

export const RecipientRole = z.enum([
  'platform',
  'designated_agent',
  'hosting',
  'network',
  'cdn',
  'registrar',
  'registry',
  'search_engine',
])
export type RecipientRole = z.infer<typeof RecipientRole>

export const RecipientSource = z.enum([
  'manual',
  'copyright_office_directory',
  'site',
  'rdap_ip',
  'rdap_domain',
  'rfc2142',
  'platform_registry',
  'cdn_ranges',
])
export type RecipientSource = z.infer<typeof RecipientSource>

/** How a recipient has dealt with notices so far, in the field's terms. */
export const HostClass = z.enum(['compliant', 'slow', 'non_compliant', 'non_contactable', 'spoof'])
export type HostClass = z.infer<typeof HostClass>

/** The forms in which a notice can reach somebody (services/notices/render). `hand` is a sheet to copy from. */
export const NoticeFormat = z.enum(['mail', 'xarf-mail', 'acns-mail', 'hand', 'cloudflare', 'bulk'])
export type NoticeFormat = z.infer<typeof NoticeFormat>

/** Forms that go out as mail; all others a person gives in at a form of the recipient's. */
const MailFormat = NoticeFormat.extract(['mail', 'xarf-mail', 'acns-mail'])
export type MailFormat = z.infer<typeof MailFormat>

/** Whether notices in this form go out as mail. */
export const isMailFormat = (format: NoticeFormat): format is MailFormat =>
  MailFormat.safeParse(format).success

/** Somebody who can remove a copy, as one account knows them. */
export const Recipient = z.object({
  id: RecipientId,
  tenantId: TenantId,
  role: RecipientRole,
  /** Domain, network or name that it is known by. */
  key: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  formUrl: z.string().nullable(),
  country: z.string().nullable(),
  source: RecipientSource,
  /** What it accepts, the best first. */
  formats: z.array(NoticeFormat),
  languages: z.array(z.string()),
  /** All locations of a notice must be of one host. */
  sameHost: z.boolean(),
  urlsMax: z.number(),
  mailsPerHour: z.number(),
  acknowledgeH: z.number(),
  removeH: z.number(),
  class: HostClass.nullable(),
  note: z.string().nullable(),
  resolvedAt: z.date(),
  /** Who looked at what was found and took it for right. A guessed address is never used before. */
  confirmedBy: MemberId.nullable(),
  pausedAt: z.date().nullable(),
  pausedWhy: z.string().nullable(),
  createdAt: z.date(),
})
export type Recipient = z.infer<typeof Recipient>

const DAY_MS = 24 * 60 * 60_000
/** What machines looked up ages faster than what a person looked up. */
const FRESH_DAYS_RDAP = 30
const FRESH_DAYS_MANUAL = 90

/** Until when what is known of a recipient may be used without looking again. */
export const freshUntil = ({ source, resolvedAt }: Pick<Recipient, 'source' | 'resolvedAt'>): Date =>
  new Date(resolvedAt.getTime() + (source.startsWith('rdap') ? FRESH_DAYS_RDAP : FRESH_DAYS_MANUAL) * DAY_MS)

/** Found by a guess that no source confirms: only a person may take it for right. */
export const isGuess = ({ source, confirmedBy }: Pick<Recipient, 'source' | 'confirmedBy'>): boolean =>
  source === 'rfc2142' && confirmedBy === null
