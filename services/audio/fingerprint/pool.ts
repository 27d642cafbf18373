import { Worker } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import type { ThreadAnswer, ThreadOrder } from './fingerprint-thread.ts'

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

interface Task {
  readonly order: ThreadOrder
  readonly onProgress: ((share: number) => void) | undefined
  readonly resolve: (made: PooledFingerprint) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  task: Task | undefined
}

/** Files that may wait for a thread; whoever hands in more than that should keep its own list. */
const WAITING_MAX = 10_000

/** Heap of a thread (MB): the peaks of a day of audio and what collects in between. */
const THREAD_HEAP_MB_MAX = 512

/** Makes a pool; its threads are started when they are first needed. @throws {RangeError} when `threads` < 1. */
export function createFingerprintPool(options: FingerprintPoolOptions): FingerprintPool {
  const { threads, ffmpegPath, timeoutMs, durationMaxMs } = options
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads: ${threads}`)
  const scheduler = createScheduler(threads)
  return {
    threads,
    async fingerprint(path, { onProgress, signal } = {}) {
      signal?.throwIfAborted()
      const order: ThreadOrder = {
        kind: 'fingerprint',
        path,
        ffmpegPath,
        progress: onProgress !== undefined,
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(durationMaxMs !== undefined && { durationMaxMs }),
      }
      return new Promise<PooledFingerprint>((resolve, reject) => {
        const onAbort = () => {
          scheduler.cancel(task)
          reject(signal?.reason)
        }
        const ended = () => signal?.removeEventListener('abort', onAbort)
        const task: Task = {
          order,
          onProgress,
          resolve(made) {
            ended()
            resolve(made)
          },
          reject(error) {
            ended()
            reject(error)
          },
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        scheduler.submit(task)
      })
    },
    close: () => scheduler.close(),
  }
}

interface Scheduler {
  submit(task: Task): void
  cancel(task: Task): void
  close(): Promise<void>
}

/** Hands tasks to threads in their order; a thread that dies fails its task only and is replaced. */
function createScheduler(threadsMax: number): Scheduler {
  const threads = new Set<Thread>()
  const waiting: Task[] = []
  let closed = false

  const start = (): Thread => {
    const thread: Thread = { worker: startWorker(), task: undefined }
    threads.add(thread)
    const drop = (error: unknown) => {
      threads.delete(thread)
      thread.task?.reject(error)
      thread.task = undefined
      if (!closed) next()
    }
    thread.worker.on('message', (answer: ThreadAnswer) => {
      if (answer.kind === 'progress') {
        thread.task?.onProgress?.(answer.share)
        return
      }
      if (thread.task) settle(thread.task, answer)
      thread.task = undefined
      thread.worker.unref()
      next()
    })
    thread.worker.once('error', drop)
    thread.worker.once('exit', (code) => drop(new Error(`A fingerprint thread ended with ${code}`)))
    return thread
  }
  const next = () => {
    while (waiting.length > 0) {
      const free = [...threads].find(({ task }) => !task) ?? (threads.size < threadsMax ? start() : undefined)
      if (!free) return
      free.task = waiting.shift()!
      free.worker.ref()
      free.worker.postMessage(free.task.order)
    }
  }

  return {
    submit(task) {
      if (closed) task.reject(new Error('The fingerprint pool is closed'))
      else if (waiting.length >= WAITING_MAX) task.reject(new Error(`${WAITING_MAX} files wait already`))
      else {
        waiting.push(task)
        next()
      }
    },
    cancel(task) {
      const index = waiting.indexOf(task)
      if (index >= 0) waiting.splice(index, 1)
      const thread = [...threads].find((thread) => thread.task === task)
      thread?.worker.postMessage({ kind: 'cancel' } satisfies ThreadOrder)
    },
    async close() {
      closed = true
      for (const task of waiting.splice(0)) task.reject(new Error('The fingerprint pool was closed'))
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}

function settle(task: Task, answer: Exclude<ThreadAnswer, { kind: 'progress' }>): void {
  if (answer.kind === 'problem') task.reject(new Problem(answer.type, answer.detail))
  else if (answer.kind === 'error') task.reject(answer.error)
  else {
    const { reference, suspect, durationMs, truncated } = answer
    task.resolve({ reference, suspect, durationMs, truncated })
  }
}

/** The thread starts as plain JavaScript, because it does not inherit how the program itself reads TypeScript. */
function startWorker(): Worker {
  return new Worker(new URL('fingerprint-thread.mjs', import.meta.url), {
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB_MAX },
  })
}
