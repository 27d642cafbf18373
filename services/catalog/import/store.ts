import { z } from 'zod'

import type { Tx } from '../../core/db.ts'
import { ImportId, type Sha256, type TenantId, newId } from '../../core/ids.ts'
import { join, sql } from '../../core/sql.ts'
import { stagesOf } from '../../core/stages.ts'
import type { RowError } from './entry.ts'
import {
  CatalogueImport,
  CellFix,
  ImportChange,
  type ImportCounts,
  ImportError,
  type ImportKind,
  type ImportOptions,
  type ImportStage,
  importTransitions,
} from './import.ts'
import type { Severity } from './row-error.ts'

export const stages = stagesOf('catalogue_import', importTransitions)

const columns = sql`id, tenant_id, kind, file_name, blob_sha256, bytes, options, dry_run, stage, problem, progress, facts,
  same_as, entries, rows, created, updated, unchanged, purged, errors, warnings, created_at,
  jsonb_build_object('actor', requested_by, 'name', (
    select name from member where id = nullif(substring(requested_by from '^member:(.*)$'), '')::uuid)) as requested_by,
  case when stage in ('done', 'failed') then stage_since end as ended_at`

/** A file whose bytes are in the blob store, to be read by the job. */
export const add = (
  tx: Tx,
  tenantId: TenantId,
  given: {
    kind: ImportKind
    fileName: string
    sha256: Sha256
    bytes: number
    options: ImportOptions
    dryRun: boolean
    by: string
  },
): Promise<CatalogueImport> =>
  tx.one(CatalogueImport)`
    insert into catalogue_import (id, tenant_id, kind, file_name, blob_sha256, bytes, options, dry_run, stage, requested_by)
    values (${newId(ImportId)}, ${tenantId}, ${given.kind}, ${given.fileName}, ${given.sha256}, ${given.bytes},
            ${JSON.stringify(given.options)}, ${given.dryRun}, 'import', ${given.by})
    returning ${columns}`

export const find = (tx: Tx, id: ImportId): Promise<CatalogueImport | undefined> =>
  tx.maybe(CatalogueImport)`select ${columns} from catalogue_import where id = ${id}`

/** Newest first. */
export const list = (
  tx: Tx,
  asked: { stage?: ImportStage | undefined; after?: { at: Date; id: string } | undefined; limit: number },
): Promise<CatalogueImport[]> => {
  const conditions = [
    sql`true`,
    ...(asked.stage ? [sql`stage = ${asked.stage}`] : []),
    ...(asked.after ? [sql`(created_at, id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(CatalogueImport)`
    select ${columns} from catalogue_import where ${join(conditions, ' and ')}
     order by created_at desc, id desc limit ${asked.limit}`
}

/** What a file says of itself, and whether that makes it a trial. */
export async function keepFacts(
  tx: Tx,
  id: ImportId,
  facts: NonNullable<CatalogueImport['facts']>,
): Promise<void> {
  await tx.run`
    update catalogue_import set facts = ${JSON.stringify(facts)}, dry_run = dry_run or ${facts.test} where id = ${id}`
}

/** The import that took in the same message of the same sender before. */
export async function sameMessage(
  tx: Tx,
  { id, tenantId }: Pick<CatalogueImport, 'id' | 'tenantId'>,
  facts: { sender?: string | undefined; messageId?: string | undefined },
): Promise<ImportId | undefined> {
  if (!facts.messageId) return undefined
  const row = await tx.maybe(z.object({ id: ImportId }))`
    select id from catalogue_import
     where tenant_id = ${tenantId} and id <> ${id} and stage = 'done' and not dry_run and same_as is null
       and facts ->> 'messageId' = ${facts.messageId}
       and coalesce(facts ->> 'sender', '') = ${facts.sender ?? ''}
     order by created_at limit 1`
  return row?.id
}

export async function keepSameAs(tx: Tx, id: ImportId, sameAs: ImportId): Promise<void> {
  await tx.run`update catalogue_import set same_as = ${sameAs} where id = ${id}`
}

/**
 * Notes how far an import has come, in the transaction that writes its batch.
 *
 * @param from entries that were dealt with before. @returns false when somebody stopped it or another worker goes on
 *   with it: then nothing of the batch may stay.
 */
export async function keepProgress(
  tx: Tx,
  id: ImportId,
  from: number,
  now: { entries: number; counts: ImportCounts },
): Promise<boolean> {
  const { rows, created, updated, unchanged, purged, errors, warnings } = now.counts
  const written = await tx.run`
    update catalogue_import
       set entries = ${now.entries}, rows = ${rows}, created = ${created}, updated = ${updated},
           unchanged = ${unchanged}, purged = ${purged}, errors = ${errors}, warnings = ${warnings}
     where id = ${id} and stage = 'import' and entries = ${from}`
  return written === 1
}

const Kept = z.object({ errors: z.number(), warnings: z.number(), findings: z.number(), changes: z.number() })

/** How much is kept of an import's findings and changes, and their highest numbers. */
export const keptOf = (tx: Tx, id: ImportId): Promise<z.infer<typeof Kept>> =>
  tx.one(Kept)`
    select count(*) filter (where severity = 'error') as errors, count(*) filter (where severity = 'warning') as warnings,
           coalesce(max(number), 0) as findings,
           (select coalesce(max(number), 0) from catalogue_import_change where import_id = ${id}) as changes
      from catalogue_import_error where import_id = ${id}`

type Owned = Pick<CatalogueImport, 'id' | 'tenantId'>

/** @param after the highest number that is kept already. */
export async function keepFindings(
  tx: Tx,
  { id, tenantId }: Owned,
  findings: readonly (RowError & { severity: ImportError['severity'] })[],
  after: number,
): Promise<void> {
  if (findings.length === 0) return
  await tx.run`
    insert into catalogue_import_error (import_id, number, tenant_id, row, column_name, code, message, severity)
    select ${id}, ${after} + place, ${tenantId}, "row", "column", code, message, severity
      from rows from (json_to_recordset(${JSON.stringify(findings)}::json)
             as ("row" integer, "column" text, code text, message text, severity text)) with ordinality
        as f("row", "column", code, message, severity, place)`
}

/** @param after the highest number that is kept already. */
export async function keepChanges(
  tx: Tx,
  { id, tenantId }: Owned,
  changes: readonly Omit<ImportChange, 'number'>[],
  after: number,
): Promise<void> {
  if (changes.length === 0) return
  await tx.run`
    insert into catalogue_import_change (import_id, number, tenant_id, row, recording_id, fields)
    select ${id}, ${after} + place, ${tenantId}, "row", "recordingId", fields
      from rows from (json_to_recordset(${JSON.stringify(changes)}::json)
             as ("row" integer, "recordingId" uuid, fields jsonb)) with ordinality
        as c("row", "recordingId", fields, place)`
}

/**
 * What was wrong or odd, in the order of the file.
 *
 * @param asked.after the last number of the page before; 0 for the first page.
 * @param asked.errorsFirst all errors before all warnings.
 */
export function errorsOf(
  tx: Tx,
  id: ImportId,
  asked: { after: number; limit: number; severity?: Severity | undefined; errorsFirst?: boolean },
): Promise<ImportError[]> {
  // Findings are numbered as they were found: one that came up late may be of an early row.
  const place = asked.errorsFirst ? sql`severity, row, number` : sql`row, number`
  const conditions = [
    sql`import_id = ${id}`,
    ...(asked.severity ? [sql`severity = ${asked.severity}`] : []),
    ...(asked.after > 0
      ? [
          sql`(${place}) > (select ${place} from catalogue_import_error where import_id = ${id} and number = ${asked.after})`,
        ]
      : []),
  ]
  return tx.all(ImportError)`
    select number, row, column_name as column, code, message, severity from catalogue_import_error
     where ${join(conditions, ' and ')} order by ${place} limit ${asked.limit}`
}

/** What was changed, in the order of the file. @param asked.after the last number of the page before. */
export const changesOf = (
  tx: Tx,
  id: ImportId,
  asked: { after: number; limit: number },
): Promise<ImportChange[]> =>
  tx.all(ImportChange)`
    select number, row, recording_id, fields from catalogue_import_change
     where import_id = ${id} and number > ${asked.after} order by number limit ${asked.limit}`

/**
 * Sets an ended import back to work from its first row. What a dry run would have changed is forgotten; what a real
 * one changed stays on record.
 *
 * @returns false when it has not ended.
 */
export async function restart(
  tx: Tx,
  { id, dryRun }: CatalogueImport,
  wanted: { dryRun: boolean },
): Promise<boolean> {
  const written = await tx.run`
    update catalogue_import
       set stage = 'import', stage_since = now(), failed_stage = null, problem = null, tries = 0, progress = 0,
           dry_run = ${wanted.dryRun}, same_as = null, entries = 0, rows = 0, created = 0, updated = 0, unchanged = 0,
           purged = 0, errors = 0, warnings = 0
     where id = ${id} and stage in ('done', 'failed')`
  if (written === 0) return false
  await tx.run`delete from catalogue_import_error where import_id = ${id}`
  if (dryRun) await tx.run`delete from catalogue_import_change where import_id = ${id}`
  return true
}

/** Cells that a person corrected, in the order of the file. */
export const fixesOf = (tx: Tx, id: ImportId): Promise<CellFix[]> =>
  tx.all(CellFix)`
    select row, column_name as column, value from catalogue_import_fix where import_id = ${id} order by row, column_name`

/** Keeps corrections; a later one of the same cell wins. */
export async function keepFixes(tx: Tx, { id, tenantId }: Owned, fixes: readonly CellFix[]): Promise<void> {
  for (const { row, column, value } of fixes) {
    await tx.run`
      insert into catalogue_import_fix (import_id, row, column_name, tenant_id, value)
      values (${id}, ${row}, ${column}, ${tenantId}, ${value})
          on conflict (import_id, row, column_name) do update set value = excluded.value`
  }
}
