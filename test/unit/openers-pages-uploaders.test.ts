import { describe, expect, test } from 'vitest'

import { uploaderKeyOf } from '../../services/case-whereabouts.ts'
import { openHtml } from '../../services/openers/html.ts'
import { openDocument } from '../support/opening-pages.ts'

/** Who is said to have put things there, by their addresses. */
async function uploaders(data: unknown, html = ''): Promise<Record<string, unknown>> {
  const page = `${html}<script type="application/ld+json">${JSON.stringify(data)}</script>`
  const { found } = await openDocument(openHtml, page, { url: 'https://blog.example/1' })
  return Object.fromEntries(
    found.map((each) => (each.kind === 'link' ? [each.url, each.by] : [each.name, 0])),
  )
}

const PLAYER = '<audio src="/a.mp3"></audio>'
const A = 'https://blog.example/a.mp3'

describe('who put something on a page', () => {
  test.each([
    ['author', { author: 'Sample' }, { name: 'Sample', url: null }],
    [
      'author',
      { author: [{ name: 'Sample', url: '/u/1' }] },
      { name: 'Sample', url: 'https://blog.example/u/1' },
    ],
    ['uploader before author', { author: 'Sample', uploader: 'Other' }, { name: 'Other', url: null }],
    [
      'an artist with an account',
      { byArtist: { url: 'https://p.example/u' } },
      { name: null, url: 'https://p.example/u' },
    ],
    ['an artist by name', { byArtist: { name: 'The Samples' } }, undefined],
    ['several authors', { author: ['One', 'Two'] }, undefined],
    ['nonsense', { author: 7, uploader: { name: {} }, creator: null }, undefined],
    ['an address that is none', { author: { url: 'javascript:x' } }, undefined],
    ['who only comments', { comment: { '@type': 'Comment', author: 'Somebody' } }, undefined],
    [
      'who comments beside',
      { author: 'Sample', review: { '@type': 'Review', author: 'Else' } },
      { name: 'Sample', url: null },
    ],
  ])('is read from what it says of itself: %s', async (_, data, by) => {
    expect(await uploaders({ '@type': 'BlogPosting', ...data }, PLAYER)).toEqual({ [A]: by })
  })

  test('is told of each recording by itself where there are several, and of the rest then nobody', async () => {
    const track = (url: string, author: string) => ({ '@type': 'AudioObject', contentUrl: url, author })
    const told = await uploaders([track('/1.mp3', 'One'), track('/2.mp3', 'Two')], PLAYER)
    expect(told).toEqual({
      [A]: undefined,
      'https://blog.example/1.mp3': { name: 'One', url: null },
      'https://blog.example/2.mp3': { name: 'Two', url: null },
    })
  })

  test('is not said of other pages and feeds that it leads to', async () => {
    const html = '<a href="/2">Two</a><link rel="alternate" type="application/rss+xml" href="/f">'
    expect(await uploaders({ author: 'Sample' }, html)).toEqual({
      'https://blog.example/2': undefined,
      'https://blog.example/f': undefined,
    })
  })
})

test('an uploader is known again by the account of their address, by the address, or by the name on one site', () => {
  const at = { url: 'https://cdn.example/1.mp3', pageUrl: 'https://Blog.example/1' }
  const key = (name: string | null, url: string | null) => uploaderKeyOf({ name, url }, at)
  expect(key('Any', 'https://m.soundcloud.com/Leaker?si=1')).toBe('soundcloud.com/leaker')
  expect(key('Any', 'https://forum.example/u/7?utm_source=x')).toBe(key(null, 'https://forum.example/u/7'))
  expect(key('Sample', null)).toBe('blog.example sample')
  expect(uploaderKeyOf({ name: 'Sample', url: null }, { url: null, pageUrl: null })).toBeNull()
  expect(uploaderKeyOf(null, at)).toBeNull()
})
