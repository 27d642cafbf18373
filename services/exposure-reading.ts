import type { Readable } from 'node:stream'

import type { Blobs } from './core/blobs.ts'
import type { Db, Tx } from './core/db.ts'
import { type ExposureAuditId, type ReleaseId, Sha256 } from './core/ids.ts'
import { Problem } from './core/problem.ts'
import {
  type ListedAudit,
  type ShownAudit,
  listAudits,
  showAudit,
  unreleasedAmong,
} from './leaks/audit-list-store.ts'
import { type LinesAsked, type NumberedLine, auditLines, linesAfter } from './leaks/report/lines.ts'
import { REPORT_LINES_MAX, renderAuditPdf } from './leaks/report/report-pdf.ts'
import { findTenant } from './tenants/store.ts'
import type { Caller } from './tenants/tenant.ts'
import { knowsUnreleased, toldLine, toldScope, toldSummary } from './unreleased.ts'

/** An audit as a caller may see it. */
export async function readAudit(
  tx: Tx,
  caller: Caller,
  id: ExposureAuditId,
): Promise<ShownAudit | undefined> {
  const audit = await showAudit(tx, id)
  if (!audit || knowsUnreleased(caller)) return audit
  const { scope, summary } = audit
  const ids = [scope.releaseId, ...(summary?.releases.map(({ releaseId }) => releaseId) ?? [])]
  const unreleased = await hiddenAmong(tx, ids)
  return {
    ...audit,
    scope: toldScope(scope, unreleased),
    summary: summary && toldSummary(summary, unreleased),
  }
}

/** Audits as a caller may see them, newest first. */
export async function readAudits(
  tx: Tx,
  caller: Caller,
  asked: Parameters<typeof listAudits>[1],
): Promise<ListedAudit[]> {
  const audits = await listAudits(tx, asked)
  if (knowsUnreleased(caller)) return audits
  const unreleased = await hiddenAmong(
    tx,
    audits.map(({ scope }) => scope.releaseId),
  )
  return audits.map((audit) => ({ ...audit, scope: toldScope(audit.scope, unreleased) }))
}

const hiddenAmong = (tx: Tx, ids: readonly (ReleaseId | null)[]): Promise<Set<ReleaseId>> =>
  unreleasedAmong(
    tx,
    ids.flatMap((id) => id ?? []),
  )

/** @throws {Problem} row/stage while there is no result; Error when it is not where it was kept. */
async function resultOf(blobs: Blobs, { stage, resultSha256 }: ShownAudit): Promise<Readable> {
  if (resultSha256 === null)
    throw new Problem(
      'row/stage',
      stage === 'failed' ? 'This audit failed and has no result' : 'This audit is still being made',
    )
  const source = await blobs.read(Sha256.parse(resultSha256))
  if (!source) throw new Error(`the result ${resultSha256} of an audit is not in the blob store`)
  return source
}

/** Some lines of an audit's result as a caller may see them, in the order of their rank. @throws {Problem} row/stage. */
export async function readLines(
  blobs: Blobs,
  caller: Caller,
  audit: ShownAudit,
  asked: LinesAsked & { readonly after: number; readonly limit: number },
): Promise<NumberedLine[]> {
  const lines = await linesAfter(await resultOf(blobs, audit), asked)
  return lines.map((line) => toldLine(caller, line))
}

/** All lines of an audit's result as a caller may see them. @throws {Problem} row/stage, before the first. */
export async function allLines(
  blobs: Blobs,
  caller: Caller,
  audit: ShownAudit,
): Promise<AsyncGenerator<NumberedLine>> {
  const source = await resultOf(blobs, audit)
  return (async function* () {
    for await (const line of auditLines(source)) yield toldLine(caller, line)
  })()
}

/** The report of an audit as a PDF, as a caller may see it. @throws {Problem} row/stage. */
export async function auditPdf(
  { db, blobs }: { readonly db: Db; readonly blobs: Blobs },
  caller: Caller,
  audit: ShownAudit,
): Promise<Buffer> {
  const { summary, endedAt } = audit
  const read = await readLines(blobs, caller, audit, { after: 0, limit: REPORT_LINES_MAX + 1 })
  if (!summary || !endedAt) throw new Error(`audit ${audit.id} has a result and no summary`)
  const tenant = await db.tenant(caller.tenantId, (tx) => findTenant(tx, caller.tenantId))
  return renderAuditPdf({
    accountName: tenant?.name ?? '',
    audit: { ...audit, summary, endedAt },
    lines: read.slice(0, REPORT_LINES_MAX),
    hasMore: read.length > REPORT_LINES_MAX,
    namesLeftOut: !knowsUnreleased(caller) && read.some(({ isUnreleased }) => isUnreleased),
  })
}
