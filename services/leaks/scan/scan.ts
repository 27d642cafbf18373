import { availableParallelism } from 'node:os'

import type { Names } from '../../metadata/compare/name-keys.ts'
import type { RowFault } from '../manifest/batch.ts'
import type { ManifestMapping } from '../manifest/fields.ts'
import { catalogueMemory } from './catalogue-memory.ts'
import { loadDuckDb } from './duckdb.ts'
import { Merge } from './merge.ts'
import { type PlannedUnit, type ScanPlan, planScan } from './plan.ts'
import type { ScanHit } from './row-matcher.ts'
import { ScanThread } from './scan-thread.ts'

/** What a manifest is held against: a recording's place in this list is its number. */
export type ScanCatalogue = readonly Names[]

/** How far a scan has come. */
export interface ScanProgress {
  readonly rows: number
  /** Share of the manifest's bytes, 0 to 1. */
  readonly share: number
  /** Since the first row was asked for; the catalogue was ready by then. */
  readonly seconds: number
}

/** What a scan did. */
export interface ScanResult {
  readonly rows: number
  readonly hits: number
  /** Rows with the code of a recording and the names of another song: not taken for it. */
  readonly contradicted: number
  /** Rows that could not be read, of those that had to be; the first of them are told. */
  readonly faults: number
  readonly faultSample: readonly RowFault[]
  /** Files of which the end could not be read; what came before was. */
  readonly broken: readonly { readonly part: number; readonly detail: string }[]
  readonly threads: number
  /** Until the catalogue was ready in every thread, and of the scan itself. */
  readonly prepareSeconds: number
  readonly seconds: number
}

export interface ScanOptions {
  /** Whether rows without a usable ISRC are looked for by names. */
  readonly names?: boolean
  /** One for each core when not given. */
  readonly threads?: number
  readonly mapping?: ManifestMapping
  /** Whether DuckDB reads Parquet where it is installed; yes when not given. */
  readonly duckDb?: boolean
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: ScanProgress) => void
  /** In no particular order. */
  readonly onHit?: (hit: ScanHit) => void
}

const secondsSince = (startedAtMs: number): number => (performance.now() - startedAtMs) / 1_000

/** Hands units to threads until none is left; each has the next one ready while it works on one. */
async function shareOut(
  threads: readonly ScanThread[],
  { units, totalBytes }: ScanPlan,
  given: {
    readonly merge: Merge
    readonly onBroken: (part: number, detail: string) => void
    readonly onShare: (share: number) => void
  },
): Promise<void> {
  const { merge, onBroken, onShare } = given
  let doneBytes = 0
  const run = async (thread: ScanThread, { unit, bytes }: PlannedUnit): Promise<void> => {
    let told = 0
    const broken = await thread.run(unit, (news) => {
      merge.take(unit, news)
      doneBytes += bytes * (news.share - told)
      told = news.share
      onShare(Math.min(1, doneBytes / Math.max(1, totalBytes)))
    })
    merge.done(unit)
    if (broken !== undefined) onBroken(unit.part, broken)
  }
  await Promise.all(
    threads.map(async (thread) => {
      for (let ahead = units.next(); ;) {
        const next = await ahead
        if (next.done) return
        ahead = units.next()
        ahead.catch(() => undefined) // Awaited above, in the next turn.
        await run(thread, next.value)
      }
    }),
  )
}

/**
 * Lets a manifest pass a catalogue in memory, once, on several cores. Rows whose code is of the catalogue are held against
 * its names, so that a code on another song is not taken for it; those without a usable code against all names, where
 * that is wanted. Other rows of JSON lines are not even read, nor columns of Parquet that are not needed.
 *
 * @throws {Problem} file/unsupported, file/empty for a file that is no manifest; the reason of `signal`.
 */
export async function scanManifest(
  files: readonly string[],
  catalogue: ScanCatalogue,
  options: ScanOptions = {},
): Promise<ScanResult> {
  const { names = false, threads: count = availableParallelism(), mapping = {}, signal } = options
  signal?.throwIfAborted()
  const preparingAtMs = performance.now()
  const broken: { part: number; detail: string }[] = []
  const onBroken = (part: number, detail: string): void => void broken.push({ part, detail })
  const hasDuckDb = (options.duckDb ?? true) && (await loadDuckDb()) !== undefined
  const plan = await planScan(files, mapping, { threads: count, hasDuckDb }, onBroken)
  const start = { catalogue: catalogueMemory(catalogue), names, mapping }
  const threads = Array.from({ length: count }, () => new ScanThread(start))
  const end = async (): Promise<void> => {
    await Promise.all(threads.map((thread) => thread.close()))
  }
  // Whoever stops it does not wait for a unit to end: threads that are gone fail what they worked on.
  const onAbort = (): void => void end()
  signal?.addEventListener('abort', onAbort, { once: true })
  const merge = new Merge((hit) => options.onHit?.(hit))
  try {
    await Promise.all(threads.map(({ ready }) => ready))
    const prepareSeconds = secondsSince(preparingAtMs)
    const startedAtMs = performance.now()
    await shareOut(threads, plan, {
      merge,
      onBroken,
      onShare: (share) =>
        options.onProgress?.({ rows: merge.rows, share, seconds: secondsSince(startedAtMs) }),
    })
    const { rows, hits, contradicted, faults, faultSample } = merge
    const seconds = secondsSince(startedAtMs)
    return { rows, hits, contradicted, faults, faultSample, broken, threads: count, prepareSeconds, seconds }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await end()
    await plan.units.return(undefined)
  }
}
