import { isIP } from 'node:net'

import { isHostingSuffix, isPublicSuffix, isSharedSite } from './public-suffixes.ts'

/** A text in the one spelling in which it is kept and compared, or why it cannot be. */
export type Read = { readonly value: string; readonly fault?: never } | { readonly fault: string }

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
/** DNS knows no longer names (RFC 1035, section 2.3.4). */
const DOMAIN_LENGTH_MAX = 253
/** Servers that decode a path once more than they should are common, those that do it a third time are not. */
const DECODING_ROUNDS = 3

/**
 * An http or https address, whose scheme may be missing. Names come out in lower case and punycode, disguised IPv4
 * literals as plain ones, `..` and backslashes resolved: the WHATWG URL parser does that.
 */
export function urlOf(text: string): URL | undefined {
  const trimmed = text.trim()
  const url = SCHEME.test(trimmed) ? trimmed : `http://${trimmed}`
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed : undefined
}

/** The host of an address. `example.com.` with its root dot is the same host as without. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '')

/** The host as a place is named by it: `www.` tells nothing, and another port is another server. */
function siteOf(url: URL): string {
  const isUsual = url.port === '' || url.port === '80' || url.port === '443'
  return hostOf(url).replace(/^www\.(?=.+\.)/, '') + (isUsual ? '' : `:${url.port}`)
}

/** A path in which one character is written in one way: `%7e` is `~` (RFC 3986, section 6.2.2). */
const plainPath = (path: string): string =>
  path.replaceAll(/%[0-9a-f]{2}/gi, (code) => {
    const character = String.fromCodePoint(Number.parseInt(code.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : code.toUpperCase()
  })

/** Whether a server that decodes too eagerly would leave the folder: `/ours/..%2ftheirs`, `/ours/%252e%252e/`. */
function climbs(path: string): boolean {
  let text = path
  for (let round = 0; round < DECODING_ROUNDS; round += 1)
    text = text.replaceAll(/%(25|2e|2f|5c)/gi, (code) => decodeURIComponent(code))
  return /(^|[/\\])\.\.($|[/\\;])/.test(text)
}

const isDomain = (host: string): boolean => {
  const labels = host.split('.')
  return labels.length > 1 && host.length <= DOMAIN_LENGTH_MAX && labels.every((label) => LABEL.test(label))
}

/** Why a host is nobody's own, or undefined when it may be somebody's. */
function whyShared(host: string): string | undefined {
  if (isPublicSuffix(host)) return `“${host}” is an ending that many domains share: give the domain before it`
  if (isHostingSuffix(host))
    return `Under “${host}” everybody can have a domain: give the one that is allowed`
  if (isSharedSite(host))
    return `On “${host}” everybody can publish: allow a channel or the address of one thing there`
  return undefined
}

/** A domain, which stands for all its subdomains and ports. `https://` before it and `*.` are understood. */
export function readDomain(text: string): Read {
  const url = urlOf(text.trim().replace(/^([a-z]+:\/\/)?\*\./i, '$1'))
  if (!url || url.username || url.password) return { fault: 'not a domain: write it as in example.com' }
  if (url.pathname !== '/' || url.search || url.hash)
    return { fault: 'this has a path: choose ‘address and what is under it’, or leave the path out' }
  const host = hostOf(url)
  if (isIP(host.replaceAll(/[[\]]/g, '')))
    return { fault: 'an IP address is no domain: choose ‘address and what is under it’' }
  if (!host.includes('.')) return { fault: `“${host}” alone is no domain: write it as in example.com` }
  if (!isDomain(host)) return { fault: 'not a domain: write it as in example.com' }
  const fault = whyShared(host)
  return fault ? { fault } : { value: host }
}

/** Whether a host is a domain or below it; `evil-example.com` is not below `example.com`. */
export const isWithinDomain = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`)

/** The domain of a host and all above it, the longest first: under these entries are looked for. */
export function domainsOf(host: string): string[] {
  const labels = host.split('.')
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
}

/** An address without its scheme, in the parts by which a prefix is compared. */
interface Address {
  readonly site: string
  /** Without a slash at its end; empty for the whole site. */
  readonly path: string
  readonly query: URLSearchParams
}

function addressOf(url: URL): Address {
  const query = new URLSearchParams(url.search)
  query.sort()
  return { site: siteOf(url), path: plainPath(url.pathname).replace(/\/+$/, ''), query }
}

const spelled = ({ site, path, query }: Address): string =>
  `${site}${path || '/'}${query.size > 0 ? `?${query.toString()}` : ''}`

/**
 * The start of addresses, without scheme and `www.`: `example.com/ours` stands for itself and for what is under it.
 * With a query it stands for addresses of just that path whose parameters have these values: `example.com/watch?v=1`.
 */
export function readPrefix(text: string): Read {
  const url = urlOf(text)
  const host = url && hostOf(url)
  if (!url || !host || url.username || url.password)
    return { fault: 'not an address: write it as in example.com/our-page' }
  if (!isIP(host.replaceAll(/[[\]]/g, '')) && !isDomain(host))
    return { fault: `“${host}” is no host on the internet` }
  if (climbs(url.pathname)) return { fault: 'write the path as it is, without “..”' }
  const address = addressOf(url)
  const shared = address.path === '' && address.query.size === 0 && whyShared(host)
  return shared ? { fault: shared } : { value: spelled(address) }
}

/** Under which a prefix is looked for: its host with the port. */
export const siteOfPrefix = (prefix: string): string => siteOf(new URL(`http://${prefix}`))

/** Under which the prefixes of an address are looked for. */
export const siteOfAddress = (url: URL): string => siteOf(url)

/** Whether an address begins with a prefix, on the borders of its path: `/foobar` does not begin with `/foo`. */
export function isUnderPrefix(url: URL, prefix: string): boolean {
  const [place, start] = [addressOf(url), addressOf(new URL(`http://${prefix}`))]
  if (place.site !== start.site) return false
  if (start.path !== '' && climbs(url.pathname)) return false
  if (start.query.size === 0) return place.path === start.path || place.path.startsWith(`${start.path}/`)
  // A parameter that comes twice could mean either: all its values must be those of the prefix.
  const isSame = (name: string): boolean =>
    JSON.stringify(start.query.getAll(name)) === JSON.stringify(place.query.getAll(name))
  return place.path === start.path && [...start.query.keys()].every(isSame)
}
