import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Logger } from '../../services/core/log.ts'

/** A part that ends by itself is started again, but one that ends this often within the minute is broken. */
const RESTARTS_MAX = 5
const RESTARTS_WINDOW_MS = 60_000
const RESTART_PAUSE_MS = 500
/** Longer than a part gives its own work to end (program.ts). */
const STOP_TIMEOUT_MS = 30_000

const program = fileURLToPath(new URL('../earwitness.mjs', import.meta.url))

/** A part of the service in a process of its own. */
export interface Child {
  /** What the part said when it was up. Rejects when it ends before. */
  readonly ready: Promise<Record<string, unknown>>
  /** Rejects when the part ended too often to be started again. */
  readonly broken: Promise<never>
  stop(): Promise<void>
}

/**
 * Starts `earwitness <name>` as a child that ends with this process, however this process ends, and
 * starts it again when it dies: a file that kills a worker must not stop the others.
 *
 * @param logFd  where its log lines go.
 */
export function startChild(name: string, env: NodeJS.ProcessEnv, logFd: number, log: Logger): Child {
  let stopping = false
  let process: ChildProcess
  const starts: number[] = []
  const { promise: broken, reject: giveUp } = promiseOf<never>()
  broken.catch(() => {}) // Whoever cares listens; before that it is no unhandled rejection.
  const { promise: ready, resolve: isReady, reject: neverReady } = promiseOf<Record<string, unknown>>()

  const start = (): void => {
    starts.push(Date.now())
    process = fork(program, [name], { env, execArgv: [], stdio: ['ignore', logFd, logFd, 'ipc'] })
    process.on(
      'message',
      (message: { ready?: Record<string, unknown> }) => message.ready && isReady(message.ready),
    )
    process.once('exit', (code, signal) => {
      if (stopping) return
      const error = new Error(`${name} ended (${signal ?? code}); earwitness.log in the data folder says why`)
      neverReady(error) // Without effect once it was ready.
      const recent = starts.filter((at) => at > Date.now() - RESTARTS_WINDOW_MS)
      if (recent.length >= RESTARTS_MAX) return giveUp(error)
      log.warn({ name, code, signal }, 'a part of the service ended and is started again')
      setTimeout(() => stopping || start(), RESTART_PAUSE_MS)
    })
  }
  start()
  return {
    ready,
    broken,
    async stop() {
      stopping = true
      if (process.exitCode !== null || process.signalCode !== null) return
      const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()))
      process.disconnect() // Its signal to end: a signal of the system might have reached it already by Ctrl-C.
      const late = setTimeout(() => process.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(late)
    },
  }
}

function promiseOf<T>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: Error) => void
} {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
