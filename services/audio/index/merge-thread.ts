import { createThreadPool } from '../threads.ts'
import { collectSegments } from './collect.ts'
import type { Merge } from './segment-list.ts'
import type { Segment } from './segment.ts'

/** What the thread is given and gives back. */
export interface MergeJob {
  readonly order: { readonly first: Segment; readonly second: Segment }
  readonly answer: Segment
}

/** Merges segments in a thread of its own, so that searches go on meanwhile. */
export interface MergeThread {
  /**
   * One after the other. The thread is started when it is first needed, and again when it died.
   *
   * @throws what went wrong, such as that there is not enough memory; both segments are as they were then.
   */
  readonly merge: Merge
  /** Ends the thread; merges that are under way or waiting fail. */
  close(): Promise<void>
}

/** Until then the merged segment has taken the place of the two, and nobody here needs them any more. */
const REPLACED_AFTER_MS = 1_000

/** Heap of the thread, in MB: some numbers for each recording. Segments are not part of it. */
const HEAP_MB_MAX = 256

export function createMergeThread(): MergeThread {
  const pool = createThreadPool<MergeJob>({
    entry: new URL('merge-work.ts', import.meta.url),
    threads: 1,
    heapMbMax: HEAP_MB_MAX,
  })
  return {
    async merge(first, second) {
      const merged = await pool.run({ first, second })
      // Handed over as a number: a function that knew the segments would keep them.
      setTimeout(collectSegments, REPLACED_AFTER_MS, merged.shape.postings).unref()
      return merged
    },
    close: () => pool.close(),
  }
}
