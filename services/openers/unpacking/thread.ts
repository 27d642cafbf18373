import { statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

import { Problem } from '../../core/problem.ts'
import { unpackArchive } from './archive.ts'
import { unpackBzip2 } from './bzip2.ts'
import type { Order } from './messages.ts'
import { Outlet } from './outlet.ts'
import { PackedFile } from './packed-file.ts'
import { unpackXz } from './xz.ts'
import { unpackZstd } from './zstd.ts'

/** A thread that has used more memory than this is not used again: only its end gives it back. */
const WORN_BYTES = 64 * 2 ** 20

/** @returns bytes of memory that remain in use. */
async function unpack(order: Order, file: PackedFile, outlet: Outlet): Promise<number> {
  if (order.format === 'archive') return unpackArchive(file, statSync(order.path).size, outlet)
  if (order.format === 'bzip2') unpackBzip2(file, outlet)
  else if (order.format === 'zstd') unpackZstd(file, outlet)
  else await unpackXz(file, outlet)
  return 0
}

/** Whatever is no problem of the file's ends the thread, which tells its program so. */
async function carryOut(order: Order): Promise<void> {
  const outlet = new Outlet(order.pace)
  const file = new PackedFile(order.path)
  try {
    const usedBytes = await unpack(order, file, outlet)
    outlet.tell({ kind: 'end', worn: usedBytes > WORN_BYTES })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    outlet.tell({ kind: 'fault', fault: { type: error.type, detail: error.message } })
  } finally {
    file.close()
  }
}

parentPort?.on('message', (order: Order) => void carryOut(order))
