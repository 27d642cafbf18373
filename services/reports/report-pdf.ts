import { drawDocument } from '../pdf/document.ts'
import { colors, need, paragraph, type Flow } from '../pdf/flow.ts'
import {
  body,
  drawFacts,
  drawFooters,
  drawHeading,
  drawSignature,
  drawStatement,
  HEADING_ROOM,
  muted,
} from '../pdf/parts.ts'
import { drawTable } from '../pdf/table.ts'
import { drawHead } from './pdf-head.ts'
import { drawPicture } from './pdf-picture.ts'
import { openStatementLine, reportBlocks, type Block } from './report-blocks.ts'
import { utcWords } from './report-words.ts'
import { freezeReport, type ReportDocument } from './report.ts'

/** Room under the heading of a section that may have a subsection right under it. */
const SECTION_ROOM = HEADING_ROOM + 34
/** What is signed stands above its signature on one page: three statements of usual length and the signature. */
const SIGNED_ROOM = 290
/** The labels of a report's facts are short. */
const LABEL_WIDTH = 92

type BlockOf<Kind extends Block['kind']> = Extract<Block, { kind: Kind }>

/**
 * The report as a PDF on A4: tagged for screen readers, all fonts embedded, laid out for PDF/A-2b (the claim is
 * in its metadata; no validator has confirmed it). The same document gives the same bytes: no clock, no chance.
 * Links to infringing material are printed, never clickable.
 */
export async function renderPdf(document: ReportDocument): Promise<Buffer> {
  const { sha256 } = freezeReport(document)
  const { number, version, issuedAt } = document
  const facts = {
    title: `Takedown report ${number}, version ${version}`,
    language: document.language,
    createdAt: new Date(issuedAt),
  }
  return drawDocument(facts, (flow) => {
    drawHead(flow, document)
    for (const block of reportBlocks(document)) drawBlock(flow, block)
    drawFooters(flow, {
      name: `${number}, version ${version}`,
      hash: `SHA-256 ${sha256}`,
      pageOf: (page, pages) => `page ${page} of ${pages}`,
    })
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
      return drawFacts(flow, block.facts, LABEL_WIDTH)
    case 'table':
      return drawTable(flow, block)
    case 'picture':
      return drawPicture(flow, block.picture, block.alternative)
    case 'statement':
      return drawDeclaration(flow, block)
    case 'signature':
      return drawSignatory(flow, block)
  }
}

function drawSection(flow: Flow, { number, title, unbroken }: BlockOf<'section'>): void {
  drawHeading(flow, `${number}  ${title}`, unbroken ? SIGNED_ROOM : SECTION_ROOM)
}

function drawDeclaration(flow: Flow, { title, text, made }: BlockOf<'statement'>): void {
  const standing = made ? 'Made by the signatory below' : openStatementLine
  drawStatement(flow, { title, text, made, standing })
}

function drawSignatory(flow: Flow, { signatory }: BlockOf<'signature'>): void {
  if (!signatory)
    return drawSignature(flow, '', `Signature, name, function and date: ${openStatementLine}`, true)
  const { name, title, signedAt, signatureText } = signatory
  drawSignature(flow, signatureText, `${name}, ${title} · signed ${utcWords(signedAt)}`, false)
}
