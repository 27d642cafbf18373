import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { msToFrames } from '../../services/audio/constants.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { LENGTH_BITS, LENGTH_MASK, landmarksOf } from '../../services/audio/index/landmarks.ts'
import { createMergeThread } from '../../services/audio/index/merge-thread.ts'
import type { IndexView, ReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { readSegmentFile, writeSegmentFile } from '../../services/audio/index/segment-file.ts'
import { type Segment, stretchOf } from '../../services/audio/index/segment.ts'
import { thinPeaks } from '../../services/audio/peak-list.ts'
import { createHits } from '../../services/audio/search/hits.ts'
import { countListed, findUnchanged } from '../../services/audio/search/look-up.ts'
import { createSearchScratch, memoryBackend } from '../../services/audio/search/memory-backend.ts'
import { suspectViewOf } from '../../services/audio/search/peak-view.ts'
import { createProbes, listProbes } from '../../services/audio/search/probes.ts'
import { createSearchPool } from '../../services/audio/search/search-pool.ts'
import { search } from '../../services/audio/search/search.ts'
import { createVoter } from '../../services/audio/search/vote.ts'
import { cpuMs } from '../machine.ts'

/** All invented recordings are one owner's. */
export const OWNER = 'bench'

/** A suspect, and the recording it is a copy of; undefined when it is a stranger's. */
export interface Question {
  readonly suspect: Fingerprint
  readonly id: string | undefined
}

export interface Searched {
  readonly cpuMs: readonly number[]
  /** Questions that were answered rightly: with the recording among what was found, or with nothing found. */
  readonly right: number
}

/** Searches for one suspect after the other in this thread. */
export async function searchEach(index: ReferenceIndex, questions: readonly Question[]): Promise<Searched> {
  const scratch = createSearchScratch()
  const took: number[] = []
  let right = 0
  for (const { suspect, id } of questions) {
    const before = cpuMs()
    const { passages } = await search(memoryBackend(index.viewOf(OWNER), scratch), suspect)
    took.push(cpuMs() - before)
    const ids = passages.map(({ referenceId }) => index.idOf(referenceId))
    if (id === undefined ? ids.length === 0 : ids.includes(id)) right++
  }
  return { cpuMs: took, right }
}

/** The looking up of all probes of some suspects, as the third pass makes them. */
export interface Gathered {
  /** Of one probe in one segment. */
  readonly nsPerProbe: number
  /** Postings of the range of its bucket that a probe may find hits in. */
  readonly listedPerProbe: number
  readonly hitsPerProbe: number
  /** The most votes that a place had, of each suspect. */
  readonly votes: readonly number[]
}

/** As the third pass of a search has it (search.ts), with the common landmarks that it leaves out. */
const plan = { changed: false, pairsMax: 24, border: 0.3 }
const PROBE_PEAKS_PER_SPAN = 40

export function gather({ segments }: IndexView, suspects: readonly Fingerprint[]): Gathered {
  const probes = createProbes()
  const hits = createHits()
  const voter = createVoter()
  const votes: number[] = []
  let [tookMs, probed, listed, hit] = [0, 0, 0, 0]
  for (const suspect of suspects) {
    const frames = msToFrames(suspect.durationMs)
    const view = suspectViewOf(thinPeaks(suspect.peaks, PROBE_PEAKS_PER_SPAN), frames)
    listProbes(view, 0, view.count, frames / 2, plan, probes)
    let most = 0
    for (const segment of segments) {
      hits.count = 0
      const before = cpuMs()
      findUnchanged(segment, probes, 0, probes.count, hits)
      tookMs += cpuMs() - before
      probed += probes.count
      listed += countListed(segment, probes)
      hit += hits.count
      most = Math.max(most, voter.vote(hits, 1)[0]?.votes ?? 0)
    }
    votes.push(most)
  }
  return {
    nsPerProbe: (tookMs * 1e6) / probed,
    listedPerProbe: listed / probed,
    hitsPerProbe: hit / probed,
    votes,
  }
}

/**
 * How much a landmark tells, in bits: minus the logarithm of the chance that two landmarks of different recordings
 * are the same (Rényi entropy of order 2). One bit more halves the work of a search.
 *
 * @param strangers references that are not in the index.
 */
export function selectivityBits({ segments }: IndexView, strangers: readonly Fingerprint[]): number {
  const range = new Uint32Array(2)
  let [same, pairs] = [0, 0]
  for (const { peaks } of strangers) {
    const { count, bucket, order } = landmarksOf(peaks)
    for (const segment of segments) {
      pairs += count * segment.shape.postings
      for (let index = 0; index < count; index++) {
        const wanted = order[index]!
        const sum = wanted >>> LENGTH_BITS
        stretchOf(segment, bucket[index]!, sum << LENGTH_BITS, (sum << LENGTH_BITS) | LENGTH_MASK, range)
        for (let at = range[0]!; at < range[1]!; at++) if (segment.order[at] === wanted) same++
      }
    }
  }
  return -Math.log2(same / pairs)
}

export interface Pooled {
  readonly perSecond: number
  /** Of one search, in the thread and in this one. */
  readonly cpuMs: number
  /** From the call to the answer. */
  readonly waitsMs: readonly number[]
}

/** How often all questions are asked and counted; the best counts, as other programs can only make it worse. */
const ROUNDS = 3

/** All questions at once to a pool of threads. */
export async function searchPooled(
  index: ReferenceIndex,
  questions: readonly Question[],
  threads: number,
): Promise<Pooled> {
  const pool = createSearchPool({ threads })
  try {
    const ask = ({ suspect }: Question) => pool.search(index, OWNER, suspect)
    const askAll = (): Promise<unknown> => Promise.all(questions.map(ask))
    // Every thread starts and compiles by itself, which costs more than a hundred searches of a small index: not
    // counted, or two threads would seem to be in each other's way.
    for (let thread = 0; thread < threads; thread++) await askAll()
    let perSecond = 0
    let cpuMsOfOne = Number.POSITIVE_INFINITY
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now()
      const before = cpuMs()
      await askAll()
      cpuMsOfOne = Math.min(cpuMsOfOne, (cpuMs() - before) / questions.length)
      perSecond = Math.max(perSecond, (1000 * questions.length) / (performance.now() - startedAt))
    }
    const waitsMs: number[] = []
    for (const question of questions) {
      const askedAt = performance.now()
      await ask(question)
      waitsMs.push(performance.now() - askedAt)
    }
    return { perSecond, cpuMs: cpuMsOfOne, waitsMs }
  } finally {
    await pool.close()
  }
}

/** What is merged or written only to be measured has no more postings: the result needs memory or disk too. */
const EXAMPLE_POSTINGS_MAX = 2 ** 26

const exampleOf = (index: ReferenceIndex): Segment | undefined =>
  index.viewOf(OWNER).segments.find(({ shape }) => shape.postings <= EXAMPLE_POSTINGS_MAX)

/** As `searchPooled` with one thread, while a large merge goes on in another one. @returns how long searches took. */
export async function searchBesideMerge(
  index: ReferenceIndex,
  questions: readonly Question[],
): Promise<readonly number[]> {
  const merging = createMergeThread()
  const segment = exampleOf(index)
  const stop = new AbortController()
  const mergeOn = async (twice: Segment): Promise<void> => {
    // Its result is thrown away: what counts is that memory and a core are busy.
    while (!stop.signal.aborted) await merging.merge(twice, twice)
  }
  const merged = segment && mergeOn(segment)
  try {
    const { waitsMs } = await searchPooled(index, questions, 1)
    return waitsMs
  } finally {
    stop.abort()
    await merged
    await merging.close()
  }
}

export interface Registered {
  readonly addMs: readonly number[]
  /** From the call that registers to the answer of a search that knows it. */
  readonly foundMs: readonly number[]
  readonly found: number
}

/** Registers recordings one by one, and has a copy of each found by a thread. They are removed again. */
export async function register(
  index: ReferenceIndex,
  recordings: readonly { readonly reference: Fingerprint; readonly copy: Fingerprint }[],
): Promise<Registered> {
  const pool = createSearchPool({ threads: 1 })
  // The thread starts and compiles before anything is counted.
  for (const { copy } of recordings.slice(0, 5)) await pool.search(index, OWNER, copy)
  const addMs: number[] = []
  const foundMs: number[] = []
  let found = 0
  try {
    for (const [number, { reference, copy }] of recordings.entries()) {
      const id = `new-${number}`
      const startedAt = performance.now()
      index.add(id, OWNER, reference)
      addMs.push(performance.now() - startedAt)
      const { passages } = await pool.search(index, OWNER, copy)
      foundMs.push(performance.now() - startedAt)
      if (passages.some(({ referenceId }) => referenceId === id)) found++
      // What was merged meanwhile is taken over.
      await sleep(0)
    }
    await index.settled()
    for (const number of recordings.keys()) index.remove(`new-${number}`)
    return { addMs, foundMs, found }
  } finally {
    await pool.close()
  }
}

/** Seconds of CPU time, and bytes. */
export interface Loaded {
  readonly bytes: number
  readonly seconds: number
  /** What reading the same bytes into memory and nothing more takes. */
  readonly bareSeconds: number
}

/** Writes a segment to a file and loads it again, with all that is checked. */
export async function loadFile(index: ReferenceIndex, folder: string): Promise<Loaded | undefined> {
  const segment = exampleOf(index)
  if (!segment) return undefined
  const path = join(folder, 'example.segment')
  const recordings = Array.from(segment.numbers, (number) => ({ id: index.idOf(number) ?? '', note: '' }))
  await writeSegmentFile(path, { owner: OWNER, segment, recordings })
  const before = cpuMs()
  await readSegmentFile(path)
  const between = cpuMs()
  const { length } = await readFile(path)
  const after = cpuMs()
  return { bytes: length, seconds: (between - before) / 1000, bareSeconds: (after - between) / 1000 }
}
