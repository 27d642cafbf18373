import { parentPort } from 'node:worker_threads'

import { Problem } from '../core/problem.ts'
import type { ProblemType } from '../core/problem.ts'

/** A kind of work that threads do: what they are given and what they give back. Both are copied between threads. */
export interface ThreadJob {
  readonly order: unknown
  readonly answer: unknown
}

/** What a pool (threads.ts) tells a thread. */
export type ToThread<Job extends ThreadJob> =
  | { readonly kind: 'order'; readonly order: Job['order']; readonly progress: boolean }
  | { readonly kind: 'cancel' }

/** What a thread tells: some progress, then one answer or failure for each order. */
export type FromThread<Job extends ThreadJob> =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'answer'; readonly answer: Job['answer'] }
  | { readonly kind: 'problem'; readonly type: ProblemType; readonly detail: string }
  | { readonly kind: 'error'; readonly error: unknown }

/** What the work on one order has of the pool. */
export interface Run {
  readonly signal: AbortSignal
  /** Undefined when nobody wants to know. */
  readonly onProgress: ((done: number, total: number) => void) | undefined
}

/** Progress is told at most so often, but always that the end is reached. */
const PROGRESS_EVERY_MS = 200

/**
 * Makes this thread one of a pool: carries out one order after the other until the pool ends it.
 *
 * @throws {Error} when this is no worker thread.
 */
export function answerOrders<Job extends ThreadJob>(
  carryOut: (order: Job['order'], run: Run) => Promise<Job['answer']>,
): void {
  if (!parentPort) throw new Error('This module is the entry of a worker thread')
  const port = parentPort
  const tell = (message: FromThread<Job>): void => port.postMessage(message)
  let running: AbortController | undefined

  const work = async (order: Job['order'], progress: boolean): Promise<void> => {
    running = new AbortController()
    let toldAt = 0
    const onProgress = (done: number, total: number): void => {
      if (done < total && performance.now() - toldAt < PROGRESS_EVERY_MS) return
      toldAt = performance.now()
      tell({ kind: 'progress', done, total })
    }
    try {
      const run = { signal: running.signal, onProgress: progress ? onProgress : undefined }
      tell({ kind: 'answer', answer: await carryOut(order, run) })
    } catch (error) {
      if (error instanceof Problem) tell({ kind: 'problem', type: error.type, detail: error.message })
      else tell({ kind: 'error', error })
    } finally {
      running = undefined
    }
  }

  port.on('message', (message: ToThread<Job>) => {
    if (message.kind === 'cancel') running?.abort()
    else void work(message.order, message.progress)
  })
}
