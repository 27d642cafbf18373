import { agreementInWords, passageInWords, passageShapes } from '../matches/picture-passage.ts'
import {
  type AlignmentInput,
  type Picture,
  type Role,
  type Shape,
  overviewShapes,
} from '../matches/picture-shapes.ts'
import { passageTitle, pictureCaption, shownPassages } from '../matches/picture.ts'
import { bodyWidth, colors, need, page, paragraph, tagged, type Flow } from '../pdf/flow.ts'
import { baseLine, drawLine, layOut } from '../pdf/text.ts'

const SIZE = { width: bodyWidth, letter: 7.4 } as const

/** Fill, outline and opacity by role, after the picture on the web pages. */
const look: Readonly<Record<Role, { fill?: string; stroke?: string; fillOpacity?: number; width?: number }>> =
  {
    lane: { fill: '#e3e8ed' },
    passage: { fill: colors.accent },
    band: { fill: colors.accent, fillOpacity: 0.16, stroke: colors.accent, width: 0.4 },
    number: { fill: colors.white },
    label: { fill: colors.ink },
    tick: { fill: colors.muted },
    grid: { stroke: '#e3e8ed', width: 0.5 },
    frame: { stroke: '#b9c2cb', width: 0.6 },
    cells: { fill: colors.ink, fillOpacity: 0.13 },
    join: { stroke: '#7fa3bd', width: 0.4 },
    heard: { fill: colors.accent, stroke: colors.white, width: 0.5 },
    missed: { stroke: '#8a949e', width: 0.5 },
  }

/** Draws the alignment picture of one match with its caption: the overview, then its longest passages, each unbroken. */
export function drawPicture(flow: Flow, input: AlignmentInput, alternative: string): void {
  drawFigure(flow, overviewShapes(input, SIZE), alternative)
  const { passages } = input
  for (const { passage, number } of shownPassages(passages)) {
    const title = passageTitle(passage, number, passages.length)
    const words = `${passageInWords(passage)}; ${agreementInWords(passage)}.`
    drawFigure(flow, passageShapes(passage, title, SIZE, 0), words)
  }
  paragraph(
    flow,
    `How to read this. ${pictureCaption}`,
    { style: 'plain', size: 7.4, color: colors.muted },
    { type: 'Caption', after: 12 },
  )
}

function drawFigure(flow: Flow, { height, shapes }: Picture, alternative: string): void {
  need(flow, height)
  const top = flow.y
  const bbox = [page.left, top, page.left + bodyWidth, top + height]
  tagged(flow, 'Figure', () => shapes.forEach((shape) => drawShape(flow, shape, top)), {
    alt: alternative,
    bbox,
  })
  flow.y = top + height + 8
}

function drawShape({ pdf }: Flow, shape: Shape, top: number): void {
  const { fill, stroke, fillOpacity = 1, width = 0.5 } = look[shape.role]
  const at = (x: number, y: number): [number, number] => [page.left + x, top + y]
  if (shape.shape === 'text') {
    const style = shape.role === 'label' || shape.role === 'number' ? 'strong' : 'plain'
    const [line] = layOut(pdf, shape.text, { style, size: SIZE.letter, color: fill ?? colors.ink }, Infinity)
    if (!line) return
    const before = shape.anchor === 'start' ? 0 : shape.anchor === 'middle' ? line.width / 2 : line.width
    const [x, foot] = at(shape.x - before, shape.y)
    drawLine(pdf, line, x, foot - baseLine(line.look))
    return
  }
  pdf.save().lineWidth(width)
  if (shape.shape === 'box') pdf.rect(...at(shape.x, shape.y), shape.width, shape.height)
  else if (shape.shape === 'dot') pdf.circle(...at(shape.x, shape.y), shape.radius)
  else if (shape.shape === 'cells') {
    for (const [column, row, columns] of shape.runs) {
      const [left, middle] = at(shape.x + column * shape.columnWidth, shape.y - row * shape.rowHeight)
      pdf.rect(left, middle - shape.rowHeight / 2, columns * shape.columnWidth, shape.rowHeight)
    }
  } else if (shape.shape === 'line') pdf.moveTo(...at(...shape.from)).lineTo(...at(...shape.to))
  else pdf.polygon(...shape.corners.map((corner) => at(...corner)))
  if (fill) pdf.fillOpacity(fillOpacity)
  if (fill && stroke) pdf.fillAndStroke(fill, stroke)
  else if (fill) pdf.fill(fill)
  else if (stroke) pdf.stroke(stroke)
  pdf.restore()
}
