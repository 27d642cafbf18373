import { decodeFingerprint } from '../fingerprint/fingerprint.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import type { IndexView } from '../index/reference-index.ts'
import { answerOrders } from '../thread-work.ts'
import { createSearchScratch, memoryBackend } from './memory-backend.ts'
import type { PooledSearchOptions } from './search-pool.ts'
import { search } from './search.ts'
import type { SearchFindings } from './search.ts'

/** What a thread of the pool does. The columns of the view are shared memory: no byte of them is copied. */
export interface SearchJob {
  readonly order: {
    readonly view: IndexView
    /** As it is or encoded. */
    readonly suspect: Fingerprint | Uint8Array
    readonly options: Omit<PooledSearchOptions, 'onProgress' | 'signal'>
  }
  readonly answer: SearchFindings<number>
}

const scratch = createSearchScratch()

const decoded = (fingerprint: Fingerprint | Uint8Array): Fingerprint =>
  fingerprint instanceof Uint8Array ? decodeFingerprint(fingerprint) : fingerprint

answerOrders<SearchJob>(({ view, suspect, options: { otherMix, ...options } }, { signal, onProgress }) =>
  search(memoryBackend(view, scratch), decoded(suspect), {
    ...options,
    signal,
    ...(otherMix && { otherMix: decoded(otherMix) }),
    ...(onProgress && { onProgress }),
  }),
)
