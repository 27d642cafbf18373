import { Worker } from 'node:worker_threads'

import { Problem } from '../core/problem.ts'
import type { FromThread, ThreadJob, ToThread } from './thread-work.ts'

export interface ThreadPoolOptions {
  /** The TypeScript module that each thread runs; it calls `answerOrders` (thread-work.ts). */
  readonly entry: URL
  readonly threads: number
  /** Heap of a thread, in MB. One that needs more ends, and what it worked on fails. Typed arrays are not counted. */
  readonly heapMbMax: number
}

export interface RunOptions {
  /** Some times a second; `total` does not change. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Threads that all do the same kind of work, so that the event loop stays free and all cores are used. */
export interface ThreadPool<Job extends ThreadJob> {
  /**
   * Has an order carried out by the next free thread, first come first served.
   *
   * @throws what the thread threw; the reason of `signal` when it is aborted; {DataCloneError} when the order cannot
   *   be copied to a thread.
   */
  run(order: Job['order'], options?: RunOptions): Promise<Job['answer']>
  /** Ends the threads; what is still under way or waiting fails. */
  close(): Promise<void>
}

/** Orders that may wait for a thread; whoever hands in more than that should keep its own list. */
const WAITING_MAX = 10_000

/**
 * A thread without work is ended after so long. Shared memory that it saw last is given back no sooner: nothing is
 * collected in an idle thread, which would hold on to parts of an index that were merged long ago.
 */
const IDLE_MS_MAX = 60_000

/**
 * Makes a pool; its threads are started when they are first needed. A thread that dies fails what it worked on, and
 * nothing else, and is replaced.
 *
 * @throws {RangeError} when `threads` < 1.
 */
export function createThreadPool<Job extends ThreadJob>(options: ThreadPoolOptions): ThreadPool<Job> {
  if (!Number.isInteger(options.threads) || options.threads < 1)
    throw new RangeError(`threads: ${options.threads}`)
  const scheduler = createScheduler<Job>(options)
  return {
    async run(order, { onProgress, signal } = {}) {
      signal?.throwIfAborted()
      return new Promise<Job['answer']>((resolve, reject) => {
        const onAbort = () => {
          scheduler.cancel(task)
          reject(signal?.reason)
        }
        const ended = () => signal?.removeEventListener('abort', onAbort)
        const task: Task<Job> = {
          order,
          // A thread goes on for a moment after it was told to stop; nobody listens any more.
          onProgress: onProgress && ((done, total) => void (signal?.aborted || onProgress(done, total))),
          resolve(answer) {
            ended()
            resolve(answer)
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

interface Task<Job extends ThreadJob> {
  readonly order: Job['order']
  readonly onProgress: RunOptions['onProgress']
  readonly resolve: (answer: Job['answer']) => void
  readonly reject: (error: unknown) => void
}

interface Scheduler<Job extends ThreadJob> {
  submit(task: Task<Job>): void
  cancel(task: Task<Job>): void
  close(): Promise<void>
}

/** Hands tasks to threads in their order. */
function createScheduler<Job extends ThreadJob>(options: ThreadPoolOptions): Scheduler<Job> {
  const threads = new Set<Thread<Job>>()
  const waiting: Task<Job>[] = []
  let closed = false

  const start = (): Thread<Job> => {
    const thread = startThread<Job>(options, next, () => {
      threads.delete(thread)
      if (!closed) next()
    })
    threads.add(thread)
    return thread
  }
  const next = (): void => {
    while (waiting.length > 0) {
      const free = [...threads].find(({ task }) => !task)
      if (!free && threads.size >= options.threads) return
      ;(free ?? start()).take(waiting.shift()!)
    }
  }

  return {
    submit(task) {
      if (closed) task.reject(new Error('The pool of threads is closed'))
      else if (waiting.length >= WAITING_MAX) task.reject(new Error(`${WAITING_MAX} orders wait already`))
      else {
        waiting.push(task)
        next()
      }
    },
    cancel(task) {
      const index = waiting.indexOf(task)
      if (index >= 0) waiting.splice(index, 1)
      for (const thread of threads) if (thread.task === task) thread.cancel()
    },
    async close() {
      closed = true
      for (const task of waiting.splice(0)) task.reject(new Error('The pool of threads was closed'))
      await Promise.all([...threads].map((thread) => thread.end()))
    },
  }
}

interface Thread<Job extends ThreadJob> {
  /** What it works on; free when undefined. */
  readonly task: Task<Job> | undefined
  take(task: Task<Job>): void
  /** Tells it to stop; it is free when it has. */
  cancel(): void
  end(): Promise<void>
}

/**
 * @param onFree called when a task is settled.
 * @param onGone called when the thread has ended, or is about to; what it worked on has failed then.
 */
function startThread<Job extends ThreadJob>(
  { entry, heapMbMax }: ThreadPoolOptions,
  onFree: () => void,
  onGone: () => void,
): Thread<Job> {
  // It starts as plain JavaScript, because it does not inherit how the program itself reads TypeScript.
  const worker = new Worker(new URL('thread.mjs', import.meta.url), {
    execArgv: [],
    env: {},
    workerData: { entry: entry.href },
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
  })
  const send = (message: ToThread<Job>): void => worker.postMessage(message)
  let task: Task<Job> | undefined
  let idle: NodeJS.Timeout | undefined

  const gone = (error: unknown): void => {
    clearTimeout(idle)
    task?.reject(error)
    task = undefined
    onGone()
  }
  const retire = (): void => {
    onGone()
    void worker.terminate()
  }
  const rest = (): void => {
    clearTimeout(idle)
    worker.unref()
    idle = setTimeout(retire, IDLE_MS_MAX).unref()
  }
  worker.on('message', (message: FromThread<Job>) => {
    if (message.kind === 'progress') {
      task?.onProgress?.(message.done, message.total)
      return
    }
    if (message.kind === 'answer') task?.resolve(message.answer)
    else if (message.kind === 'problem') task?.reject(new Problem(message.type, message.detail))
    else task?.reject(message.error)
    task = undefined
    rest()
    onFree()
  })
  worker.once('error', gone)
  worker.once('exit', (code) => gone(new Error(`A thread ended with ${code}`)))

  return {
    get task() {
      return task
    },
    take(given) {
      try {
        send({ kind: 'order', order: given.order, progress: given.onProgress !== undefined })
      } catch (error) {
        // An order that cannot be copied to a thread, or for which there is no memory, is no fault of the thread's.
        given.reject(error)
        rest()
        return
      }
      clearTimeout(idle)
      task = given
      worker.ref()
    },
    cancel: () => send({ kind: 'cancel' }),
    async end() {
      await worker.terminate()
    },
  }
}
