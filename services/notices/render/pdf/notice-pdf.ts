import { drawDocument } from '../../../pdf/document.ts'
import { paragraph, type Flow } from '../../../pdf/flow.ts'
import {
  body,
  drawFacts,
  drawFooters,
  drawHeading,
  drawSignature,
  drawStatement,
  drawTitle,
} from '../../../pdf/parts.ts'
import { drawTable } from '../../../pdf/table.ts'
import type { NoticeDocument } from '../../notice.ts'
import type { Block } from '../block.ts'
import { addressLine, headFacts, noticeBlocks } from '../notice-blocks.ts'
import { wordsIn } from '../words/in-language.ts'

/**
 * The notice as a PDF on A4 in its language: tagged, laid out for PDF/A-2b, the same bytes for the same document. It
 * says everything that the plain text says. Addresses are printed, never clickable.
 *
 * @param documentSha256 of the frozen document; printed at its end and at the foot of every page.
 */
export async function renderNoticePdf(document: NoticeDocument, documentSha256: string): Promise<Buffer> {
  const { number, version, language, issuedAt, statements } = document
  const { titles, labels, page } = wordsIn(language)
  const facts = {
    title: `Copyright notice ${number}, version ${version}`,
    language,
    createdAt: new Date(issuedAt),
  }
  return drawDocument(facts, (flow) => {
    drawTitle(flow, `${titles.notice} ${number}`, addressLine(document))
    drawFacts(flow, headFacts(document))
    for (const block of noticeBlocks(document)) drawBlock(flow, block, statements.status === 'made')
    drawFacts(flow, [{ label: labels.documentHash, piece: { text: documentSha256, style: 'hash' } }])
    drawFooters(flow, {
      name: `${number}, ${labels.version} ${version}`,
      hash: `SHA-256 ${documentSha256}`,
      pageOf: page,
    })
  })
}

function drawBlock(flow: Flow, block: Block, made: boolean): void {
  switch (block.kind) {
    case 'section':
      return drawHeading(flow, `${block.number}  ${block.title}`)
    case 'paragraph':
      for (const line of block.text.split('\n')) paragraph(flow, line, body, { after: 4 })
      return
    case 'facts':
      return drawFacts(flow, block.facts)
    case 'table':
      return drawTable(flow, block)
    case 'statement':
      return drawStatement(flow, { title: block.title, text: block.text, made })
    case 'signature': {
      const [above = '', below = ''] = block.open ? ['', block.lines[0]] : block.lines
      return drawSignature(flow, above, below, block.open)
    }
  }
}
