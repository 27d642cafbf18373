import type { Db, Tx } from '../../core/db.ts'
import { Problem } from '../../core/problem.ts'
import { lockCatalogue } from '../store.ts'
import { type CatalogueImport, type ImportCounts, KEPT_MAX } from './import.ts'
import { type Batch, batchesOf } from './merge/batches.ts'
import { type Holder, type Merged, mergeRows } from './merge/merge.ts'
import { mergePurges } from './merge/purges.ts'
import type { StagedRow } from './merge/staged-row.ts'
import { refusedAlone, rolledBack } from './merge/trial.ts'
import type { Reading } from './reading.ts'
import { keepChanges, keepFindings, keepProgress, keptOf } from './store.ts'

/** What an import works with. */
export interface ImportRun {
  readonly db: Db
  readonly about: CatalogueImport
  readonly holder: Holder
  /** Fires when the program is asked to stop: the batch at work is finished and the rest left for later. */
  readonly signal: AbortSignal
  /** Told after each batch. */
  readonly onBatch?: (counts: ImportCounts) => void
}

async function merge(tx: Tx, holder: Holder, { rows, purges }: Batch): Promise<Merged> {
  await lockCatalogue(tx, holder.id, 'many')
  return purges.length > 0 ? mergePurges(tx, holder.id, purges) : mergeRows(tx, holder, rows)
}

/** Counts with what a batch added. */
function added(counts: ImportCounts, batch: Batch, merged: Merged): ImportCounts {
  return {
    rows: counts.rows + batch.entries,
    created: counts.created + merged.created,
    updated: counts.updated + merged.updated,
    unchanged: counts.unchanged + merged.unchanged + batch.passed,
    purged: counts.purged + merged.purged,
    // Of rows that were merged each has one error at most.
    errors: counts.errors + batch.failed + merged.errors.length,
    warnings: counts.warnings + batch.warnings.length + merged.warnings.length,
  }
}

/**
 * Takes the entries of a file into a catalogue, batch by batch. Each batch is one transaction with the counts that it
 * adds, so that a run that was broken off goes on where it stopped. Of a dry run each batch is rolled back.
 *
 * @param reading gives the same entries in the same order at every run.
 * @throws {Problem} import/stopped when a person stopped it; what was written stays. Or the signal's reason.
 */
export async function runImport(
  run: ImportRun,
  reading: Pick<Reading, 'entries' | 'warnings'>,
): Promise<ImportCounts> {
  const { db, about, holder, signal } = run
  const kept = await db.system((tx) => keptOf(tx, about.id))
  let counts: ImportCounts = about
  let written = about.entries

  async function note(tx: Tx, batch: Batch, merged: Merged): Promise<ImportCounts> {
    const next = added(counts, batch, merged)
    if (!(await keepProgress(tx, about.id, written, { entries: batch.until, counts: next })))
      throw new Problem('import/stopped', 'It was stopped, or another worker goes on with it')
    const errors = [...batch.errors, ...merged.errors].slice(0, KEPT_MAX - kept.errors)
    const warnings = [...batch.warnings, ...merged.warnings].slice(0, KEPT_MAX - kept.warnings)
    const findings = [
      ...errors.map((error) => ({ ...error, severity: 'error' as const })),
      ...warnings.map((warning) => ({ ...warning, severity: 'warning' as const })),
    ].toSorted((one, other) => one.row - other.row)
    const changes = merged.changes.slice(0, KEPT_MAX - kept.changes)
    await keepFindings(tx, about, findings, kept.findings)
    await keepChanges(tx, about, changes, kept.changes)
    kept.errors += errors.length
    kept.warnings += warnings.length
    kept.findings += findings.length
    kept.changes += changes.length
    return next
  }

  async function write(batch: Batch): Promise<ImportCounts> {
    if (!about.dryRun) return db.system(async (tx) => note(tx, batch, await merge(tx, holder, batch)))
    const merged = await rolledBack(db, (tx) => merge(tx, holder, batch))
    return db.system((tx) => note(tx, batch, merged))
  }

  async function settle(batch: Batch): Promise<void> {
    signal.throwIfAborted()
    try {
      counts = await write(batch)
    } catch (error) {
      const tryOut = (rows: StagedRow[]) => rolledBack(db, (tx) => merge(tx, holder, { ...batch, rows }))
      counts = await write(await refusedAlone(error, batch, tryOut))
    }
    written = batch.until
    run.onBatch?.(counts)
  }

  // While PostgreSQL is at one batch, the next is read. No further: two batches are in memory at most.
  let settling: Promise<void> = Promise.resolve()
  try {
    for await (const batch of batchesOf(reading, about.entries)) {
      await settling
      settling = settle(batch)
      settling.catch(() => undefined) // Thrown where it is waited for.
    }
  } finally {
    await settling
  }
  return counts
}
