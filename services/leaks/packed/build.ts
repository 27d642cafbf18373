import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { ManifestRow } from '../manifest-row.ts'
import { ColumnWriter } from './column-files.ts'
import {
  HEAD_FILE,
  type Column,
  INDEX_VERSION,
  type IndexHead,
  type KeyKind,
  RECORDS_MAX,
  columnFile,
  keyKinds,
  payloadBitsOf,
} from './index-folder.ts'
import { PartitionSorter } from './partitions.ts'
import type { Columns } from './sort.ts'
import { packTrack } from './track-keys.ts'
import { mergePayloads, packHash, packIsrc, packPayload, packUpc, saysMore } from './word.ts'

/** What of a row its index is made of. */
export type IndexedRow = Pick<ManifestRow, 'isrc' | 'upc' | 'sha256' | 'popularity' | 'status' | 'codec'> &
  Partial<Pick<ManifestRow, 'trackId'>>
/** A key of a row with its payload. */
export type OnKey = (kind: KeyKind, high: number, low: number) => void

/**
 * The keys of a row, packed with what is said of it. A track is one only when its audio was taken.
 *
 * @param batch 0, or 1 to 7 of the leak's.
 */
export function keysOf(row: IndexedRow, batch: number, onKey: OnKey): void {
  const { popularity, status, codec } = row
  const payload = packPayload({ popularity, status, codec, batch })
  const isrc = row.isrc === undefined ? undefined : packIsrc(row.isrc)
  if (isrc) onKey('isrc', isrc.high, (isrc.low | payload) >>> 0)
  const upc = row.upc === undefined ? undefined : packUpc(row.upc)
  if (upc) onKey('upc', upc.high, (upc.low | payload) >>> 0)
  for (const sha256 of row.sha256) {
    const { high, low } = packHash(sha256)
    onKey('hash', high, (low | batch) >>> 0)
  }
  if (row.trackId !== undefined && row.status === 'audio') {
    const { high, low } = packTrack(row.trackId)
    onKey('track', high, low)
  }
}

/** Further rows of one key that are kept; what stands for a missing code has thousands. */
const FURTHER_ROWS_MAX = 20

/** Rows that have a key which another row stands for, as pairs of the record's position and the row; used again and again. */
class FurtherPairs {
  #words = new Uint32Array(0)
  #filled = 0

  /** Begins anew, with room for so many pairs. */
  reset(pairs: number): void {
    if (this.#words.length < 2 * pairs) this.#words = new Uint32Array(2 * pairs)
    this.#filled = 0
  }

  add(position: number, row: number): void {
    this.#words[this.#filled] = position
    this.#words[this.#filled + 1] = row
    this.#filled += 2
  }

  get words(): Uint32Array {
    return this.#words.subarray(0, this.#filled)
  }
}

/**
 * One record for each key; of equal ones the row of the one that says more, and their payloads made one. Of codes the rows
 * that were passed over are kept, too: they may be of another recording.
 *
 * @param from the position of the first record.
 * @param further is told of rows that were passed over.
 */
function merged(
  columns: Columns,
  count: number,
  payloadBits: number,
  from: number,
  further: FurtherPairs,
): number {
  if (count === 0) return 0
  const { high, low, row } = columns
  const payloadMask = 2 ** payloadBits - 1
  let last = 0
  // As signed words, which the compiler keeps in registers.
  let lastHigh = (high[0] as number) | 0
  let lastLow = (low[0] as number) | 0
  let furtherOfLast = 0
  for (let i = 1; i < count; i++) {
    const h = (high[i] as number) | 0
    const l = (low[i] as number) | 0
    if (h !== lastHigh || ((l ^ lastLow) & ~payloadMask) !== 0) {
      last += 1
      furtherOfLast = 0
      if (last < i) {
        high[last] = h
        low[last] = l
        row[last] = row[i] as number
      }
      lastHigh = h
      lastLow = l
      continue
    }
    if (payloadBits === payloadBitsOf.hash) continue // The first batch, or row, that has it.
    const isBetter = saysMore(l, lastLow)
    if (furtherOfLast++ < FURTHER_ROWS_MAX)
      further.add(from + last, (isBetter ? row[last] : row[i]) as number)
    if (isBetter) row[last] = row[i] as number
    lastLow = low[last] = (l & ~payloadMask) | mergePayloads(l, lastLow)
  }
  return last + 1
}

async function writeKeys(
  folder: string,
  kind: KeyKind,
  sorter: PartitionSorter,
  signal: AbortSignal | undefined,
  onRecords: (count: number) => void,
): Promise<IndexHead['keys'][KeyKind]> {
  const open = (column: Column) => ColumnWriter.open(join(folder, columnFile(kind, column)))
  const files = {
    high: await open('high'),
    low: await open('low'),
    rows: await open('rows'),
    further: await open('further'),
  }
  let total = 0
  let furtherCount = 0
  const further = new FurtherPairs()
  try {
    for await (const { columns, count } of sorter.sorted(signal)) {
      further.reset(count)
      const kept = merged(columns, count, payloadBitsOf[kind], total, further)
      total += kept
      furtherCount += further.words.length / 2
      if (total > RECORDS_MAX) throw new RangeError(`More than ${RECORDS_MAX} keys`)
      await files.high.append(columns.high.subarray(0, kept))
      await files.low.append(columns.low.subarray(0, kept))
      await files.rows.append(columns.row.subarray(0, kept))
      await files.further.append(further.words)
      onRecords(count)
    }
  } catch (error) {
    await Promise.all(Object.values(files).map((file) => file.close()))
    throw error
  }
  return {
    count: total,
    furtherCount,
    high: await files.high.close(),
    low: await files.low.close(),
    rows: await files.rows.close(),
    further: await files.further.close(),
  }
}

interface Finishing {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * Makes the index of a leak from rows in any order, in bounded memory. Nothing is at `folder` until `finish` has written
 * all of it there.
 */
export class IndexBuilder {
  readonly #folder: string
  readonly #draft: string
  readonly #sorters: Readonly<Record<KeyKind, PartitionSorter>>
  readonly #written: Partial<IndexHead['keys']> = {}
  #rows = 0

  private constructor(folder: string, draft: string) {
    this.#folder = folder
    this.#draft = draft
    const sorterOf = (kind: KeyKind) => new PartitionSorter(join(draft, `${kind}.spill`), payloadBitsOf[kind])
    this.#sorters = {
      isrc: sorterOf('isrc'),
      upc: sorterOf('upc'),
      hash: sorterOf('hash'),
      track: sorterOf('track'),
    }
  }

  /** @param folder that does not exist; a draft that was left beside it is removed. */
  static async create(folder: string): Promise<IndexBuilder> {
    const draft = `${folder}.draft`
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true })
    return new IndexBuilder(folder, draft)
  }

  /**
   * Takes a row.
   *
   * @param number of the row among all of the leak, by which it is found again; below 2³².
   * @param batch 0, or 1 to 7 of the leak's.
   */
  add(row: IndexedRow, number: number, batch: number): void {
    this.#rows += 1
    keysOf(row, batch, (kind, high, low) => this.addPacked(kind, high, low, number))
  }

  /** Takes a key with its payload, packed by the caller. */
  addPacked(kind: KeyKind, high: number, low: number, number: number): void {
    this.#sorters[kind].add(high, low >>> 0, number)
  }

  /**
   * Sorts and writes the keys of one kind, of which no more may come, and gives back the memory that they took. Whoever
   * adds one kind after the other needs a quarter of it. An abort throws its reason.
   */
  async writeKind(kind: KeyKind, { signal, onProgress }: Finishing = {}): Promise<void> {
    const sorter = this.#sorters[kind]
    let done = 0
    const onRecords = (count: number): void => onProgress?.((done += count), sorter.count)
    this.#written[kind] = await writeKeys(this.#draft, kind, sorter, signal, onRecords)
    sorter.close()
    await rm(join(this.#draft, `${kind}.spill`), { force: true })
  }

  /**
   * Sorts and writes what is not written yet, and puts everything at its place. An abort throws its reason; the draft is
   * gone then.
   *
   * @param rows how many there are, when their keys were packed by the caller.
   */
  async finish(options: Finishing & { readonly rows?: number } = {}): Promise<IndexHead> {
    const left = keyKinds.filter((kind) => !this.#written[kind])
    const total = left.reduce((sum, kind) => sum + this.#sorters[kind].count, 0)
    try {
      let before = 0
      for (const kind of left) {
        const onProgress = (done: number): void => options.onProgress?.(before + done, total)
        await this.writeKind(kind, { ...options, onProgress })
        before += this.#sorters[kind].count
      }
      const head: IndexHead = {
        format: 'earwitness-leak-index',
        version: INDEX_VERSION,
        madeAt: new Date().toISOString(),
        rows: options.rows ?? this.#rows,
        keys: this.#written as IndexHead['keys'],
      }
      await writeDurably(join(this.#draft, HEAD_FILE), JSON.stringify(head))
      await rename(this.#draft, this.#folder)
      await syncFolder(dirname(this.#folder))
      return head
    } catch (error) {
      await this.discard()
      throw error
    }
  }

  /** Ends without an index. */
  async discard(): Promise<void> {
    for (const kind of keyKinds) this.#sorters[kind].close()
    await rm(this.#draft, { recursive: true, force: true })
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
