import { parentPort, workerData } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import { SharedCatalogue } from './catalogue-memory.ts'
import type { FromScanThread, ThreadStart, Unit, UnitNews } from './messages.ts'
import { RowMatcher, type ScanHit } from './row-matcher.ts'
import { UnitScanner } from './scan-unit.ts'

/* The thread of services/leaks/scan/scan.ts: does one unit after the other, as they are sent. */

const { catalogue, names, mapping } = (workerData as { readonly start: ThreadStart }).start
const port = parentPort
if (!port) throw new Error('this runs as a thread')
const tell = (message: FromScanThread): void => port.postMessage(message)

const hits: ScanHit[] = []
const matcher = new RowMatcher(new SharedCatalogue(catalogue), names, (hit) => hits.push(hit))
const scanner = new UnitScanner(matcher, hits, mapping, (news: UnitNews) => tell({ kind: 'news', news }))

async function run(unit: Unit): Promise<void> {
  try {
    tell({ kind: 'done', news: await scanner.run(unit), broken: undefined })
  } catch (error) {
    if (error instanceof Problem) tell({ kind: 'done', news: scanner.rest(), broken: error.message })
    else tell({ kind: 'error', error })
  }
}

port.on('message', (unit: Unit) => void run(unit))
tell({ kind: 'ready' })
