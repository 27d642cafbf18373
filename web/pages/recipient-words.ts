import { type Html, html } from '../../services/core/html.ts'
import {
  type HostClass,
  type Recipient,
  type RecipientRole,
  type RecipientSource,
  freshUntil,
  isGuess,
} from '../../services/recipients/recipient.ts'
import { pill } from '../parts/pills.ts'
import { timeAgo } from '../parts/words.ts'

/** The list; all other pages of recipients are below it. */
export const RECIPIENTS_PATH = '/recipients'

/** The page of a host. */
export const hostPath = (host: string): string => `${RECIPIENTS_PATH}/hosts/${encodeURIComponent(host)}`

/** What somebody is to a copy, in words. */
export const roleNames: Readonly<Record<RecipientRole, string>> = {
  platform: 'Platform or site',
  designated_agent: 'Designated agent',
  hosting: 'Host',
  network: 'Network',
  cdn: 'CDN',
  registrar: 'Registrar',
  registry: 'Registry',
  search_engine: 'Search engine',
}

/** Where it is known from, in words. */
export const sourceNames: Readonly<Record<RecipientSource, string>> = {
  manual: 'entered by hand',
  copyright_office_directory: 'directory of designated agents',
  site: 'its own page',
  rdap_ip: 'registry of addresses',
  rdap_domain: 'registry of domains',
  rfc2142: 'a guess',
  platform_registry: 'list of platforms',
  cdn_ranges: 'told by its answers or addresses',
}

/** How somebody has dealt with notices, in words. */
export const classNames: Readonly<Record<HostClass, string>> = {
  compliant: 'Compliant',
  slow: 'Slow',
  non_compliant: 'Ignores notices',
  non_contactable: 'Cannot be reached',
  spoof: 'Has no real content',
}

/** Whether it can be used, and if not, why. */
export function recipientPill(recipient: Recipient): Html {
  if (recipient.pausedAt) return pill('attention', 'dash', 'Paused')
  if (isGuess(recipient)) return pill('attention', 'warning', 'Guess, unconfirmed')
  if (freshUntil(recipient) < new Date()) return pill('attention', 'clock', 'Out of date')
  return pill('good', 'check', 'Usable')
}

/** That somebody was asked about what still waits, and did not act. */
export const askedPill: Html = pill('attention', 'clock', 'Asked already, no answer')

/** How it is reached, for a line. */
export const contactWords = ({ email, formUrl }: Recipient): Html =>
  html`${email !== null && html`<span class="breakable">${email}</span> `}${formUrl !== null && html`<a class="breakable" href="${formUrl}" rel="noreferrer">form</a>`}`

/** Where it is from and how old that is. */
export const sourceWords = ({ source, resolvedAt }: Recipient): Html =>
  html`${sourceNames[source]} <span class="row-detail">as of ${timeAgo(resolvedAt)}</span>`

/** The class for a line. */
export const classWords = (hostClass: HostClass | null): string =>
  hostClass === null ? 'not classed' : classNames[hostClass]
