import { createThreadPool } from '../threads.ts'
import type { FingerprintJob } from './fingerprint-thread.ts'

export interface FingerprintPoolOptions {
  readonly threads: number
  readonly ffmpegPath: string
  /** See `FingerprintFileOptions`. */
  readonly timeoutMs?: number
  readonly durationMaxMs?: number
}

export interface PooledFingerprint {
  /** Encoded fingerprints of both kinds. */
  readonly reference: Uint8Array
  readonly suspect: Uint8Array
  /** The suspect with its channels mixed the other way, where one may have been inverted; see `FingerprintedFile`. */
  readonly otherMix?: Uint8Array
  /** Encoded (../extract/sketch-bytes.ts); for pictures. */
  readonly sketch: Uint8Array
  readonly durationMs: number
  readonly truncated: boolean
}

/** Fingerprints files in other threads, so that the event loop stays free. */
export interface FingerprintPool {
  readonly threads: number
  /**
   * Waits for a free thread, first come first served.
   *
   * @param options.onProgress receives the share done, 0 … 1, some times a second; costs a look at the headers.
   * @throws {Problem} as `fingerprintFile`; the reason of `signal` when it is aborted.
   */
  fingerprint(
    path: string,
    options?: { readonly onProgress?: (share: number) => void; readonly signal?: AbortSignal },
  ): Promise<PooledFingerprint>
  /** Ends the threads; what is still under way or waiting fails. */
  close(): Promise<void>
}

/** Heap of a thread (MB): the peaks of a day of audio and what collects in between. */
const THREAD_HEAP_MB_MAX = 512

/** Makes a pool; its threads are started when they are first needed. @throws {RangeError} when `threads` < 1. */
export function createFingerprintPool(options: FingerprintPoolOptions): FingerprintPool {
  const { threads, ...given } = options
  const pool = createThreadPool<FingerprintJob>({
    entry: new URL('fingerprint-thread.ts', import.meta.url),
    threads,
    heapMbMax: THREAD_HEAP_MB_MAX,
  })
  return {
    threads,
    fingerprint: (path, { onProgress, signal } = {}) =>
      pool.run({ path, ...given }, { signal, onProgress: onProgress && ((share) => onProgress(share)) }),
    close: () => pool.close(),
  }
}
