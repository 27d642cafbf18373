import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { Problem } from '../../core/problem.ts'
import { readHead } from '../packed/index-folder.ts'
import { readRowsHead } from '../rows/files.ts'
import { type Checkpoint, orderKey } from './checkpoint.ts'
import { RESULT_FILE, makeBucketsOf, makeIndex, putInPlace } from './indexing.ts'
import { type GatherOrder, GatherResult, type GatherRun, type RowCounts } from './order.ts'
import { type OnRead, readIntoFolder } from './reading.ts'

/** What the steps take of the time, as measured with rows of which most have an ISRC. */
const SHARES = { reading: 0.82, index: 0.07, buckets: 0.11 } as const
/** Progress is told at most so often, but for the end of reading, which is always told. */
const TELL_EVERY_MS = 250

const NOTHING_YET: RowCounts = { rows: 0, kept: 0, faults: 0, faultSample: [] }

/** Tells how far the work is, of all of it, and how long it takes still. */
class Progress {
  readonly #run: GatherRun
  readonly #beganAtMs = performance.now()
  /** Where it was gone on with. */
  #first: { readonly share: number; readonly rows: number } | undefined
  #counts = NOTHING_YET
  #share = 0
  #readForS = 0
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(run: GatherRun) {
    this.#run = run
  }

  reading(share: number, counts: RowCounts): void {
    this.#counts = counts
    this.#readForS = (performance.now() - this.#beganAtMs) / 1_000
    if (share === 1) this.#toldAtMs = Number.NEGATIVE_INFINITY
    this.at(share * SHARES.reading)
  }

  /** @param given share of all the work. */
  at(given: number): void {
    const share = (this.#share = Math.max(this.#share, given))
    this.#first ??= { share, rows: this.#counts.rows }
    const now = performance.now()
    if (now - this.#toldAtMs < TELL_EVERY_MS) return
    this.#toldAtMs = now
    const { share: firstShare, rows } = this.#first
    const gained = share - firstShare
    const elapsedS = (now - this.#beganAtMs) / 1_000
    this.#run.onProgress({
      ...this.#counts,
      share,
      rowsPerS: this.#readForS > 0 ? (this.#counts.rows - rows) / this.#readForS : 0,
      leftS: gained > 0 ? (elapsedS * (1 - share)) / gained : undefined,
    })
  }
}

/** What was read before, if this folder has all of it; a job may run again after it was done. */
async function finished(folder: string): Promise<GatherResult | undefined> {
  try {
    await readHead(folder)
    await readRowsHead(folder)
    return GatherResult.parse(JSON.parse(await readFile(join(folder, RESULT_FILE), 'utf8')))
  } catch {
    return undefined // Nothing that can be used: it is made.
  }
}

/** Shares of files as a share of all of them, by their bytes. */
async function shareOfAll(files: readonly string[]): Promise<(part: number, share: number) => number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  const total = Math.max(
    1,
    sizes.reduce((sum, size) => sum + size, 0),
  )
  const before = sizes.map((_, part) => sizes.slice(0, part).reduce((sum, size) => sum + size, 0))
  return (part, share) => ((before[part] ?? 0) + share * (sizes[part] ?? 0)) / total
}

/** @throws {Problem} why there is nothing: what was wrong with its files, or open/nothing. */
function requireRows({ kept, faults, problem }: Checkpoint): void {
  if (kept > 0) return
  if (problem) throw new Problem(problem.type.replace('/problems/', '') as Problem['type'], problem.detail)
  const why = faults > 0 ? `of ${faults} rows none can be read` : 'it has no rows'
  throw new Problem('open/nothing', `There is nothing in the manifest that could be asked for: ${why}`)
}

/**
 * Reads a manifest into its folder: index, rows, buckets. Broken off at any point, it goes on from the last checkpoint
 * when it is called again. For a thread of its own; no two at once for the same folder.
 *
 * @throws {Problem} when nothing of it can be read; the reason of the signal, with a checkpoint left behind.
 */
export async function gather(order: GatherOrder, run: GatherRun): Promise<GatherResult> {
  const { folder } = order
  const { signal } = run
  const gathering = `${folder}.gathering`
  const before = await finished(folder)
  if (before) {
    await rm(gathering, { recursive: true, force: true })
    return before
  }
  const progress = new Progress(run)
  const [key, overall] = [await orderKey(order), await shareOfAll(order.files)]
  const onRead: OnRead = (part, share, counts) => progress.reading(overall(part, share), counts)
  const read = await readIntoFolder(gathering, order, { key, signal, onRead })
  try {
    requireRows(read)
  } catch (error) {
    await rm(gathering, { recursive: true, force: true })
    throw error
  }
  progress.reading(1, read)
  await makeIndex(gathering, read, {
    signal,
    onShare: (share) => progress.at(SHARES.reading + SHARES.index * share),
  })
  await makeBucketsOf(gathering, {
    signal,
    onShare: (share) => progress.at(1 - SHARES.buckets * (1 - share)),
  })
  return putInPlace(gathering, read, folder)
}
