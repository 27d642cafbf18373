import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { LeakId, LeakManifestId, TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { type StoredProblem, stagesOf } from '../core/stages.ts'
import {
  type Leak,
  LeakManifest,
  type ManifestCounts,
  type ManifestFault,
  type ManifestFile,
  manifestTransitions,
} from './leak.ts'
import type { ManifestMapping } from './manifest/fields.ts'

export const stages = stagesOf('leak_manifest', manifestTransitions)

const columns = sql`m.id, m.leak_id, m.tenant_id, m.name, m.files, m.bytes, m.mapping, m.batch, m.stage, m.problem, m.progress,
  m.rows, m.faults, m.fault_sample, m.rate, m.seconds_left, m.remark, m.counts, m.created_at`

/** A manifest whose files are at their place, to be read by the job. */
export async function addManifest(
  tx: Tx,
  leak: Pick<Leak, 'id' | 'tenantId'>,
  given: {
    readonly id: LeakManifestId
    readonly name: string
    readonly files: readonly ManifestFile[]
    readonly mapping: ManifestMapping
    readonly batch: number
    readonly by: string
  },
): Promise<LeakManifest> {
  const bytes = given.files.reduce((sum, file) => sum + file.bytes, 0)
  return tx.one(LeakManifest)`
    insert into leak_manifest as m (id, leak_id, tenant_id, name, files, bytes, mapping, batch, stage, added_by)
    values (${given.id}, ${leak.id}, ${leak.tenantId}, ${given.name}, ${JSON.stringify(given.files)}, ${bytes},
            ${JSON.stringify(given.mapping)}, ${given.batch}, 'manifest', ${given.by})
    returning ${columns}`
}

export const findManifest = (tx: Tx, id: LeakManifestId): Promise<LeakManifest | undefined> =>
  tx.maybe(LeakManifest)`
    select ${columns} from leak_manifest m join leak l on l.id = m.leak_id where m.id = ${id} and l.removed_at is null`

/** The manifests of a leak, in the order in which they were added. */
export const listManifests = (tx: Tx, leakId: LeakId): Promise<LeakManifest[]> =>
  tx.all(LeakManifest)`
    select ${columns} from leak_manifest m join leak l on l.id = m.leak_id
     where m.leak_id = ${leakId} and l.removed_at is null order by m.created_at, m.id`

/** How far reading has come. */
export interface Reading {
  readonly rows: number
  readonly faults: number
  readonly faultSample: readonly ManifestFault[]
  /** Rows a second. */
  readonly rate: number
  readonly secondsLeft: number | null
}

/** Notes how far reading has come, while it is read. */
export async function keepReading(tx: Tx, id: LeakManifestId, reading: Reading): Promise<void> {
  const { rows, faults, faultSample, rate, secondsLeft } = reading
  await tx.run`
    update leak_manifest
       set rows = ${rows}, faults = ${faults}, fault_sample = ${JSON.stringify(faultSample)}, rate = ${rate},
           seconds_left = ${secondsLeft}
     where id = ${id} and stage = 'manifest'`
}

/** Notes what reading gave, in the transaction that ends it. */
export async function keepCounts(
  tx: Tx,
  id: LeakManifestId,
  given: { readonly counts: ManifestCounts; readonly remark: StoredProblem | null },
): Promise<void> {
  const { counts, remark } = given
  await tx.run`
    update leak_manifest set counts = ${JSON.stringify(counts)}, seconds_left = 0,
           remark = ${remark === null ? null : JSON.stringify(remark)} where id = ${id}`
}

/** A manifest that can be asked. */
export const ReadableManifest = z.object({
  id: LeakManifestId,
  leakId: LeakId,
  tenantId: TenantId.nullable(),
  /** That all its rows are of; 0: of several. */
  batch: z.number(),
})
export type ReadableManifest = z.infer<typeof ReadableManifest>

/** The manifests that an account may ask, in the order in which they were added; by a transaction that sees all. */
export const readableBy = (tx: Tx, tenantId: TenantId): Promise<ReadableManifest[]> =>
  tx.all(ReadableManifest)`
    select m.id, m.leak_id, m.tenant_id, m.batch from leak_manifest m join leak l on l.id = m.leak_id
     where m.stage = 'done' and l.removed_at is null and (m.tenant_id is null or m.tenant_id = ${tenantId})
     order by m.created_at, m.id`

/** Which of some manifests still need their files; by a transaction that sees all. */
export const neededOf = async (tx: Tx, ids: readonly LeakManifestId[]): Promise<Set<LeakManifestId>> => {
  const rows = await tx.all(z.object({ id: LeakManifestId }))`
    select m.id from leak_manifest m join leak l on l.id = m.leak_id
     where m.id = any(${[...ids]}::uuid[]) and l.removed_at is null`
  return new Set(rows.map(({ id }) => id))
}
