import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { promisify } from 'node:util'

import { z } from 'zod'

import { Problem } from '../core/problem.ts'

/** RFC 8301, section 3.2: signers use at least 2048 bits; longer keys do not fit the DNS answers of some servers. */
const DKIM_KEY_BITS = 2048
const DKIM_KEY_BITS_MIN = 1024
const DKIM_KEY_BITS_MAX = 4096
/** A 4096-bit key in PEM has some 3300 characters. */
const PEM_CHARACTERS_MAX = 10_000
const SMTP_URL_CHARACTERS_MAX = 500

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const HOST_NAME = new RegExp(`^(?=.{4,253}$)(${LABEL}\\.)+${LABEL}$`)

/** A domain name, kept in lower case and punycode; people may paste an address of it. */
export const DomainName = z
  .string()
  .trim()
  .max(2048)
  .transform((text, context) => {
    const name = domainToASCII(
      text
        .replace(/^[a-z]+:\/\//i, '')
        .replace(/[/?#:].*$/, '')
        .replace(/\.$/, ''),
    )
    if (HOST_NAME.test(name)) return name
    context.addIssue({ code: 'custom', message: 'must be a domain name, e.g. records.example' })
    return z.NEVER
  })

const SENDER = /^(?:([^<>"\\\p{Cc}]{1,100}?)\s*<([^<>]+)>|([^<>\s]+))$/u

/** The address of a sender as people write it, `Name <address>` or bare, without the name; undefined when it is none. */
export function addressIn(sender: string): string | undefined {
  const [, , inBrackets, bare] = SENDER.exec(sender.trim()) ?? []
  const read = z
    .email()
    .max(254)
    .safeParse(inBrackets ?? bare)
  return read.success ? read.data : undefined
}

const isPlain = (url: string): boolean => {
  const { pathname, search, hash, hostname } = new URL(url)
  return hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === ''
}

/** What of a tenant's mail can be changed; null takes it away. */
export const MailChange = z
  .object({
    mailFrom: z
      .string()
      .trim()
      .max(320)
      .refine((text) => addressIn(text) !== undefined, 'must be an address, or a name and an address in < >')
      .nullable(),
    replyDomain: DomainName.nullable(),
    smtpUrl: z
      .url({
        protocol: /^smtps?$/,
        error: 'must be an address such as smtps://user:password@mail.example:465',
      })
      .max(SMTP_URL_CHARACTERS_MAX)
      // Options behind a question mark could switch off the checks of a connection.
      .refine(isPlain, 'must have nothing behind the port')
      .nullable(),
  })
  .partial()
export type MailChange = z.infer<typeof MailChange>

/** A DKIM key to be used from now on; without a private key one is made. */
export const DkimChange = z.object({
  domain: DomainName,
  selector: z
    .string()
    .trim()
    .toLowerCase()
    .max(63)
    .regex(new RegExp(`^${LABEL}$`), 'letters, digits and hyphens, e.g. earwitness1'),
  privateKey: z.string().max(PEM_CHARACTERS_MAX).optional(),
})
export type DkimChange = z.infer<typeof DkimChange>

/** What the sealed secrets are about: the row and column that each opens in. */
export const smtpAbout = (tenantId: string): string => `tenant:${tenantId}:smtp`
export const dkimAbout = (tenantId: string): string => `tenant:${tenantId}:dkim`

/** A new private key for DKIM, in PEM. */
export async function newDkimKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: DKIM_KEY_BITS })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** A private key as its owner gave it, in the one form that is kept. @throws {Problem} request/invalid */
export function readDkimKey(pem: string): string {
  const refuse = (detail: string, cause?: unknown): never => {
    throw new Problem('request/invalid', `The private key cannot be used: ${detail}`, {
      faults: [{ pointer: '/privateKey', detail }],
      cause,
    })
  }
  try {
    const key = createPrivateKey({ key: pem, format: 'pem' })
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    if (key.asymmetricKeyType !== 'rsa') return refuse('must be an RSA key')
    if (bits < DKIM_KEY_BITS_MIN || bits > DKIM_KEY_BITS_MAX)
      return refuse(`must have ${DKIM_KEY_BITS_MIN} to ${DKIM_KEY_BITS_MAX} bits`)
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (error) {
    if (error instanceof Problem) throw error
    return refuse('must be a private key in PEM without a passphrase', error)
  }
}

/** The TXT record that receivers check signatures with (RFC 6376, section 3.6). */
export function dkimRecord(
  domain: string,
  selector: string,
  privateKey: string,
): { name: string; value: string } {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return { name: `${selector}._domainkey.${domain}`, value: `v=DKIM1; k=rsa; p=${spki.toString('base64')}` }
}

/**
 * Receivers count a signature for the sender only when it is of the sender's domain or of one above it (DMARC,
 * RFC 7489, section 3.1.1).
 *
 * @throws {Problem} request/invalid, at the field that was given.
 */
export function requireAligned(
  sender: string | null,
  dkimDomain: string | null,
  field: 'mailFrom' | 'domain',
): void {
  const domain = addressIn(sender ?? '')
    ?.split('@')
    .at(-1)
    ?.toLowerCase()
  if (!domain || !dkimDomain || domain === dkimDomain || domain.endsWith(`.${dkimDomain}`)) return
  const detail = `must fit: mails from ${domain} cannot be signed in the name of ${dkimDomain}`
  throw new Problem('request/invalid', 'Sender and DKIM domain do not fit', {
    faults: [{ pointer: `/${field}`, detail }],
  })
}
