import PdfKit from 'pdfkit'

import {
  bodyHeight,
  bodyWidth,
  pageParts,
  colors,
  decoration,
  drawLines,
  heightOf,
  need,
  page,
  paragraph,
  tagged,
  type Flow,
} from '../pdf/flow.ts'
import { drawTable } from '../pdf/table.ts'
import { layOut, registerFonts, type TextLook } from '../pdf/text.ts'
import { drawFooters, drawHead } from './pdf-head.ts'
import { drawPicture } from './pdf-picture.ts'
import { openStatementLine, reportBlocks, type Block } from './report-blocks.ts'
import { utcWords } from './report-words.ts'
import { freezeReport, type ReportDocument } from './report.ts'

const body: TextLook = { style: 'plain', size: 9.2, color: colors.ink }
const muted: TextLook = { style: 'plain', size: 7.8, color: colors.muted }
/** Room a heading wants under it, so that it never stands alone at the foot of a page. */
const HEADING_ROOM = 84
/** The same for the heading of a section that may have a subsection right under it. */
const SECTION_ROOM = HEADING_ROOM + 34
/** What is signed stands above its signature on one page: three statements of usual length and the signature. */
const SIGNED_ROOM = 290

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>

/**
 * The report as a PDF on A4: tagged for screen readers, all fonts embedded, laid out for PDF/A-2b (the claim is
 * in its metadata; no validator has confirmed it). The same document gives the same bytes: no clock, no chance.
 * Links to infringing material are printed, never clickable.
 */
export async function renderPdf(document: ReportDocument): Promise<Buffer> {
  const { sha256 } = freezeReport(document)
  const pdf = openPdf(document)
  const finished = collect(pdf)
  registerFonts(pdf)
  const root = pdf.struct('Document')
  pdf.addStructure(root)
  const flow: Flow = { pdf, parent: root, y: page.top }
  drawHead(flow, document)
  for (const block of reportBlocks(document)) drawBlock(flow, block)
  drawFooters(flow, document, sha256)
  root.end()
  pdf.end()
  return finished
}

function openPdf({ number, version, issuedAt }: ReportDocument): PDFKit.PDFDocument {
  return new PdfKit({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: 'en',
    displayTitle: true,
    // No default font: the standard ones cannot be embedded, which PDF/A demands.
    font: '',
    // PDFKit writes these into XML without escaping: only text of known letters may stand here.
    info: {
      Title: `Takedown report ${number}, version ${version}`,
      Author: 'Earwitness',
      Creator: 'Earwitness',
      Producer: 'Earwitness',
      CreationDate: new Date(issuedAt),
    },
  })
}

function collect(pdf: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
}

function drawBlock(flow: Flow, block: Block): void {
  switch (block.kind) {
    case 'section':
      return drawSection(flow, block)
    case 'subsection':
      flow.y += 4
      need(flow, HEADING_ROOM)
      return paragraph(
        flow,
        block.title,
        { style: 'strong', size: 10, color: colors.ink },
        { type: 'H3', after: 2 },
      )
    case 'paragraph':
      return paragraph(flow, block.text, block.muted ? muted : body, { after: 7 })
    case 'facts':
      return drawFacts(flow, block)
    case 'table':
      return drawTable(flow, block)
    case 'picture':
      return drawPicture(flow, block.picture, block.alternative)
    case 'statement':
      return drawStatement(flow, block)
    case 'signature':
      return drawSignature(flow, block)
  }
}

function drawSection(flow: Flow, { number, title, unbroken }: BlockOf<'section'>): void {
  flow.y += 10
  need(flow, unbroken ? SIGNED_ROOM : SECTION_ROOM)
  flow.pdf.outline.addItem(`${number} ${title}`)
  paragraph(
    flow,
    `${number}  ${title}`,
    { style: 'strong', size: 12.5, color: colors.accent },
    { type: 'H2', after: 4 },
  )
}

function drawFacts(flow: Flow, { facts }: BlockOf<'facts'>): void {
  const labelWidth = 92
  for (const { label, piece } of facts) {
    const labels = layOut(flow.pdf, label, { ...body, size: 8.4, color: colors.muted }, labelWidth - 8)
    const values = layOut(flow.pdf, piece.text, body, bodyWidth - labelWidth)
    need(flow, heightOf(values.slice(0, 2)))
    for (const [index, part] of pageParts(flow, values).entries()) {
      if (index > 0) need(flow, bodyHeight)
      tagged(flow, 'P', () => {
        if (index === 0) drawLines(flow, labels, page.left, flow.y + 0.8)
        flow.y += drawLines(flow, part, page.left + labelWidth, flow.y)
      })
    }
    flow.y += 2
  }
  flow.y += 6
}

function drawStatement(flow: Flow, { title, text, made }: BlockOf<'statement'>): void {
  const inset = 12
  const color = made ? colors.made : colors.open
  const width = bodyWidth - inset
  const lines = [
    ...layOut(flow.pdf, title, { style: 'strong', size: 9.2, color: colors.ink }, width),
    ...layOut(flow.pdf, text, body, width),
    ...layOut(
      flow.pdf,
      made ? 'Made by the signatory below' : openStatementLine,
      { style: 'strong', size: 8, color },
      width,
    ),
  ]
  const height = heightOf(lines)
  need(flow, height + 8)
  decoration(flow, () => flow.pdf.rect(page.left, flow.y + 1, 2.4, height - 1).fill(color))
  tagged(flow, 'P', () => drawLines(flow, lines, page.left + inset, flow.y))
  flow.y += height + 9
}

function drawSignature(flow: Flow, { signatory }: BlockOf<'signature'>): void {
  const width = 270
  const above = signatory
    ? layOut(flow.pdf, signatory.signatureText, { style: 'plain', size: 13, color: colors.ink }, width)
    : []
  const below = signatory
    ? layOut(
        flow.pdf,
        `${signatory.name}, ${signatory.title} · signed ${utcWords(signatory.signedAt)}`,
        muted,
        bodyWidth,
      )
    : layOut(
        flow.pdf,
        `Signature, name, function and date: ${openStatementLine}`,
        { ...muted, color: colors.open },
        bodyWidth,
      )
  const room = Math.max(30, heightOf(above))
  need(flow, room + heightOf(below) + 8)
  tagged(flow, 'P', () => {
    drawLines(flow, above, page.left, flow.y + room - heightOf(above))
  })
  flow.y += room + 1
  decoration(flow, () =>
    flow.pdf
      .moveTo(page.left, flow.y)
      .lineTo(page.left + width, flow.y)
      .lineWidth(0.7)
      .strokeColor(colors.ink)
      .stroke(),
  )
  flow.y += 3
  tagged(flow, 'P', () => drawLines(flow, below, page.left, flow.y))
  flow.y += heightOf(below) + 8
}
