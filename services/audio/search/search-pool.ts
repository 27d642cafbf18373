import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import type { ReferenceIndex } from '../index/reference-index.ts'
import { createThreadPool } from '../threads.ts'
import type { SearchJob } from './search-thread.ts'
import { withIds } from './search.ts'
import type { SearchOptions, SearchResult } from './search.ts'

/** Candidates are not told of: what they are judged by stays in the thread. The other mix may be encoded, too. */
export type PooledSearchOptions = Omit<SearchOptions, 'onJudged' | 'otherMix'> & {
  readonly otherMix?: Fingerprint | Uint8Array | undefined
}

/** Searches in other threads, so that the event loop stays free and several searches run at once. */
export interface SearchPool {
  readonly threads: number
  /**
   * Searches an owner's recordings. Waits for a free thread, first come first served.
   *
   * What is searched is the index as it is at the moment of the call, however it is changed and merged meanwhile; only
   * recordings that are removed before the answer are left out of it.
   *
   * @param suspect a fingerprint, as it is or encoded; it is copied.
   * @throws as `search`, and {Problem} as `decodeFingerprint`.
   */
  search(
    index: ReferenceIndex,
    owner: string,
    suspect: Fingerprint | Uint8Array,
    options?: PooledSearchOptions,
  ): Promise<SearchResult>
  /** Ends the threads; what is still under way or waiting fails. */
  close(): Promise<void>
}

/** Heap of a thread (MB): what is found in ten hours of audio, and what collects in between. */
const THREAD_HEAP_MB_MAX = 512

/** Makes a pool; its threads are started when they are first needed. @throws {RangeError} when `threads` < 1. */
export function createSearchPool({ threads }: { readonly threads: number }): SearchPool {
  const pool = createThreadPool<SearchJob>({
    entry: new URL('search-thread.ts', import.meta.url),
    threads,
    heapMbMax: THREAD_HEAP_MB_MAX,
  })
  return {
    threads,
    async search(index, owner, suspect, { onProgress, signal, ...options } = {}) {
      // The view is sent whole each time: twenty segments take 0.1 ms, less than keeping books on who knows which.
      const view = index.viewOf(owner)
      return withIds(await pool.run({ view, suspect, options }, { onProgress, signal }), index)
    },
    close: () => pool.close(),
  }
}
