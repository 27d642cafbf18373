/** Paths that list other things: naming one does not tell a host which copy is meant. */
const LISTING_PATH = /^\/(?:search|results|explore|browse|discover|find)(?:\/|\.\w+$|$)/i
/** Words under which sites take what is searched for, when nothing but a query says what an address is of. */
const SEARCH_WORDS = /^(?:q|s|query|search|search_query|keyword|keywords)$/i
/** What hosts keep behind `#`: the key of a file (`#!abc…`) or the path of a page (`#/d/abc`); `#top` is neither. */
const NAMING_HASH = /^#[!/]./
/** Names of the content of a torrent; without one a magnet link leads to nothing in particular (BEP 9). */
const MAGNET_CONTENT = /^urn:(?:btih|btmh|sha1|tree|ed2k):.+/i

/** Why a recipient could not find a copy by this address, as what to do about it; undefined when it could. */
export function vaguenessOf(address: string): string | undefined {
  if (!URL.canParse(address)) return 'Give the whole address, with https:// in front.'
  const url = new URL(address)
  if (url.protocol === 'magnet:')
    return url.searchParams.getAll('xt').some((content) => MAGNET_CONTENT.test(content))
      ? undefined
      : 'The magnet link names no content: give one with its hash (xt=urn:btih:…).'
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'Recipients can act on web addresses and magnet links only: give one of these.'
  const isRoot = url.pathname === '/'
  if (isRoot && url.search === '' && !NAMING_HASH.test(url.hash))
    return 'The address is the front page of a site: give the address of the copy itself.'
  const isSearch = isRoot && [...url.searchParams.keys()].some((name) => SEARCH_WORDS.test(name))
  if (isSearch || LISTING_PATH.test(url.pathname))
    return 'The address is a search page: give the address of the copy itself.'
  return undefined
}
