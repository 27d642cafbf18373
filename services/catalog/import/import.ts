import { z } from 'zod'

import { ImportId, RecordingId, Sha256, TenantId } from '../../core/ids.ts'
import { StoredProblem, type Transitions } from '../../core/stages.ts'
import { type RowErrorCode, Severity, rowErrorCodes } from './row-error.ts'

/** The kinds of files that are read. */
export const ImportKind = z.enum(['csv', 'ern', 'musicbrainz'])
export type ImportKind = z.infer<typeof ImportKind>

/** `import`: its rows are being taken in. `done`: all were looked at, even if none could be taken in. */
export const ImportStage = z.enum(['import', 'done', 'failed'])
export type ImportStage = z.infer<typeof ImportStage>

export const importTransitions = { import: ['done'] } as const satisfies Transitions

/** How a table is written, where the file itself leaves it open; what is left out is guessed from the file. */
export const ImportOptions = z.object({
  dateOrder: z.enum(['dmy', 'mdy']).optional().describe('Which number of 05/06/2020 is the month'),
  separator: z.enum([',', ';', '\t', '|']).optional().describe('What stands between two cells'),
  encoding: z.string().min(1).max(40).optional().describe('Name as of the WHATWG Encoding Standard'),
})
export type ImportOptions = z.infer<typeof ImportOptions>

/** What became of the rows so far. */
export const ImportCounts = z.object({
  rows: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  /** Recordings that are withdrawn because the file says so. */
  purged: z.int(),
  /** Rows that were not taken in. */
  errors: z.int(),
  /** Remarks on rows that were. */
  warnings: z.int(),
})
export type ImportCounts = z.infer<typeof ImportCounts>

/** Who handed an import in. */
export const Requester = z.object({
  /** As the audit chain names them: `member:…`, `key:…`. */
  actor: z.string(),
  /** Of a member of the account. */
  name: z.string().nullable(),
})
export type Requester = z.infer<typeof Requester>

/** A file that is taken into the catalogue, and how far that has come. */
export const CatalogueImport = z.object({
  id: ImportId,
  tenantId: TenantId,
  kind: ImportKind,
  fileName: z.string(),
  blobSha256: Sha256,
  bytes: z.number(),
  options: ImportOptions,
  /** Everything is checked and nothing is kept. */
  dryRun: z.boolean(),
  stage: ImportStage,
  problem: StoredProblem.nullable(),
  progress: z.number(),
  facts: z
    .object({ messageId: z.string().optional(), sender: z.string().optional(), test: z.boolean() })
    .nullable(),
  /** The import that brought the same message before: nothing was done this time. */
  sameAs: ImportId.nullable(),
  /** Entries of the file that are dealt with: a run that was broken off goes on behind them. */
  entries: z.int(),
  ...ImportCounts.shape,
  requestedBy: Requester,
  createdAt: z.date(),
  endedAt: z.date().nullable(),
})
export type CatalogueImport = z.infer<typeof CatalogueImport>

/** What was wrong with a row, or odd about it. */
export const ImportError = z.object({
  number: z.int(),
  row: z.int(),
  column: z.string(),
  code: z.enum(Object.keys(rowErrorCodes) as [RowErrorCode, ...RowErrorCode[]]),
  message: z.string(),
  severity: Severity,
})
export type ImportError = z.infer<typeof ImportError>

/** What an import changed in one recording. */
export const ImportChange = z.object({
  number: z.int(),
  row: z.int(),
  recordingId: RecordingId,
  fields: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
})
export type ImportChange = z.infer<typeof ImportChange>

/** Control characters but for white space: a cell that has one is refused by the reader of tables. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0E-\x1F\x7F-\x84\x86-\x9F]/

const cellText = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .refine((text) => !CONTROL.test(text), 'has a control character')

/** What a column of PostgreSQL's type `integer` holds at most; lines and numbers of findings are such. */
export const INTEGER_MAX = 2_147_483_647

/** A cell that a person corrected, by the line of the file and the heading of its column. */
export const CellFix = z.object({
  row: z.int().min(1).max(INTEGER_MAX),
  column: cellText(200).min(1),
  value: cellText(2_000),
})
export type CellFix = z.infer<typeof CellFix>

/** Errors, warnings and changes that are kept of one import, each; a person reads no more, the rest is counted. */
export const KEPT_MAX = 10_000
/** Cells that are corrected by hand; more are mended in the file. */
export const FIXES_MAX = 1_000
