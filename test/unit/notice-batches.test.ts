import { describe, expect, test } from 'vitest'

import { CaseId, RecipientId, newId } from '../../services/core/ids.ts'
import { batchesOf } from '../../services/notices/batches.ts'
import { canonicalUrl } from '../../services/notices/canonical-url.ts'

describe('an address in the form by which duplicates are told', () => {
  test.each([
    ['HTTPS://Files.Example.ORG:443/a/B?c=D', 'https://files.example.org/a/B?c=D'],
    ['http://bücher.example/x', 'http://xn--bcher-kva.example/x'],
    ['https://files.example.org/a/./b/../c', 'https://files.example.org/a/c'],
    ['https://files.example.org./a', 'https://files.example.org/a'],
    ['https://files.example.org/a?', 'https://files.example.org/a'],
    ['https://files.example.org/a?b=2&a=1', 'https://files.example.org/a?a=1&b=2'],
    ['https://files.example.org/a?a=2&a=1', 'https://files.example.org/a?a=1&a=2'],
    [
      'https://files.example.org/a?UTM_Source=x&id=7&fbclid=y&gclid=z&si=1&feature=share',
      'https://files.example.org/a?id=7',
    ],
    ['https://files.example.org/a?sid=1&features=2', 'https://files.example.org/a?features=2&sid=1'],
    ['https://files.example.org/a#part', 'https://files.example.org/a'],
    ['https://mega.nz/file/AbC#KeY-1', 'https://mega.nz/file/AbC#KeY-1'],
    ['https://youtu.be/dQw4w9WgXcQ?si=abc&t=4', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://m.youtube.com/watch?list=PL1&v=dQw4w9WgXcQ', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://www.youtube.com/shorts/dQw4w9WgXcQ', 'https://www.youtube.com/watch?v=dQw4w9WgXcQ'],
    ['https://youtube.com/@sampleband', 'https://youtube.com/@sampleband'],
    ['https://notyoutube.com/watch?v=dQw4w9WgXcQ&si=1', 'https://notyoutube.com/watch?v=dQw4w9WgXcQ'],
    ['magnet:?dn=Song&tr=udp%3A%2F%2Ft&xt=urn:btih:ABCDEF0123', 'magnet:?xt=urn:btih:abcdef0123'],
  ])('%s → %s', (url, canonical) => {
    expect(canonicalUrl(url)).toBe(canonical)
    expect(canonicalUrl(canonical)).toBe(canonical)
  })

  test('tells files apart whose key stands in the fragment', () => {
    expect(canonicalUrl('https://mega.nz/#!a!k')).not.toBe(canonicalUrl('https://mega.nz/#!b!k'))
  })
})

describe('batches', () => {
  const recipient = (urlsMax: number) => ({ id: newId(RecipientId), urlsMax })
  const at = (host: string, path: number | string) => {
    const url = `https://${host}/${path}`
    return { caseId: newId(CaseId), url, canonicalUrl: canonicalUrl(url), host }
  }

  test('are of one host each and no longer than their recipient takes', () => {
    const cases = Array.from({ length: 7 }, (_, index) => at(index % 2 ? 'b.example' : 'a.example', index))
    const recipients = new Map([
      ['a.example', recipient(3)],
      ['b.example', recipient(250)],
    ])
    const batches = batchesOf(cases, recipients)
    expect(batches.map(({ host, cases: some }) => [host, some.length])).toEqual([
      ['a.example', 3],
      ['a.example', 1],
      ['b.example', 3],
    ])
    expect(new Set(batches.flatMap(({ cases: some }) => some))).toEqual(new Set(cases))
  })

  test('keep works at one address together, and count the address once', () => {
    const cases = [
      at('a.example', 'album.zip'),
      at('a.example', 'other'),
      at('a.example', 'album.zip?utm_id=1'),
    ]
    const batches = batchesOf(cases, new Map([['a.example', recipient(1)]]))
    expect(batches.map(({ cases: some }) => some.length)).toEqual([2, 1])
  })

  test('need a recipient for every host', () => {
    expect(() => batchesOf([at('a.example', 1)], new Map())).toThrow('a.example')
  })
})
