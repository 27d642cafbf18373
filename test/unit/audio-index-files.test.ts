import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createMergeThread } from '../../services/audio/index/merge-thread.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { buildSegment } from '../../services/audio/index/segment-build.ts'
import { readSegmentFile, writeSegmentFile } from '../../services/audio/index/segment-file.ts'
import { mergeSegments } from '../../services/audio/index/segment-merge.ts'
import type { Segment } from '../../services/audio/index/segment.ts'
import { writeAll, writeWhole } from '../../services/audio/index/whole-file.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { Problem } from '../../services/core/problem.ts'
import { extract, music } from '../support/audio.ts'

const extracts = Array.from({ length: 4 }, (_, seed) => extract(music(300 + seed, 8)))
const { suspect } = extracts[1]!
const recordings = extracts.map((_, number) => ({ id: `r${number}`, note: `été ${number}` }))
const segmentFrom = (first: number): Segment =>
  buildSegment(extracts.map(({ reference }, place) => ({ number: first + place, fingerprint: reference })))

let folder: string
let path: string
let whole: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earwitness-segments-'))
  path = join(folder, 'segment')
  await writeSegmentFile(path, { owner: 'me', segment: segmentFrom(70), recordings })
  whole = await readFile(path)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const TRAILER_BYTES = 16
const RUNS = { numRuns: 200 }

/** What is found in a file with these bytes; undefined when it is refused. Anything but a refusal fails the test. */
async function foundIn(bytes: Uint8Array): Promise<readonly string[] | undefined> {
  await writeFile(path, bytes)
  const stored = await readSegmentFile(path).catch((error: unknown) => {
    if (error instanceof Problem && error.type === 'index/damaged') return undefined
    throw error
  })
  if (!stored) return undefined
  const index = createReferenceIndex()
  index.adopt(
    stored.owner,
    stored.segment,
    stored.recordings.map(({ id }) => id),
  )
  const { passages } = await searchIndex(index, suspect, { owner: 'me' })
  for (const { suspectFromMs, suspectToMs, referenceFromMs, referenceToMs } of passages)
    for (const ms of [suspectFromMs, suspectToMs, referenceFromMs, referenceToMs])
      expect(Number.isFinite(ms)).toBe(true)
  // A merge that leaves something out goes through all of it.
  index.remove('r0')
  index.remove('r2')
  return passages.map(({ referenceId }) => referenceId)
}

describe('a segment in a file', () => {
  test('is read as it was written, from recording number 0 on', async () => {
    const { segment, ...texts } = await readSegmentFile(path)
    expect(texts).toEqual({ owner: 'me', recordings })
    expect(segment).toEqual(segmentFrom(0))
    expect(await foundIn(whole)).toEqual(['r1'])
  })

  test('is refused with any bit flipped and with any end missing or added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (place, bit) => {
        const damaged = Buffer.from(whole)
        damaged[place] = damaged[place]! ^ (1 << bit)
        expect(await foundIn(damaged)).toBeUndefined()
      }),
      RUNS,
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        expect(await foundIn(whole.subarray(0, length))).toBeUndefined()
        expect(await foundIn(Buffer.concat([whole, whole.subarray(0, length + 1)]))).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  test('that was made to do harm is refused or searched like any other', async () => {
    const blockBytes = whole.length - TRAILER_BYTES - whole.readUInt32LE(whole.length - TRAILER_BYTES)
    const word = fc.oneof(
      fc.nat(16),
      fc.nat(0xff_ff_ff_ff),
      fc.constantFrom(0xff_ff_ff_ff, 0x80_00_00_00, 0x7f_ff_ff_ff, 0xff_ff, 0x1_00_00),
    )
    const place = fc.oneof(fc.nat(15), fc.nat(64), fc.nat(blockBytes / 4 - 1))
    let searched = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, word), { minLength: 1, maxLength: 3 }), async (changes) => {
        const forged = Buffer.from(whole)
        for (const [at, value] of changes) forged.writeUInt32LE(value, 4 * at)
        const checksum = crc32(forged.subarray(0, blockBytes))
        const texts = forged.subarray(blockBytes, -TRAILER_BYTES)
        const trailer = forged.subarray(-TRAILER_BYTES)
        trailer.writeUInt32LE(checksum, 4)
        trailer.writeUInt32LE(crc32(trailer.subarray(0, 8), crc32(texts)), 8)
        if (await foundIn(forged)) searched++
      }),
      { numRuns: 300 },
    )
    expect(searched).toBeGreaterThan(0)
  })
})

describe('a file that is written as a whole', () => {
  test('is of one writer, however many write it at once, and nothing else stays', async () => {
    const inside = join(folder, 'whole')
    await mkdir(inside)
    const texts = Array.from({ length: 8 }, (_, number) => String(number).repeat(1_000 * (number + 1)))
    const target = join(inside, 'text')
    await Promise.all(texts.map((text) => writeWhole(target, (file) => writeAll(file, Buffer.from(text)))))
    expect(texts).toContain(await readFile(target, 'utf8'))
    await expect(writeWhole(target, () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(texts).toContain(await readFile(target, 'utf8'))
    expect(await readdir(inside)).toEqual(['text'])
  })
})

describe('the thread that merges', () => {
  test('gives what merging here gives, outlives a failure, and ends', async () => {
    const thread = createMergeThread()
    const [first, second] = [segmentFrom(0), segmentFrom(4)]
    second.alive[2] = 0
    const expected = mergeSegments(first, second)
    expect(await thread.merge(first, second)).toEqual(expected)

    const forged = segmentFrom(8)
    forged.landmarks[0]! += 1
    forged.alive[1] = 0
    await expect(thread.merge(first, forged)).rejects.toMatchObject({ type: 'index/damaged' })
    const [again] = await Promise.all([thread.merge(first, second), thread.merge(second, first)])
    expect(again).toEqual(expected)

    await thread.close()
    await expect(thread.merge(first, second)).rejects.toThrow('closed')
  })
})
