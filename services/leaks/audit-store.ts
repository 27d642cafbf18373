import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { ExposureAuditId, type Sha256, TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import {
  type AuditCause,
  type AuditScope,
  type AuditSummary,
  ExposureAudit,
  auditTransitions,
} from './exposure.ts'
import type { Leak } from './leak.ts'

export const stages = stagesOf('exposure_audit', auditTransitions)

const columns = sql`a.id, a.tenant_id, a.cause, a.scope, a.stage, a.problem, a.progress, a.summary, a.result_sha256,
  a.requested_by, a.created_at, case when a.stage in ('done', 'failed') then a.stage_since end as ended_at`

/** An audit to be made by the job. */
export const addAudit = (
  tx: Tx,
  tenantId: TenantId,
  given: { readonly cause: AuditCause; readonly scope: AuditScope; readonly by: string },
): Promise<ExposureAudit> =>
  tx.one(ExposureAudit)`
    insert into exposure_audit as a (id, tenant_id, cause, scope, stage, requested_by)
    values (${newId(ExposureAuditId)}, ${tenantId}, ${given.cause}, ${JSON.stringify(given.scope)}, 'audit', ${given.by})
    returning ${columns}`

export const findAudit = (tx: Tx, id: ExposureAuditId): Promise<ExposureAudit | undefined> =>
  tx.maybe(ExposureAudit)`select ${columns} from exposure_audit a where a.id = ${id}`

/** Takes an audit for work; from its first claim on no more recordings join it. @returns false when it has ended. */
export async function claim(tx: Tx, id: ExposureAuditId): Promise<boolean> {
  await tx.run`update exposure_audit set gathering = false where id = ${id} and gathering`
  return stages.claim(tx, id, 'audit')
}

/** Ends an audit with its result. @returns false when it had ended. */
export async function finish(
  tx: Tx,
  id: ExposureAuditId,
  given: { readonly summary: AuditSummary; readonly resultSha256: Sha256 },
): Promise<boolean> {
  await tx.run`
    update exposure_audit set summary = ${JSON.stringify(given.summary)}, result_sha256 = ${given.resultSha256}
     where id = ${id} and stage = 'audit'`
  return stages.advance(tx, id, 'audit', 'done')
}

/**
 * Has every account that sees a leak, and has recordings, ask anew, because more is known of the leak than before: a
 * manifest was read, a batch was changed, or it was removed. An account whose last such audit has not begun yet needs no
 * other.
 *
 * @returns the audits to be rung for after the commit.
 */
export async function startAudits(
  tx: Tx,
  leak: Pick<Leak, 'tenantId'>,
  cause: Extract<AuditCause, 'manifest' | 'batch'>,
): Promise<ExposureAuditId[]> {
  const accounts = await tx.all(z.object({ id: TenantId }))`
    select t.id from tenant t
     where (${leak.tenantId}::uuid is null or t.id = ${leak.tenantId})
       and exists (select from recording r where r.tenant_id = t.id and r.withdrawn_at is null)
       and not exists (select from exposure_audit a
                        where a.tenant_id = t.id and a.cause = ${cause} and a.stage = 'audit' and a.tries = 0)
     order by t.id`
  const started: ExposureAuditId[] = []
  for (const { id } of accounts)
    started.push((await addAudit(tx, id, { cause, scope: { kind: 'all' }, by: 'system' })).id)
  return started
}

/** How long after its day a batch that was announced is looked for: the clock may have stood still over a weekend. */
const ANNOUNCED_DAYS = 7

/**
 * Has accounts ask anew of whose recordings the audio is in a batch that was announced for a day, and that day has come.
 *
 * @returns the audits to be rung for after the commit.
 */
export async function startDueAudits(tx: Tx): Promise<ExposureAuditId[]> {
  const accounts = await tx.all(z.object({ tenantId: TenantId }))`
    with today as (select (now() at time zone 'utc')::date as day)
    select distinct e.tenant_id from today
      join leak_batch b on b.published_on between today.day - ${ANNOUNCED_DAYS}::integer and today.day
      join leak l on l.id = b.leak_id and l.removed_at is null
      join exposure e on e.leak_id = b.leak_id and e.batch = b.number
     where (select c.after->>'publishedOn' from exposure_change c
             where c.tenant_id = e.tenant_id and c.recording_id = e.recording_id and c.leak_id = e.leak_id
             order by c.at desc, c.id desc limit 1) is null
       and not exists (select from exposure_audit a
                        where a.tenant_id = e.tenant_id and a.cause = 'batch' and a.created_at >= today.day)`
  const started: ExposureAuditId[] = []
  for (const { tenantId } of accounts)
    started.push((await addAudit(tx, tenantId, { cause: 'batch', scope: { kind: 'all' }, by: 'system' })).id)
  return started
}
