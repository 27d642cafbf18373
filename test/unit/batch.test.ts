import { describe, expect, test } from 'vitest'

import { BATCH_ADDRESSES_MAX, batchProgress, readList } from '../../services/submissions/batch.ts'

const urlsOf = (text: string): readonly string[] => readList(text).addresses.map(({ url }) => url)
const one = 'https://host.example/one,two.mp3'
const two = 'https://host.example/two.mp3'

describe('a list of addresses', () => {
  test('is lines, a table with a column for them, or JSON', () => {
    expect(urlsOf(`\uFEFF# found today\r\n${one}\r\n\n  ${two}\tseen in a forum`)).toEqual([one, two])
    expect(urlsOf(`title;URL;note\nSong;"${one}";"a ""good"" one; really"\nSong;${two};`)).toEqual([one, two])
    expect(urlsOf(`url,title\n"${one}",Song\n${two},Other`)).toEqual([one, two])
    expect(urlsOf(JSON.stringify([one, { url: two, note: 'x' }]))).toEqual([one, two])
    expect(readList('')).toEqual({ addresses: [], refused: [], given: 0, duplicates: 0 })
  })

  test('names each line that is none, and takes the others', () => {
    const read = readList(
      `${one}\nftp://host.example/a\n\nnot an address\n${'https://h.example/'.padEnd(3000, 'a')}\n${two}`,
    )
    expect(read.addresses).toHaveLength(2)
    expect(read.refused.map(({ line, why }) => `${line} ${why}`)).toEqual([
      '2 not an http or https address',
      '4 not an http or https address',
      '5 is longer than 2048 characters',
    ])
    expect(readList('["https://a.example/", 5, null, {"url":"x"}]').refused.map(({ line }) => line)).toEqual([
      2, 3, 4,
    ])
    expect(readList('https://a.example/\u0000b').refused[0]).toMatchObject({
      why: 'has characters that no address has',
    })
    expect(readList(`[${one}`).refused).toHaveLength(1)
    expect(readList('url,note\n,none').refused[0]).toEqual({
      line: 2,
      text: '',
      why: 'the address is missing',
    })
  })

  test('has each address once, however it is written, as it was written first', () => {
    const read = readList(
      'https://Host.example:443/a?b=1&a=2\nhttps://host.example/a?a=2&b=1&utm_source=x\n' + two,
    )
    expect(read).toMatchObject({ given: 3, duplicates: 1 })
    expect(read.addresses[0]?.url).toBe('https://Host.example:443/a?b=1&a=2')
  })

  test('that is hostile costs little: quotes, lines without end, no addresses at all', () => {
    const startedAt = performance.now()
    const quotes = `url,x\n${'"a,'.repeat(2_000_000)}`
    expect(readList(quotes).refused).toHaveLength(1)
    expect(readList('\n'.repeat(10_000_000)).given).toBe(0)
    expect(readList('x\n'.repeat(10_000_000)).given).toBe(BATCH_ADDRESSES_MAX + 1)
    expect(readList('['.repeat(1_000_000)).refused.length).toBeLessThan(2)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })
})

test('the time that a batch takes is told by the rate of the last minutes', () => {
  const now = new Date('2031-05-05T12:00:00Z')
  const counts = { found: 1, nothing: 8, failed: 1, queued: 70, atWork: 20, endedLately: 10 }
  const before = (seconds: number) => ({ createdAt: new Date(now.getTime() - seconds * 1000) })
  expect(batchProgress(before(30), counts, now)).toEqual({ total: 100, ended: 10, secondsLeft: 270 })
  expect(batchProgress(before(3600), counts, now).secondsLeft).toBe(5400)
  expect(batchProgress(before(30), { ...counts, endedLately: 0 }, now).secondsLeft).toBeUndefined()
  const over = { ...counts, queued: 0, atWork: 0 }
  expect(batchProgress(before(30), over, now).secondsLeft).toBe(0)
})
