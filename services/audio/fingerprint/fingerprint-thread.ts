import { parentPort } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import type { ProblemType } from '../../core/problem.ts'
import { fingerprintFile } from './fingerprint-file.ts'
import { encodeFingerprint } from './fingerprint.ts'

/** What a thread of the pool is told. */
export type ThreadOrder =
  | {
      readonly kind: 'fingerprint'
      readonly path: string
      readonly ffmpegPath: string
      readonly timeoutMs?: number
      readonly durationMaxMs?: number
      readonly progress: boolean
    }
  | { readonly kind: 'cancel' }

/** What it answers: some progress, then one result or failure for each order. */
export type ThreadAnswer =
  | { readonly kind: 'progress'; readonly share: number }
  | {
      readonly kind: 'done'
      readonly reference: Uint8Array
      readonly suspect: Uint8Array
      readonly durationMs: number
      readonly truncated: boolean
    }
  | { readonly kind: 'problem'; readonly type: ProblemType; readonly detail: string }
  | { readonly kind: 'error'; readonly error: unknown }

/** Progress is told at most so often. */
const PROGRESS_EVERY_MS = 200

if (!parentPort) throw new Error('fingerprint-thread.ts is the entry of a worker thread')
const port = parentPort
let running: AbortController | undefined

port.on('message', (order: ThreadOrder) => {
  if (order.kind === 'cancel') running?.abort()
  else void carryOut(order)
})

async function carryOut(order: ThreadOrder & { kind: 'fingerprint' }): Promise<void> {
  running = new AbortController()
  let toldAt = 0
  try {
    const { path, ffmpegPath, timeoutMs, durationMaxMs } = order
    const made = await fingerprintFile(path, {
      ffmpegPath,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(durationMaxMs !== undefined && { durationMaxMs }),
      signal: running.signal,
      ...(order.progress && {
        onProgress(share: number) {
          if (performance.now() - toldAt < PROGRESS_EVERY_MS) return
          toldAt = performance.now()
          answer({ kind: 'progress', share })
        },
      }),
    })
    const reference = encodeFingerprint(made.reference)
    const suspect = encodeFingerprint(made.suspect)
    answer({ kind: 'done', reference, suspect, durationMs: made.durationMs, truncated: made.truncated })
  } catch (error) {
    if (error instanceof Problem) answer({ kind: 'problem', type: error.type, detail: error.message })
    else answer({ kind: 'error', error })
  } finally {
    running = undefined
  }
}

function answer(message: ThreadAnswer): void {
  port.postMessage(message)
}
