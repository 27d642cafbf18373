import { drawDocument } from '../../pdf/document.ts'
import { type Flow, paragraph } from '../../pdf/flow.ts'
import { body, drawFacts, drawFooters, drawHeading, drawTitle } from '../../pdf/parts.ts'
import { type Piece, drawTable } from '../../pdf/table.ts'
import type { ShownAudit } from '../audit-list-store.ts'
import type { AuditSummary } from '../exposure.ts'
import type { NumberedLine } from './lines.ts'
import { auditNotes, verifyNotes } from './notes.ts'
import { adviceTable, evidenceTable, leaksTable, rankedTable, releasesTable } from './report-tables.ts'
import { causeWords, scopeWords, shareWords } from './words.ts'

/** Lines that the report prints: some thirty pages with their evidence. All of them are in the CSV. */
export const REPORT_LINES_MAX = 250

/** What the report of an audit is made of. */
export interface ReportFacts {
  readonly accountName: string
  readonly audit: ShownAudit & { readonly summary: AuditSummary; readonly endedAt: Date }
  /** The first of its lines, at most `REPORT_LINES_MAX`. */
  readonly lines: readonly NumberedLine[]
  /** Whether the result has more lines. */
  readonly hasMore: boolean
  /** That of unreleased recordings no names are told to whom the report is for. */
  readonly namesLeftOut: boolean
}

const fact = (label: string, text: string, style: Piece['style'] = 'plain') => ({
  label,
  piece: { text, style },
})
const day = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/**
 * The report of an exposure audit as a PDF on A4: tagged, laid out for PDF/A-2b, the same bytes for the same result.
 * It names leaks and links to none.
 */
export function renderAuditPdf(facts: ReportFacts): Promise<Buffer> {
  const { audit } = facts
  return drawDocument(
    { title: `Exposure audit ${audit.id}`, language: 'en', createdAt: audit.endedAt },
    (flow) => {
      drawTitle(flow, 'Exposure audit', `${facts.accountName} · ${day(audit.endedAt)}`)
      drawSummary(flow, facts)
      drawRanking(flow, facts)
      drawForecasts(flow, audit.summary)
      drawHow(flow, facts)
      drawFooters(flow, {
        name: `Exposure audit ${audit.id}`,
        hash: audit.resultSha256 === null ? '' : `SHA-256 of its result ${audit.resultSha256}`,
        pageOf: (page, pages) => `page ${page} of ${pages}`,
      })
    },
  )
}

function drawSummary(flow: Flow, { audit }: ReportFacts): void {
  const { summary, scope, cause } = audit
  const count = (of: number): string =>
    `${of.toLocaleString('en')} of ${summary.asked.toLocaleString('en')} (${shareWords(of, summary.asked)})`
  drawHeading(flow, 'Summary')
  drawFacts(flow, [
    fact('Asked for', scopeWords(scope)),
    fact('Because', causeWords[cause]),
    fact('In any leak', count(summary.listed), 'strong'),
    fact('With their audio', count(summary.audio), 'strong'),
    fact('With audio that is published', count(summary.published), 'strong'),
    ...(summary.contradicted > 0
      ? [
          fact(
            'Not counted',
            `${summary.contradicted.toLocaleString('en')}: a leak has the ISRC on another song`,
          ),
        ]
      : []),
  ])
  if (summary.leaks.length > 0) {
    drawHeading(flow, 'By leak')
    drawTable(flow, leaksTable(summary))
  }
  if (summary.releases.length > 0) {
    drawHeading(flow, 'By release')
    drawTable(flow, releasesTable(summary))
  }
}

function drawRanking(flow: Flow, { lines, hasMore, namesLeftOut }: ReportFacts): void {
  drawHeading(flow, 'Ranked by exposure')
  if (lines.length === 0) {
    paragraph(flow, 'Nothing of what was asked for is in any of the leaks.', body)
    return
  }
  if (namesLeftOut)
    paragraph(flow, 'Names of unreleased recordings are left out for the reader of this report.', body)
  if (hasMore) paragraph(flow, `The first ${lines.length}; the table (CSV) has all.`, body)
  drawTable(flow, rankedTable(lines))
  drawHeading(flow, 'What to do')
  drawTable(flow, adviceTable(lines))
  drawHeading(flow, 'Evidence')
  paragraph(
    flow,
    'Each answer rests on rows of manifests that whoever holds them can look up and compare.',
    body,
  )
  drawTable(flow, evidenceTable(lines))
}

function drawForecasts(flow: Flow, { forecasts, leaks }: AuditSummary): void {
  const known = forecasts.filter(({ batches }) => batches.length > 0)
  if (known.length === 0) return
  drawHeading(flow, 'What is likely to come next')
  for (const { leakId, batches, reason } of known) {
    const name = leaks.find((leak) => leak.leakId === leakId)?.name ?? 'A leak'
    paragraph(flow, name, { ...body, style: 'strong' }, { after: 2 })
    paragraph(flow, reason, body)
    drawTable(flow, {
      kind: 'table',
      caption: `Parts of ${name} that are not published yet`,
      columns: [
        { title: 'Part', share: 4 },
        { title: 'Recordings asked for', share: 1.4, align: 'right' },
      ],
      rows: batches.map((batch) => [
        [
          { text: batch.name, style: batch.isNext ? 'strong' : 'plain' },
          ...(batch.isNext ? [{ text: 'expected next', style: 'muted' } as const] : []),
        ],
        [{ text: batch.recordings.toLocaleString('en'), style: 'plain' }],
      ]),
    })
  }
}

function drawHow(flow: Flow, { audit }: ReportFacts): void {
  drawHeading(flow, 'How to verify it')
  for (const text of verifyNotes) paragraph(flow, text, body)
  drawFacts(flow, [
    fact('Audit', audit.id, 'hash'),
    ...(audit.resultSha256 === null ? [] : [fact('SHA-256 of its result', audit.resultSha256, 'hash')]),
  ])
  drawHeading(flow, 'What this report does not say')
  for (const text of auditNotes) paragraph(flow, text, body)
}
