import type { Tx } from '../core/db.ts'
import { ExposureAuditId, type TenantId, newId } from '../core/ids.ts'
import { sql } from '../core/sql.ts'
import { stagesOf } from '../core/stages.ts'
import { type AuditCause, type AuditScope, ExposureAudit, auditTransitions } from './exposure.ts'

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
