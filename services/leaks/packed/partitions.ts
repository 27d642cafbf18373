import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

import { type Columns, newColumns, sortRecords } from './sort.ts'

/** By the uppermost bits of their keys: finer than countries are, so that the largest of them is cut up. */
const PARTITION_BITS = 12
const PARTITIONS = 1 << PARTITION_BITS
/** Records of a partition that go to the file together; of all partitions 25 MB wait for more. */
const CHUNK_RECORDS = 512
const CHUNK_WORDS = 3 * CHUNK_RECORDS
const CHUNK_BYTES = 4 * CHUNK_WORDS
/** Partitions are sorted together until they have so many records: fewer are not worth the passes. */
const GROUP_RECORDS = 1 << 16
/** Bytes that are written at once. */
const WRITE_BYTES = CHUNK_BYTES * 1_024

const roomFor = (columns: Columns, count: number): Columns =>
  columns.high.length >= count ? columns : newColumns(Math.ceil(count * 1.25))

/**
 * Sorts more records than memory holds: each goes to the partition of its uppermost bits, partitions spill to a file
 * chunk by chunk, and are sorted one after the other (a distribution sort). Memory: 32 MB, and what the largest
 * partition needs twice.
 */
export class PartitionSorter {
  readonly #payloadBits: number
  readonly #path: string
  /** Which chunks of the file belong to a partition. */
  readonly #chunksOf: readonly number[][] = Array.from({ length: PARTITIONS }, () => [])
  /** Records of each partition that wait for more, and how many; nothing before the first, and when all is given. */
  #waiting: Uint32Array = new Uint32Array(0)
  readonly #waitingCounts = new Uint16Array(PARTITIONS)
  #out: Uint32Array = new Uint32Array(0)
  #outChunks = 0
  #chunks = 0
  #file: number | undefined
  #count = 0

  /** @param path of a file that is made, and is removed by who asked for it. */
  constructor(path: string, payloadBits: number) {
    this.#path = path
    this.#payloadBits = payloadBits
  }

  /** Records that were added. */
  get count(): number {
    return this.#count
  }

  /** Takes a record. */
  add(high: number, low: number, row: number): void {
    if (this.#count === 0) this.#begin()
    this.#count += 1
    const number = high >>> (32 - PARTITION_BITS)
    const before = this.#waitingCounts[number] as number
    const at = (number * CHUNK_RECORDS + before) * 3
    const waiting = this.#waiting
    waiting[at] = high
    waiting[at + 1] = low
    waiting[at + 2] = row
    this.#waitingCounts[number] = before + 1
    if (before + 1 === CHUNK_RECORDS) this.#spill(number)
  }

  #begin(): void {
    this.#waiting = new Uint32Array(PARTITIONS * CHUNK_RECORDS * 3)
    this.#out = new Uint32Array(WRITE_BYTES / 4)
  }

  #spill(number: number): void {
    const from = number * CHUNK_WORDS
    this.#out.set(this.#waiting.subarray(from, from + CHUNK_WORDS), this.#outChunks * CHUNK_WORDS)
    this.#outChunks += 1
    this.#chunksOf[number]?.push(this.#chunks)
    this.#chunks += 1
    this.#waitingCounts[number] = 0
    if (this.#outChunks * CHUNK_BYTES === WRITE_BYTES) this.#flush()
  }

  #flush(): void {
    this.#file ??= openSync(this.#path, 'w+', 0o600)
    const bytes = this.#outChunks * CHUNK_BYTES
    const at = this.#chunks * CHUNK_BYTES - bytes
    this.#outChunks = 0
    writeSync(this.#file, this.#out, 0, bytes, at)
  }

  /** Reads the records of a partition behind others. @returns how many there are then. */
  #read(number: number, into: Columns, count: number, buffer: Buffer): number {
    const words = new Uint32Array(buffer.buffer, buffer.byteOffset, CHUNK_WORDS)
    let at = count
    const take = (from: Uint32Array, records: number): void => {
      for (let i = 0; i < records; i++, at++) {
        into.high[at] = from[i * 3] as number
        into.low[at] = from[i * 3 + 1] as number
        into.row[at] = from[i * 3 + 2] as number
      }
    }
    for (const chunk of this.#chunksOf[number] as number[]) {
      if (this.#file !== undefined) readSync(this.#file, buffer, 0, CHUNK_BYTES, chunk * CHUNK_BYTES)
      take(words, CHUNK_RECORDS)
    }
    const from = number * CHUNK_WORDS
    take(this.#waiting.subarray(from, from + CHUNK_WORDS), this.#waitingCounts[number] as number)
    return at
  }

  /** All records in the order of their keys, some ten thousand or more at a time; what is given is used again. */
  async *sorted(signal?: AbortSignal): AsyncGenerator<{ columns: Columns; count: number }> {
    if (this.#outChunks > 0) this.#flush()
    const sizeOf = (number: number): number =>
      (this.#chunksOf[number] as number[]).length * CHUNK_RECORDS + (this.#waitingCounts[number] as number)
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    let [columns, spare] = [newColumns(0), newColumns(0)]
    for (let first = 0; first < PARTITIONS;) {
      await turn()
      signal?.throwIfAborted()
      let count = 0
      let end = first
      while (end < PARTITIONS && (count === 0 || count + sizeOf(end) <= GROUP_RECORDS)) count += sizeOf(end++)
      ;[columns, spare] = [roomFor(columns, count), roomFor(spare, count)]
      let read = 0
      for (let number = first; number < end; number++) read = this.#read(number, columns, read, buffer)
      const result = sortRecords(columns, spare, read, this.#payloadBits)
      ;[columns, spare] = [result.sorted, result.spare]
      if (read > 0) yield { columns, count: read }
      first = end
    }
  }

  /** Puts the file away and gives back the memory; nothing more is added. */
  close(): void {
    this.#waiting = new Uint32Array(0)
    this.#out = new Uint32Array(0)
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}
