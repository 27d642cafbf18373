import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { BUCKET_COUNT, type LandmarkList } from '../../services/audio/index/landmarks.ts'
import { differentBuckets, gatherPostings, writePostings } from '../../services/audio/index/posting-sort.ts'
import { layOut, stretchOf } from '../../services/audio/index/segment.ts'
import { seekAll, sought } from '../../services/audio/search/seek.ts'

interface Posting {
  readonly bucket: number
  readonly order: number
  readonly position: number
}

const listOf = (rows: readonly Posting[]): LandmarkList => ({
  count: rows.length,
  bucket: Uint32Array.from(rows, ({ bucket }) => bucket),
  order: Uint16Array.from(rows, ({ order }) => order),
  frame: Uint32Array.from(rows, ({ position }) => position),
})

/** Half of the buckets are of a few that are next to each other, which makes parts of all sizes and equal postings. */
const Bucket = fc.oneof(fc.nat(BUCKET_COUNT - 1), fc.integer({ min: 1_020, max: 1_030 }))
const Order = fc.oneof(fc.nat(65_535), fc.constantFrom(0, 255, 256, 65_535))
const Rows = fc.array(fc.record({ bucket: Bucket, order: Order, position: fc.nat(1_000) }), {
  maxLength: 400,
  size: 'max',
})

describe('sorting postings', () => {
  test.each(['dense', 'divided', 'sparse'] as const)('gives what a plain sort gives: %s', (kind) => {
    const range = new Uint32Array(2)
    fc.assert(
      fc.property(fc.array(Rows, { maxLength: 3 }), (lists) => {
        const starts = lists.map((_, number) => 5_000 * number)
        const postings = gatherPostings(lists.map(listOf), starts)
        const expected = lists
          .flatMap((rows, number) =>
            rows.map(({ position, ...row }) => ({ ...row, position: position + starts[number]! })),
          )
          // Stable: equal ones stay as they came.
          .toSorted((a, b) => a.bucket - b.bucket || a.order - b.order)
        const used = new Set(expected.map(({ bucket }) => bucket))
        expect(differentBuckets(postings)).toBe(used.size)
        const splitBits = kind === 'divided' ? 2 : 0
        const directory =
          kind === 'sparse'
            ? { rows: used.size, slots: 4_096, splitBits }
            : { rows: BUCKET_COUNT << splitBits, slots: 0, splitBits }
        const size = { recordings: 0, postings: postings.count, peakBytes: 0 }
        const segment = layOut({ ...size, ...directory })
        writePostings(segment, postings)
        expect([...segment.order]).toEqual(expected.map(({ order }) => order))
        expect([...segment.positions]).toEqual(expected.map(({ position }) => position))
        for (const bucket of [...used, 7]) {
          stretchOf(segment, bucket, 0, 65_535, range)
          const from = expected.findIndex((one) => one.bucket === bucket)
          const count = expected.filter((one) => one.bucket === bucket).length
          expect(range[1]! - range[0]!).toBe(count)
          if (count > 0) expect(range[0]).toBe(from)
        }
      }),
      { numRuns: 12 },
    )
  })
})

describe('seeking many keys at once', () => {
  test('finds for each the first value that is not less', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { minLength: 1, maxLength: 200 }),
        fc.array(fc.nat(310), { maxLength: 20 }),
        fc.nat(5),
        (values, keys, before) => {
          const order = Uint16Array.from([
            ...Array.from({ length: before }, () => 9_999),
            ...values.toSorted((a, b) => a - b),
          ])
          sought.keys.set(keys)
          seekAll(order, before, order.length, keys.length)
          const expected = keys.map((key) => before + values.filter((value) => value < key).length)
          expect([...sought.places.subarray(0, keys.length)]).toEqual(expected)
        },
      ),
    )
  })
})
