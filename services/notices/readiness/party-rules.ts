import { freshUntil, isGuess, type HostClass, type Recipient } from '../../recipients/recipient.ts'
import type { NoticeParty, Regime } from '../notice.ts'
import { type Finding, quoted, type Rule } from './rule.ts'
import type { ReadinessSubject } from './subject.ts'

/** What is asked of who sends a notice, and of who gets it. */
export const partyRules: readonly Rule[] = [
  { rule: 'R06', check: unreachableSender },
  { rule: 'R14', check: unknownRecipient },
  { rule: 'R14', check: unfitRecipient },
]

type Contact = 'address' | 'country' | 'phone' | 'email'

const contactNames: Readonly<Record<Contact, string>> = {
  address: 'a postal address',
  country: 'the country of the postal address',
  phone: 'a telephone number with its country code',
  email: 'an e-mail address',
}

/** How a sender has to be reachable; without a mail address nobody can answer, so that one is always asked. */
const contactsWanted: Readonly<Record<Regime, readonly Contact[]>> = {
  US_512C: ['address', 'country', 'phone', 'email'],
  US_512D: ['address', 'country', 'phone', 'email'],
  IN_RULE_75: ['address', 'country', 'phone', 'email'],
  // Regulation 22 of the E-Commerce Regulations 2002: full name and address.
  UK_ECR_22: ['address', 'country', 'email'],
  EU_DSA_16: ['email'],
  GENERIC: ['email'],
}

function unreachableSender({ document: { complainant, regimes } }: ReadinessSubject): Finding[] {
  const wanted = new Set(regimes.flatMap((regime) => contactsWanted[regime]))
  const missing = (field: Contact): boolean => wanted.has(field) && lacks(complainant, field)
  return (Object.keys(contactNames) as Contact[]).filter(missing).map((field) => ({
    code: 'contact_incomplete',
    pointer: `/complainant/${field}`,
    todo: `Add ${contactNames[field]} of the sender: the recipient may ignore a notice without it.`,
  }))
}

const lacks = (party: NoticeParty, field: Contact): boolean => (party[field] ?? '').trim() === ''

function unknownRecipient({ recipient, now }: ReadinessSubject): Finding[] {
  const found: Finding[] = []
  if (isGuess(recipient))
    found.push({
      code: 'recipient_stale',
      pointer: '/recipient/source',
      todo: 'The address is only a guess by custom: a person has to confirm that it is the right one.',
    })
  if (freshUntil(recipient).getTime() < now.getTime())
    found.push({
      code: 'recipient_stale',
      pointer: '/recipient/resolvedAt',
      todo: 'Who is responsible was looked up too long ago: look it up again.',
    })
  return found
}

/** Those who will not act, however good a notice is; where to turn instead (MUSO's classes of hosts). */
const unsuitable: Readonly<Partial<Record<HostClass, string>>> = {
  non_compliant:
    'This recipient ignores notices: turn to its network, to the registrar or to search engines instead.',
  non_contactable:
    'This recipient cannot be reached: turn to its network, to the registrar or to search engines.',
  spoof: 'This host only pretends to have copies: ask search engines to leave it out instead.',
}

function unfitRecipient({ recipient, format }: ReadinessSubject): Finding[] {
  const found: Finding[] = []
  if (recipient.pausedAt)
    found.push({
      code: 'recipient_paused',
      pointer: '/recipient',
      todo: `Nothing is sent to this recipient at present${recipient.pausedWhy ? `: ${quoted(recipient.pausedWhy)}` : ''}.`,
    })
  const instead = recipient.class && unsuitable[recipient.class]
  if (instead) found.push({ code: 'recipient_unsuitable', pointer: '/recipient', todo: instead })
  if (!isReachable(recipient, format))
    found.push({
      code: 'recipient_unreachable',
      pointer: '/recipient',
      todo: 'Add the e-mail address or the form at which the recipient takes notices.',
    })
  return found
}

const isReachable = ({ email, formUrl }: Recipient, format: ReadinessSubject['format']): boolean =>
  format.endsWith('mail') ? email !== null : formUrl !== null || email !== null
