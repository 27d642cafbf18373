import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import type { ReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { createSegmentFolder } from '../../services/audio/index/segment-folder.ts'
import { mergeSegments } from '../../services/audio/index/segment-merge.ts'
import type { Segment } from '../../services/audio/index/segment.ts'
import { extract, music } from '../support/audio.ts'
import { contentsOf, plainContents } from '../support/index-contents.ts'

const fingerprints = Array.from({ length: 5 }, (_, seed) => extract(music(200 + seed, 4 + seed)).reference)
const owners = ['one', 'two'] as const

const some = {
  id: fc.integer({ min: 0, max: 9 }).map((number) => `r${number}`),
  owner: fc.constantFrom(...owners),
  number: fc.nat(fingerprints.length - 1),
}
const Entry = fc.record(some)
const Step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), ...some }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), id: some.id }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('addAll' as const),
      entries: fc.array(Entry, { maxLength: 12 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), turns: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
)
type Step = typeof Step extends fc.Arbitrary<infer T> ? T : never

/** An index whose merges take some turns of the event loop, before they look and after, and fail now and then. */
function slowIndex(delays: readonly number[]): ReferenceIndex {
  let merges = 0
  const delay = () => delays[merges++ % delays.length]!
  return createReferenceIndex({
    postingsHereMax: 0,
    async merge(first: Segment, second: Segment) {
      const turns = delay()
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      if (turns === 7) throw new Error('out of memory')
      const merged = mergeSegments(first, second)
      for (let turn = 0; turn < turns; turn++) await setImmediate()
      return merged
    },
  })
}

/** What the index should hold: the number of each recording's fingerprint, by owner. */
type Twin = Record<(typeof owners)[number], Map<string, number>>

function add(twin: Twin, { id, owner, number }: { id: string; owner: keyof Twin; number: number }): void {
  for (const each of owners) twin[each].delete(id)
  twin[owner].set(id, number)
}

/** Waits until nothing is merged any more; what failed is merged at the next change, so that is no failure here. */
const settle = (index: ReferenceIndex) => index.settled().catch(() => undefined)

async function reopened(
  index: ReferenceIndex,
  folder: string,
  fresh: ReferenceIndex,
): Promise<ReferenceIndex> {
  await createSegmentFolder(folder).save(index, 'test', (id) => `note of ${id}`)
  const kept = await createSegmentFolder(folder).load()
  expect(kept).toMatchObject({ source: 'test', damaged: [] })
  for (const { owner, segment, recordings } of kept!.segments) {
    for (const one of recordings) if (one) expect(one.note).toBe(`note of ${one.id}`)
    fresh.adopt(
      owner,
      segment,
      recordings.map((one) => one?.id),
    )
  }
  return fresh
}

describe('an index whose parts are merged in the background', () => {
  test('holds what a naive twin holds, through any changes, failures and files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'earwitness-properties-'))
    const run = async (steps: readonly Step[], delays: readonly number[]): Promise<void> => {
      let index = slowIndex(delays)
      const twin: Twin = { one: new Map(), two: new Map() }
      const check = () => {
        expect(index.size).toBe(twin.one.size + twin.two.size)
        for (const owner of owners)
          expect(contentsOf(index, owner)).toEqual(plainContents(twin[owner], fingerprints))
      }
      for (const step of steps) {
        if (step.do === 'pass') for (let turn = 0; turn < step.turns; turn++) await setImmediate()
        else if (step.do === 'settle') await settle(index)
        else if (step.do === 'reopen') index = await reopened(index, folder, slowIndex(delays))
        else if (step.do === 'add') {
          index.add(step.id, step.owner, fingerprints[step.number]!)
          add(twin, step)
        } else if (step.do === 'remove')
          expect(index.remove(step.id)).toBe(twin.one.delete(step.id) || twin.two.delete(step.id))
        else {
          index.addAll(
            step.entries.map(({ id, owner, number }) => ({ id, owner, fingerprint: fingerprints[number]! })),
          )
          for (const entry of step.entries) add(twin, entry)
        }
      }
      check()
      await settle(index)
      check()
    }
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(Step, { maxLength: 40 }),
          fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
          run,
        ),
        { numRuns: 120 },
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('keeps everything when a merge fails, says so once, and merges at the next change', async () => {
    let fails = true
    const index = createReferenceIndex({
      postingsHereMax: 0,
      // Not a function that is async: what it throws comes at once.
      merge: (first, second) => {
        if (fails) throw new RangeError('Array buffer allocation failed')
        return Promise.resolve(mergeSegments(first, second))
      },
    })
    index.add('a', 'one', fingerprints[0]!)
    index.add('b', 'one', fingerprints[1]!)
    await expect(index.settled()).rejects.toThrow('allocation failed')
    await index.settled()
    expect(index.stats()).toMatchObject({ recordings: 2, segments: 2 })
    fails = false
    index.add('c', 'one', fingerprints[2]!)
    await index.settled()
    expect(index.stats()).toMatchObject({ recordings: 3, segments: 1 })
    const held = new Map(['a', 'b', 'c'].map((id, number) => [id, number]))
    expect(contentsOf(index, 'one')).toEqual(plainContents(held, fingerprints))
  })
})
