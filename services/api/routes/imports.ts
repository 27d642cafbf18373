import { z } from 'zod'

import type { House } from '../../actions/house.ts'
import { applyImport, fixImport, startImport, stopImport } from '../../actions/imports.ts'
import { csvTemplate } from '../../catalog/import/csv/columns.ts'
import { errorFile } from '../../catalog/import/error-file.ts'
import {
  CellFix,
  FIXES_MAX,
  INTEGER_MAX,
  ImportOptions,
  ImportStage,
  KEPT_MAX,
} from '../../catalog/import/import.ts'
import { Severity } from '../../catalog/import/row-error.ts'
import { changesOf, errorsOf, find, fixesOf, list } from '../../catalog/import/store.ts'
import type { Tx } from '../../core/db.ts'
import { ImportId } from '../../core/ids.ts'
import type { Caller } from '../../tenants/tenant.ts'
import { found, oneId } from '../found.ts'
import { ImportChangePage, ImportErrorPage, ImportFixesView, ImportView } from '../import-views.ts'
import { listOf, pageOf, pageQuery } from '../page.ts'
import { Reply, file, fileOf, json, route } from '../route.ts'
import { request } from '../schema.ts'

const tag = 'Imports'

const dryRun = z.stringbool().default(false).describe('Check everything and keep nothing')

const encoding = z
  .string()
  .max(40)
  .refine(isEncoding, 'no encoding that is known; e.g. utf-8, windows-1252')
  .optional()
  .describe('Of a table; found out when not given')

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false // That is how it tells.
  }
}

const start = route({
  id: 'startImport',
  method: 'post',
  path: '/v1/imports',
  summary: 'Take in a catalogue: a table (CSV, TSV), a DDEX ERN message or JSON; its first bytes tell which',
  tag,
  caller: 'any',
  body: file(
    z.strictObject({
      dryRun,
      dateOrder: ImportOptions.shape.dateOrder,
      separator: ImportOptions.shape.separator,
      encoding,
    }),
    { takesJson: true },
  ),
  status: 202,
  answer: ImportView,
  problems: ['file/empty', 'file/unsupported'],
  idempotent: true,
  async handle({ house, caller, body: { fields, fileName, source } }) {
    const { dryRun, ...options } = fields
    const started = await startImport(house, caller, { fileName, source, dryRun, options })
    return new Reply(started, { headers: { Location: `/v1/imports/${started.id}` } })
  },
})

const listAll = route({
  id: 'listImports',
  method: 'get',
  path: '/v1/imports',
  summary: 'Imports, newest first',
  tag,
  caller: 'any',
  query: z.strictObject({ ...pageQuery, stage: ImportStage.optional() }),
  answer: listOf('CatalogueImportList', ImportView),
  async handle({ house, caller, query: { stage, cursor: after, limit } }) {
    const rows = await house.db.tenant(caller.tenantId, (tx) => list(tx, { stage, after, limit: limit + 1 }))
    return pageOf(rows, limit, ({ createdAt }) => createdAt)
  },
})

const template = route({
  id: 'importTemplate',
  method: 'get',
  path: '/v1/imports/template',
  summary: 'An empty table with the columns that are read, and an example row',
  tag,
  caller: 'any',
  answer: fileOf('text/csv'),
  handle: async () => ({ body: csvTemplate(), mediaType: 'text/csv', fileName: 'earwitness-catalogue.csv' }),
})

/** Reads something of an import that is there. */
const about = <T>(house: House, caller: Caller, id: ImportId, read: (tx: Tx) => Promise<T>): Promise<T> =>
  house.db.tenant(caller.tenantId, async (tx) => {
    found(await find(tx, id), 'import')
    return read(tx)
  })

const getOne = route({
  id: 'getImport',
  method: 'get',
  path: '/v1/imports/:id',
  summary: 'How far an import has come and what became of its rows',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  answer: ImportView,
  async handle({ house, caller, params }) {
    return found(await house.db.tenant(caller.tenantId, (tx) => find(tx, params.id)), 'import')
  },
})

const numberedQuery = z.strictObject({
  limit: pageQuery.limit,
  after: z.coerce.number().int().min(0).max(INTEGER_MAX).default(0).describe('`next` of the page before'),
})

/** A page of numbered rows, asked for with one more than it holds. */
function numberedPage<Row extends { readonly number: number }>(
  rows: readonly Row[],
  limit: number,
): { items: Row[]; next?: number } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return last && rows.length > limit ? { items, next: last.number } : { items }
}

const severity = Severity.optional().describe('Only errors, for which rows were left out, or only warnings')

const errors = route({
  id: 'listImportErrors',
  method: 'get',
  path: '/v1/imports/:id/errors',
  summary:
    'What was wrong with rows of an import, or odd about them, in their order; the first ten thousand of each',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  query: numberedQuery.extend({ severity }),
  answer: ImportErrorPage,
  async handle({ house, caller, params, query: { limit, after, severity } }) {
    const rows = await about(house, caller, params.id, (tx) =>
      errorsOf(tx, params.id, { after, limit: limit + 1, severity }),
    )
    return numberedPage(rows, limit)
  },
})

const errorTable = route({
  id: 'downloadImportErrors',
  method: 'get',
  path: '/v1/imports/:id/errors.csv',
  summary: 'The same as a table: row, column, code, message',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  query: z.strictObject({ severity }),
  answer: fileOf('text/csv'),
  async handle({ house, caller, params: { id }, query: { severity } }) {
    const rows = await about(house, caller, id, (tx) =>
      errorsOf(tx, id, { after: 0, limit: 2 * KEPT_MAX, severity }),
    )
    let body = ''
    for await (const piece of errorFile(rows)) body += piece
    return { body, mediaType: 'text/csv', fileName: `import-${id}-errors.csv` }
  },
})

const changes = route({
  id: 'listImportChanges',
  method: 'get',
  path: '/v1/imports/:id/changes',
  summary: 'What an import changed in recordings that were there: field by field, from what to what',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  query: numberedQuery,
  answer: ImportChangePage,
  async handle({ house, caller, params, query: { limit, after } }) {
    const rows = await about(house, caller, params.id, (tx) =>
      changesOf(tx, params.id, { after, limit: limit + 1 }),
    )
    return numberedPage(rows, limit)
  },
})

const apply = route({
  id: 'applyImport',
  method: 'post',
  path: '/v1/imports/:id/apply',
  summary:
    'Read the file again with its corrections: to keep what a dry run found, or to take in mended rows',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  body: json(
    request(
      'ApplyImport',
      z.strictObject({ dryRun: z.boolean().default(false).describe('Check once more and keep nothing') }),
    ),
  ),
  status: 202,
  answer: ImportView,
  problems: ['row/stage', 'file/gone'],
  idempotent: true,
  handle: ({ house, caller, params, body }) => applyImport(house, caller, params.id, body),
})

const stop = route({
  id: 'stopImport',
  method: 'post',
  path: '/v1/imports/:id/cancel',
  summary: 'Stop an import; rows that were taken in stay',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  answer: ImportView,
  problems: ['row/stage'],
  handle: ({ house, caller, params }) => stopImport(house, caller, params.id),
})

const fix = route({
  id: 'fixImport',
  method: 'put',
  path: '/v1/imports/:id/fixes',
  summary: 'Correct cells of a table; the next run reads them instead of those of the file',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  body: json(
    request(
      'NewImportFixes',
      z.strictObject({ fixes: z.array(z.strictObject(CellFix.shape)).min(1).max(FIXES_MAX) }).meta({
        examples: [{ fixes: [{ row: 3, column: 'ISRC', value: 'AA-6Q7-20-00047' }] }],
      }),
    ),
  ),
  answer: ImportFixesView,
  problems: ['row/stage', 'request/conflict'],
  handle: async ({ house, caller, params, body }) => ({
    fixes: await fixImport(house, caller, params.id, body.fixes),
  }),
})

const fixes = route({
  id: 'listImportFixes',
  method: 'get',
  path: '/v1/imports/:id/fixes',
  summary: 'Cells that were corrected',
  tag,
  caller: 'any',
  params: oneId(ImportId),
  answer: ImportFixesView,
  handle: async ({ house, caller, params: { id } }) => ({
    fixes: await about(house, caller, id, (tx) => fixesOf(tx, id)),
  }),
})

// `template` before the paths with an id, or it would be taken for one.
export const importRoutes = [
  start,
  listAll,
  template,
  getOne,
  errors,
  errorTable,
  changes,
  apply,
  stop,
  fix,
  fixes,
]
