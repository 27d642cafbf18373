import { Problem } from '../../core/problem.ts'
import { freezeNotice, type NoticeDocument } from '../notice.ts'
import { renderAcns } from './acns.ts'
import { bulkCsv, bulkText } from './bulk.ts'
import { renderCloudflare } from './cloudflare.ts'
import { renderHand } from './hand.ts'
import { renderLumen } from './lumen.ts'
import { renderNoticePdf } from './pdf/notice-pdf.ts'
import type { RenderFacts } from './render-facts.ts'
import { renderStayDown } from './stay-down.ts'
import { renderText } from './text.ts'
import { xarfReports } from './xarf/report.ts'

export type { ReferenceFingerprint, RenderFacts } from './render-facts.ts'

export const renderFormats = [
  'json',
  'text',
  'pdf',
  'xarf',
  'acns',
  'lumen',
  'cloudflare',
  'csv',
  'bulk',
  'stay-down',
  'hand',
] as const
export type RenderFormat = (typeof renderFormats)[number]

/** A notice as a file; texts are meant to be UTF-8. */
export interface RenderedNotice {
  readonly body: Buffer | string
  readonly mediaType: string
  readonly fileName: string
}

const TEXT = 'text/plain; charset=utf-8'
const JSON_TEXT = 'application/json; charset=utf-8'

/**
 * A notice as a file in one of the forms that recipients take. Nothing is read from outside: the same document gives
 * the same file.
 *
 * @throws {Problem} `request/not-acceptable` when the form cannot carry this notice; its detail says why.
 */
export async function renderNotice(
  document: NoticeDocument,
  format: RenderFormat,
  more: RenderFacts = {},
): Promise<RenderedNotice> {
  const name = `${document.number}-v${document.version}`
  const file = (body: Buffer | string, mediaType: string, suffix: string): RenderedNotice => ({
    body,
    mediaType,
    fileName: name + suffix,
  })
  const sha256 = (): string => more.documentSha256 ?? freezeNotice(document).sha256
  switch (format) {
    case 'json':
      return file(more.documentText ?? freezeNotice(document).text, JSON_TEXT, '.json')
    case 'text':
      return file(renderText(document, sha256()), TEXT, '.txt')
    case 'pdf':
      return file(await renderNoticePdf(document, sha256()), 'application/pdf', '.pdf')
    case 'xarf':
      return xarfFile(document, sha256(), more, file)
    case 'acns':
      return file(renderAcns(document, sha256()), 'application/xml; charset=utf-8', '-acns.xml')
    case 'lumen':
      return file(prettyJson(renderLumen(document, more.sentAt)), JSON_TEXT, '-lumen.json')
    case 'cloudflare':
      return file(prettyJson(renderCloudflare(document)), JSON_TEXT, '-cloudflare.json')
    case 'csv':
      return file(bulkCsv(document), 'text/csv; charset=utf-8', '-urls.csv')
    case 'bulk':
      return file(bulkText(document), TEXT, '-urls.txt')
    case 'stay-down':
      return file(
        prettyJson(renderStayDown(document, more.referenceFingerprints)),
        JSON_TEXT,
        '-stay-down.json',
      )
    case 'hand':
      return file(renderHand(document, sha256()), TEXT, '-form.txt')
  }
}

const prettyJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** One location is one JSON document; several are one a line, because a report is about one incident. */
function xarfFile(
  document: NoticeDocument,
  sha256: string,
  { places }: RenderFacts,
  file: (body: string, mediaType: string, suffix: string) => RenderedNotice,
): RenderedNotice {
  const outcomes = xarfReports(document, sha256, places)
  const reports = outcomes.map((outcome) => {
    if ('report' in outcome) return outcome.report
    throw new Problem('request/not-acceptable', `${outcome.location.caseNumber}: ${outcome.why}`)
  })
  const [only] = reports
  if (reports.length === 1) return file(prettyJson(only), JSON_TEXT, '-xarf.json')
  const lines = reports.map((report) => `${JSON.stringify(report)}\n`).join('')
  return file(lines, 'application/x-ndjson; charset=utf-8', '-xarf.ndjson')
}
