import { Worker } from 'node:worker_threads'

/** What the watching thread does: it looks ten times a second how long the work has been at one thing. */
const watch = `
const { writeSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { shared, limitMs } = workerData
const state = new Int32Array(shared, 0, 2), name = new Uint8Array(shared, 8)
let seen = -1, since = Date.now()
setInterval(() => {
  const beat = Atomics.load(state, 0)
  if (beat !== seen || beat % 2 === 0) { seen = beat; since = Date.now(); return }
  if (Date.now() - since < limitMs) return
  const what = Buffer.from(name.slice(0, Atomics.load(state, 1))).toString()
  writeSync(2, 'Hangs for more than ' + limitMs + ' ms: ' + what + '\\n')
  process.kill(process.pid, 'SIGKILL')
}, 100)
`

/** Bytes of a name that is told. */
const NAME_BYTES_MAX = 200

/** Ends the program when a piece of work hangs, even in a loop that lets nothing else run. */
export interface Watchdog {
  /** Does some work under its eyes. @param name by which it is told on standard error when it hangs. */
  during<T>(name: string, work: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** @param limitMs for one piece of work. */
export function startWatchdog(limitMs: number): Watchdog {
  const shared = new SharedArrayBuffer(8 + NAME_BYTES_MAX)
  const state = new Int32Array(shared, 0, 2)
  const nameBytes = new Uint8Array(shared, 8)
  const thread = new Worker(watch, { eval: true, workerData: { shared, limitMs } })
  thread.unref()
  return {
    async during(name, work) {
      const bytes = Buffer.from(name).subarray(0, NAME_BYTES_MAX)
      nameBytes.set(bytes)
      Atomics.store(state, 1, bytes.length)
      Atomics.add(state, 0, 1) // Odd: at work.
      try {
        return await work()
      } finally {
        Atomics.add(state, 0, 1)
      }
    },
    async stop() {
      await thread.terminate()
    },
  }
}
