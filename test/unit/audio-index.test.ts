import { describe, expect, test } from 'vitest'

import { landmarksOf } from '../../services/audio/index/landmarks.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { buildSegment, mergeSegments, recordingAt, rowOf } from '../../services/audio/index/segment.ts'
import type { Segment } from '../../services/audio/index/segment.ts'
import { extract, music, randomOf } from '../support/audio.ts'

const fingerprints = Array.from({ length: 6 }, (_, seed) => extract(music(100 + seed, 6 + seed)).reference)

/** Everything a segment holds of living recordings, as readable lines, sorted. */
function contents(segments: readonly Segment[]): string[] {
  const lines: string[] = []
  for (const segment of segments) {
    const { offsets, sparse } = segment.directory
    for (let row = 0; row + 1 < offsets.length; row++) {
      const bucket = sparse ? sparse.buckets[row]! : row
      for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
        expect(rowOf(segment.directory, bucket)).toBe(row)
        if (at > offsets[row]!) expect(segment.order[at]).toBeGreaterThanOrEqual(segment.order[at - 1]!)
        const place = recordingAt(segment, segment.position[at]!)
        const recording = segment.recordings[place]!
        const frame = segment.position[at]! - segment.starts[place]!
        if (recording.alive) lines.push(`${recording.id} ${bucket} ${segment.order[at]} ${frame}`)
      }
    }
  }
  return lines.sort()
}

/** The same without any index. */
function plain(held: ReadonlyMap<string, number>): string[] {
  const lines: string[] = []
  for (const [id, number] of held) {
    const list = landmarksOf(fingerprints[number]!.peaks)
    for (let index = 0; index < list.count; index++) {
      lines.push(`${id} ${list.bucket[index]} ${list.order[index]} ${list.frame[index]}`)
    }
  }
  return lines.sort()
}

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
        expect(contents(index.segmentsOf(owner))).toEqual(plain(twin[owner]))
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
    expect(contents(fast.segmentsOf('me'))).toEqual(contents(slow.segmentsOf('me')))
    expect(fast.stats().segments).toBe(1)
    expect(slow.stats().segments).toBeLessThan(6)
    expect(fast.stats().hours).toBeCloseTo(slow.stats().hours, 9)
  })

  test('is the same in its dense and in its sparse form', () => {
    const many = Array.from({ length: 1_500 }, (_, number) => ({
      id: `r${number}`,
      owner: 'me',
      fingerprint: fingerprints[number % 6]!,
    }))
    const dense = buildSegment(many)
    expect(dense.directory.sparse).toBeUndefined()
    const halves = [buildSegment(many.slice(0, 750)), buildSegment(many.slice(750))] as const
    expect(halves[0].directory.sparse).toBeDefined()
    const merged = mergeSegments(...halves)
    expect(merged.position.length).toBe(dense.position.length)
    expect(merged.order).toEqual(dense.order)
    expect(merged.directory.offsets).toEqual(dense.directory.offsets)
    expect(rowOf(halves[0].directory, 1)).toBe(-1)
  })

  test('forgets a removed recording for good once a quarter is gone', () => {
    const index = createReferenceIndex()
    for (const [number, fingerprint] of fingerprints.entries()) index.add(`r${number}`, 'me', fingerprint)
    const before = index.stats().bytes
    for (let number = 0; number < 5; number++) expect(index.remove(`r${number}`)).toBe(true)
    expect(index.stats().bytes).toBeLessThan(before / 2)
    expect(index.remove('r5')).toBe(true)
    expect(index.stats()).toEqual({ recordings: 0, hours: 0, bytes: 0, segments: 0, landmarks: 0 })
    expect(index.durationMsOf('r5')).toBeUndefined()
  })

  test('takes neither a suspect for a reference nor one that could not be read back', () => {
    const { peaks } = fingerprints[0]!
    const crowded = { ...fingerprints[0]!, peaks: { ...peaks, time: new Uint32Array(peaks.count) } }
    expect(() => createReferenceIndex().add('r', 'me', crowded)).toThrow('fingerprint')
    expect(() => createReferenceIndex().add('r', 'me', extract(music(1, 5)).suspect)).toThrow(TypeError)
  })
})
