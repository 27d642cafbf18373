import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { msToFrames } from '../../services/audio/constants.ts'
import { LENGTH_BITS, LENGTH_MASK } from '../../services/audio/index/landmarks.ts'
import { buildSegment } from '../../services/audio/index/segment-build.ts'
import { type Segment, stretchOf } from '../../services/audio/index/segment.ts'
import { CELL_FRAMES, type Hits, createHits } from '../../services/audio/search/hits.ts'
import { unchanged } from '../../services/audio/search/hypotheses.ts'
import { findUnchanged } from '../../services/audio/search/look-up.ts'
import { suspectViewOf } from '../../services/audio/search/peak-view.ts'
import { type Probes, createProbes, listProbes } from '../../services/audio/search/probes.ts'
import { createVoter } from '../../services/audio/search/vote.ts'
import { extract, music } from '../support/audio.ts'

/** The cells that a probe speaks for, by a look at every posting of its bucket. */
function plainHits({ order, positions, ...segment }: Segment, probes: Probes, probe: number): number[] {
  const range = new Uint32Array(2)
  stretchOf({ order, positions, ...segment }, probes.bucket[probe]!, 0, 65_535, range)
  const cells: number[] = []
  for (let at = range[0]!; at < range[1]!; at++) {
    const length = order[at]! & LENGTH_MASK
    const band = (order[at]! >>> LENGTH_BITS) - length
    const isLike = Math.abs(length - probes.length[probe]!) <= probes.slack[probe]!
    if (isLike && Math.abs(band - probes.band[probe]!) <= 1)
      cells.push(Math.trunc((positions[at]! - probes.time[probe]!) / CELL_FRAMES))
  }
  return cells
}

const sorted = (cells: Iterable<number>): number[] => [...cells].sort((a, b) => a - b)

describe('looking probes up', () => {
  const extracts = Array.from({ length: 4 }, (_, seed) => extract(music(400 + seed, 8)))
  // Copies make rows of some hundred postings, so that all ways of looking through one are taken.
  const segments = [1, 30, 400].map((copies) =>
    buildSegment(
      Array.from({ length: 4 * copies }, (_, number) => ({
        number,
        fingerprint: extracts[number % 4]!.reference,
      })),
    ),
  )
  const { peaks, durationMs } = extracts[1]!.suspect
  const view = suspectViewOf(peaks, msToFrames(durationMs))
  const plan = { changed: false, pairsMax: 6, border: 0.3 }
  const probes = createProbes()

  test('finds what a look at every posting finds', () => {
    listProbes(view, 0, view.count, view.frames / 2, plan, probes)
    for (const segment of segments) {
      const hits = createHits()
      findUnchanged(segment, probes, 0, probes.count, hits)
      const expected = Array.from({ length: probes.count }, (_, probe) => plainHits(segment, probes, probe))
      expect(hits.count).toBeGreaterThan(20)
      expect(sorted(hits.cell.subarray(0, hits.count))).toEqual(sorted(expected.flat()))
    }
  })

  test('leaves out what meets too many postings, and only that', () => {
    const hitsMax = 300
    listProbes(view, 0, view.count, view.frames / 2, { ...plan, hitsMax }, probes)
    const segment = segments[2]!
    const hits = createHits()
    findUnchanged(segment, probes, 0, probes.count, hits)
    const all = Array.from({ length: probes.count }, (_, probe) => plainHits(segment, probes, probe))
    const kept = all.filter((cells) => cells.length <= hitsMax)
    expect(kept.length).toBeLessThan(all.length)
    expect(sorted(hits.cell.subarray(0, hits.count))).toEqual(sorted(kept.flat()))
  })
})

/** The best cells, by counting every one. */
function plainVote(cells: readonly number[], most: number): { cell: number; votes: number }[] {
  const counts = new Map<number, number>()
  for (const cell of cells) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const countAt = (cell: number): number => counts.get(cell) ?? 0
  return [...counts]
    .map(([cell, own]) => ({ cell, own, beside: Math.max(countAt(cell - 1), countAt(cell + 1)) }))
    .filter(({ own, beside }) => own >= beside && own + beside >= 2)
    .map(({ cell, own, beside }) => ({ cell, votes: own + beside }))
    .sort((a, b) => b.votes - a.votes || a.cell - b.cell)
    .slice(0, most)
}

describe('a vote on unchanged copies', () => {
  const voter = createVoter()

  test('gives what counting every place gives, however many there are', () => {
    // Places of the rough count are a million apart.
    const cell = fc.oneof(
      fc.nat(40),
      fc.nat(40).map((near) => 2 ** 20 + near),
      fc.nat(190_000_000),
    )
    const place = fc.record({ cell, times: fc.oneof(fc.nat(4), fc.nat(400)) })
    fc.assert(
      fc.property(fc.array(place, { maxLength: 300 }), fc.integer({ min: 1, max: 40 }), (places, most) => {
        const cells = places.flatMap(({ cell: one, times }) => Array.from({ length: times }, () => one + 1))
        const hits: Hits = {
          count: cells.length,
          hypothesis: new Uint8Array(cells.length).fill(unchanged),
          cell: Uint32Array.from(cells),
        }
        const voted = voter.vote(hits, most).map(({ cell: one, votes }) => ({ cell: one, votes }))
        expect(voted).toEqual(plainVote(cells, most))
      }),
      { numRuns: 100 },
    )
  })
})
