import { describe, expect, test } from 'vitest'

import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { buildSegment } from '../../services/audio/index/segment-build.ts'
import { mergeSegments } from '../../services/audio/index/segment-merge.ts'
import { stretchOf } from '../../services/audio/index/segment.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { extract, music, randomOf } from '../support/audio.ts'
import { contentsOf, plainContents } from '../support/index-contents.ts'

const fingerprints = Array.from({ length: 6 }, (_, seed) => extract(music(100 + seed, 6 + seed)).reference)

describe('the index', () => {
  test('holds what a plain list would hold, through any order of changes', () => {
    const random = randomOf(7)
    const index = createReferenceIndex()
    const twin = { one: new Map<string, number>(), two: new Map<string, number>() }
    for (let step = 0; step < 120; step++) {
      const id = `r${Math.floor(12 * random())}`
      const owner = random() < 0.5 ? 'one' : 'two'
      if (random() < 0.35) {
        expect(index.remove(id)).toBe(twin.one.delete(id) || twin.two.delete(id))
      } else {
        const number = Math.floor(fingerprints.length * random())
        index.add(id, owner, fingerprints[number]!)
        twin.one.delete(id)
        twin.two.delete(id)
        twin[owner].set(id, number)
      }
      expect(index.size).toBe(twin.one.size + twin.two.size)
      expect(index.has(id)).toBe(twin.one.has(id) || twin.two.has(id))
      if (step % 10 > 0) continue
      for (const owner of ['one', 'two'] as const) {
        expect(contentsOf(index, owner)).toEqual(plainContents(twin[owner], fingerprints))
        expect(index.stats(owner)).toMatchObject({ recordings: twin[owner].size })
      }
    }
  })

  test('holds the same, whether filled one by one or at once', () => {
    const entries = Array.from({ length: 20 }, (_, number) => ({
      id: `r${number}`,
      owner: 'me',
      fingerprint: fingerprints[number % 6]!,
    }))
    const [slow, fast] = [createReferenceIndex(), createReferenceIndex()]
    for (const { id, owner, fingerprint } of entries) slow.add(id, owner, fingerprint)
    fast.addAll([entries[3]!, ...entries])
    expect(contentsOf(fast, 'me')).toEqual(contentsOf(slow, 'me'))
    expect(fast.stats().segments).toBe(1)
    expect(slow.stats().segments).toBeLessThan(6)
    expect(fast.stats().hours).toBeCloseTo(slow.stats().hours, 9)
  })

  test('is the same merged as built at once, dense, sparse and finely divided', () => {
    const many = Array.from({ length: 1_500 }, (_, number) => ({
      number,
      fingerprint: fingerprints[number % 6]!,
    }))
    const dense = buildSegment(many)
    expect(dense.shape.slots).toBe(0)
    const halves = [buildSegment(many.slice(0, 750)), buildSegment(many.slice(750))] as const
    expect(halves[0].shape.slots).toBeGreaterThan(0)
    const merged = mergeSegments(...halves)
    for (const column of [
      'numbers',
      'starts',
      'positions',
      'order',
      'offsets',
      'peaks',
      'peakOffsets',
    ] as const)
      expect(merged[column]).toEqual(dense[column])
    const range = new Uint32Array(2)
    stretchOf(halves[0], 1, 0, 65_535, range)
    expect(range[0]).toBe(range[1])
  })

  test('forgets a removed recording for good once a quarter is gone', () => {
    const index = createReferenceIndex()
    for (const [number, fingerprint] of fingerprints.entries()) index.add(`r${number}`, 'me', fingerprint)
    const before = index.stats().bytes
    for (let number = 0; number < 5; number++) expect(index.remove(`r${number}`)).toBe(true)
    expect(index.stats().bytes).toBeLessThan(before / 2)
    expect(index.remove('r5')).toBe(true)
    expect(index.stats()).toEqual({ recordings: 0, hours: 0, bytes: 0, segments: 0, postings: 0 })
    expect(index.durationMsOf('r5')).toBeUndefined()
  })

  test('takes neither a suspect for a reference nor one that could not be read back', () => {
    const { peaks } = fingerprints[0]!
    const crowded = { ...fingerprints[0]!, peaks: { ...peaks, time: new Uint32Array(peaks.count) } }
    expect(() => createReferenceIndex().add('r', 'me', crowded)).toThrow('fingerprint')
    expect(() => createReferenceIndex().add('r', 'me', extract(music(1, 5)).suspect)).toThrow(TypeError)
  })

  test('keeps what it has when what should replace it is refused', () => {
    const index = createReferenceIndex()
    index.add('r0', 'me', fingerprints[0]!)
    const before = contentsOf(index, 'me')
    const replacement = { id: 'r0', owner: 'you', fingerprint: fingerprints[1]! }
    const suspect = { id: 'r1', owner: 'you', fingerprint: extract(music(1, 5)).suspect }
    expect(() => index.addAll([replacement, suspect])).toThrow(TypeError)
    expect(contentsOf(index, 'me')).toEqual(before)
    index.addAll([replacement, { ...replacement, owner: 'me', fingerprint: fingerprints[2]! }])
    expect([index.size, index.stats('you').recordings, index.stats('me').recordings]).toEqual([1, 0, 1])
    expect(contentsOf(index, 'me')).toEqual(plainContents(new Map([['r0', 2]]), fingerprints))
  })

  test('has a recording found although a hundred copies of it were removed', async () => {
    const [copied, ...others] = fingerprints
    const index = createReferenceIndex()
    const copies = Array.from({ length: 150 }, (_, number) => ({ id: `copy${number}`, fingerprint: copied! }))
    const fillers = Array.from({ length: 500 }, (_, number) => ({
      id: `other${number}`,
      fingerprint: others[number % others.length]!,
    }))
    index.addAll([...copies, ...fillers].map((entry) => ({ ...entry, owner: 'me' })))
    const before = index.stats().postings
    for (const { id } of copies.slice(0, -1)) index.remove(id)
    // Too few for the segment to be made anew: what was removed is still in it.
    expect(index.stats()).toMatchObject({ segments: 1, postings: before })
    const { suspect } = extract(music(100, 6))
    const { passages } = await searchIndex(index, suspect, { owner: 'me' })
    expect(passages.map(({ referenceId }) => referenceId)).toEqual(['copy149'])
  })
})
