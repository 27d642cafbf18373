import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

import { getDomain } from 'tldts'
import { z } from 'zod'

/** Longer names do not exist (RFC 1035). */
const HOST_CHARACTERS_MAX = 253

/** A name of letters, digits and hyphens, as it is looked up. Underscores stand in names of some hosts. */
const NAME = /^[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_-]{1,63})*$/

/**
 * A host as addresses carry it: lower case, punycode, without a final dot, IPv6 in brackets; undefined when the text
 * is none.
 */
export function hostNameOf(text: string): string | undefined {
  const given = text.trim().replace(/\.$/, '')
  const bare = given.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 6) return `[${bare.toLowerCase()}]`
  if (/[/\\?#:@%\s]/.test(given)) return undefined // The conversion would drop what follows.
  const name = domainToASCII(given)
  return NAME.test(name) ? name : undefined
}

/** The address that a host is, or undefined when it is a name. */
export function addressOf(host: string): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) ? bare : undefined
}

/** A host, read from what a person or a program gives as one. */
export const HostName = z
  .string()
  .max(HOST_CHARACTERS_MAX)
  .transform((text, context) => {
    const host = hostNameOf(text)
    if (host !== undefined) return host
    context.addIssue({ code: 'custom', message: 'a host like files.example.org, without scheme and path' })
    return z.NEVER
  })

/**
 * The part of a host that somebody registered (`files.example.co.uk` → `example.co.uk`), by the Public Suffix List;
 * undefined for addresses and for suffixes themselves.
 */
export const registrableDomain = (host: string): string | undefined => getDomain(host) ?? undefined

/**
 * The part of a host that one holder fills with pages: below the names that the Public Suffix List calls private
 * (`a.github.io`) everybody has their own, and none speaks for the others or for who runs them.
 */
export const siteOfHost = (host: string): string => getDomain(host, { allowPrivateDomains: true }) ?? host
