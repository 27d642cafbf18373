import { eachOf } from '../../bin/client/walk.ts'
import type { Fingerprint } from '../../services/audio/fingerprint/fingerprint.ts'
import { landmarksOf } from '../../services/audio/index/landmarks.ts'
import { createMergeThread } from '../../services/audio/index/merge-thread.ts'
import { gatherPostings, writePostings } from '../../services/audio/index/posting-sort.ts'
import { type ReferenceIndex, createReferenceIndex } from '../../services/audio/index/reference-index.ts'
import { buildSegment, startsOf } from '../../services/audio/index/segment-build.ts'
import { mergeSegments } from '../../services/audio/index/segment-merge.ts'
import { type Segment, layOut } from '../../services/audio/index/segment.ts'
import type { PeakList } from '../../services/audio/peak-list.ts'
import { createThreadPool } from '../../services/audio/threads.ts'
import { type Figure, atMost, plain } from '../figures.ts'
import { cpuMs, memoryLimits } from '../machine.ts'
import { randomNumbers, syntheticFingerprint } from '../synthetic.ts'
import type { BuildJob } from './build-thread.ts'
import { OWNER } from './measures.ts'

/** Length of an invented recording, about: that of a song. */
export const BUILD_DURATION_MS = 240_000

/** Recordings of one segment as they come, and how many of those are kept to make suspects of. */
const BATCH = 1_000
const KEPT_OF_BATCH = 4

/** Bytes that sorting a posting moves, in four passes of a radix sort over columns of four and two bytes. */
const SORT_BYTES = 44
const SORT_RATIO_MAX = 10
/** Merging reads and writes a posting of six bytes; a segment has, for each, three and a half bytes of peaks too. */
const MERGE_BYTES = 12
const MERGE_RATIO_MAX = 8

/** The size at which building has a target, and that. */
const MILLION = 1_000_000
const MILLION_BUILD_S_MAX = 360
const MILLION_GB_MAX = 14

const limit = (name: string, value: number, unit: string, isHeld: boolean, most: number): Figure =>
  isHeld ? atMost(name, value, unit, most) : plain(name, value, unit)

/** Heap of a building thread, in MB: a thousand fingerprints. */
const THREAD_HEAP_MB_MAX = 1_024

/** An index that is being filled. */
export interface Filling {
  readonly index: ReferenceIndex
  readonly sources: readonly PeakList[]
  /** Some of the recordings, evenly over the index. */
  readonly kept: readonly { readonly id: string; readonly fingerprint: Fingerprint }[]
  /**
   * Adds recordings until there are so many, on all threads, and merges them beside.
   *
   * @returns what that took. All threads are busy all the time, so without the inventing it would have taken that much
   *   less as inventing kept each of them busy. Where other programs run too that is less than inventing delayed it.
   */
  fill(recordings: number, signal: AbortSignal, onProgress: (done: number) => void): Promise<Figure[]>
  close(): Promise<void>
}

/** What sorting and merging cost, in this thread, beside the memory's own speed. */
export function buildCosts(sources: readonly PeakList[]): Figure[] {
  const random = randomNumbers(21)
  const batch = Array.from({ length: BATCH }, (_, number) => ({
    number,
    fingerprint: syntheticFingerprint(sources, BUILD_DURATION_MS, random),
  }))
  const { bytesPerSecond } = memoryLimits(2 ** 28)
  const lists = batch.map(({ fingerprint }) => landmarksOf(fingerprint.peaks))
  const starts = startsOf(batch.map(({ fingerprint }) => fingerprint.durationMs))
  const built = buildSegment(batch)
  const twice = mergeSegments(built, built)
  const { postings } = built.shape
  const buildNs = bestNs(postings, () => buildSegment(batch))
  const landmarkNs = bestNs(postings, () => batch.map(({ fingerprint }) => landmarksOf(fingerprint.peaks)))
  const sortNs = bestNs(postings, () => writePostings(layOut(built.shape), gatherPostings(lists, starts)))
  const mergeNs = bestNs(2 * twice.shape.postings, () => mergeSegments(twice, twice))
  const bare = withoutPeaks(twice)
  const bareNs = bestNs(2 * twice.shape.postings, () => mergeSegments(bare, bare))
  const copyNs = bestNs(2 * twice.shape.postings, () => joinedBytes(twice.memory, twice.memory))
  const mergedBytes = 2 * twice.memory.byteLength
  const touchNs = bestNs(2 * twice.shape.postings, () => touchedBytes(mergedBytes))
  // As many are read as are written.
  const movedBytes = (2 * mergedBytes) / (2 * twice.shape.postings)
  const nsOf = (bytes: number): number => (1e9 * bytes) / bytesPerSecond
  return [
    plain('memory, copied from end to end', bytesPerSecond / 1e9, 'GB/s'),
    plain('building a segment, a posting', buildNs, 'ns'),
    plain('of that: finding landmarks', landmarkNs, 'ns'),
    plain('of that: sorting', sortNs, 'ns'),
    atMost('sorting against moving 44 bytes', sortNs / nsOf(SORT_BYTES), '×', SORT_RATIO_MAX),
    plain('merging, a posting', mergeNs, 'ns'),
    plain('of that: the first touch of the memory of the result', touchNs, 'ns'),
    atMost('merging against moving all its bytes', mergeNs / nsOf(movedBytes), '×', MERGE_RATIO_MAX),
    plain('merging against copying both into fresh memory', mergeNs / copyNs, '×'),
    plain('merging without the peaks, a posting', bareNs, 'ns'),
    atMost('the same against moving 12 bytes', bareNs / nsOf(MERGE_BYTES), '×', MERGE_RATIO_MAX),
    plain('merging with the peaks against moving 12 bytes', mergeNs / nsOf(MERGE_BYTES), '×'),
  ]
}

/** A segment of recordings of which only the postings are known. */
function withoutPeaks(segment: Segment): Segment {
  const bare = layOut({ ...segment.shape, peakBytes: 0 })
  for (const column of ['numbers', 'durationsMs', 'starts', 'landmarks', 'offsets', 'positions'] as const)
    bare[column].set(segment[column])
  bare.order.set(segment.order)
  return bare
}

const PAGE_BYTES = 4_096

/** A fresh block of which every page was written to: then the system has given the memory for it. */
function touchedBytes(bytes: number): Uint8Array {
  const block = new Uint8Array(new SharedArrayBuffer(bytes))
  for (let at = 0; at < bytes; at += PAGE_BYTES) block[at] = 1
  return block
}

/** Two blocks in a fresh one: what any way of joining them has to do at least. */
function joinedBytes(first: SharedArrayBuffer, second: SharedArrayBuffer): Uint8Array {
  const joined = new Uint8Array(new SharedArrayBuffer(first.byteLength + second.byteLength))
  joined.set(new Uint8Array(first))
  joined.set(new Uint8Array(second), first.byteLength)
  return joined
}

/** Other work on the machine, and freeing what trials before left, can only make one look slower than it is. */
const TRIALS = 15

/** The best of all trials, in CPU nanoseconds a posting. */
function bestNs(postings: number, work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let trial = 0; trial < TRIALS; trial++) {
    const before = cpuMs()
    work()
    best = Math.min(best, cpuMs() - before)
  }
  return (best * 1e6) / postings
}

/** An empty index, and the threads that fill it. */
export function createFilling(sources: readonly PeakList[], threads: number): Filling {
  const merging = createMergeThread()
  const index = createReferenceIndex({ merge: merging.merge })
  const builders = createThreadPool<BuildJob>({
    entry: new URL('build-thread.ts', import.meta.url),
    threads,
    heapMbMax: THREAD_HEAP_MB_MAX,
  })
  const kept: { number: number; id: string; fingerprint: Fingerprint }[] = []
  // Since it was empty.
  let wallMs = 0
  let inventingMs: number | undefined = 0
  return {
    index,
    sources,
    kept,
    async fill(recordings, signal, onProgress) {
      const first = index.size
      const batches = Array.from(
        { length: (recordings - first) / BATCH },
        (_, number) => first + number * BATCH,
      )
      const startedAt = performance.now()
      const before = cpuMs()
      await eachOf(batches, threads, async (from) => {
        signal.throwIfAborted()
        const order = {
          sources,
          recordings: BATCH,
          durationMs: BUILD_DURATION_MS,
          seed: from,
          kept: KEPT_OF_BATCH,
        }
        const made = await builders.run(order, { signal })
        const ids = Array.from({ length: BATCH }, (_, place) => `r${from + place}`)
        index.adopt(OWNER, made.segment, ids)
        if (inventingMs !== undefined && made.inventingMs !== undefined) inventingMs += made.inventingMs
        else inventingMs = undefined
        for (const [place, fingerprint] of made.kept.entries())
          kept.push({ number: from + place, id: ids[place]!, fingerprint })
        onProgress(index.size)
      })
      await index.settled()
      // Which thread is done first differs from run to run; the questions that are asked must not.
      kept.sort((one, other) => one.number - other.number)
      const at = `${recordings / 1000}k`
      const added = recordings - first
      const tookMs = performance.now() - startedAt
      wallMs += tookMs
      const memoryGb = process.memoryUsage.rss() / 1e9
      const memoryMostGb = (1024 * process.resourceUsage().maxRSS) / 1e9
      const isMillion = recordings === MILLION
      const figures = [
        plain(`${at}: inventing and adding ${added}, wall`, tookMs / 1000, 's'),
        plain(`${at}: the same, CPU a recording`, (cpuMs() - before) / added, 'ms'),
        plain(`${at}: memory of the process when it was filled`, memoryGb, 'GB'),
        limit(`${at}: most memory of the process so far`, memoryMostGb, 'GB', isMillion, MILLION_GB_MAX),
      ]
      if (inventingMs === undefined) return figures
      const buildingS = (wallMs - inventingMs / threads) / 1000
      return [
        ...figures,
        plain(`${at}: inventing alone, CPU a recording`, inventingMs / recordings, 'ms'),
        limit(`${at}: building alone, since empty, wall`, buildingS, 's', isMillion, MILLION_BUILD_S_MAX),
      ]
    },
    async close() {
      await Promise.all([builders.close(), merging.close()])
    },
  }
}
