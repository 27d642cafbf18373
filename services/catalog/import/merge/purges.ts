import { z } from 'zod'

import type { Tx } from '../../../core/db.ts'
import { RecordingId, type TenantId } from '../../../core/ids.ts'
import { sql } from '../../../core/sql.ts'
import { withdraw } from '../../withdrawal.ts'
import type { PurgeEntry } from '../entry.ts'
import { type Merged, nothingMerged } from './merge.ts'

const Named = z.object({ id: RecordingId })

/** Recordings that a sender takes back: those with these ISRCs, or where none is named, all of the release. */
async function takenBack(
  tx: Tx,
  tenantId: TenantId,
  named: {
    isrcs: readonly string[]
    upc?: string | undefined
    grid?: string | undefined
    ownId?: string | undefined
  },
): Promise<RecordingId[]> {
  const which =
    named.isrcs.length > 0
      ? sql`r.isrc = any(${[...named.isrcs]}::text[])`
      : sql`r.release_id in (
          select id from release where tenant_id = ${tenantId}
             and (upc = ${named.upc ?? null} or grid = ${named.grid ?? null} or catalog_number = ${named.ownId ?? null}))`
  const rows = await tx.all(Named)`
    select r.id from recording r where r.tenant_id = ${tenantId} and r.withdrawn_at is null and ${which}`
  return rows.map(({ id }) => id)
}

async function mergePurge(tx: Tx, tenantId: TenantId, { row, ...entry }: PurgeEntry): Promise<Merged> {
  const ids = await takenBack(tx, tenantId, { ...entry.release, isrcs: entry.isrcs })
  const purged = await withdraw(tx, ids)
  const at = new Date().toISOString()
  const message = 'nothing of this is claimed in this catalogue'
  return {
    ...nothingMerged,
    purged,
    warnings: purged > 0 ? [] : [{ row, column: '', code: 'unknown-value', message }],
    changes: ids.map((recordingId) => ({ row, recordingId, fields: { withdrawn: { from: null, to: at } } })),
  }
}

/**
 * Marks as no longer claimed what a sender takes back, in the order in which it does; see services/catalog/withdrawal.ts.
 * The caller holds the catalogue's lock.
 */
export async function mergePurges(
  tx: Tx,
  tenantId: TenantId,
  purges: readonly PurgeEntry[],
): Promise<Merged> {
  const all: Merged[] = []
  for (const purge of purges) all.push(await mergePurge(tx, tenantId, purge))
  return {
    ...nothingMerged,
    purged: all.reduce((sum, { purged }) => sum + purged, 0),
    warnings: all.flatMap(({ warnings }) => warnings),
    changes: all.flatMap(({ changes }) => changes),
  }
}
