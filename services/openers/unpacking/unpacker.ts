import { Worker } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import type { OpeningBudget } from '../budget.ts'
import { type FromThread, type Order, PIECES_MAX, type PackedFormat, pace } from './messages.ts'

/** Heap of a thread; what decoders allocate apart from it is bounded by what they are given. */
const HEAP_MB_MAX = 256
/** A thread that says nothing for so long goes round in circles: no piece takes seconds. */
const SILENCE_MS_MAX = 60_000
/** A thread without work is kept for so long: the next archive is often beside the last. */
const IDLE_MS_MAX = 10_000

let idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined

function takeWorker(): Worker {
  if (idle) {
    const { worker, timer } = idle
    idle = undefined
    clearTimeout(timer)
    forget(worker)
    worker.ref()
    return worker
  }
  // It starts as plain JavaScript, because it does not inherit how the program itself reads TypeScript.
  const worker = new Worker(new URL('../../audio/thread.mjs', import.meta.url), {
    execArgv: [],
    env: {},
    workerData: { entry: new URL('thread.ts', import.meta.url).href },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    // What decoders print is nobody's business.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return worker
}

/** Only these: without listeners of its own a worker no longer hears its thread. */
const forget = (worker: Worker): Worker =>
  worker.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit')

function putBack(worker: Worker): void {
  forget(worker)
  if (idle) {
    void worker.terminate()
    return
  }
  const retire = (): void => {
    if (idle?.worker === worker) idle = undefined
    void worker.terminate()
  }
  worker.once('error', retire).once('exit', retire).unref()
  idle = { worker, timer: setTimeout(retire, IDLE_MS_MAX).unref() }
}

/**
 * A thread that takes one file apart: what loops for ever, eats all memory or tears its program down does so there, and is
 * ended. Whoever starts one calls `end`.
 */
export class Unpacker {
  readonly #worker: Worker
  readonly #pace: Int32Array
  readonly #budget: OpeningBudget
  readonly #signal: AbortSignal
  readonly #told: FromThread[] = []
  #failure: unknown
  #entries = 0
  #isFree = false
  #wake: () => void = () => {}

  constructor(format: PackedFormat, path: string, budget: OpeningBudget, signal: AbortSignal) {
    this.#budget = budget
    this.#signal = signal
    const shared = new SharedArrayBuffer(pace.length * Int32Array.BYTES_PER_ELEMENT)
    this.#pace = new Int32Array(shared)
    Atomics.store(this.#pace, pace.pieces, PIECES_MAX)
    this.#worker = takeWorker()
    this.#worker.on('message', (message: FromThread) => {
      this.#isFree = message.kind === 'fault' || (message.kind === 'end' && !message.worn)
      this.#told.push(message)
      this.#wake()
    })
    this.#worker.once('error', (error) => this.#fail(crashed(error)))
    this.#worker.once('exit', (code) => this.#fail(new Error(`A thread ended with ${code}`)))
    this.#worker.postMessage({ format, path, pace: shared } satisfies Order)
  }

  /**
   * The next that the thread tells; but for a fault, which is thrown.
   *
   * @throws {Problem} open/…; the reason of the signal.
   */
  async next(): Promise<Exclude<FromThread, { kind: 'fault' }>> {
    if (this.#told.length === 0) await this.#wait()
    this.#signal.throwIfAborted()
    const message = this.#told.shift()
    if (!message) {
      if (this.#failure !== undefined) throw this.#failure
      this.#budget.checkTime()
      throw new Problem('open/too-slow', 'What is packed cannot be unpacked in time')
    }
    if (message.kind === 'fault') throw new Problem(message.fault.type, message.fault.detail)
    if (message.kind === 'entry') this.#entries += 1
    if (message.kind === 'bytes') {
      Atomics.add(this.#pace, pace.pieces, 1)
      Atomics.notify(this.#pace, pace.pieces)
    }
    return message
  }

  /** Says of the entry that came last whether its bytes are wanted, or that no more of them are. */
  want(bytes: boolean): void {
    Atomics.store(this.#pace, pace.decision, this.#entries * 2 + (bytes ? 1 : 0))
    Atomics.notify(this.#pace, pace.decision)
  }

  /** Lets the thread go: to others when it has come to an end, else for good. */
  async end(): Promise<void> {
    if (this.#isFree && this.#failure === undefined) putBack(this.#worker)
    else await this.#worker.terminate()
  }

  #fail(failure: unknown): void {
    this.#failure ??= failure
    this.#wake()
  }

  /** Until the thread has told something or failed, or the time is over. */
  async #wait(): Promise<void> {
    if (this.#failure !== undefined || this.#signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(SILENCE_MS_MAX, this.#budget.leftMs + 1))
      const done = (): void => {
        clearTimeout(timer)
        this.#signal.removeEventListener('abort', done)
        this.#wake = () => {}
        resolve()
      }
      this.#wake = done
      this.#signal.addEventListener('abort', done, { once: true })
    })
  }
}

function crashed(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new Problem('open/too-large', 'Unpacking it takes more memory than is allowed', { cause: error })
    : error
}
