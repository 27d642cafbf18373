import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { packPayload } from '../../services/leaks/packed/word.ts'
import { answerCounts, answerCsv, answerLines } from '../../services/leaks/private/answer-table.ts'
import { joinBuckets, payloadIn, splitBuckets } from '../../services/leaks/private/bucket-answer.ts'
import { readIsrcList } from '../../services/leaks/private/isrc-list.ts'
import {
  type Asker,
  type CheckedLeak,
  prefixesOf,
  privateCheck,
} from '../../services/leaks/private/private-check.ts'
import { listedIsrc } from '../support/checkable-leak.ts'

const hashOf = (isrc: string): Buffer => createHash('sha256').update(isrc).digest()
const audio = packPayload({ popularity: 70, status: 'audio', codec: 'vorbis-160', batch: 0 })
const planned = packPayload({ popularity: 3, status: 'planned', codec: 'unknown', batch: 0 })

/** The bucket of a prefix, as an index of these codes has it. */
function bucketOf(listed: ReadonlyMap<string, number>, prefix: string): Buffer {
  const records = [...listed].flatMap(([isrc, payload]) => {
    const hash = hashOf(isrc)
    if (hash.toString('hex', 0, 2) !== prefix) return []
    const tail = Buffer.alloc(2)
    tail.writeUInt16BE(payload)
    return [Buffer.concat([hash.subarray(2, 8), tail])]
  })
  return Buffer.concat(records.toSorted((a, b) => Buffer.compare(a, b)))
}

/** A service that has these manifests, and what it was asked. */
function service(manifests: Readonly<Record<string, ReadonlyMap<string, number>>>) {
  const asked: { manifestId: string; prefixes: readonly string[] }[] = []
  const bucket = (manifestId: string, prefix: string) => bucketOf(manifests[manifestId] ?? new Map(), prefix)
  const leak: CheckedLeak = {
    id: 'leak',
    name: '=Sample dump',
    kind: 'streaming-dump',
    takenOn: null,
    announcedOn: null,
    batches: [
      { number: 1, name: 'Popular', popularityFrom: 50, popularityTo: 100, publishedOn: '2026-03-01' },
    ],
    manifestIds: Object.keys(manifests),
  }
  const ask: Asker = {
    leaks: () => Promise.resolve([leak]),
    bucket(manifestId, prefix) {
      asked.push({ manifestId, prefixes: [prefix] })
      return Promise.resolve(bucket(manifestId, prefix))
    },
    buckets(manifestId, prefixes) {
      asked.push({ manifestId, prefixes })
      return Promise.resolve(joinBuckets(prefixes.map((prefix) => bucket(manifestId, prefix))))
    },
  }
  return { ask, asked }
}

describe('a list of ISRCs', () => {
  test('is read as people write it', () => {
    const text = [
      '\uFEFFTitle,ISRC,Artist',
      'A song,AA-6Q7-20-00047,Somebody',
      '"Another, song","aa6q72000048","x"',
      '',
      '# not yet out',
      'ISRC: AA 6Q7 20 00049',
      'AA6Q72000047',
      'no code here',
      'AA6Q7200005;AA6Q72000050',
    ].join('\r\n')
    const list = readIsrcList(text)
    expect(list.isrcs).toEqual(['AA6Q72000047', 'AA6Q72000048', 'AA6Q72000049', 'AA6Q72000050'])
    expect(list).toMatchObject({ faultCount: 1, repeated: 1, isCut: false })
    expect(list.faults).toEqual([{ line: 8, text: 'no code here' }])
  })

  test('is cut at its limits, which it says', () => {
    const text = Array.from({ length: 12 }, (_, number) => listedIsrc(number)).join('\n')
    expect(readIsrcList(text, 10)).toMatchObject({ isrcs: { length: 10 }, isCut: true })
    expect(readIsrcList('x\n'.repeat(2_000))).toMatchObject({ faultCount: 2_000, faults: { length: 1_000 } })
    expect(readIsrcList('')).toMatchObject({ isrcs: [], faultCount: 0, isCut: false })
  })
})

describe('buckets', () => {
  test('come back as they were joined, and nothing else is taken for them', () => {
    const buckets = [Buffer.alloc(0), Buffer.alloc(16, 1), Buffer.alloc(8, 2)]
    const joined = joinBuckets(buckets)
    expect(splitBuckets(joined, 3).map((bucket) => Buffer.from(bucket))).toEqual(buckets)
    for (const [bytes, count] of [
      [joined, 2],
      [joined, 4],
      [joined.subarray(0, -1), 3],
      [Buffer.concat([joined, Buffer.alloc(1)]), 3],
      [Buffer.from([0, 0, 0, 3, 1, 2, 3]), 1],
      [Buffer.from([255, 255, 255, 255]), 1],
    ] as const)
      expect(() => splitBuckets(bytes, count)).toThrow(RangeError)
  })

  test('are searched by all 48 bits', () => {
    const isrcs = Array.from({ length: 300 }, (_, number) => listedIsrc(number))
    const records = isrcs.map((isrc, number) =>
      Buffer.concat([hashOf(isrc).subarray(2, 8), Buffer.from([number >>> 8, number & 255])]),
    )
    const bucket = Buffer.concat(records.toSorted((a, b) => Buffer.compare(a, b)))
    for (const [number, isrc] of isrcs.entries()) {
      const hash = hashOf(isrc)
      expect(payloadIn(bucket, hash)).toBe(number)
      hash[7] = (hash[7] as number) ^ 1
      expect(payloadIn(bucket, hash)).toBeUndefined()
    }
  })
})

describe('the private check', () => {
  test('decides here, of all manifests of a leak together', async () => {
    const [first, second, third] = [listedIsrc(1), listedIsrc(2), listedIsrc(3)]
    const { ask, asked } = service({
      one: new Map([[first, planned]]),
      two: new Map([
        [first, audio],
        [second, planned],
      ]),
    })
    const answer = await privateCheck([third, first, second], ask)
    expect(
      answer.found.map(({ isrc, status, popularity, batch }) => [isrc, status, popularity, batch?.name]),
    ).toEqual([
      [first, 'audio', 70, 'Popular'],
      [second, 'planned', 3, undefined],
    ])
    expect(asked).toHaveLength(6)
    const lines = answerLines([third, first, second], answer)
    expect(lines[0]).toMatchObject({ isrc: 'AA-6Q7-00-00003', isFound: false, leak: '' })
    expect(lines[1]).toMatchObject({ how: 'audio', quality: 'Vorbis 160 kbit/s', published: '2026-03-01' })
    expect(answerCsv(lines)).toContain(`AA-6Q7-00-00001,yes,'=Sample dump,audio,`)
    expect(answerCounts([third, first, second], answer)).toEqual({
      asked: 3,
      found: 2,
      audio: 1,
      published: 1,
    })
  })

  test('asks for sorted prefixes in batches, the same for the same codes in any order', async () => {
    const isrcs = Array.from({ length: 1_200 }, (_, number) => listedIsrc(number * 17))
    const { ask, asked } = service({ one: new Map([[isrcs[700] as string, audio]]) })
    const { found } = await privateCheck(isrcs, ask)
    expect(found.map(({ isrc }) => isrc)).toEqual([isrcs[700]])
    const prefixes = asked.flatMap((question) => question.prefixes)
    expect(prefixes).toEqual([...new Set(isrcs.map((isrc) => hashOf(isrc).toString('hex', 0, 2)))].toSorted())
    expect(prefixes).toEqual(await prefixesOf(isrcs.toReversed()))
    expect(asked.map((question) => question.prefixes.length)).toEqual([500, 500, prefixes.length - 1_000])
  })

  test('of everything asks the same whatever is sought', async () => {
    const listed = new Map([[listedIsrc(5), audio]])
    const [one, other] = [service({ one: listed }), service({ one: listed })]
    // Only the bytes of the two prefixes matter; the others are empty here.
    const quick = (ask: Asker): Asker => ({
      ...ask,
      buckets: async (manifestId, prefixes) =>
        prefixes.includes(hashOf(listedIsrc(5)).toString('hex', 0, 2))
          ? ask.buckets(manifestId, prefixes)
          : (await Promise.resolve(), joinBuckets(prefixes.map(() => Buffer.alloc(0)))),
    })
    const everything = true
    expect((await privateCheck([listedIsrc(5)], quick(one.ask), { everything })).found).toHaveLength(1)
    expect(
      (await privateCheck([listedIsrc(6), listedIsrc(7)], quick(other.ask), { everything })).found,
    ).toEqual([])
    expect(one.asked).toEqual(other.asked)
  })

  test('stops when it is told, and takes no answer for another', async () => {
    const isrcs = Array.from({ length: 1_200 }, (_, number) => listedIsrc(number))
    const { ask } = service({ one: new Map() })
    const stop = new AbortController()
    const stopped = privateCheck(isrcs, ask, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped')),
    })
    await expect(stopped).rejects.toThrow('stopped')
    const lying: Asker = { ...ask, buckets: () => Promise.resolve(new Uint8Array(7)) }
    await expect(privateCheck(isrcs, lying)).rejects.toThrow(RangeError)
  })
})
