import { Problem } from '../core/problem.ts'
import type { SaidUploader } from '../metadata/claims/said-uploader.ts'
import { canonicalUrlOf } from '../submissions/canonical-url.ts'
import { addressIn, expectedRole, isSameSite, mayBePage, roleOfType } from './address.ts'
import type { OpeningBudget } from './budget.ts'
import { atTime, named, startIn } from './find-name.ts'
import type { PageParts } from './html-parts.ts'
import { walkPage } from './html-walk.ts'
import { type StructuredData, type WrittenUploader, describedIn } from './json-ld.ts'
import { magnetFinds } from './magnet.ts'
import type { Found, FoundLink, LinkRole, Opener } from './opener.ts'
import { onlyUploader, saidUploader } from './said-uploader.ts'
import { textOpener } from './text-opener.ts'

/** The largest pages of a thread or a blog have some megabytes. */
const PAGE_BYTES_MAX = 5 * 2 ** 20
/** A page has a cover and some pictures of related things; further ones are decoration. */
const COVERS_MAX = 8
/** Pages of the same site that one page leads to: whoever follows them follows a few. */
const PAGES_MAX = 500

/** Addresses of one page, made absolute, each given once: where it was named first. */
class PageAddresses {
  readonly #base: string | undefined
  /** In the form by which duplicates are told. */
  readonly #seen = new Set<string>()

  constructor(own: string | undefined, written: string | undefined) {
    this.#base = (written === undefined ? undefined : addressIn(written, own)) ?? own
    if (own !== undefined) this.#seen.add(canonicalUrlOf(own))
  }

  /** Who is named as an uploader. */
  uploader(written: WrittenUploader | undefined): SaidUploader | undefined {
    return written && saidUploader(written, this.#base)
  }

  /** The absolute address; undefined for what leads nowhere, to the page itself, or was given before. */
  fresh(text: string): string | undefined {
    const address = addressIn(text, this.#base)
    if (address === undefined) return undefined
    const key = canonicalUrlOf(address)
    if (this.#seen.has(key)) return undefined
    this.#seen.add(key)
    return address
  }
}

const link = (url: string, name: string, role: LinkRole): FoundLink => ({ kind: 'link', url, name, role })

function* playersOf({ players }: PageParts, addresses: PageAddresses): Generator<Found> {
  let number = 0
  for (const { sources, embedded, title, startS } of players) {
    let isCounted = false
    for (const { text, type, isTrack } of sources) {
      const url = addresses.fresh(text)
      if (url === undefined) continue
      const expected = roleOfType(type) ?? expectedRole(url)
      // An embedded picture is no player.
      if (expected === 'cover') continue
      if (!isCounted) number += 1
      isCounted = true
      const place = atTime(`player ${number}`, startS ?? startIn(url))
      if (isTrack) yield link(url, `${place}, text track`, 'unknown')
      else yield link(url, named(place, title), expected ?? (embedded ? 'unknown' : 'media'))
    }
  }
}

/** What a page was read as: one of a site, or text that somebody sent so that all its links are looked at. */
interface PageOrigin {
  /** The page's own address. */
  readonly own: string | undefined
  readonly isSent: boolean
}

/** Links that lead to files, players and lists; pages of the same site are kept for the end. */
function* linksOf(
  { links }: PageParts,
  addresses: PageAddresses,
  { own, isSent }: PageOrigin,
  pages: FoundLink[],
): Generator<Found> {
  let number = 0
  for (const { text, title, label, type, isDownload } of links) {
    if (/^\s*magnet:/i.test(text)) {
      number += 1
      yield* magnetFinds(text.trim(), `link ${number}`)
      continue
    }
    const url = addresses.fresh(text)
    if (url === undefined) continue
    const role =
      roleOfType(type) ?? expectedRole(url) ?? (isDownload ? 'media' : isSent ? 'unknown' : undefined)
    const words = title.trim() || label
    if (role === 'cover') continue
    if (role !== undefined) {
      number += 1
      yield link(url, named(`link ${number}`, words), role)
    } else if (own !== undefined && pages.length < PAGES_MAX && isSameSite(url, own) && mayBePage(url))
      pages.push(link(url, named('page', words), 'page'))
  }
}

/** What the page says of itself to other sites. */
function* metadataOf(
  parts: PageParts,
  described: readonly StructuredData[],
  addresses: PageAddresses,
  own: string | undefined,
  pages: FoundLink[],
): Generator<Found> {
  const covers: string[] = []
  for (const [index, { found }] of described.entries())
    for (const { text, name, role, by } of found) {
      if (role === 'cover') {
        covers.push(text)
        continue
      }
      const url = addresses.fresh(text)
      if (url === undefined) continue
      const place = atTime(`JSON-LD ${index + 1}`, startIn(url))
      if (role === 'media')
        yield {
          ...link(url, named(place, name), expectedRole(url) ?? 'unknown'),
          by: addresses.uploader(by),
        }
      else if (own !== undefined && pages.length < PAGES_MAX && isSameSite(url, own))
        pages.push(link(url, named('page', name), expectedRole(url) ?? 'page'))
    }
  for (const { property, text } of parts.previews) {
    const url = addresses.fresh(text)
    if (url !== undefined) yield link(url, atTime(property, startIn(url)), expectedRole(url) ?? 'unknown')
  }
  for (const text of parts.refreshes) {
    const url = addresses.fresh(text)
    if (url !== undefined) yield { ...link(url, 'forwarding', expectedRole(url) ?? 'page'), forwards: true }
  }
  for (const { name, text, title } of parts.lists) {
    const url = addresses.fresh(text)
    if (url !== undefined) yield link(url, named(name, title), 'list')
  }
  let count = 0
  for (const text of [...parts.covers, ...covers]) {
    const url = count < COVERS_MAX ? addresses.fresh(text) : undefined
    if (url === undefined) continue
    count += 1
    yield link(url, count === 1 ? 'cover' : `cover ${count}`, 'cover')
  }
}

/**
 * What a page leads to: players, links to files, lists and hosts of files, what it says of itself in metadata, covers,
 * and at the end other pages of its site. Each address once, where it is named first.
 *
 * @param own the page's own address.
 * @param isSent it is a text that somebody sent: then links to other sites are wanted too, whatever they look like.
 * @throws {Problem} open/too-slow; open/too-many and open/damaged after what was found until then.
 */
export function* pageFinds(
  html: string,
  own: string | undefined,
  budget: OpeningBudget,
  isSent = false,
): Generator<Found> {
  const parts = walkPage(html, budget)
  const addresses = new PageAddresses(own, parts.base)
  const pages: FoundLink[] = []
  const described = parts.described.map(describedIn)
  const uploaders = described.flatMap((data) => data.uploaders.map((each) => addresses.uploader(each)))
  // Of a page that names one, all that is on it is theirs; of several nobody knows who put what there.
  const by = onlyUploader(uploaders.filter((each) => each !== undefined))
  const theirs = (found: Found): Found =>
    by && found.kind === 'link' && found.role !== 'list' ? { ...found, by: found.by ?? by } : found
  for (const found of playersOf(parts, addresses)) yield theirs(found)
  for (const found of linksOf(parts, addresses, { own, isSent }, pages)) yield theirs(found)
  for (const found of metadataOf(parts, described, addresses, own, pages)) yield theirs(found)
  // Other pages name their own.
  yield* pages
  if (parts.fault === 'many') throw new Problem('open/too-many', 'The page names more than is looked at')
  if (parts.fault === 'deep')
    throw new Problem('open/damaged', 'Elements of the page lie deeper in each other than a browser takes')
}

/** Web pages, of which at most 5 MiB are read. */
export const openHtml: Opener = textOpener(PAGE_BYTES_MAX, (text, { url }, budget) =>
  pageFinds(text, url, budget),
)
