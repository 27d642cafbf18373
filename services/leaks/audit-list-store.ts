import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { type ExposureAuditId, RecordingId, ReleaseId, type TenantId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { type AuditCause, type AuditStage, AuditSummary, ExposureAudit, ExposureCounts } from './exposure.ts'

/** What was asked for, without the codes of a list, of which there may be a hundred thousand. */
export const ScopeShown = z.object({
  kind: z.enum(['all', 'label', 'release', 'isrcs', 'recordings']),
  label: z.string().nullable(),
  releaseId: ReleaseId.nullable(),
  releaseTitle: z.string().nullable(),
  /** How many codes were asked for. */
  isrcs: z.number().nullable(),
})
export type ScopeShown = z.infer<typeof ScopeShown>

/** An audit as a list shows it. */
export const ListedAudit = ExposureAudit.omit({ scope: true, summary: true, requestedBy: true }).extend({
  scope: ScopeShown,
  counts: ExposureCounts.nullable(),
  /** Who asked; `name` is null for programs, former members and the service itself. */
  requestedBy: z.object({ actor: z.string(), name: z.string().nullable() }),
})
export type ListedAudit = z.infer<typeof ListedAudit>

/** An audit as its own page shows it. */
export const ShownAudit = ListedAudit.extend({ summary: AuditSummary.nullable() })
export type ShownAudit = z.infer<typeof ShownAudit>

const columns = sql`a.id, a.tenant_id, a.cause, a.stage, a.problem, a.progress, a.result_sha256, a.created_at,
  case when a.stage in ('done', 'failed') then a.stage_since end as ended_at,
  jsonb_build_object('kind', a.scope->>'kind', 'label', a.scope->>'label', 'releaseId', l.id, 'releaseTitle', l.title,
    'isrcs', case when a.scope->>'kind' = 'isrcs' then jsonb_array_length(a.scope->'isrcs') end) as scope,
  a.summary - 'releases' - 'forecasts' - 'leaks' as counts,
  jsonb_build_object('actor', a.requested_by, 'name', (
    select name from member where id = nullif(substring(a.requested_by from '^member:(.*)$'), '')::uuid)) as requested_by`
const tables = sql`exposure_audit a left join release l on l.id = (a.scope->>'releaseId')::uuid`

/** Audits that are seen in this transaction, newest first. */
export function listAudits(
  tx: Tx,
  asked: {
    readonly stage?: AuditStage | undefined
    readonly cause?: AuditCause | undefined
    readonly after?: { readonly at: Date; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<ListedAudit[]> {
  const where = [
    sql`true`,
    ...(asked.stage ? [sql`a.stage = ${asked.stage}`] : []),
    ...(asked.cause ? [sql`a.cause = ${asked.cause}`] : []),
    ...(asked.after ? [sql`(a.created_at, a.id) < (${asked.after.at}, ${asked.after.id}::uuid)`] : []),
  ]
  return tx.all(ListedAudit)`
    select ${columns} from ${tables} where ${join(where, ' and ')}
     order by a.created_at desc, a.id desc limit ${asked.limit}`
}

/** One audit with its whole summary. */
export const showAudit = (tx: Tx, id: ExposureAuditId): Promise<ShownAudit | undefined> =>
  tx.maybe(ShownAudit)`select ${columns}, a.summary from ${tables} where a.id = ${id}`

const Count = z.object({ count: z.number() })

/** How many audits that somebody of an account asked for have not ended. */
export const countUnfinishedAudits = async (tx: Tx, tenantId: TenantId): Promise<number> => {
  const { count } = await tx.one(Count)`
    select count(*) from exposure_audit where tenant_id = ${tenantId} and cause = 'asked' and stage = 'audit'`
  return count
}

/** Whether a catalogue has a recording of a label, or of a release, that is not withdrawn. */
export async function hasRecordings(
  tx: Tx,
  of: { readonly label: string } | { readonly releaseId: ReleaseId },
): Promise<boolean> {
  const which = 'label' in of ? sql`l.label = ${of.label}` : sql`l.id = ${of.releaseId}`
  const found = await tx.maybe(Count)`
    select 1 as count from recording r join release l on l.id = r.release_id
     where r.withdrawn_at is null and ${which} limit 1`
  return found !== undefined
}

const LabelShown = z.object({ label: z.string(), recordings: z.number() })

/** The labels of a catalogue, those with the most recordings first. */
export const labelsOf = (tx: Tx, rowsMax: number): Promise<z.infer<typeof LabelShown>[]> =>
  tx.all(LabelShown)`
    select l.label, count(*) as recordings from recording r join release l on l.id = r.release_id
     where r.withdrawn_at is null and l.label is not null
     group by l.label order by count(*) desc, l.label limit ${rowsMax}`

const ReleaseShown = z.object({ id: ReleaseId, title: z.string(), recordings: z.number() })
export type ReleaseShown = z.infer<typeof ReleaseShown>

/** The releases of a catalogue, the newest first. @param isPublicOnly without those that have a recording under embargo. */
export const releasesOf = (
  tx: Tx,
  asked: { readonly isPublicOnly: boolean; readonly rowsMax: number },
): Promise<ReleaseShown[]> =>
  tx.all(ReleaseShown)`
    select l.id, l.title, count(*) as recordings from recording r join release l on l.id = r.release_id
     where r.withdrawn_at is null
     group by l.id having not ${asked.isPublicOnly}::boolean or not coalesce(bool_or(r.embargo_until > now()), false)
     order by max(r.created_at) desc, l.id limit ${asked.rowsMax}`

/** Which of some releases have a recording that is under embargo now. */
export async function unreleasedAmong(tx: Tx, ids: readonly ReleaseId[]): Promise<Set<ReleaseId>> {
  const rows = await tx.all(z.object({ releaseId: ReleaseId }))`
    select distinct release_id from recording
     where release_id = any(${[...ids]}::uuid[]) and embargo_until > now()`
  return new Set(rows.map(({ releaseId }) => releaseId))
}

/** Which of some recordings a stranger may be told of: those that are claimed and not under embargo now. */
export async function tellableAmong(tx: Tx, ids: readonly RecordingId[]): Promise<Set<RecordingId>> {
  const rows = await tx.all(z.object({ id: RecordingId }))`
    select id from recording
     where id = any(${[...ids]}::uuid[]) and withdrawn_at is null and not coalesce(embargo_until > now(), false)`
  return new Set(rows.map(({ id }) => id))
}
