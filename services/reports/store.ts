import { z } from 'zod'

import type { Tx } from '../core/db.ts'
import { CaseId, ReportId, type TenantId, newId } from '../core/ids.ts'
import { join, sql } from '../core/sql.ts'
import { ReportDocument, freezeReport } from './report.ts'

/** A report as it was issued; it never changes. `number` is the case's. */
export const StoredReport = z.object({
  id: ReportId,
  caseId: CaseId,
  number: z.string(),
  version: z.number(),
  documentSha256: z.string(),
  statements: z.enum(['open', 'made']),
  issuedBy: z.string(),
  issuedAt: z.date(),
  document: ReportDocument,
  /** The canonical JSON: the very bytes that `documentSha256` is the hash of. */
  documentText: z.string(),
})
export type StoredReport = z.infer<typeof StoredReport>

/** What lists show of a report. */
export const ReportHead = StoredReport.omit({ document: true, documentText: true })
export type ReportHead = z.infer<typeof ReportHead>

const headColumns = sql`id, case_id, document->>'number' as number, version, document_sha256, statements, issued_by, issued_at`

export const findReport = (tx: Tx, id: ReportId): Promise<StoredReport | undefined> =>
  tx.maybe(StoredReport)`select ${headColumns}, document, document_text from report where id = ${id}`

/** The versions of a case's report, latest first. */
export const reportsOf = (tx: Tx, caseId: CaseId): Promise<ReportHead[]> =>
  tx.all(ReportHead)`select ${headColumns} from report where case_id = ${caseId} order by version desc`

/** All reports, latest first. */
export async function listReports(
  tx: Tx,
  asked: { after?: { at: Date; id: string } | undefined; limit: number },
): Promise<ReportHead[]> {
  const conditions = [
    sql`true`,
    ...(asked.after ? [sql`(issued_at, id) < (${asked.after.at}, ${asked.after.id})`] : []),
  ]
  return tx.all(ReportHead)`
    select ${headColumns} from report where ${join(conditions, ' and ')} order by issued_at desc, id desc limit ${asked.limit}`
}

/** The number of the next version of a case's report; other issuers of the same case wait until the commit. */
export async function nextVersion(tx: Tx, caseId: CaseId): Promise<number> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended(${`report ${caseId}`}, 0))`
  const { version } = await tx.one(z.object({ version: z.number() }))`
    select coalesce(max(version), 0) + 1 as version from report where case_id = ${caseId}`
  return version
}

/** Freezes a document. @throws {z.ZodError} when it does not fit its schema. */
export async function keepReport(
  tx: Tx,
  tenantId: TenantId,
  given: { document: ReportDocument; issuedBy: string },
): Promise<StoredReport> {
  const { document } = given
  const { canonicalJson, sha256 } = freezeReport(document)
  const id = newId(ReportId)
  await tx.run`
    insert into report (id, tenant_id, case_id, version, document, document_text, document_sha256, statements, issued_by, issued_at)
    values (${id}, ${tenantId}, ${document.caseId}, ${document.version}, ${canonicalJson}, ${canonicalJson}, ${sha256},
            ${document.statements.status}, ${given.issuedBy}, ${document.issuedAt})`
  const stored = await findReport(tx, id)
  if (!stored) throw new Error('a kept report is not there')
  return stored
}
