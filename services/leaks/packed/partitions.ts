import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

import { type Columns, newColumns, sortRecords } from './sort.ts'

/** By the uppermost bits of their keys: finer than countries are, so that the largest of them is cut up. */
const PARTITION_BITS = 12
const PARTITIONS = 1 << PARTITION_BITS
/** Records of a partition that go to the file together. */
const CHUNK_RECORDS = 1_024
const CHUNK_BYTES = CHUNK_RECORDS * 12
/** Partitions are sorted together until they have so many records: fewer are not worth the passes. */
const GROUP_RECORDS = 1 << 16
/** Bytes that are written at once. */
const WRITE_BYTES = CHUNK_BYTES * 512

/** Which chunks of the file belong to a partition, and what waits for more. */
interface Partition {
  readonly chunks: number[]
  waiting: number
}

const roomFor = (columns: Columns, count: number): Columns =>
  columns.high.length >= count ? columns : newColumns(Math.ceil(count * 1.25))

/**
 * Sorts more records than memory holds: each goes to the partition of its uppermost bits, partitions spill to a file
 * chunk by chunk, and are sorted one after the other (a distribution sort). Memory: 50 MB, and what the largest
 * partition needs twice.
 */
export class PartitionSorter {
  readonly #payloadBits: number
  readonly #path: string
  readonly #partitions: Partition[] = Array.from({ length: PARTITIONS }, () => ({ chunks: [], waiting: 0 }))
  #waiting: Uint32Array = new Uint32Array(PARTITIONS * CHUNK_RECORDS * 3)
  readonly #out: Buffer = Buffer.allocUnsafeSlow(WRITE_BYTES)
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
    this.#count += 1
    const number = high >>> (32 - PARTITION_BITS)
    const partition = this.#partitions[number] as Partition
    const at = (number * CHUNK_RECORDS + partition.waiting) * 3
    const waiting = this.#waiting
    waiting[at] = high
    waiting[at + 1] = low
    waiting[at + 2] = row
    partition.waiting += 1
    if (partition.waiting === CHUNK_RECORDS) this.#spill(number, partition)
  }

  #spill(number: number, partition: Partition): void {
    const from = number * CHUNK_RECORDS * 3
    const chunk = this.#waiting.subarray(from, from + CHUNK_RECORDS * 3)
    this.#out.set(new Uint8Array(chunk.buffer, chunk.byteOffset, CHUNK_BYTES), this.#outChunks * CHUNK_BYTES)
    this.#outChunks += 1
    partition.chunks.push(this.#chunks)
    this.#chunks += 1
    partition.waiting = 0
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
    const partition = this.#partitions[number] as Partition
    const words = new Uint32Array(buffer.buffer, buffer.byteOffset, CHUNK_RECORDS * 3)
    let at = count
    const take = (from: Uint32Array, records: number): void => {
      for (let i = 0; i < records; i++, at++) {
        into.high[at] = from[i * 3] as number
        into.low[at] = from[i * 3 + 1] as number
        into.row[at] = from[i * 3 + 2] as number
      }
    }
    for (const chunk of partition.chunks) {
      if (this.#file !== undefined) readSync(this.#file, buffer, 0, CHUNK_BYTES, chunk * CHUNK_BYTES)
      take(words, CHUNK_RECORDS)
    }
    const from = number * CHUNK_RECORDS * 3
    take(this.#waiting.subarray(from, from + CHUNK_RECORDS * 3), partition.waiting)
    return at
  }

  /** All records in the order of their keys, some ten thousand or more at a time; what is given is used again. */
  async *sorted(signal?: AbortSignal): AsyncGenerator<{ columns: Columns; count: number }> {
    if (this.#outChunks > 0) this.#flush()
    const sizeOf = ({ chunks, waiting }: Partition): number => chunks.length * CHUNK_RECORDS + waiting
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    let [columns, spare] = [newColumns(0), newColumns(0)]
    for (let first = 0; first < PARTITIONS;) {
      await turn()
      signal?.throwIfAborted()
      let count = 0
      let end = first
      while (
        end < PARTITIONS &&
        (count === 0 || count + sizeOf(this.#partitions[end] as Partition) <= GROUP_RECORDS)
      )
        count += sizeOf(this.#partitions[end++] as Partition)
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
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}
