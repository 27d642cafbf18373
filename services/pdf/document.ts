import PdfKit from 'pdfkit'

import { page, type Flow } from './flow.ts'
import { registerFonts } from './text.ts'

/** What a file says of itself. */
export interface DocumentFacts {
  /** PDFKit writes it into XML without escaping: ASCII without `<` and `&` only. */
  readonly title: string
  /** BCP 47. */
  readonly language: string
  readonly createdAt: Date
}

/**
 * Draws an A4 document: tagged for screen readers, all fonts embedded, laid out for PDF/A-2b (the claim is in its
 * metadata). The same facts and drawing give the same bytes: no clock, no chance.
 *
 * @param draw puts everything onto pages; pages are kept until it returns, so that it can draw footers last.
 */
export async function drawDocument(
  { title, language, createdAt }: DocumentFacts,
  draw: (flow: Flow) => void,
): Promise<Buffer> {
  const pdf = new PdfKit({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: language,
    displayTitle: true,
    // No default font: the standard ones cannot be embedded, which PDF/A demands.
    font: '',
    info: {
      Title: title,
      Author: 'Earwitness',
      Creator: 'Earwitness',
      Producer: 'Earwitness',
      CreationDate: createdAt,
    },
  })
  const chunks: Buffer[] = []
  const finished = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
  registerFonts(pdf)
  const root = pdf.struct('Document')
  pdf.addStructure(root)
  draw({ pdf, parent: root, y: page.top })
  root.end()
  pdf.end()
  return finished
}
