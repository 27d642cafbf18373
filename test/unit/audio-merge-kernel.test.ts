import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { mergeKernel } from '../../services/audio/index/kernel/merge-kernel.ts'
import { BUCKET_COUNT } from '../../services/audio/index/landmarks.ts'
import { type Source, mergePostings } from '../../services/audio/index/merge-postings.ts'
import { mergeWhole } from '../../services/audio/index/merge-whole.ts'
import { SPLIT_BITS_MAX, directoryWriter } from '../../services/audio/index/segment-directory.ts'
import { type Segment, layOut } from '../../services/audio/index/segment.ts'
import { copyShared } from '../../services/audio/index/shared-copy.ts'
import { randomOf } from '../support/audio.ts'

const kernel = mergeKernel()!

/** How many postings a source has in some buckets. */
type Filling = readonly { readonly bucket: number; readonly count: number }[]

const shapeOf = (postings: number, splitBits: number): Segment['shape'] => ({
  recordings: 1,
  postings,
  peakBytes: 0,
  rows: BUCKET_COUNT << splitBits,
  slots: 0,
  splitBits,
})

/** A source with such buckets. @param orders how many different ones there are: few make many equal. */
function sourceOf(filling: Filling, splitBits: number, orders: number, seed: number): Source {
  const random = randomOf(seed)
  const counts = new Map(filling.map(({ bucket, count }) => [bucket, count]))
  const buckets = [...counts].sort(([one], [other]) => one - other)
  const segment = layOut(
    shapeOf(
      buckets.reduce((sum, [, count]) => sum + count, 0),
      splitBits,
    ),
  )
  const directory = directoryWriter(segment)
  let at = 0
  for (const [bucket, count] of buckets) {
    const step = 65_536 / orders
    const order = Uint16Array.from({ length: count }, () => step * Math.floor(random() * orders)).sort()
    segment.order.set(order, at)
    segment.positions.set(
      Uint32Array.from({ length: count }, () => 2 ** 32 * random()),
      at,
    )
    if (count > 0) directory.add(bucket, at, at + count)
    at += count
  }
  directory.finish()
  return { segment, places: new Uint32Array(1), shift: seed, shifts: undefined }
}

/** What both ways make of two sources. */
function mergedBoth(sources: readonly [Source, Source], splitBits: number): readonly [Segment, Segment] {
  const postings = sources[0].segment.shape.postings + sources[1].segment.shape.postings
  const shape = shapeOf(postings, splitBits)
  const [one, other] = [layOut(shape), layOut(shape)]
  mergeWhole(kernel, sources, one)
  const directory = directoryWriter(other)
  mergePostings(sources, other, (bucket, from, to) => directory.add(bucket, from, to))
  directory.finish()
  return [one, other]
}

const isSame = ([one, other]: readonly [Segment, Segment]): boolean =>
  Buffer.compare(new Uint8Array(one.memory), new Uint8Array(other.memory)) === 0

const bucket = fc.oneof(
  fc.nat(40),
  fc.nat(BUCKET_COUNT - 1),
  fc.constantFrom(BUCKET_COUNT - 2, BUCKET_COUNT - 1),
)
const count = fc.oneof(
  { weight: 20, arbitrary: fc.nat(40) },
  { weight: 2, arbitrary: fc.nat(3_000) },
  // Around what the kernel takes at a time, and beyond it.
  { weight: 1, arbitrary: fc.integer({ min: 8_180, max: 8_210 }) },
  { weight: 1, arbitrary: fc.constant(20_000) },
)
const filling = fc.array(fc.record({ bucket, count }), { maxLength: 60 })
const splitBits = fc.nat(SPLIT_BITS_MAX)
const orders = fc.constantFrom(1, 2, 64, 65_536)
type Given = Parameters<typeof sourceOf>
const given: fc.Arbitrary<Given> = fc.tuple(filling, splitBits, orders, fc.nat(2 ** 32 - 1))

describe('merging in WebAssembly', () => {
  test('gives of any two segments just what its twin in TypeScript gives', { timeout: 120_000 }, () => {
    const run = (one: Given, other: Given, splitBits: number): boolean =>
      isSame(mergedBoth([sourceOf(...one), sourceOf(...other)], splitBits))
    fc.assert(fc.property(given, given, splitBits, run), { numRuns: 100 })
  })

  test('gives the same of buckets that are all full', () => {
    const full = Array.from({ length: 4_000 }, (_, number) => ({ bucket: 3 * number, count: number % 23 }))
    for (const splitBits of [0, 2, SPLIT_BITS_MAX]) {
      const [first, second] = [sourceOf(full, 1, 300, 5), sourceOf(full.slice(7), splitBits, 9_000, 6)]
      expect(isSame(mergedBoth([first, second], splitBits))).toBe(true)
    }
  })

  test('refuses sources that have other postings than there is room for', () => {
    const one = sourceOf([{ bucket: 5, count: 9 }], 0, 64, 1)
    for (const postings of [17, 19])
      expect(() => mergeWhole(kernel, [one, one], layOut(shapeOf(postings, 0)))).toThrow('other postings')
  })
})

test('shared bytes are copied whatever addresses they come from and go to', () => {
  const random = randomOf(3)
  const bytes = new Uint8Array(new SharedArrayBuffer(200_000))
  for (let at = 0; at < bytes.length; at++) bytes[at] = 256 * random()
  for (let trial = 0; trial < 200; trial++) {
    const from = Math.floor(random() * 20)
    const at = Math.floor(random() * 20)
    const length = Math.floor(random() * (trial % 2 ? 40 : 150_000))
    const into = new Uint8Array(new SharedArrayBuffer(200_000))
    copyShared(bytes.subarray(from, from + length), into, at)
    const expected = new Uint8Array(200_000)
    expected.set(bytes.slice(from, from + length), at)
    expect(Buffer.compare(into, expected)).toBe(0)
  }
})
