import { randomUUID } from 'node:crypto'

import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ExposureAuditId, LeakId, RecordingId, type TenantId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { type ExposureAudit, Exposure, FoundBy, type LeakAnswer } from './exposure.ts'
import { trackCodecs, trackStatuses } from './manifest-row.ts'

/** What of an answer was known at a moment: what is told as a change when any of the first four is another. */
export const ExposureSnapshot = z.object({
  status: z.enum(trackStatuses),
  codec: z.enum(trackCodecs),
  batch: z.number(),
  publishedOn: z.string().nullable(),
  popularity: z.number().nullable(),
  foundBy: FoundBy,
  probability: z.number(),
})
export type ExposureSnapshot = z.infer<typeof ExposureSnapshot>

/** How an answer changed. `before` null: it was not known to be in the leak. `after` null: it is not any more. */
export const ExposureChange = z.object({
  id: z.uuid(),
  recordingId: RecordingId,
  leakId: LeakId,
  leakName: z.string(),
  auditId: ExposureAuditId,
  before: ExposureSnapshot.nullable(),
  after: ExposureSnapshot.nullable(),
  at: z.date(),
})
export type ExposureChange = z.infer<typeof ExposureChange>

/** An answer about a recording to be kept. */
export interface KeptAnswer extends LeakAnswer {
  readonly recordingId: RecordingId
  readonly leakId: LeakId
  readonly publishedOn: string | null
  readonly score: number
}

const Former = z.object({ recordingId: RecordingId, leakId: LeakId, snapshot: ExposureSnapshot.nullable() })

/** What is known of some recordings until now; what was published then is told by the last change. */
const formerOf = (
  tx: Tx,
  tenantId: TenantId,
  ids: readonly RecordingId[],
): Promise<z.infer<typeof Former>[]> =>
  tx.all(Former)`
    select e.recording_id, e.leak_id, (
             select c.after from exposure_change c
              where c.tenant_id = ${tenantId} and c.recording_id = e.recording_id and c.leak_id = e.leak_id
              order by c.at desc, c.id desc limit 1) as snapshot
      from exposure e where e.recording_id = any(${[...ids]}::uuid[])`

const snapshotOf = (answer: KeptAnswer): ExposureSnapshot => ExposureSnapshot.parse(answer)

const isSame = (one: ExposureSnapshot, other: ExposureSnapshot): boolean =>
  one.status === other.status &&
  one.codec === other.codec &&
  one.batch === other.batch &&
  one.publishedOn === other.publishedOn

const keyOf = ({ recordingId, leakId }: Pick<KeptAnswer, 'recordingId' | 'leakId'>): string =>
  `${recordingId} ${leakId}`

interface Change {
  readonly id: string
  readonly recordingId: RecordingId
  readonly leakId: LeakId
  readonly before: ExposureSnapshot | null
  readonly after: ExposureSnapshot | null
}

async function changesBetween(
  tx: Tx,
  tenantId: TenantId,
  ids: readonly RecordingId[],
  answers: readonly KeptAnswer[],
): Promise<Change[]> {
  const former = new Map((await formerOf(tx, tenantId, ids)).map((each) => [keyOf(each), each]))
  const changes: Change[] = []
  for (const answer of answers) {
    const before = former.get(keyOf(answer))?.snapshot ?? null
    former.delete(keyOf(answer))
    const after = snapshotOf(answer)
    const { recordingId, leakId } = answer
    if (before === null || !isSame(before, after))
      changes.push({ id: randomUUID(), recordingId, leakId, before, after })
  }
  for (const { recordingId, leakId, snapshot } of former.values())
    changes.push({ id: randomUUID(), recordingId, leakId, before: snapshot, after: null })
  return changes
}

/**
 * Keeps what all leaks say of some recordings in place of what was known of them, and notes how it changed. Done again
 * with the same answers it changes nothing.
 *
 * @param ids of the recordings that were asked for; those without an answer are in no leak.
 */
export async function keepExposures(
  tx: Tx,
  { id: auditId, tenantId }: Pick<ExposureAudit, 'id' | 'tenantId'>,
  ids: readonly RecordingId[],
  answers: readonly KeptAnswer[],
): Promise<void> {
  const changes = await changesBetween(tx, tenantId, ids, answers)
  await tx.run`
    insert into exposure (recording_id, leak_id, tenant_id, status, codec, popularity, batch, taken_at, found_by, probability,
                          score, rows_found, rows, audit_id)
    select a."recordingId", a."leakId", ${tenantId}, a.status, a.codec, a.popularity, a.batch, a."takenAt", a."foundBy",
           a.probability, a.score, a."rowsFound", a.rows, ${auditId}
      from jsonb_to_recordset(${JSON.stringify(answers)}::jsonb) a (
             "recordingId" uuid, "leakId" uuid, status text, codec text, popularity integer, batch integer,
             "takenAt" timestamptz, "foundBy" text, probability real, score real, "rowsFound" integer, rows jsonb)
        on conflict (recording_id, leak_id) do update
           set status = excluded.status, codec = excluded.codec, popularity = excluded.popularity, batch = excluded.batch,
               taken_at = excluded.taken_at, found_by = excluded.found_by, probability = excluded.probability, score = excluded.score,
               rows_found = excluded.rows_found, rows = excluded.rows, audit_id = excluded.audit_id, found_at = now()`
  await tx.run`
    delete from exposure e
     where e.recording_id = any(${[...ids]}::uuid[]) and not exists (
             select from unnest(${answers.map((each) => each.recordingId)}::uuid[],
                                ${answers.map((each) => each.leakId)}::uuid[]) a (recording_id, leak_id)
              where a.recording_id = e.recording_id and a.leak_id = e.leak_id)`
  await tx.run`
    insert into exposure_change (id, tenant_id, recording_id, leak_id, audit_id, before, after)
    select c.id, ${tenantId}, c."recordingId", c."leakId", ${auditId}, nullif(c.before, 'null'), nullif(c.after, 'null')
      from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) c (
             id uuid, "recordingId" uuid, "leakId" uuid, before jsonb, after jsonb)`
}

const changeColumns = sql`c.id, c.recording_id, c.leak_id, l.name as leak_name, c.audit_id, c.before, c.after, c.at`

/** How the answers about a recording changed, the latest first. */
export const changesOf = (tx: Tx, id: RecordingId, limit: number): Promise<ExposureChange[]> =>
  tx.all(ExposureChange)`
    select ${changeColumns} from exposure_change c join leak l on l.id = c.leak_id
     where c.recording_id = ${id} order by c.at desc, c.id desc limit ${limit}`

/** What is known today of a recording, in leaks that are not removed. */
export const exposuresOf = (tx: Tx, id: RecordingId): Promise<Exposure[]> =>
  tx.all(Exposure)`
    select e.recording_id, e.leak_id, e.audit_id, e.status, e.codec, e.popularity, e.batch, e.taken_at, e.found_by,
           e.probability, e.score, e.rows_found, e.rows, e.first_found_at, e.found_at
      from exposure e join leak l on l.id = e.leak_id and l.removed_at is null
     where e.recording_id = ${id} order by e.first_found_at, e.leak_id`

const FoundChange = ExposureChange.pick({ recordingId: true, leakName: true, before: true }).extend({
  after: ExposureSnapshot,
  isUnreleased: z.boolean(),
})
export type FoundChange = z.infer<typeof FoundChange>

/** What an audit found that was not known so before, by recordings: all changes of the next of them. */
export const foundBy = (
  tx: Tx,
  { id, tenantId }: Pick<ExposureAudit, 'id' | 'tenantId'>,
  page: { readonly after: RecordingId | undefined; readonly recordings: number },
): Promise<FoundChange[]> =>
  tx.all(FoundChange)`
    with next as (
      select distinct recording_id from exposure_change
       where tenant_id = ${tenantId} and audit_id = ${id} and after is not null
         and ${page.after === undefined ? sql`true` : sql`recording_id > ${page.after}`}
       order by recording_id limit ${page.recordings})
    select c.recording_id, l.name as leak_name, c.before, c.after, coalesce(r.embargo_until > now(), false) as is_unreleased
      from next join exposure_change c using (recording_id) join leak l on l.id = c.leak_id
      left join recording r on r.id = c.recording_id
     where c.tenant_id = ${tenantId} and c.audit_id = ${id} and c.after is not null order by c.recording_id`
