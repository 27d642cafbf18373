import { randomBytes } from 'node:crypto'
import { domainToASCII } from 'node:url'

import { z } from 'zod'

import { IntakeMailId, SubmissionId } from '../core/ids.ts'

/** Attachments of 25 MB, which large mail providers let through, in base64. */
export const INTAKE_MAIL_BYTES_MAX = 35 * 2 ** 20
/** Mails of an account that are taken in an hour; more wait at whoever sends them. */
export const TAKEN_PER_HOUR_MAX = 200
/** Mails that were not taken are noted so often in an hour: whoever floods an address does not fill the log as well. */
export const NOTED_PER_HOUR_MAX = 100
/** For how long it is kept that a mail was not taken. */
export const NOTED_DAYS = 90
/** A label has some departments and agencies; a longer list nobody looks after. */
export const SENDERS_MAX = 500
/** Mails pass some ten servers; RFC 5321 (section 6.3) has loops told by a hundred. */
const HOPS_MAX = 50

/** Why a mail was taken or not. */
export const IntakeOutcome = z.enum(['taken', 'repeated', 'sender', 'automatic', 'empty'])
export type IntakeOutcome = z.infer<typeof IntakeOutcome>

/** A mail that came to an account's intake address. */
export const IntakeMail = z.object({
  id: IntakeMailId,
  /** Who says to have sent it: anybody can write what stands here. */
  sender: z.string(),
  subject: z.string(),
  outcome: IntakeOutcome,
  submissionId: SubmissionId.nullable(),
  receivedAt: z.date(),
})
export type IntakeMail = z.infer<typeof IntakeMail>

/** A new token: 128 random bits, as it stands in an address. */
export const newIntakeToken = (): string => randomBytes(16).toString('hex')

/** The address at which mails are handed in. */
export const intakeAddressOf = (token: string, domain: string): string => `in-${token}@${domain}`

/** The token in an intake address, and its domain; undefined when the address is another. */
export function readIntakeAddress(address: string): { token: string; domain: string } | undefined {
  const [, token, domain] =
    /^in-([a-z0-9]{20,40})@([a-z0-9.-]{1,253})$/.exec(address.trim().toLowerCase()) ?? []
  return token && domain ? { token, domain } : undefined
}

/** An address in the spelling in which it is compared: lower case, its domain in punycode; '' when it is none. */
export function plainAddress(address: string): string {
  const [, name, domain] = /^([^@\s]*)@([^@\s]{1,253})$/.exec(address.trim().toLowerCase()) ?? []
  const ascii = domain === undefined ? '' : domainToASCII(domain.replace(/\.$/, ''))
  return ascii === '' ? '' : `${name}@${ascii}`
}

/** Who may hand in by mail: an address, or everybody at a domain as `@records.example`. Subdomains are others. */
export const SenderPattern = z
  .string()
  .max(320)
  .transform((text, context) => {
    const plain = plainAddress(text)
    const isDomain = plain.startsWith('@') && /^@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(plain)
    if (isDomain || z.email().safeParse(plain).success) return plain
    context.addIssue({ code: 'custom', message: 'an address, or everybody at a domain as @records.example' })
    return z.NEVER
  })

/** Whether one of the addresses that a mail says it is from is on the list. */
export function isAllowed(patterns: readonly string[], senders: readonly string[]): boolean {
  const allowed = new Set(patterns)
  return senders
    .map(plainAddress)
    .some(
      (sender) => sender !== '' && (allowed.has(sender) || allowed.has(sender.slice(sender.indexOf('@')))),
    )
}

/** What of a mail tells whether a program wrote it. */
export interface MailTraits {
  /** Of the SMTP envelope; empty of messages about messages. */
  readonly envelopeFrom: string
  /** Of the header field From. */
  readonly sender: string
  /** First value of each header field, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** Servers that it passed. */
  readonly hops: number
}

/**
 * Whether a mail was written by a program, came over a list, or has been here before: it is not taken, so that nothing
 * goes round in circles (RFC 3834; nothing is ever answered by mail either).
 *
 * @param own domains at which mails come to us, and addresses that we send from.
 */
export function isAutomatic(
  { envelopeFrom, sender, headers, hops }: MailTraits,
  own: { readonly domains: readonly string[]; readonly addresses: readonly string[] },
): boolean {
  const header = (name: string): string => headers.get(name)?.trim().toLowerCase() ?? ''
  if (envelopeFrom.trim() === '' || hops > HOPS_MAX || headers.has('x-loop')) return true
  const submitted = header('auto-submitted').split(';')[0]?.trim() ?? ''
  if (submitted !== '' && submitted !== 'no') return true
  if (/^(?:bulk|list|junk)\b/.test(header('precedence'))) return true
  if (header('content-type').startsWith('multipart/report')) return true
  const domains = new Set(own.domains.map((each) => each.toLowerCase()))
  const addresses = new Set(own.addresses.map(plainAddress))
  return [envelopeFrom, sender].map(plainAddress).some((each) => {
    const domain = each.slice(each.indexOf('@') + 1)
    return each !== '' && (addresses.has(each) || domains.has(domain))
  })
}
