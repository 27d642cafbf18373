import { hash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

import { Problem } from '../../core/problem.ts'
import { readColumn } from './column-files.ts'
import { columnFile, readHead } from './index-folder.ts'
import { PartitionSorter } from './partitions.ts'
import { unpackIsrc } from './word.ts'

/*
 * The private check: a client sends the first 16 bits of the SHA-256 of an ISRC, is given every record whose hash begins
 * alike, and decides by itself. Of 186 million ISRCs some 2,840 share each beginning, so which of them was meant, or
 * whether it was any, is not told.
 *
 * The file `buckets` has 65,537 words of 32 bits, the number of the first record of each beginning and the number of
 * all, and then the records of 8 bytes: the 48 bits of the hash that follow, and the 15 bits of payload of word.ts, both
 * with the highest byte first.
 */

export const BEGINNING_BITS = 16
const BEGINNINGS = 1 << BEGINNING_BITS
export const BUCKET_RECORD_BYTES = 8
const TABLE_BYTES = (BEGINNINGS + 1) * 4
const BUCKETS_FILE = 'buckets'
/** Hashing shares the thread with other work. */
const RECORDS_A_TURN = 20_000

/** The hash by which an ISRC of 12 capital letters and digits is asked for. */
export const isrcHash = (isrc: string): Buffer => hash('sha256', isrc, 'buffer')

interface Making {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** Hashes every ISRC of an index and sorts them by it; some microseconds for each. */
async function sortedByHash(folder: string, sorter: PartitionSorter, { signal, onProgress }: Making) {
  const { keys } = await readHead(folder)
  const { count, high: highSum, low: lowSum } = keys.isrc
  const high = await readColumn(join(folder, columnFile('isrc', 'high')), count, highSum)
  const low = await readColumn(join(folder, columnFile('isrc', 'low')), count, lowSum)
  if (!high || !low) throw new Problem('index/damaged', 'The index of a leak is not the one that was written')
  for (let i = 0; i < count; i++) {
    if (i % RECORDS_A_TURN === 0) {
      onProgress?.(i, count)
      signal?.throwIfAborted()
      await turn()
    }
    const word = { high: high[i] as number, low: low[i] as number }
    const digest = isrcHash(unpackIsrc(word))
    sorter.add(digest.readUInt32BE(0), digest.readUInt32BE(4), word.low & 0x7fff)
  }
}

async function writeBuckets(
  path: string,
  sorter: PartitionSorter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const firsts = new Uint32Array(BEGINNINGS + 1)
  const file = await open(path, 'wx', 0o600)
  try {
    let at = TABLE_BYTES
    for await (const { columns, count } of sorter.sorted(signal)) {
      const records = Buffer.allocUnsafe(count * BUCKET_RECORD_BYTES)
      for (let i = 0; i < count; i++) {
        const [high, low] = [columns.high[i] as number, columns.low[i] as number]
        firsts[(high >>> BEGINNING_BITS) + 1]! += 1
        records.writeUInt16BE(high & 0xffff, i * BUCKET_RECORD_BYTES)
        records.writeUInt32BE(low, i * BUCKET_RECORD_BYTES + 2)
        records.writeUInt16BE(columns.row[i] as number, i * BUCKET_RECORD_BYTES + 6)
      }
      await file.write(records, 0, records.length, at)
      at += records.length
    }
    for (let i = 1; i <= BEGINNINGS; i++) firsts[i]! += firsts[i - 1] as number
    const table = Buffer.alloc(TABLE_BYTES)
    for (const [i, first] of firsts.entries()) table.writeUInt32BE(first, i * 4)
    await file.write(table, 0, TABLE_BYTES, 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the buckets of an index beside it. An abort throws its reason and leaves none. */
export async function makeBuckets(folder: string, making: Making = {}): Promise<void> {
  const draft = join(dirname(folder), `.${BUCKETS_FILE}-${process.pid}.draft`)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  const sorter = new PartitionSorter(join(draft, 'spill'), 0)
  try {
    await sortedByHash(folder, sorter, making)
    await writeBuckets(join(draft, BUCKETS_FILE), sorter, making.signal)
    await rename(join(draft, BUCKETS_FILE), join(folder, BUCKETS_FILE))
  } finally {
    sorter.close()
    await rm(draft, { recursive: true, force: true })
  }
}

/** The buckets of one index, read from their file when they are asked for. */
export class Buckets {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Undefined when none were made for this index. */
  static async open(folder: string): Promise<Buckets | undefined> {
    try {
      return new Buckets(await open(join(folder, BUCKETS_FILE)))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /** The records whose hash begins with these 16 bits, sorted. @throws {Problem} index/damaged. */
  async read(beginning: number): Promise<Buffer> {
    const table = Buffer.alloc(8)
    await this.#file.read(table, 0, 8, beginning * 4)
    const [first, end] = [table.readUInt32BE(0), table.readUInt32BE(4)]
    const bytes = (end - first) * BUCKET_RECORD_BYTES
    const records = Buffer.alloc(Math.max(0, bytes))
    const { bytesRead } = await this.#file.read(records, 0, bytes, TABLE_BYTES + first * BUCKET_RECORD_BYTES)
    if (bytesRead !== bytes) throw new Problem('index/damaged', 'The buckets of a leak are cut off')
    return records
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
