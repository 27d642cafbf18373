import { bodyWidth, colors, decoration, drawLines, heightOf, page, tagged, type Flow } from '../pdf/flow.ts'
import { drawTitle } from '../pdf/parts.ts'
import { layOut, type TextLook } from '../pdf/text.ts'
import { headFacts, openStatementLine } from './report-blocks.ts'
import { dateWords } from './report-words.ts'
import type { ReportDocument } from './report.ts'

/** In points. A report's number is short: its title has room to be large. */
const TITLE_SIZE = 21
const label: TextLook = { style: 'plain', size: 7.4, color: colors.muted }
const value: TextLook = { style: 'plain', size: 9, color: colors.ink }

/** The title block: what this is, its number and date, and the facts a clerk files it by. */
export function drawHead(flow: Flow, document: ReportDocument): void {
  const subtitle = `Request to remove copies of protected sound recordings · ${dateWords(document.issuedAt)}`
  drawTitle(flow, `Takedown report ${document.number}`, subtitle, TITLE_SIZE)
  drawFactsInRows(flow, headFacts(document))
  if (document.statements.status === 'open' || document.openPoints.length > 0) drawBanner(flow, document)
}

/** Facts side by side, as many in a row as have room. */
function drawFactsInRows(
  flow: Flow,
  facts: readonly { readonly label: string; readonly value: string }[],
): void {
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
