import {
  bodyWidth,
  colors,
  decoration,
  drawLines,
  heightOf,
  page,
  paragraph,
  rule,
  tagged,
  type Flow,
} from '../pdf/flow.ts'
import { layOut, lineHeight, type TextLook } from '../pdf/text.ts'
import { headFacts, openStatementLine } from './report-blocks.ts'
import { dateWords } from './report-words.ts'
import type { ReportDocument } from './report.ts'

const label: TextLook = { style: 'plain', size: 7.4, color: colors.muted }
const value: TextLook = { style: 'plain', size: 9, color: colors.ink }

/** The title block: what this is, its number and date, and the facts a clerk files it by. */
export function drawHead(flow: Flow, document: ReportDocument): void {
  paragraph(flow, 'EARWITNESS', { style: 'strong', size: 7.6, color: colors.accent }, { after: 0 })
  paragraph(
    flow,
    `Takedown report ${document.number}`,
    { style: 'strong', size: 21, color: colors.ink },
    { type: 'H1', after: 0 },
  )
  const subtitle = `Request to remove copies of protected sound recordings · ${dateWords(document.issuedAt)}`
  paragraph(flow, subtitle, { style: 'plain', size: 9.6, color: colors.muted }, { after: 8 })
  rule(flow, colors.accent, 1.4)
  flow.y += 8
  drawFacts(flow, headFacts(document))
  if (document.statements.status === 'open' || document.openPoints.length > 0) drawBanner(flow, document)
}

/** Facts side by side, as many in a row as have room. */
function drawFacts(flow: Flow, facts: readonly { readonly label: string; readonly value: string }[]): void {
  const columns = 3
  const gutter = 14
  const width = (bodyWidth - gutter * (columns - 1)) / columns
  for (let first = 0; first < facts.length; first += columns) {
    const row = facts.slice(first, first + columns)
    let height = 0
    for (const [index, fact] of row.entries()) {
      const x = page.left + index * (width + gutter)
      // The last one has the rest of the row to itself: an identifier stays in one piece.
      const room = index === row.length - 1 ? page.left + bodyWidth - x : width
      const lines = [
        ...layOut(flow.pdf, fact.label, label, room),
        ...layOut(flow.pdf, fact.value, value, room),
      ]
      tagged(flow, 'P', () => {
        height = Math.max(height, drawLines(flow, lines, x, flow.y))
      })
    }
    flow.y += height + 5
  }
  flow.y += 3
}

/** Says on the first page, impossible to overlook, that a person still has to act. */
function drawBanner(flow: Flow, { statements, openPoints }: ReportDocument): void {
  const inset = 12
  const width = bodyWidth - 2 * inset
  const points = `${openPoints.length} open ${openPoints.length === 1 ? 'point' : 'points'}, listed in section 9.`
  const title =
    statements.status === 'open'
      ? 'Not signed: this report may not be sent yet'
      : 'This report is not ready to be sent yet'
  const text = [
    statements.status === 'open' && `The statements of section 6 are ${openStatementLine}.`,
    openPoints.length > 0 && points,
  ]
  const lines = [
    ...layOut(flow.pdf, title, { style: 'strong', size: 9.6, color: colors.open }, width),
    ...layOut(
      flow.pdf,
      text.filter(Boolean).join(' '),
      { style: 'plain', size: 8.6, color: colors.ink },
      width,
    ),
  ]
  const height = heightOf(lines) + 14
  decoration(flow, () => {
    flow.pdf.rect(page.left, flow.y, bodyWidth, height).fill(colors.openTint)
    flow.pdf.rect(page.left, flow.y, 3, height).fill(colors.open)
  })
  tagged(flow, 'P', () => drawLines(flow, lines, page.left + inset, flow.y + 7))
  flow.y += height + 4
}

/** Number, version, hash and page number at the foot of every page; called when all pages are there. */
export function drawFooters(flow: Flow, { number, version }: ReportDocument, sha256: string): void {
  const { start, count } = flow.pdf.bufferedPageRange()
  const look: TextLook = { style: 'plain', size: 7, color: colors.muted }
  const hash = layOut(flow.pdf, `SHA-256 ${sha256}`, { ...look, style: 'mono', size: 6.2 }, bodyWidth)
  const name = layOut(flow.pdf, `${number}, version ${version}`, look, bodyWidth)
  const top = page.height - page.bottom + 22
  for (let index = 0; index < count; index += 1) {
    flow.pdf.switchToPage(start + index)
    const place = layOut(flow.pdf, `page ${index + 1} of ${count}`, look, bodyWidth)
    flow.pdf.markContent('Artifact', { type: 'Pagination' })
    flow.pdf
      .moveTo(page.left, top - 5)
      .lineTo(page.width - page.right, top - 5)
      .lineWidth(0.6)
      .strokeColor(colors.rule)
      .stroke()
    drawLines(flow, name, page.left, top)
    drawLines(flow, place, page.width - page.right - (place[0]?.width ?? 0), top)
    drawLines(flow, hash, page.left, top + lineHeight(look))
    flow.pdf.endMarkedContent()
  }
}
