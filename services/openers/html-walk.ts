import { Parser } from 'htmlparser2'

import type { OpeningBudget } from './budget.ts'
import { secondsOf } from './find-name.ts'
import { type PageLink, type PageParts, type PagePlayer, emptyParts } from './html-parts.ts'
import { isMediaString, mediaInData, mediaStrings, startAttribute } from './html-scan.ts'

/** Browsers put no element deeper (HTML Standard leaves it to them; the large ones agree). */
const ELEMENT_DEPTH_MAX = 512
/** Of everything that a page names; the largest lists of links of a blog have some thousands. */
const PARTS_MAX = 20_000
/** A page's own data is up to some hundred kilobytes. */
const SCRIPT_LENGTH_MAX = 1_000_000
/** Of one element; a page that has more is made to keep its reader busy. */
const ATTRIBUTES_MAX = 1_000
/** Text of a link that is kept. */
const LINK_TEXT_MAX = 300
/** The parser is asked for time this often. */
const STEP_LENGTH = 16_384

type Attributes = Readonly<Record<string, string>>

const wordsIn = (text: string | undefined): readonly string[] =>
  (text ?? '').slice(0, 200).toLowerCase().split(/\s+/)

/** Elements that are players themselves, whatever their data says beside. */
const PLAYERS: ReadonlySet<string> = new Set(['audio', 'video', 'source', 'iframe', 'embed', 'object'])

const PREVIEW = /^(?:og:(?:audio|video)(?::(?:url|secure_url))?|twitter:player(?::stream)?)$/
const COVER = /^(?:og:image(?::(?:url|secure_url))?|twitter:image(?::src)?|thumbnail)$/
const MEDIA_PROPERTY = /^(?:contenturl|embedurl|audio)$/
const COVER_PROPERTY = /^(?:image|thumbnailurl|thumbnail)$/

/** Collects what a page names while the parser goes through it. */
class PageWalk {
  readonly parts: PageParts = emptyParts()
  #depth = 0
  #count = 0
  /** Of the element whose tag is being read. */
  #attributes = 0
  #link: PageLink | undefined
  /** Players that are open, innermost last: sources lie in them. */
  readonly #open: { readonly tag: string; readonly player: PagePlayer }[] = []
  #script: { readonly isJsonLd: boolean; text: string } | undefined

  tag(): void {
    this.#attributes = 0
  }

  attribute(): void {
    this.#attributes += 1
    if (this.#attributes > ATTRIBUTES_MAX) this.parts.fault ??= 'many'
  }

  opened(tag: string, attributes: Attributes): void {
    this.#depth += 1
    if (this.#depth > ELEMENT_DEPTH_MAX) this.parts.fault ??= 'deep'
    if (this.parts.fault !== undefined) return
    this.#elements[tag]?.(attributes)
    if (!PLAYERS.has(tag)) {
      const played = mediaInData(attributes)
      if (played.length > 0) this.#player(played, attributes)
    }
    if (attributes['itemprop'] !== undefined) this.#property(attributes)
  }

  text(text: string): void {
    if (this.#script) {
      if (this.#script.text.length < SCRIPT_LENGTH_MAX) this.#script.text += text
    } else if (this.#link && this.#link.title.length < LINK_TEXT_MAX)
      this.#link.title += text.slice(0, LINK_TEXT_MAX)
  }

  closed(tag: string): void {
    this.#depth -= 1
    if (tag === 'a') this.#link = undefined
    if (this.#open.at(-1)?.tag === tag) this.#open.pop()
    if (tag === 'script' && this.#script) {
      if (this.#script.isJsonLd) this.parts.described.push(this.#script.text)
      else this.#player(mediaStrings(this.#script.text), {})
      this.#script = undefined
    }
  }

  /** Whether there is room for one more. */
  #room(): boolean {
    this.#count += 1
    if (this.#count > PARTS_MAX) this.parts.fault ??= 'many'
    return this.#count <= PARTS_MAX
  }

  #keep<Part>(list: Part[], part: Part): void {
    if (this.#room()) list.push(part)
  }

  #player(texts: readonly string[], attributes: Attributes, embedded = false): PagePlayer | undefined {
    const start = startAttribute(attributes)
    const player: PagePlayer = {
      sources: texts.map((text) => ({ text, type: attributes['type'], isTrack: false })),
      embedded,
      title: attributes['title'] ?? attributes['aria-label'],
      startS: start === undefined ? undefined : secondsOf(start),
    }
    if ((texts.length > 0 || !embedded) && this.#room()) this.parts.players.push(player)
    return player
  }

  #media(tag: string, attributes: Attributes): void {
    const { src, poster } = attributes
    const player = this.#player(src === undefined ? mediaInData(attributes) : [src], attributes)
    if (player) this.#open.push({ tag, player })
    if (poster !== undefined) this.#keep(this.parts.covers, poster)
  }

  #source(attributes: Attributes, isTrack = false): void {
    const player = this.#open.at(-1)?.player
    const text = attributes['src'] ?? attributes['data-src']
    if (player && text !== undefined && this.#room())
      player.sources.push({ text, type: attributes['type'], isTrack })
  }

  #anchor({ href, title, 'aria-label': label, type, download, rel }: Attributes): void {
    this.#link = undefined
    if (href === undefined) return
    const isDownload = download !== undefined || wordsIn(rel).includes('enclosure')
    this.#link = { text: href, title: '', label: title ?? label, type, isDownload }
    this.#keep(this.parts.links, this.#link)
  }

  #linked({ rel, href, type, title, as }: Attributes): void {
    if (href === undefined) return
    const relations = wordsIn(rel)
    const { lists, covers } = this.parts
    if (relations.includes('alternate')) {
      if (/^application\/(?:rss|atom|rdf)\+xml/i.test(type ?? ''))
        this.#keep(lists, { name: 'feed', text: href, title })
      else if (/^(?:application\/json|text\/xml)\+oembed/i.test(type ?? ''))
        this.#keep(lists, { name: 'oEmbed', text: href, title })
      else if (/^(?:audio|video)\//i.test(type ?? ''))
        this.#keep(this.parts.links, { text: href, title: '', label: title, type, isDownload: true })
    }
    if (relations.includes('image_src')) this.#keep(covers, href)
    if (relations.includes('preload') && /^(?:audio|video|fetch)$/i.test(as ?? ''))
      this.#player(isMediaString(href) ? [href] : [], {}, true)
  }

  #meta({ property, name, content, 'http-equiv': equivalent }: Attributes): void {
    if (content === undefined) return
    const key = (property ?? name ?? '').slice(0, 40).toLowerCase()
    if (PREVIEW.test(key)) this.#keep(this.parts.previews, { property: key, text: content })
    if (COVER.test(key)) this.#keep(this.parts.covers, content)
    if (equivalent?.toLowerCase() === 'refresh') {
      const target =
        /^\s{0,9}\d{0,9}(?:\.\d{0,9})?\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=)?\s{0,9}["']?([^"']{1,2048})/i
      const [, text] = target.exec(content) ?? []
      if (text !== undefined) this.#keep(this.parts.refreshes, text)
    }
  }

  /** Microdata: the same names as JSON-LD, on elements. */
  #property({ itemprop, content, href, src }: Attributes): void {
    const text = content ?? href ?? src
    if (text === undefined) return
    for (const name of wordsIn(itemprop)) {
      if (MEDIA_PROPERTY.test(name)) this.#player([text], {}, true)
      if (COVER_PROPERTY.test(name)) this.#keep(this.parts.covers, text)
    }
  }

  #embed(tag: string, attributes: Attributes, text: string | undefined): void {
    const player = this.#player(text === undefined ? [] : [text], attributes, true)
    if (player && tag === 'object') this.#open.push({ tag, player })
  }

  readonly #elements: Readonly<Record<string, (attributes: Attributes) => void>> = {
    __proto__: null as never,
    base: ({ href }) => void (this.parts.base ??= href),
    audio: (attributes) => this.#media('audio', attributes),
    video: (attributes) => this.#media('video', attributes),
    source: (attributes) => this.#source(attributes),
    track: (attributes) => this.#source(attributes, true),
    iframe: (attributes) => {
      this.#embed('iframe', attributes, attributes['src'] ?? attributes['data-src'])
      if (attributes['srcdoc'] !== undefined) this.#player(mediaStrings(attributes['srcdoc']), attributes)
    },
    embed: (attributes) => this.#embed('embed', attributes, attributes['src']),
    object: (attributes) => this.#embed('object', attributes, attributes['data']),
    a: (attributes) => this.#anchor(attributes),
    area: (attributes) => this.#anchor(attributes),
    link: (attributes) => this.#linked(attributes),
    meta: (attributes) => this.#meta(attributes),
    script: ({ type }) => {
      this.#script = { isJsonLd: /^\s{0,9}application\/ld\+json/i.test(type ?? ''), text: '' }
    },
  }
}

/**
 * Everything that a page names which may lead to audio or covers, as it is written there. A page is never damaged:
 * what is no HTML names nothing.
 *
 * @throws {Problem} open/too-slow.
 */
export function walkPage(html: string, budget: OpeningBudget): PageParts {
  const walk = new PageWalk()
  const parser = new Parser({
    onopentagname: () => walk.tag(),
    onattribute: () => walk.attribute(),
    onopentag: (name, attributes) => walk.opened(name, attributes),
    ontext: (text) => walk.text(text),
    onclosetag: (name) => walk.closed(name),
  })
  for (let at = 0; at < html.length && walk.parts.fault === undefined; at += STEP_LENGTH) {
    budget.checkTime()
    parser.write(html.slice(at, at + STEP_LENGTH))
  }
  // What is still open is closed: a script that was cut off, a link without an end.
  if (walk.parts.fault === undefined) parser.end()
  return walk.parts
}
