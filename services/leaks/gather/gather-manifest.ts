import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import type { FromThread, ToThread } from './messages.ts'
import { asOnlyReader } from './one-reader.ts'
import type { GatherOrder, GatherProgress, GatherResult } from './order.ts'

/** Heap of the thread; rows come and go, so it needs a tenth of it. A Parquet file may have pages of any size. */
const HEAP_MB_MAX = 1_024
/** A thread that was told to stop writes a checkpoint first. It is ended after this: the one before is there. */
const STOP_MS_MAX = 20_000

export interface GatherOptions {
  readonly signal?: AbortSignal | undefined
  /** Some times a second. */
  readonly onProgress?: ((progress: GatherProgress) => void) | undefined
}

/**
 * Reads a manifest into its folder, in a thread of its own: packed index, rows, and buckets for the private check. The
 * folder is there when it is complete. After a crash it goes on where the last checkpoint is, some seconds before.
 *
 * Rows that cannot be read, and files that are damaged at some point, cost nothing else; the result tells of them.
 *
 * @throws {Problem} file/gone; when nothing can be read, why (`open/…`, `file/…`); request/in-work when another process
 *   reads it.
 * @throws the reason of the signal, when the thread has stopped and left a checkpoint.
 */
export async function gatherManifest(
  order: GatherOrder,
  { signal, onProgress }: GatherOptions = {},
): Promise<GatherResult> {
  signal?.throwIfAborted()
  await mkdir(dirname(order.folder), { recursive: true })
  return asOnlyReader(`${order.folder}.reader`, () => inThread(order, { signal, onProgress }))
}

function crashed(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new Problem('open/too-large', 'Reading the manifest takes more memory than is allowed', {
        cause: error,
      })
    : error
}

async function inThread(order: GatherOrder, { signal, onProgress }: GatherOptions): Promise<GatherResult> {
  signal?.throwIfAborted()
  // It starts as plain JavaScript, because it does not inherit how the program itself reads TypeScript.
  const worker = new Worker(new URL('../../audio/thread.mjs', import.meta.url), {
    execArgv: [],
    workerData: { entry: new URL('thread.ts', import.meta.url).href },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  })
  const tell = (message: ToThread): void => worker.postMessage(message)
  let grace: NodeJS.Timeout | undefined
  const stop = (): void => {
    tell({ kind: 'stop' })
    grace = setTimeout(() => void worker.terminate(), STOP_MS_MAX)
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<GatherResult>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'progress') onProgress?.(message.progress)
        else if (message.kind === 'result') resolve(message.result)
        else if (message.kind === 'problem') reject(new Problem(message.type, message.detail))
        else if (message.kind === 'stopped') reject(signal?.reason)
        else reject(message.error)
      })
      worker.once('error', (error) => reject(crashed(error)))
      worker.once('exit', (code) =>
        reject(signal?.aborted ? signal.reason : new Error(`A thread ended with ${code}`)),
      )
      tell({ kind: 'order', order })
    })
  } finally {
    clearTimeout(grace)
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
