import { afterAll, describe, expect, test } from 'vitest'

import { encodeFingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { createSearchPool } from '../../services/audio/search/search-pool.ts'
import { searchIndex } from '../../services/audio/search/search.ts'
import { createThreadPool } from '../../services/audio/threads.ts'
import { extract, music, stretch } from '../support/audio.ts'
import type { DeedJob } from '../support/thread-entry.ts'

const OWNER = 'label'
const SECONDS = 25
const pieces = Array.from({ length: 6 }, (_, seed) => music(seed, SECONDS))
const references = pieces.map((piece) => extract(piece).reference)
const suspects = pieces.map((piece) => extract(stretch(piece, 6, 18)).suspect)
const stranger = extract(music(77, 12)).suspect

const filled = () => {
  const index = createReferenceIndex()
  for (const [number, reference] of references.entries()) index.add(`r${number}`, OWNER, reference)
  return index
}

const pool = createSearchPool({ threads: 2 })
afterAll(() => pool.close())

const idsIn = async (index: ReturnType<typeof filled>, number: number): Promise<string[]> => {
  const { passages } = await pool.search(index, OWNER, suspects[number]!)
  return passages.map(({ referenceId }) => referenceId)
}

describe('a search in another thread', () => {
  test('finds what a search in this one finds, many at once, encoded or not', async () => {
    const index = filled()
    const all = [...suspects, stranger]
    const here = []
    for (const suspect of all) here.push(await searchIndex(index, suspect, { owner: OWNER }))
    expect(here.map(({ passages }) => passages.length)).toEqual([1, 1, 1, 1, 1, 1, 0])
    const there = await Promise.all([
      ...all.map((suspect) => pool.search(index, OWNER, suspect)),
      ...all.map((suspect) => pool.search(index, OWNER, encodeFingerprint(suspect))),
    ])
    expect(there).toEqual([...here, ...here])
  })

  test('takes the options of a search, and tells its progress', async () => {
    const index = filled()
    const strict = { owner: OWNER, falseClaimsPerMillion: 1 }
    const told: number[] = []
    const result = await pool.search(index, OWNER, suspects[1]!, {
      falseClaimsPerMillion: 1,
      onProgress: (done, total) => void told.push(done / total),
    })
    expect(result).toEqual(await searchIndex(index, suspects[1]!, strict))
    const { passages } = await searchIndex(index, suspects[1]!, { owner: OWNER })
    expect(result.passages[0]!.threshold).not.toBe(passages[0]!.threshold)
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
  })

  test('sees no recordings of others', async () => {
    expect(await pool.search(filled(), 'nobody', suspects[0]!)).toMatchObject({
      passages: [],
      compared: { recordings: 0 },
    })
  })

  test('refuses what is no suspect, and goes on', async () => {
    const index = filled()
    await expect(pool.search(index, OWNER, references[0]!)).rejects.toThrow(TypeError)
    await expect(pool.search(index, OWNER, new Uint8Array(100))).rejects.toMatchObject({
      type: 'fingerprint/malformed',
    })
    expect(await idsIn(index, 0)).toEqual(['r0'])
  })

  test('stops when it is told to, under way or waiting', async () => {
    const index = filled()
    const controller = new AbortController()
    const long = extract(music(78, 60)).suspect
    let told = 0
    const running = [1, 2, 3, 4].map(() =>
      pool.search(index, OWNER, long, {
        signal: controller.signal,
        onProgress() {
          told++
          controller.abort(new Error('enough'))
        },
      }),
    )
    for (const one of running) await expect(one).rejects.toThrow('enough')
    expect(told).toBe(1)
    await expect(pool.search(index, OWNER, long, { signal: controller.signal })).rejects.toThrow('enough')
    expect(await idsIn(index, 2)).toEqual(['r2'])
  })
})

describe('an index that changes while it is searched', () => {
  test('loses nothing that stays, and shows nothing that was removed before', async () => {
    const index = filled()
    for (let round = 0; round < 12; round++) {
      const changing = 1 + (round % 5)
      index.remove(`r${changing}`)
      const searches = [idsIn(index, 0), idsIn(index, changing), idsIn(index, 0)]
      // Merged and buried under the searches that have begun.
      for (let copy = 0; copy < 5; copy++) index.add(`copy${copy}`, OWNER, references[(changing % 5) + 1]!)
      for (let copy = 0; copy < 5; copy++) index.remove(`copy${copy}`)
      const [stays, removed, stillStays] = await Promise.all(searches)
      expect([stays, removed, stillStays]).toEqual([['r0'], [], ['r0']])
      index.add(`r${changing}`, OWNER, references[changing]!)
      expect(await idsIn(index, changing)).toEqual([`r${changing}`])
    }
  })

  test('is searched as it was when a search was asked for, less what was removed since', async () => {
    const index = filled()
    const asked = [0, 1, 2, 3].map((number) => idsIn(index, number))
    index.remove('r3')
    index.add('r2', OWNER, references[4]!)
    // The two that come last wait for a thread: what they will compare with is settled all the same.
    expect(await Promise.all(asked)).toEqual([['r0'], ['r1'], [], []])
    expect(new Set(await idsIn(index, 4))).toEqual(new Set(['r4', 'r2']))
  })
})

describe('a pool of threads', () => {
  const make = (threads: number, heapMbMax = 200) =>
    createThreadPool<DeedJob>({
      entry: new URL('../support/thread-entry.ts', import.meta.url),
      threads,
      heapMbMax,
    })

  test('starts no more threads than it may and needs, and gives each error to whose it is', async () => {
    const threads = make(2)
    const answers = await Promise.allSettled(
      (['say who', 'fail', 'be a problem', 'say who', 'say who'] as const).map((deed) => threads.run(deed)),
    )
    expect(answers[1]).toMatchObject({ reason: new RangeError('it failed') })
    expect(answers[2]).toMatchObject({ reason: { name: 'Problem', type: 'fingerprint/malformed' } })
    const names = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    expect(names).toHaveLength(3)
    expect(new Set(names).size).toBeLessThanOrEqual(2)
    await threads.close()
  })

  test('goes on when a thread dies or takes too much memory: only its work fails', async () => {
    const threads = make(1, 60)
    const first = await threads.run('say who')
    const fates = await Promise.allSettled(
      (['die', 'say who', 'hoard', 'say who'] as const).map((deed) => threads.run(deed)),
    )
    expect(fates.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(fates[2]).toMatchObject({ reason: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
    expect(new Set([first, ...fates.flatMap((fate) => ('value' in fate ? [fate.value] : []))]).size).toBe(3)
    await threads.close()
  })

  test('loses no thread to an order that cannot be copied to it', async () => {
    const threads = createThreadPool<{ order: unknown; answer: string }>({
      entry: new URL('../support/thread-entry.ts', import.meta.url),
      threads: 1,
      heapMbMax: 200,
    })
    const uncopied = () => undefined
    const fates = await Promise.allSettled(
      [uncopied, 'say who', uncopied, 'say who'].map((order) => threads.run(order)),
    )
    expect(fates.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(fates[2]).toMatchObject({ reason: { name: 'DataCloneError' } })
    await threads.close()
  })

  test('tells progress seldom, but that the end is reached', async () => {
    const threads = make(1)
    const told: number[] = []
    await threads.run('count', { onProgress: (done) => void told.push(done) })
    expect(told.length).toBeLessThan(10)
    expect(told.at(-1)).toBe(1_000)
    await threads.close()
  })

  test('fails all that is under way or waiting when it is closed, and takes no more', async () => {
    const threads = make(1)
    const fates = [threads.run('wait'), threads.run('say who')].map((run) => run.catch(String))
    await threads.close()
    expect(await Promise.all(fates)).toEqual([
      expect.stringContaining('Error'),
      expect.stringContaining('closed'),
    ])
    await expect(threads.run('say who')).rejects.toThrow('closed')
  })

  test('needs at least one thread', () => {
    expect(() => make(0)).toThrow(RangeError)
    expect(() => createSearchPool({ threads: 1.5 })).toThrow(RangeError)
  })
})
