import { Worker } from 'node:worker_threads'

import type { FromScanThread, ThreadStart, Unit, UnitNews } from './messages.ts'

/** Heap of a thread: names of a catalogue of ten million, and a window of a wide table. */
const HEAP_MB_MAX = 8_192

/** A thread that does units of work. */
export class ScanThread {
  readonly #worker: Worker
  #onNews: (news: UnitNews) => void = () => undefined
  #settle: { resolve: (broken: string | undefined) => void; reject: (error: unknown) => void } | undefined
  #failure: unknown
  /** Resolves when its catalogue is ready. */
  readonly ready: Promise<void>

  constructor(start: ThreadStart) {
    // It starts as plain JavaScript, because it does not inherit how the program itself reads TypeScript.
    this.#worker = new Worker(new URL('../../audio/thread.mjs', import.meta.url), {
      execArgv: [],
      env: {},
      workerData: { entry: new URL('thread.ts', import.meta.url).href, start },
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    })
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve: () => resolve(), reject }
    })
    this.ready.catch(() => undefined) // Whoever waits for it is told.
    this.#worker.on('message', (message: FromScanThread) => this.#hear(message))
    this.#worker.once('error', (error) => this.#fail(error))
    this.#worker.once('exit', (code) => this.#fail(new Error(`A thread ended with ${code}`)))
  }

  #hear(message: FromScanThread): void {
    if (message.kind === 'news') return this.#onNews(message.news)
    if (message.kind === 'error') return this.#fail(message.error)
    if (message.kind === 'done') this.#onNews(message.news)
    const settle = this.#settle
    this.#settle = undefined
    settle?.resolve(message.kind === 'done' ? message.broken : undefined)
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#settle?.reject(error)
    this.#settle = undefined
  }

  /**
   * Does one unit.
   *
   * @returns what could not be read of it, in words.
   */
  run(unit: Unit, onNews: (news: UnitNews) => void): Promise<string | undefined> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#onNews = onNews
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#worker.postMessage(unit, unit.kind === 'block' ? [unit.bytes] : [])
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
