import { drawLine, layOut, lineHeight, type TextLine, type TextLook } from './text.ts'

/** A4 in points, and the frame that text keeps to. The lower margin holds the footer. */
export const page = { width: 595.28, height: 841.89, left: 50, right: 50, top: 52, bottom: 66 } as const
export const bodyWidth = page.width - page.left - page.right
const bodyBottom = page.height - page.bottom
/** Height of an empty page between its margins. */
export const bodyHeight = bodyBottom - page.top

/** Ink on white paper; contrast with white is at least 4.5 to 1 for everything that is read. */
export const colors = {
  ink: '#1c2530',
  muted: '#5a6672',
  rule: '#d6dce2',
  tint: '#f3f6f9',
  accent: '#1f5f8f',
  open: '#8a5200',
  openTint: '#fdf3e0',
  made: '#1f6b45',
  white: '#ffffff',
} as const

/** A report on its way onto pages: the document, the structure element that is open, and how far down we are. */
export interface Flow {
  readonly pdf: PDFKit.PDFDocument
  parent: PDFKit.PDFStructureElement
  y: number
}

/** Starts a page unless `height` points are left on this one. Answers whether it did. */
export function need(flow: Flow, height: number): boolean {
  if (flow.y + height <= bodyBottom) return false
  flow.pdf.addPage()
  flow.y = page.top
  return true
}

/** PDFKit also knows the scope of table heads and the box of figures; its types do not. */
type StructureOptions = PDFKit.Mixins.StructureElementOptions & { scope?: 'Column'; bbox?: readonly number[] }

/** Draws `draw` as one structure element of the given type, such as P, H1 or Figure. */
export function tagged(flow: Flow, type: string, draw: () => void, options: StructureOptions = {}): void {
  const element = flow.pdf.struct(type, options)
  flow.parent.add(element)
  element.add(draw)
  element.end()
}

/** Opens a structure element that holds others for as long as `fill` runs. */
export function group(flow: Flow, type: string, fill: () => void): void {
  const element = flow.pdf.struct(type)
  flow.parent.add(element)
  const outer = flow.parent
  flow.parent = element
  fill()
  flow.parent = outer
  element.end()
}

/** Draws what has no meaning of its own (rules, backgrounds), so that screen readers pass over it. */
export function decoration(flow: Flow, draw: () => void): void {
  flow.pdf.markContent('Artifact', { type: 'Layout' })
  draw()
  flow.pdf.endMarkedContent()
}

/** A thin rule across the body at the present height. */
export function rule(flow: Flow, color: string = colors.rule, width = 0.6): void {
  decoration(flow, () => {
    flow.pdf
      .moveTo(page.left, flow.y)
      .lineTo(page.width - page.right, flow.y)
      .lineWidth(width)
      .strokeColor(color)
      .stroke()
  })
}

/** Draws lines under each other from `x`, `y`; answers the height they took. */
export function drawLines(flow: Flow, lines: readonly TextLine[], x: number, y: number): number {
  let height = 0
  for (const line of lines) {
    drawLine(flow.pdf, line, x, y + height)
    height += lineHeight(line.look)
  }
  return height
}

/** Height of lines under each other. */
export const heightOf = (lines: readonly TextLine[]): number =>
  lines.reduce((sum, { look }) => sum + lineHeight(look), 0)

/** A paragraph over the width of the body; it may run on to the next page. */
export function paragraph(
  flow: Flow,
  text: string,
  look: TextLook,
  options: { type?: string; after?: number } = {},
): void {
  const lines = layOut(flow.pdf, text, look, bodyWidth)
  // Two lines at least stay together; a heading or a short paragraph is never torn.
  need(flow, heightOf(lines.length <= 3 ? lines : lines.slice(0, 2)))
  for (const [index, part] of pageParts(flow, lines).entries()) {
    if (index > 0) need(flow, bodyHeight)
    tagged(flow, options.type ?? 'P', () => {
      flow.y += drawLines(flow, part, page.left, flow.y)
    })
  }
  flow.y += options.after ?? 6
}

/** Lines cut into what fits on the rest of this page and on each of the following ones; at least one part. */
export function pageParts(flow: Flow, lines: readonly TextLine[]): TextLine[][] {
  const parts: TextLine[][] = [[]]
  let y = flow.y
  for (const line of lines) {
    if (y + lineHeight(line.look) > bodyBottom && y > page.top) {
      parts.push([])
      y = page.top
    }
    parts.at(-1)?.push(line)
    y += lineHeight(line.look)
  }
  return parts
}
