/** What RFC 3986 lets stand in a URI; brackets only in the host, where WHATWG's parser leaves them only there. */
const NOT_IN_URI = /[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]/gu
const STRAY_PERCENT = /%(?![0-9A-Fa-f]{2})/g

const escaped = (character: string): string =>
  Array.from(
    new TextEncoder().encode(character),
    (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('')

/**
 * An address as observed in the form that RFC 3986 demands of machines: the same resource, with everything outside
 * its alphabet escaped and the host in ASCII. Formats that check it refuse what browsers accept, such as `?q=a|b`.
 */
export function asUri(address: string): string {
  const url = parsed(address)
  const href = url?.href ?? address
  const authority = url?.host
    ? `${url.protocol}//${href.slice(url.protocol.length + 2).split(/[/?#]/, 1)[0] ?? ''}`
    : ''
  const [path = '', ...fragment] = href.slice(authority.length).split('#')
  const rest = fragment.length > 0 ? `${path}#${fragment.join('%23')}` : path
  return authority + rest.replaceAll(STRAY_PERCENT, '%25').replaceAll(NOT_IN_URI, escaped)
}

const parsed = (address: string): URL | undefined => (URL.canParse(address) ? new URL(address) : undefined)

/** The host of an address in ASCII, lower case; undefined where it has none, such as a magnet link. */
export const hostOf = (address: string): string | undefined => parsed(address)?.hostname || undefined
