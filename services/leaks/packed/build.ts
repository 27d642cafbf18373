import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { ManifestRow } from '../manifest-row.ts'
import { ColumnWriter } from './column-files.ts'
import {
  HEAD_FILE,
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
import { mergePayloads, packHash, packIsrc, packPayload, packUpc, saysMore } from './word.ts'

/** What of a row its index is made of. */
export type IndexedRow = Pick<ManifestRow, 'isrc' | 'upc' | 'sha256' | 'popularity' | 'status' | 'codec'>

/** One record for each key; of equal ones the row of the one that says more, and their payloads made one. */
function merged(columns: Columns, count: number, payloadBits: number): number {
  const { high, low, row } = columns
  const payloadMask = 2 ** payloadBits - 1
  let last = -1
  for (let i = 0; i < count; i++) {
    const [h, l] = [high[i] as number, low[i] as number]
    if (last >= 0 && h === high[last] && ((l ^ (low[last] as number)) & ~payloadMask) === 0) {
      const before = low[last] as number
      if (payloadBits === payloadBitsOf.hash) continue // The first batch that has it.
      if (saysMore(l, before)) row[last] = row[i] as number
      low[last] = ((l & ~payloadMask) | mergePayloads(l, before)) >>> 0
      continue
    }
    last += 1
    high[last] = h
    low[last] = l
    row[last] = row[i] as number
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
  const open = (column: 'high' | 'low' | 'rows') => ColumnWriter.open(join(folder, columnFile(kind, column)))
  const files = { high: await open('high'), low: await open('low'), rows: await open('rows') }
  let total = 0
  try {
    for await (const { columns, count } of sorter.sorted(signal)) {
      const kept = merged(columns, count, payloadBitsOf[kind])
      total += kept
      if (total > RECORDS_MAX) throw new RangeError(`More than ${RECORDS_MAX} keys`)
      await files.high.append(columns.high.subarray(0, kept))
      await files.low.append(columns.low.subarray(0, kept))
      await files.rows.append(columns.row.subarray(0, kept))
      onRecords(count)
    }
  } catch (error) {
    await Promise.all(Object.values(files).map((file) => file.close()))
    throw error
  }
  return {
    count: total,
    high: await files.high.close(),
    low: await files.low.close(),
    rows: await files.rows.close(),
  }
}

/**
 * Makes the index of a leak from rows in any order, in bounded memory. Nothing is at `folder` until `finish` has written
 * all of it there.
 */
export class IndexBuilder {
  readonly #folder: string
  readonly #draft: string
  readonly #sorters: Readonly<Record<KeyKind, PartitionSorter>>
  #rows = 0

  private constructor(folder: string, draft: string) {
    this.#folder = folder
    this.#draft = draft
    const sorterOf = (kind: KeyKind) => new PartitionSorter(join(draft, `${kind}.spill`), payloadBitsOf[kind])
    this.#sorters = { isrc: sorterOf('isrc'), upc: sorterOf('upc'), hash: sorterOf('hash') }
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
    const payload = packPayload({ ...row, batch })
    const isrc = row.isrc === undefined ? undefined : packIsrc(row.isrc)
    if (isrc) this.addPacked('isrc', isrc.high, isrc.low | payload, number)
    const upc = row.upc === undefined ? undefined : packUpc(row.upc)
    if (upc) this.addPacked('upc', upc.high, upc.low | payload, number)
    for (const sha256 of row.sha256) {
      const { high, low } = packHash(sha256)
      this.addPacked('hash', high, low | batch, number)
    }
  }

  /** Takes a key with its payload, packed by the caller. */
  addPacked(kind: KeyKind, high: number, low: number, number: number): void {
    this.#sorters[kind].add(high, low >>> 0, number)
  }

  /** Sorts and writes everything, and puts it at its place. An abort throws its reason; the draft is gone then. */
  async finish(
    options: {
      readonly signal?: AbortSignal
      readonly onProgress?: (done: number, total: number) => void
    } = {},
  ): Promise<IndexHead> {
    const total = keyKinds.reduce((sum, kind) => sum + this.#sorters[kind].count, 0)
    let done = 0
    const onRecords = (count: number): void => options.onProgress?.((done += count), total)
    try {
      const write = async (kind: KeyKind) => {
        const keys = await writeKeys(this.#draft, kind, this.#sorters[kind], options.signal, onRecords)
        this.#sorters[kind].close()
        await rm(join(this.#draft, `${kind}.spill`), { force: true })
        return keys
      }
      const head: IndexHead = {
        format: 'earwitness-leak-index',
        version: INDEX_VERSION,
        madeAt: new Date().toISOString(),
        rows: this.#rows,
        keys: { isrc: await write('isrc'), upc: await write('upc'), hash: await write('hash') },
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
