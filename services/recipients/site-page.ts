import { mailAddressOf } from './mail-address.ts'

/** Text of a page that is looked through; a page of terms has some 50 000 characters. */
const TEXT_CHARACTERS_MAX = 512 * 1024
/** Addresses of a page that are weighed; one that lists more is a directory and no contact page. */
const ADDRESSES_MAX = 50

/** Only a page that speaks of this tells where copyright notices go. */
const SUBJECT =
  /\b(?:copyrights?|dmca|infring\w+|abuse|urheberrechts?\w*|rechtsverletzung\w*|droits? d.auteur|contrefa\w+|derechos? de autor)\b|著作権|कॉपीराइट/iu

/** Mailboxes that are there for it, the best first. */
const MAILBOXES = [
  /^(?:copyright|dmca|takedown)/,
  /infring|piracy|copyright|dmca/,
  /^(?:abuse|legal|report)/,
] as const

/** Mailboxes that nobody reads, or that are for something else. */
const WRONG_MAILBOX = /^(?:no-?reply|do-?not-?reply|security|postmaster|webmaster|privacy|jobs|press|sales)\b/
/** Names of pictures look like addresses: `logo@2x.png`. */
const FILE_NAME = /\.(?:png|jpe?g|gif|svg|webp|css|js)$/

const entities: Readonly<Record<string, string>> = {
  '&#64;': '@',
  '&#x40;': '@',
  '&commat;': '@',
  '&#46;': '.',
  '&period;': '.',
  '&amp;': '&',
  '&nbsp;': ' ',
}

/** A page's words without its tags, with links to mailboxes kept, and addresses as people disguise them made plain. */
function textOf(page: string): string {
  return page
    .slice(0, TEXT_CHARACTERS_MAX)
    .replaceAll(/mailto:([^"'?<>\s]{3,254})/gi, '"> $1 <"')
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/&[#a-z0-9]{2,8};/gi, (entity) => entities[entity.toLowerCase()] ?? ' ')
    .replaceAll(/\s?[[(]\s?at\s?[\])]\s?/gi, '@')
    .replaceAll(/\s?[[(]\s?dot\s?[\])]\s?/gi, '.')
}

/**
 * Where a page of a site says that copyright notices go: the address whose mailbox is the likeliest, or undefined when
 * the page names none or speaks of something else.
 */
export function mailOnPage(page: string): string | undefined {
  const text = textOf(page)
  if (!SUBJECT.test(text)) return undefined
  const found = text.match(/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g) ?? []
  const addresses = found
    .slice(0, ADDRESSES_MAX)
    .flatMap((each) => mailAddressOf(each) ?? [])
    .filter((each) => !WRONG_MAILBOX.test(each) && !FILE_NAME.test(each))
  for (const mailbox of MAILBOXES) {
    const fitting = addresses.find((each) => mailbox.test(each.split('@')[0] ?? ''))
    if (fitting !== undefined) return fitting
  }
  return addresses[0]
}
