import { describe, expect, test } from 'vitest'

import { CaseId, RecipientId, newId } from '../../services/core/ids.ts'
import { batchesOf } from '../../services/notices/batches.ts'
import { canonicalUrlOf } from '../../services/submissions/canonical-url.ts'

describe('batches', () => {
  const recipient = (urlsMax: number) => ({ id: newId(RecipientId), urlsMax })
  const at = (host: string, path: number | string) => {
    const url = `https://${host}/${path}`
    return { caseId: newId(CaseId), url, canonicalUrl: canonicalUrlOf(url), host }
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
