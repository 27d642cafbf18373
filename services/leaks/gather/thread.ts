import { parentPort } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import { gather } from './gather.ts'
import type { FromThread, ToThread } from './messages.ts'
import type { GatherOrder, GatherProgress } from './order.ts'

const stopping = new AbortController()
const tell = (message: FromThread): void => parentPort?.postMessage(message)

async function carryOut(order: GatherOrder): Promise<void> {
  const { signal } = stopping
  try {
    const onProgress = (progress: GatherProgress): void => tell({ kind: 'progress', progress })
    tell({ kind: 'result', result: await gather(order, { signal, onProgress }) })
  } catch (error) {
    if (signal.aborted && error === signal.reason) tell({ kind: 'stopped' })
    else if (error instanceof Problem) tell({ kind: 'problem', type: error.type, detail: error.message })
    else tell({ kind: 'error', error })
  }
}

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'stop') stopping.abort()
  else void carryOut(message.order)
})
