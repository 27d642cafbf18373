import { describe, expect, test } from 'vitest'

import { openHtml } from '../../services/openers/html.ts'
import { linesOf, openDocument } from '../support/opening-pages.ts'

const url = 'https://blog.example/posts/1'
const page = (html: string, from = url) => linesOf(openHtml, html, { url: from })

describe('a page', () => {
  test.each([
    ['audio', '<audio src="a.mp3" title="One">', 'media https://blog.example/posts/a.mp3 (player 1: One)'],
    ['video', '<video><source src="/v.mp4"></video>', 'media https://blog.example/v.mp4 (player 1)'],
    [
      'a source whose type says that it is a stream',
      '<video><source src="/play" type="application/x-mpegURL"></video>',
      'stream https://blog.example/play (player 1)',
    ],
    [
      'a start in the address',
      '<audio src="/a.mp3#t=31">',
      'media https://blog.example/a.mp3#t=31 (player 1 at 0:31)',
    ],
    [
      'a start beside it',
      '<audio data-start="1:02:03" src="/a.mp3">',
      'media https://blog.example/a.mp3 (player 1 at 1:02:03)',
    ],
    [
      'an embedded player',
      '<iframe src="https://www.youtube.com/embed/x?start=61">',
      'unknown https://www.youtube.com/embed/x?start=61 (player 1 at 1:01)',
    ],
    [
      'an iframe that loads late',
      '<iframe data-src="//p.example/1">',
      'unknown https://p.example/1 (player 1)',
    ],
    [
      'a document in an iframe',
      '<iframe srcdoc="<audio src=\'/a.mp3\'>">',
      'media https://blog.example/a.mp3 (player 1)',
    ],
    ['object', '<object data="/a.ogg">', 'media https://blog.example/a.ogg (player 1)'],
    ['embed', '<embed src="/a.wav">', 'media https://blog.example/a.wav (player 1)'],
    ['data of a player', '<div data-mp3="/a.mp3">', 'media https://blog.example/a.mp3 (player 1)'],
    [
      'settings of a player',
      `<div data-setup='{"file":"https:\\/\\/cdn.example\\/a.m3u8?k=1"}'>`,
      'stream https://cdn.example/a.m3u8?k=1 (player 1)',
    ],
    [
      'a script',
      '<script>play({file:"https:\\u002F\\u002Fcdn.example\\u002Fa.mp3"}); if (x.indexOf(".mp3")) y("a${b}.mp3")</script>',
      'media https://cdn.example/a.mp3 (player 1)',
    ],
    [
      'a link to a file',
      '<a href="/z.zip">The <b>album</b>\n zip</a>',
      'media https://blog.example/z.zip (link 1: The album zip)',
    ],
    [
      'a link with a label',
      '<a href="/z.rar" title="Album"><img></a>',
      'media https://blog.example/z.rar (link 1: Album)',
    ],
    ['a download', '<a href="/get?id=1" download>x</a>', 'media https://blog.example/get?id=1 (link 1: x)'],
    [
      'a link with a type',
      '<a href="/get" type="audio/mpeg">x</a>',
      'media https://blog.example/get (link 1: x)',
    ],
    [
      'a host of files',
      '<a href="https://mega.nz/file/a#key">x</a>',
      'unknown https://mega.nz/file/a#key (link 1: x)',
    ],
    ['a playlist', '<a href="/l.m3u">x</a>', 'list https://blog.example/l.m3u (link 1: x)'],
    ['a torrent', '<a href="/t.torrent">x</a>', 'list https://blog.example/t.torrent (link 1: x)'],
    [
      'a magnet link',
      '<a href="magnet:?xt=urn:btih:abc&amp;dn=An+album&amp;xl=9&amp;tr=udp://t.example">x</a>',
      'listed An album 9 B',
    ],
    [
      'OpenGraph',
      '<meta property="og:audio:url" content="/a.mp3">',
      'media https://blog.example/a.mp3 (og:audio:url)',
    ],
    [
      'Twitter',
      '<meta name="twitter:player" content="/player/1">',
      'unknown https://blog.example/player/1 (twitter:player)',
    ],
    ['a cover', '<meta property="og:image" content="/c.jpg">', 'cover https://blog.example/c.jpg (cover)'],
    [
      'a cover in microdata',
      '<img itemprop="image" src="/c.jpg">',
      'cover https://blog.example/c.jpg (cover)',
    ],
    [
      'media in microdata',
      '<meta itemprop="contentUrl" content="/a.mp3">',
      'media https://blog.example/a.mp3 (player 1)',
    ],
    [
      'a feed',
      '<link rel="alternate" type="application/rss+xml" title="All" href="/f">',
      'list https://blog.example/f (feed: All)',
    ],
    [
      'oEmbed',
      '<link rel="alternate" type="application/json+oembed" href="/o">',
      'list https://blog.example/o (oEmbed)',
    ],
    [
      'forwarding',
      '<meta http-equiv="refresh" content="0; url=\'/next\'">',
      'page https://blog.example/next (forwarding)',
    ],
    [
      'a page of the site',
      '<a href="https://www.blog.example/2">Two</a>',
      'page https://www.blog.example/2 (page: Two)',
    ],
    [
      'JSON-LD',
      '<script type="application/ld+json">{"@graph":[[{"@type":["MusicRecording"],"name":"One","audio":{"@type":"AudioObject","contentUrl":"/a.mp3"}}]]}</script>',
      'media https://blog.example/a.mp3 (JSON-LD 1: One)',
    ],
    [
      'a player in JSON-LD',
      '<script type="application/ld+json">[{"@type":"VideoObject","embedUrl":"https://p.example/e/1#t=5"}]</script>',
      'unknown https://p.example/e/1#t=5 (JSON-LD 1 at 0:05)',
    ],
    [
      'a cover in JSON-LD',
      '<script type="application/ld+json">{"image":{"@type":"ImageObject","url":"/c.png"}}</script>',
      'cover https://blog.example/c.png (cover)',
    ],
    [
      'a page in JSON-LD',
      '<script type="application/ld+json">{"@type":"MusicRecording","name":"One","url":"/one"}</script>',
      'page https://blog.example/one (page: One)',
    ],
  ])('%s', async (_name, html, line) => {
    expect(await page(html)).toEqual([line])
  })

  test.each([
    '<a href="javascript:play(1)" download>x</a>',
    '<audio src="data:audio/mpeg;base64,AAAA"></audio>',
    '<audio src="blob:https://blog.example/1"></audio>',
    '<iframe src="about:blank"></iframe>',
    '<a href="file:///etc/passwd.mp3">x</a>',
    '<a href="ftp://files.example/a.mp3">x</a>',
    '<a href="https://user:secret@files.example/a.mp3">x</a>',
    '<a href="https://user@files.example/a.mp3">x</a>',
    `<a href="https://files.example/${'a'.repeat(2_100)}.mp3">x</a>`,
    '<a href="http://[::1.mp3">x</a>',
    '<a href="https://elsewhere.example/page">x</a>',
    '<a href="/scan.jpg">x</a><a href="/terms.pdf">x</a>',
    '<a href="#top">x</a><a href="">x</a><a>x</a>',
    '<object type="image/png" data="/logo">',
    '<script type="application/ld+json">{"contentUrl": </script>',
    '<!-- <audio src="a.mp3"> -->',
  ])('names nothing in %j', async (html) => {
    expect(await page(html)).toEqual([])
  })

  test('has players in their order, each address once, and its pages at the end', async () => {
    const html =
      '<a href="/2">Two</a><audio src="a.mp3"></audio><video poster="p.jpg"><source src="v.webm"><source src="v.mp4">' +
      '<track src="words.vtt"></video><a href="a.mp3">again</a><a href="z.7z">zip</a>'
    expect(await page(html)).toEqual([
      'media https://blog.example/posts/a.mp3 (player 1)',
      'media https://blog.example/posts/v.webm (player 2)',
      'media https://blog.example/posts/v.mp4 (player 2)',
      'unknown https://blog.example/posts/words.vtt (player 2, text track)',
      'media https://blog.example/posts/z.7z (link 1: zip)',
      'cover https://blog.example/posts/p.jpg (cover)',
      'page https://blog.example/2 (page: Two)',
    ])
  })

  test('has addresses relative to its base, wherever that stands', async () => {
    expect(await page('<a href="a.mp3">x</a><base href="/files/"><base href="/no/">')).toEqual([
      'media https://blog.example/files/a.mp3 (link 1: x)',
    ])
    expect(await page('<base href="javascript:1"><audio src="a.mp3">')).toHaveLength(1)
  })

  test('that was handed in as a file has only absolute addresses', async () => {
    const html = '<audio src="a.mp3"></audio><audio src="https://a.example/b.mp3"></audio><a href="/2">x</a>'
    expect(await linesOf(openHtml, html)).toEqual(['media https://a.example/b.mp3 (player 1)'])
  })

  test.each([
    ['UTF-8', Buffer.from('<a href="/ü.mp3">ü</a>')],
    ['UTF-16 with a mark', Buffer.from('\uFEFF<a href="/ü.mp3">ü</a>', 'utf16le')],
    ['windows-1252 that is not named', Buffer.from('<a href="/ü.mp3">ü</a>', 'latin1')],
    ['an encoding that is named', Buffer.from('<meta charset="iso-8859-1"><a href="/ü.mp3">ü</a>', 'latin1')],
    ['one that nobody knows', Buffer.from('<meta charset="sample"><a href="/ü.mp3">ü</a>', 'latin1')],
    ['one that is wrong', Buffer.from('<meta charset="utf-16"><a href="/ü.mp3">ü</a>', 'latin1')],
  ])('in %s is read', async (_name, bytes) => {
    const { found } = await openDocument(openHtml, bytes, { url })
    expect(found).toMatchObject([{ url: 'https://blog.example/%C3%BC.mp3', name: 'link 1: ü' }])
  })

  test('names words of strangers on one line, without what changes their direction', async () => {
    const words = `a\u202Egpm\u0000\n b ${'x'.repeat(1_000)}`
    const { found } = await openDocument(openHtml, `<a href="/a.mp3">${words}</a>`, { url })
    expect(found[0]?.name).toMatch(/^link 1: agpm.? b x{100,}$/)
    expect(found[0]?.name.length).toBeLessThan(250)
  })
})

const MEGABYTE = 2 ** 20
/** Far more than it takes on a machine at rest, far less than anything quadratic. */
const LIMIT_MS = 15_000

describe('a hostile page', () => {
  test.each([
    '<',
    '<b>',
    '</b>',
    '<b></i>',
    '<a ',
    '<a href="',
    '<!--',
    '<![CDATA[',
    '<script>"',
    '"https://a.example/1.mp3"',
    '&amp',
    '<p x=y ',
    '<svg>',
    '<div data-x="[\'',
    '<script type=application/ld+json>[',
    '<meta http-equiv=refresh content="0;',
  ])('of %j again and again is read within its limits', async (piece) => {
    const began = performance.now()
    const length = piece === '<' ? 5 * MEGABYTE : MEGABYTE
    const { ended } = await openDocument(openHtml, piece.repeat(length / piece.length), { url })
    expect([undefined, 'open/damaged', 'open/too-many', 'open/too-large']).toContain(ended)
    expect(performance.now() - began).toBeLessThan(LIMIT_MS)
  })

  test('with 100,000 links ends at the limit of things, with what was found', async () => {
    const html = Array.from({ length: 100_000 }, (_, index) => `<a href="/${index}.mp3">${index}</a>`).join(
      '',
    )
    const { found, ended } = await openDocument(openHtml, html, { url, limits: { itemsMax: 1_000 } })
    expect(ended).toBe('open/too-many')
    expect(found).toHaveLength(1_000)
  })

  test('with 100,000 links to its own site leads to some of them', async () => {
    const html = Array.from({ length: 15_000 }, (_, index) => `<a href="/${index}">${index}</a>`).join('')
    const { found, ended } = await openDocument(openHtml, html, { url })
    expect(ended).toBeUndefined()
    expect(found).toHaveLength(500)
  })

  test('that is too large is read as far as allowed', async () => {
    const html = `<audio src="/a.mp3"></audio>${' '.repeat(5 * MEGABYTE)}<audio src="/b.mp3"></audio>`
    expect(await page(html)).toEqual(['media https://blog.example/a.mp3 (player 1)', 'ended open/too-large'])
  })

  test('with a tag of half a million attributes is left there, and soon', async () => {
    const tag = `<b ${Array.from({ length: 500_000 }, (_, index) => `a${index}`).join(' ')}>`
    const began = performance.now()
    expect((await page(`<audio src="/a.mp3"></audio>${tag}`)).at(-1)).toBe('ended open/too-many')
    expect(performance.now() - began).toBeLessThan(LIMIT_MS)
  })

  test('that is deeper than a browser takes keeps what was found before', async () => {
    expect(await page(`<audio src="/a.mp3"></audio>${'<b>'.repeat(600)}<audio src="/b.mp3">`)).toEqual([
      'media https://blog.example/a.mp3 (player 1)',
      'ended open/damaged',
    ])
  })

  test('with JSON-LD in itself a million times is looked at as deep as pages are', async () => {
    const json = `${'{"audio":['.repeat(1_000)}{"contentUrl":"/a.mp3"}${']}'.repeat(1_000)}`
    expect(await page(`<script type="application/ld+json">${json}</script>`)).toEqual([])
  })

  test('with attributes that objects have themselves does no harm', async () => {
    const html =
      '<constructor __proto__="x" constructor="y"><audio __proto__="x" src="/a.mp3"></audio><__proto__>'
    expect(await page(html)).toEqual(['media https://blog.example/a.mp3 (player 1)'])
  })

  test('is left when the work is called off, or takes too long', async () => {
    const html = '<audio src="/a.mp3"></audio>'
    await expect(
      openDocument(openHtml, html, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')
    expect((await openDocument(openHtml, html, { limits: { timeoutMs: -1 } })).ended).toBe('open/too-slow')
  })
})
