import { z } from 'zod'

import { CatalogueImport, CellFix, ImportChange, ImportError } from '../catalog/import/import.ts'
import { StoredProblem } from '../core/stages.ts'
import { view } from './schema.ts'

/** How a catalogue's import leaves the house. */
export const ImportView = view(
  'CatalogueImport',
  CatalogueImport.pick({
    id: true,
    kind: true,
    fileName: true,
    bytes: true,
    facts: true,
    rows: true,
    created: true,
    updated: true,
    unchanged: true,
    createdAt: true,
    endedAt: true,
  }).extend({
    dryRun: CatalogueImport.shape.dryRun.describe(
      'Everything is checked and nothing kept; always so for test messages',
    ),
    stage: CatalogueImport.shape.stage.describe(
      '`import`: its rows are being taken in. `done`: all were looked at',
    ),
    progress: z.number().min(0).max(1).describe('Share of the file that is done'),
    problem: StoredProblem.nullable().describe('Why it failed; rows that were taken in before stay'),
    sameAs: CatalogueImport.shape.sameAs.describe(
      'The import that brought the same message before; nothing was done',
    ),
    purged: CatalogueImport.shape.purged.describe('Recordings that are withdrawn because the file says so'),
    errors: CatalogueImport.shape.errors.describe('Rows that were not taken in'),
    warnings: CatalogueImport.shape.warnings.describe('Remarks on rows that were'),
  }),
)

/** A page of what is numbered: where the next begins is a number. */
const numbered = <T extends z.ZodType>(id: string, row: T) =>
  view(
    id,
    z.object({
      items: z.array(row),
      next: z.int().optional().describe('Give it as `after` for the next page; absent on the last'),
    }),
  )

export const ImportErrorPage = numbered('ImportErrorList', view('ImportError', ImportError))
export const ImportChangePage = numbered('ImportChangeList', view('ImportChange', ImportChange))
export const ImportFixesView = view('ImportFixes', z.object({ fixes: z.array(CellFix) }))
