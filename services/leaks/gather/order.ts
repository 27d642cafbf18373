import { z } from 'zod'

import { StoredProblem } from '../../core/stages.ts'
import { BATCH_FAULTS_MAX } from '../manifest/batch.ts'
import type { ManifestMapping } from '../manifest/fields.ts'

/** A manifest to be read. */
export interface GatherOrder {
  /** Paths of its files, in their order. */
  readonly files: readonly string[]
  readonly mapping: ManifestMapping
  /** The leak's batch that all its rows are of; 0: of several. */
  readonly batch: number
  /** Where everything lies in the end; while it is read, beside it in `<folder>.gathering`. */
  readonly folder: string
  /** How often what was read is made safe; from one to the next is what a crash costs. Default: 5 seconds. */
  readonly checkpointEveryMs?: number | undefined
}

const Fault = z.object({ locator: z.object({ row: z.number(), part: z.number() }), detail: z.string() })

/** Faults that are told with their rows; the others are counted. */
export const FAULT_SAMPLE_MAX = BATCH_FAULTS_MAX

/** Rows that were looked at, and those among them that could not be read, or not rightly. */
export const RowCounts = z.object({
  rows: z.int().min(0),
  /** Rows that were kept. */
  kept: z.int().min(0),
  faults: z.int().min(0),
  faultSample: z.array(Fault).max(FAULT_SAMPLE_MAX),
})
export type RowCounts = z.infer<typeof RowCounts>

/** What reading a manifest gave. */
export const GatherResult = RowCounts.extend({
  /** Different keys of each kind in the index, and rows without a usable ISRC. */
  counts: z.object({
    isrc: z.number(),
    upc: z.number(),
    hash: z.number(),
    track: z.number(),
    nameless: z.number(),
  }),
  /** Of all files in the folder. */
  bytes: z.number(),
  /** What ended the reading of a file early, the first when there are several; what came before was kept. */
  problem: StoredProblem.optional(),
})
export type GatherResult = z.infer<typeof GatherResult>

/** How far it has come. */
export interface GatherProgress extends RowCounts {
  /** Of all the work, 0 to 1. */
  readonly share: number
  /** Rows a second since it was begun, or gone on with. */
  readonly rowsPerS: number
  /** Seconds until it is done, as far as can be told. */
  readonly leftS: number | undefined
}

/** What whoever asked is told while it works, and whether it shall stop. */
export interface GatherRun {
  readonly signal: AbortSignal
  readonly onProgress: (progress: GatherProgress) => void
}
