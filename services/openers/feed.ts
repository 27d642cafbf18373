import { addressIn, expectedRole, roleOfType } from './address.ts'
import type { OpeningBudget } from './budget.ts'
import { named } from './find-name.ts'
import { pageFinds } from './html.ts'
import type { Found, FoundLink, LinkRole, Opener } from './opener.ts'
import { textOpener } from './text-opener.ts'
import { type XmlNode, childrenOf, readXmlTree, textOf } from './xml-tree.ts'

/** Feeds of podcasts that never drop an episode have some ten megabytes. */
const FEED_BYTES_MAX = 20 * 2 ** 20
/** A blog post in a feed; what is longer is not looked through. */
const CONTENT_LENGTH_MAX = 500_000

/** What one element of a feed leads to. */
interface Named {
  readonly text: string | undefined
  readonly role: LinkRole | undefined
}

const typed = ({ attributes: { type, medium } }: XmlNode): LinkRole | undefined =>
  roleOfType(type) ?? (medium === 'image' ? 'cover' : medium === undefined ? undefined : 'media')

/** Links of RSS hold their address, those of Atom say it. */
function linkOf(node: XmlNode): Named {
  const { href, rel = 'alternate', type } = node.attributes
  if (href === undefined) return { text: node.text, role: 'page' }
  if (rel === 'enclosure') return { text: href, role: roleOfType(type) }
  return { text: rel === 'alternate' || rel === 'related' ? href : undefined, role: 'page' }
}

/** Elements that name an address, by local name: RSS 2.0, Atom, Media RSS, iTunes and Podcasting 2.0. */
const readers: Readonly<Record<string, (node: XmlNode) => readonly Named[]>> = {
  __proto__: null as never,
  enclosure: (node) => [{ text: node.attributes['url'], role: typed(node) }],
  link: (node) => [linkOf(node)],
  guid: (node) => (node.attributes['isPermaLink'] === 'true' ? [{ text: node.text, role: 'page' }] : []),
  group: (node) => node.children.flatMap((child) => readers[child.name]?.(child) ?? []),
  content: (node) => [
    // Of Media RSS, or of Atom where the content lies elsewhere.
    { text: node.attributes['url'] ?? node.attributes['src'], role: typed(node) },
    ...node.children.flatMap((child) => readers[child.name]?.(child) ?? []),
  ],
  player: (node) => [{ text: node.attributes['url'], role: undefined }],
  thumbnail: (node) => [{ text: node.attributes['url'], role: 'cover' }],
  image: (node) => [{ text: node.attributes['href'] ?? textOf(node, 'url'), role: 'cover' }],
  logo: (node) => [{ text: node.text, role: 'cover' }],
  alternateenclosure: (node) =>
    childrenOf(node, 'source').map(({ attributes }) => ({ text: attributes['uri'], role: typed(node) })),
}

const CONTENTS: ReadonlySet<string> = new Set(['description', 'encoded', 'content', 'summary'])

class FeedFinds {
  readonly #own: string | undefined
  readonly #budget: OpeningBudget
  readonly #seen = new Set<string>()

  constructor(own: string | undefined, budget: OpeningBudget) {
    this.#own = own
    this.#budget = budget
    if (own !== undefined) this.#seen.add(own)
  }

  /** What an entry leads to: files before its page, and at last what its text leads to. */
  *of(entry: XmlNode, place: string, isChannel: boolean): Generator<Found> {
    const all = entry.children.flatMap((child) => readers[child.name]?.(child) ?? [])
    // The channel's own page is no news; its picture is the cover of all that has none.
    const wanted = isChannel ? all.filter(({ role }) => role === 'cover') : all
    const found = wanted.flatMap((one) => this.#linkOf(one, place))
    yield* found.filter(({ role }) => role !== 'page')
    yield* found.filter(({ role }) => role === 'page')
    if (!isChannel) yield* this.#inContents(entry, place)
  }

  #linkOf({ text, role }: Named, place: string): readonly FoundLink[] {
    const url = text === undefined ? undefined : addressIn(text, this.#own)
    if (url === undefined || this.#seen.has(url)) return []
    this.#seen.add(url)
    const expected = role ?? expectedRole(url) ?? 'media'
    return [{ kind: 'link', url, name: expected === 'cover' ? `${place}, cover` : place, role: expected }]
  }

  *#inContents(entry: XmlNode, place: string): Generator<Found> {
    for (const { name, text } of entry.children) {
      if (!CONTENTS.has(name) || text.length > CONTENT_LENGTH_MAX || !text.includes('<')) continue
      for (const found of pageFinds(text, this.#own, this.#budget)) {
        if (found.kind === 'link' && (found.role === 'page' || this.#seen.has(found.url))) continue
        if (found.kind === 'link') this.#seen.add(found.url)
        yield { ...found, name: `${place}, ${found.name}` }
      }
    }
  }
}

/** RSS, Atom and podcasts' feeds, of which at most 20 MiB are read: files, covers and pages of each entry. */
export const openFeed: Opener = textOpener(FEED_BYTES_MAX, function* find(text, { url }, budget) {
  const { root, problem } = readXmlTree(text, budget)
  const finds = new FeedFinds(url, budget)
  const channel = childrenOf(root, 'channel')[0] ?? root
  // RSS 1.0 has its items beside the channel.
  const entries = [...childrenOf(channel, 'item'), ...childrenOf(channel, 'entry')]
  const all = entries.length > 0 || channel === root ? entries : childrenOf(root, 'item')
  if (channel) yield* finds.of(channel, 'feed', true)
  for (const [index, entry] of all.entries())
    yield* finds.of(entry, named(`item ${index + 1}`, textOf(entry, 'title')), false)
  if (problem) throw problem
})
