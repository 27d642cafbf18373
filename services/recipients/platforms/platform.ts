import type { NoticeFormat } from '../recipient.ts'

/** How one platform takes notices. The first domain is the one that it is known by. */
export interface Platform {
  /** Registrable domains, lower case. */
  readonly domains: readonly [string, ...string[]]
  readonly name: string
  /** Where its form for notices is. */
  readonly formUrl?: string
  /** Only what the platform itself names for copyright notices. */
  readonly email?: string
  /** ISO 3166-1 alpha-2, where the company that answers has its seat. */
  readonly country?: string
  /** What it accepts, the best first. */
  readonly formats: readonly [NoticeFormat, ...NoticeFormat[]]
  readonly languages: readonly string[]
  /** Locations of one notice must be of one host. */
  readonly sameHost: boolean
  readonly urlsMax: number
  readonly acknowledgeH: number
  readonly removeH: number
  /** The day on which these facts were noted, ISO 8601. They age like everything else that is known of recipients. */
  readonly checkedAt: string
  /** Where they are from, in words. */
  readonly source: string
}

/** A form that is filled in by hand is kept short; nobody reads a longer list. */
const FORM_URLS_MAX = 100

/** What holds of most platforms with a form. */
export const withForm = {
  formats: ['hand'],
  languages: ['en'],
  sameHost: true,
  urlsMax: FORM_URLS_MAX,
  acknowledgeH: 48,
  removeH: 72,
  checkedAt: '2026-11-23',
} as const satisfies Partial<Platform>

/** What holds of most platforms that take notices by mail. */
export const withMail = { ...withForm, formats: ['mail', 'hand'], urlsMax: 250 } as const
