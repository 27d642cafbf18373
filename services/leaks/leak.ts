import { z } from 'zod'

import { LeakId, LeakManifestId, TenantId } from '../core/ids.ts'
import { StoredProblem, type Transitions } from '../core/stages.ts'
import { ManifestMapping } from './manifest/fields.ts'
import { BATCHES_MAX } from './packed/word.ts'

/** Leaks that an account may hold manifests of. */
export const LEAKS_MAX = 200
/** Files of one manifest. */
export const MANIFEST_FILES_MAX = 1_000

/**
 * `streaming-dump`: a copy of a service's catalogue, with audio. `data-set`: a list to train models with.
 * `torrent-listing`, `site-index`: names of files in one place.
 */
export const LeakKind = z.enum(['streaming-dump', 'data-set', 'torrent-listing', 'site-index'])
export type LeakKind = z.infer<typeof LeakKind>

const name = z.string().trim().min(1).max(200).describe('What it is called')
const day = z.iso.date()
const popularity = z.int().min(0).max(100)

/** A part in which a leak is published. */
export const LeakBatch = z
  .strictObject({
    number: z.int().min(1).max(BATCHES_MAX),
    name: z.string().trim().min(1).max(100),
    /** Which popularities it has; both null when it is not told by popularity. */
    popularityFrom: popularity.nullable().default(null),
    popularityTo: popularity.nullable().default(null),
    /** Null: not yet. */
    publishedOn: day.nullable().default(null),
  })
  .refine(({ popularityFrom: from, popularityTo: to }) => (from === null) === (to === null), {
    message: 'give both ends of the popularity, or none',
    path: ['popularityTo'],
  })
  .refine(({ popularityFrom: from, popularityTo: to }) => from === null || to === null || from <= to, {
    message: 'ends before it begins',
    path: ['popularityTo'],
  })
export type LeakBatch = z.infer<typeof LeakBatch>

/** The batches of a leak: each number once, ranges of popularity apart from each other. */
export const LeakBatches = z
  .array(LeakBatch)
  .max(BATCHES_MAX)
  .superRefine((batches, context) => {
    const numbers = new Set(batches.map(({ number }) => number))
    if (numbers.size < batches.length) context.addIssue({ code: 'custom', message: 'a number occurs twice' })
    const ranges = batches
      .flatMap(({ popularityFrom: from, popularityTo: to }) =>
        from === null || to === null ? [] : [{ from, to }],
      )
      .toSorted((a, b) => a.from - b.from)
    if (ranges.some(({ from }, i) => i > 0 && from <= (ranges[i - 1]?.to ?? -1)))
      context.addIssue({ code: 'custom', message: 'two batches have the same popularity' })
  })

/** A leak to be asked about. */
export const NewLeak = z.strictObject({
  name,
  kind: LeakKind,
  takenOn: day.nullable().default(null).describe('The day that its newest rows are of'),
  announcedOn: day.nullable().default(null),
  note: z.string().trim().max(4_000).default(''),
  lawfulBasis: z
    .string()
    .trim()
    .min(1, 'say why its manifests may be held')
    .max(1_000)
    .describe('Why its manifests may be held; counsel should have been asked'),
  batches: LeakBatches.default([]),
})
export type NewLeak = z.infer<typeof NewLeak>

/** What of a leak can be changed; batches are replaced as a whole. */
export const LeakChange = z.strictObject({
  name: name.optional(),
  takenOn: day.nullable().optional(),
  announcedOn: day.nullable().optional(),
  note: z.string().trim().max(4_000).optional(),
  batches: LeakBatches.optional(),
})
export type LeakChange = z.infer<typeof LeakChange>

/** A bulk leak or data set. */
export const Leak = z.object({
  id: LeakId,
  /** Null: the operator's, which every account may ask about. */
  tenantId: TenantId.nullable(),
  name: z.string(),
  kind: LeakKind,
  takenOn: z.string().nullable(),
  announcedOn: z.string().nullable(),
  note: z.string(),
  lawfulBasis: z.string(),
  /** Whether visitors without an account may ask, by the private check. */
  publicCheck: z.boolean(),
  batches: z.array(LeakBatch),
  /** Manifests that can be asked, and rows in them. */
  manifests: z.number(),
  rows: z.number(),
  createdAt: z.date(),
})
export type Leak = z.infer<typeof Leak>

/** `manifest`: it is being read. `done`: it can be asked. */
export const ManifestStage = z.enum(['manifest', 'done', 'failed'])
export type ManifestStage = z.infer<typeof ManifestStage>
export const manifestTransitions = { manifest: ['done'] } as const satisfies Transitions

/** A file of a manifest: one that was uploaded, or one that lies where the operator said. */
export const ManifestFile = z.object({
  name: z.string().min(1).max(500),
  bytes: z.int().positive(),
  /** On the machine of the service; null: it was uploaded. */
  path: z.string().max(4_096).nullable(),
})
export type ManifestFile = z.infer<typeof ManifestFile>

/** A row that could not be read: `row` from 1, `part` the file from 0. */
export const ManifestFault = z.object({ row: z.number(), part: z.number(), detail: z.string() })
export type ManifestFault = z.infer<typeof ManifestFault>

/** Different identifiers of each kind, and rows that have none. */
export const ManifestCounts = z.object({
  isrc: z.number(),
  upc: z.number(),
  hash: z.number(),
  track: z.number(),
  nameless: z.number(),
})
export type ManifestCounts = z.infer<typeof ManifestCounts>

/** A list of what a leak has, and how far reading it has come. */
export const LeakManifest = z.object({
  id: LeakManifestId,
  leakId: LeakId,
  tenantId: TenantId.nullable(),
  name: z.string(),
  files: z.array(ManifestFile),
  bytes: z.number(),
  mapping: ManifestMapping,
  /** That all its rows are of; 0: of several. */
  batch: z.number(),
  stage: ManifestStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  rows: z.number(),
  /** Rows that could not be read, and the first of them. */
  faults: z.number(),
  faultSample: z.array(ManifestFault),
  /** Rows a second, and seconds until it is read; null before the first were. */
  rate: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** What ended the reading early; all before it was kept. */
  remark: StoredProblem.nullable(),
  counts: ManifestCounts.nullable(),
  createdAt: z.date(),
})
export type LeakManifest = z.infer<typeof LeakManifest>

export { batchOf } from './batch-of.ts'
