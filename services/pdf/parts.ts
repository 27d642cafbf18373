import {
  bodyHeight,
  bodyWidth,
  colors,
  decoration,
  drawLines,
  heightOf,
  need,
  page,
  pageParts,
  paragraph,
  rule,
  tagged,
  type Flow,
} from './flow.ts'
import type { Piece } from './table.ts'
import { layOut, lineHeight, type TextLook } from './text.ts'

/** Running text. */
export const body: TextLook = { style: 'plain', size: 9.2, color: colors.ink }
/** What is said beside it. */
export const muted: TextLook = { style: 'plain', size: 7.8, color: colors.muted }
const small: TextLook = { style: 'plain', size: 7, color: colors.muted }
/** Room that a heading wants under it, so that it never stands alone at the foot of a page. */
export const HEADING_ROOM = 84
/** Room for the longest labels that facts have in any language. */
const LABEL_WIDTH = 132
/** A statement that is longer than this may be torn between pages. */
const UNBROKEN_HEIGHT_MAX = bodyHeight / 2

/** The title of a document under the name of the service, with a line of text below. @param size of its letters, in points. */
export function drawTitle(flow: Flow, title: string, subtitle: string, size = 19): void {
  paragraph(flow, 'EARWITNESS', { style: 'strong', size: 7.6, color: colors.accent }, { after: 0 })
  paragraph(flow, title, { style: 'strong', size, color: colors.ink }, { type: 'H1', after: 0 })
  paragraph(flow, subtitle, { style: 'plain', size: 9.6, color: colors.muted }, { after: 8 })
  rule(flow, colors.accent, 1.4)
  flow.y += 8
}

/** The heading of a section, also in the outline. @param room in points that it and what belongs to it have on one page. */
export function drawHeading(flow: Flow, title: string, room = HEADING_ROOM): void {
  flow.y += 10
  need(flow, room)
  flow.pdf.outline.addItem(title.replaceAll(/ +/g, ' '))
  paragraph(flow, title, { style: 'strong', size: 12.5, color: colors.accent }, { type: 'H2', after: 4 })
}

/** Facts under each other: what each is called on the left, its text on the right. */
export function drawFacts(
  flow: Flow,
  facts: readonly { readonly label: string; readonly piece: Piece }[],
  labelWidth = LABEL_WIDTH,
): void {
  for (const { label, piece } of facts) {
    const look: TextLook =
      piece.style === 'hash' || piece.style === 'address' ? { ...body, style: 'mono', size: 7.6 } : body
    const labels = layOut(flow.pdf, label, { ...body, size: 8.4, color: colors.muted }, labelWidth - 8)
    const values = layOut(flow.pdf, piece.text, look, bodyWidth - labelWidth)
    need(flow, Math.max(heightOf(labels), heightOf(values.slice(0, 2))))
    const labelHeight = heightOf(labels)
    for (const [index, part] of pageParts(flow, values).entries()) {
      if (index > 0) need(flow, bodyHeight)
      tagged(flow, 'P', () => {
        if (index === 0) drawLines(flow, labels, page.left, flow.y + 0.8)
        const height = drawLines(flow, part, page.left + labelWidth, flow.y)
        flow.y += index === 0 ? Math.max(height, labelHeight) : height
      })
    }
    flow.y += 2
  }
  flow.y += 6
}

/** What somebody declares, or has to. */
export interface DrawnStatement {
  readonly title: string
  readonly text: string
  readonly made: boolean
  /** Who made it, or that nobody did, where the document does not say so elsewhere. */
  readonly standing?: string
}

/** A statement with a bar beside it. */
export function drawStatement(flow: Flow, { title, text, made, standing = '' }: DrawnStatement): void {
  const inset = 12
  const width = bodyWidth - inset
  const color = made ? colors.made : colors.open
  const lines = [
    ...layOut(flow.pdf, title, { style: 'strong', size: 9.2, color: colors.ink }, width),
    ...text.split('\n').flatMap((line) => layOut(flow.pdf, line, body, width)),
    ...(standing === '' ? [] : layOut(flow.pdf, standing, { style: 'strong', size: 8, color }, width)),
  ]
  need(flow, Math.min(heightOf(lines) + 8, UNBROKEN_HEIGHT_MAX))
  for (const [index, part] of pageParts(flow, lines).entries()) {
    if (index > 0) need(flow, bodyHeight)
    const height = heightOf(part)
    decoration(flow, () => flow.pdf.rect(page.left, flow.y + 1, 2.4, height - 1).fill(color))
    tagged(flow, 'P', () => drawLines(flow, part, page.left + inset, flow.y))
    flow.y += height
  }
  flow.y += 9
}

/** A line to sign on, with what was signed above it and who signed below. */
export function drawSignature(flow: Flow, above: string, below: string, open: boolean): void {
  const width = 270
  const signed = layOut(flow.pdf, above, { style: 'plain', size: 13, color: colors.ink }, width)
  const who = layOut(flow.pdf, below, { ...muted, color: open ? colors.open : colors.muted }, bodyWidth)
  const room = Math.max(30, heightOf(signed))
  need(flow, room + heightOf(who) + 12)
  if (above !== '')
    tagged(flow, 'P', () => {
      drawLines(flow, signed, page.left, flow.y + room - heightOf(signed))
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
  tagged(flow, 'P', () => drawLines(flow, who, page.left, flow.y))
  flow.y += heightOf(who) + 8
}

/** What stands at the foot of every page; called when all pages are there. */
export function drawFooters(
  flow: Flow,
  footer: {
    readonly name: string
    readonly hash: string
    readonly pageOf: (page: number, pages: number) => string
  },
): void {
  const { start, count } = flow.pdf.bufferedPageRange()
  const hash = layOut(flow.pdf, footer.hash, { ...small, style: 'mono', size: 6.2 }, bodyWidth)
  const name = layOut(flow.pdf, footer.name, small, bodyWidth)
  const top = page.height - page.bottom + 22
  for (let index = 0; index < count; index += 1) {
    flow.pdf.switchToPage(start + index)
    const place = layOut(flow.pdf, footer.pageOf(index + 1, count), small, bodyWidth)
    flow.pdf.markContent('Artifact', { type: 'Pagination' })
    flow.pdf
      .moveTo(page.left, top - 5)
      .lineTo(page.width - page.right, top - 5)
      .lineWidth(0.6)
      .strokeColor(colors.rule)
      .stroke()
    drawLines(flow, name, page.left, top)
    drawLines(flow, place, page.width - page.right - (place[0]?.width ?? 0), top)
    drawLines(flow, hash, page.left, top + lineHeight(small))
    flow.pdf.endMarkedContent()
  }
}
