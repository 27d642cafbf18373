import type { House } from '../../services/actions/house.ts'
import { type RowCells, rowCells } from '../../services/catalog/import/csv/row-cells.ts'
import type {
  CatalogueImport,
  CellFix,
  ImportChange,
  ImportError,
} from '../../services/catalog/import/import.ts'
import * as imports from '../../services/catalog/import/store.ts'
import { namesOf } from '../../services/catalog/store.ts'
import type { Tx } from '../../services/core/db.ts'
import type { ImportId } from '../../services/core/ids.ts'
import { PAGE_ROWS, numberedPageOf } from '../parts/paging.ts'
import type { Visit } from '../visit.ts'

/** What an import changes in one recording, with the recording's title unless it was removed since. */
export interface TitledChange extends ImportChange {
  readonly title: string | undefined
}

/** Everything the page of an import shows. While it is at work, only how far it is. */
export interface ImportRead {
  readonly about: CatalogueImport
  /** Whether the file is still there to be read again. */
  readonly held: boolean
  readonly findings: { readonly shown: readonly ImportError[]; readonly next: number | undefined }
  readonly changes: { readonly shown: readonly TitledChange[]; readonly next: number | undefined }
  readonly fixes: readonly CellFix[]
  /** Cells of the rows that the shown findings speak of, as they are corrected. */
  readonly cells: RowCells
}

/** Where the two lists of the page begin: after these numbers. */
export interface ImportPlace {
  readonly findingsAfter: number
  readonly changesAfter: number
}

async function readChanges(tx: Tx, id: ImportId, after: number): Promise<ImportRead['changes']> {
  const { shown, next } = numberedPageOf(await imports.changesOf(tx, id, { after, limit: PAGE_ROWS + 1 }))
  const names = await namesOf(
    tx,
    shown.map(({ recordingId }) => recordingId),
  )
  return { shown: shown.map((row) => ({ ...row, title: names.get(row.recordingId)?.title })), next }
}

async function readRows(
  tx: Tx,
  id: ImportId,
  place: ImportPlace,
): Promise<Omit<ImportRead, 'cells' | 'held'> | undefined> {
  const nothing = { shown: [], next: undefined }
  const about = await imports.find(tx, id)
  if (!about) return undefined
  const fixes = await imports.fixesOf(tx, id)
  if (about.stage === 'import') return { about, findings: nothing, changes: nothing, fixes }
  const findings = await imports.errorsOf(tx, id, {
    after: place.findingsAfter,
    limit: PAGE_ROWS + 1,
    errorsFirst: true,
  })
  return {
    about,
    findings: numberedPageOf(findings),
    changes: await readChanges(tx, id, place.changesAfter),
    fixes,
  }
}

/** Some rows of an import's file by their lines; none of a file that is no table or was deleted. */
export async function readCells(
  { blobs }: House,
  { kind, blobSha256, options }: CatalogueImport,
  lines: readonly number[],
  fixes: readonly CellFix[],
): Promise<RowCells> {
  const file = kind === 'csv' && lines.length > 0 ? await blobs.read(blobSha256) : undefined
  if (!file) return new Map()
  try {
    return await rowCells(file, lines, options, fixes)
  } finally {
    file.destroy()
  }
}

/** Reads an import for its page, or undefined when there is none. */
export async function readImport(
  visit: Visit,
  id: ImportId,
  place: ImportPlace,
): Promise<ImportRead | undefined> {
  const read = await visit.tenant((tx) => readRows(tx, id, place))
  if (!read) return undefined
  const { about, findings, fixes } = read
  // Read outside the transaction: a file takes as long as it is.
  const lines = findings.shown.map(({ row }) => row)
  return {
    ...read,
    held: await visit.house.blobs.has(about.blobSha256),
    cells: await readCells(visit.house, about, lines, fixes),
  }
}
