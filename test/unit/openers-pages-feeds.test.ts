import { describe, expect, test } from 'vitest'

import { openFeed } from '../../services/openers/feed.ts'
import { openOembed } from '../../services/openers/oembed.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

const MEGABYTE = 2 ** 20
/** Far more than it takes on a machine at rest, far less than anything quadratic. */
const LIMIT_MS = 15_000

describe('a feed', () => {
  const feed = (xml: string) => linesOf(openFeed, xml, { url: 'https://pod.example/feed' })

  test('of RSS leads to files, covers and pages of each item', async () => {
    const xml = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x "y">]>
      <rss version="2.0" xmlns:itunes="urn:i" xmlns:media="urn:m" xmlns:content="urn:c"><channel><title>Pod</title>
      <link>https://pod.example/</link><itunes:image href="/c.jpg"/>
      <item><title>One &amp; more</title><link>https://pod.example/1</link><enclosure url="/1?x=1" type="audio/mpeg" length="9"/>
        <itunes:image href="/1.jpg"/></item>
      <item><media:group><media:content url="2.mp4" medium="video"/></media:group><media:thumbnail url="/2.jpg"/>
        <content:encoded><![CDATA[<p><a href="/2.zip">zip</a> <a href="/about">About</a></p>]]></content:encoded>
        <guid isPermaLink="true">https://pod.example/2</guid></item>
      </channel></rss>`
    expect(await feed(xml)).toEqual([
      'cover https://pod.example/c.jpg (feed, cover)',
      'media https://pod.example/1?x=1 (item 1: One & more)',
      'cover https://pod.example/1.jpg (item 1: One & more, cover)',
      'page https://pod.example/1 (item 1: One & more)',
      'media https://pod.example/2.mp4 (item 2)',
      'cover https://pod.example/2.jpg (item 2, cover)',
      'page https://pod.example/2 (item 2)',
      'media https://pod.example/2.zip (item 2, link 1: zip)',
    ])
  })

  test('of Atom leads to enclosures and pages', async () => {
    const xml = `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><link href="/1"/>
      <link rel="enclosure" type="audio/ogg" href="/1.ogg"/><link rel="self" href="/self"/></entry></feed>`
    expect(await feed(xml)).toEqual([
      'media https://pod.example/1.ogg (item 1: One)',
      'page https://pod.example/1 (item 1: One)',
    ])
  })

  test('of RSS 1.0 has its items beside the channel', async () => {
    const xml =
      '<rdf:RDF xmlns:rdf="urn:r"><channel/><item><title>One</title><link>/1</link></item></rdf:RDF>'
    expect(await feed(xml)).toEqual(['page https://pod.example/1 (item 1: One)'])
  })

  test('expands no entities: neither a billion laughs nor files of this machine', async () => {
    const laughs = Array.from(
      { length: 30 },
      (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};&l${i};&l${i};">`,
    ).join('')
    const xml = `<!DOCTYPE rss [<!ENTITY l0 "ha">${laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>
      <rss><channel><item><title>&l30;&f;</title><enclosure url="/1.mp3"/></item></channel></rss>`
    const began = performance.now()
    const { found } = await openDocument(openFeed, xml, { url: 'https://pod.example/feed' })
    expect(found).toMatchObject([{ url: 'https://pod.example/1.mp3' }])
    expect(found[0]?.name.length).toBeLessThan(250)
    expect(found[0]?.name).not.toContain('root:')
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('that is cut off has what was there', async () => {
    expect(
      await feed('<rss><channel><item><enclosure url="/1.mp3"/></item><item><enclosure url="/2.mp3'),
    ).toEqual(['media https://pod.example/1.mp3 (item 1)'])
  })

  test.each(['<a>', '<a b="', '<a ', '<![CDATA[', '&', '&#', '<!DOCTYPE a [', ']]>', '<?a', 'a=b '])(
    'of %j again and again is read within its limits',
    async (piece) => {
      const began = performance.now()
      await openDocument(openFeed, `<rss>${piece.repeat(MEGABYTE / piece.length)}`)
      expect(performance.now() - began).toBeLessThan(LIMIT_MS)
    },
  )
})

describe('an answer of an oEmbed provider', () => {
  test('has a player and its picture', async () => {
    const answer = {
      version: '1.0',
      type: 'rich',
      title: 'One',
      html: '<iframe src="https://p.example/e/1"></iframe>',
      thumbnail_url: 'https://p.example/1.jpg',
      width: null,
    }
    expect(await linesOf(openOembed, JSON.stringify(answer))).toEqual([
      'unknown https://p.example/e/1 (player 1: One)',
      'cover https://p.example/1.jpg (cover)',
    ])
    expect(await linesOf(openOembed, '{"type":"photo","url":"https://p.example/1","html":5}')).toEqual([
      'cover https://p.example/1 (cover)',
    ])
  })

  test('says whose it is', async () => {
    const answer = {
      type: 'video',
      html: '<iframe src="/e/1">',
      author_name: ' Sample\nUploader ',
      author_url: '/u/1',
    }
    const { found } = await openDocument(openOembed, JSON.stringify(answer), { url: 'https://p.example/o' })
    expect(found).toMatchObject([
      { url: 'https://p.example/e/1', by: { name: 'Sample Uploader', url: 'https://p.example/u/1' } },
    ])
  })

  test.each(['{', '[]', 'null', '"x"'])('%s is none', async (json) => {
    expect(await linesOf(openOembed, json)).toEqual(['ended open/damaged'])
  })
})
