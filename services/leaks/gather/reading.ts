import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

import { Problem } from '../../core/problem.ts'
import type { StoredProblem } from '../../core/stages.ts'
import type { ManifestBatch, ManifestCursor, RowFault } from '../manifest/batch.ts'
import { readManifest } from '../manifest/open-manifest.ts'
import { keysOf } from '../packed/build.ts'
import { type KeyKind, keyKinds } from '../packed/index-folder.ts'
import { RowStoreWriter } from '../rows/row-store-writer.ts'
import { type Checkpoint, emptyFolder, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { FAULT_SAMPLE_MAX, type GatherOrder, type RowCounts } from './order.ts'
import { RecordLog } from './record-log.ts'

/** What was read is made safe every so often: that much is read again after a crash, and more often would cost. */
const CHECKPOINT_MS = 5_000
/** A machine that reads faster than this loses no more for it. */
const CHECKPOINT_ROWS = 500_000

/** The log of the keys of a kind, in the folder of a reading. */
export const logFile = (folder: string, kind: KeyKind): string => join(folder, `${kind}.log`)

/** Keeps the rows of a manifest as they come: in the row store, and their keys in a log of each kind. */
class Gatherer {
  readonly #folder: string
  readonly #order: string
  readonly #batch: number
  readonly #rows: RowStoreWriter
  readonly #logs: Readonly<Record<KeyKind, RecordLog>>
  readonly #faultSample: RowFault[]
  #seen: number
  #faults: number
  #cursor: ManifestCursor | undefined
  #problem: StoredProblem | undefined

  constructor(
    folder: string,
    { order, batch, rows }: { readonly order: string; readonly batch: number; readonly rows: RowStoreWriter },
    from: Checkpoint | undefined,
  ) {
    this.#folder = folder
    this.#order = order
    this.#batch = batch
    this.#rows = rows
    const open = (kind: KeyKind) => new RecordLog(logFile(folder, kind), from?.logs[kind])
    this.#logs = { isrc: open('isrc'), upc: open('upc'), hash: open('hash'), track: open('track') }
    this.#faultSample = [...(from?.faultSample ?? [])]
    this.#seen = from?.rows ?? 0
    this.#faults = from?.faults ?? 0
    this.#cursor = from?.cursor
    this.#problem = from?.problem
  }

  get counts(): RowCounts {
    return { rows: this.#seen, kept: this.#rows.count, faults: this.#faults, faultSample: this.#faultSample }
  }

  take({ rows, faults, faultCount, seen, cursor }: ManifestBatch): void {
    for (const row of rows) {
      const number = this.#rows.append(row)
      keysOf(row, this.#batch, (kind, high, low) => this.#logs[kind].add(high, low, number))
    }
    this.#seen += seen
    this.#faults += faultCount
    this.#faultSample.push(...faults.slice(0, FAULT_SAMPLE_MAX - this.#faultSample.length))
    this.#cursor = cursor
  }

  /** Notes what ended the reading of a file; the first counts. */
  takeProblem(problem: Problem): void {
    const { type, title, status, detail } = problem.toJSON()
    this.#problem ??= { type, title, status, detail }
  }

  /** Everything so far survives. */
  async checkpoint(isRead: boolean): Promise<Checkpoint> {
    const rowStore = isRead ? await this.#rows.finish() : await this.#rows.mark()
    const { isrc, upc, hash, track } = this.#logs
    const logs = { isrc: isrc.mark(), upc: upc.mark(), hash: hash.mark(), track: track.mark() }
    const [order, cursor, problem] = [this.#order, this.#cursor, this.#problem]
    const checkpoint: Checkpoint = {
      version: 1,
      ...this.counts,
      order,
      isRead,
      rowStore,
      logs,
      ...(cursor && { cursor: { ...cursor } }),
      ...(problem && { problem }),
    }
    await writeCheckpoint(this.#folder, checkpoint)
    return checkpoint
  }

  close(): void {
    this.#rows.close()
    for (const kind of keyKinds) this.#logs[kind].close()
  }
}

/** Goes on where a checkpoint is, or begins anew when what it speaks of is not there. */
async function openGatherer(
  folder: string,
  given: { order: string; batch: number },
  from: Checkpoint | undefined,
) {
  try {
    if (from) {
      const rows = await RowStoreWriter.open(folder, from.rowStore)
      return { gatherer: new Gatherer(folder, { ...given, rows }, from), cursor: from.cursor }
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'index/damaged') throw error
  }
  await emptyFolder(folder)
  const rows = await RowStoreWriter.open(folder)
  return { gatherer: new Gatherer(folder, { ...given, rows }, undefined), cursor: undefined }
}

/** How far reading has come: of which file how much. */
export type OnRead = (part: number, share: number, counts: RowCounts) => void

/**
 * Reads a manifest into a folder, from its last checkpoint on. An abort writes a checkpoint and throws its reason. What is
 * wrong with one file costs its rest, not the others.
 *
 * @param key of the order (`orderKey`).
 * @returns the last checkpoint: all was read, though it may be that nothing was kept.
 */
export async function readIntoFolder(
  folder: string,
  order: GatherOrder,
  { key, signal, onRead }: { readonly key: string; readonly signal: AbortSignal; readonly onRead: OnRead },
): Promise<Checkpoint> {
  const from = await readCheckpoint(folder, key)
  if (from?.isRead) return from
  const { gatherer, cursor } = await openGatherer(folder, { order: key, batch: order.batch }, from)
  const onProblem = (part: number, problem: Problem): void => {
    const where = order.files.length > 1 ? `File ${part + 1} of ${order.files.length}: ` : ''
    gatherer.takeProblem(new Problem(problem.type, `${where}${problem.message}`))
  }
  const everyMs = order.checkpointEveryMs ?? CHECKPOINT_MS
  let safe = { atMs: performance.now(), rows: gatherer.counts.rows }
  try {
    for await (const batch of readManifest(order.files, order.mapping, cursor, onProblem)) {
      gatherer.take(batch)
      const { counts } = gatherer
      onRead(batch.cursor.part, batch.share, counts)
      await turn() // Whether it shall stop is heard in between.
      const isDue = performance.now() - safe.atMs >= everyMs || counts.rows - safe.rows >= CHECKPOINT_ROWS
      if (isDue || signal.aborted) {
        await gatherer.checkpoint(false)
        safe = { atMs: performance.now(), rows: counts.rows }
      }
      signal.throwIfAborted()
    }
    return await gatherer.checkpoint(true)
  } finally {
    gatherer.close()
  }
}
