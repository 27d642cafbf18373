import { renderPdf } from './report-pdf.ts'
import { renderText } from './report-text.ts'
import type { StoredReport } from './store.ts'

export const reportFormats = ['pdf', 'json', 'text'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** A report as a file. The JSON is the canonical text, byte for byte what `documentSha256` is the hash of. */
export async function renderReport(
  report: Pick<StoredReport, 'document' | 'documentText'>,
  format: ReportFormat,
): Promise<{ body: Buffer; mediaType: string; fileName: string }> {
  const { document } = report
  const name = `${document.number}-v${document.version}`
  switch (format) {
    case 'pdf':
      return { body: await renderPdf(document), mediaType: 'application/pdf', fileName: `${name}.pdf` }
    case 'json':
      return {
        body: Buffer.from(report.documentText),
        mediaType: 'application/json; charset=utf-8',
        fileName: `${name}.json`,
      }
    case 'text':
      return {
        body: Buffer.from(renderText(document)),
        mediaType: 'text/plain; charset=utf-8',
        fileName: `${name}.txt`,
      }
  }
}
