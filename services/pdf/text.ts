import { fontBytes, fontNames, splitByFont, type FontRun, type TextStyle } from './fonts.ts'

/** How a paragraph looks. Sizes in points. */
export interface TextLook {
  readonly style: TextStyle
  readonly size: number
  readonly color: string
}

/** A run and the width it takes, in points. */
interface PlacedRun extends FontRun {
  readonly width: number
}

/** One line, ready to be drawn from left to right. */
export interface TextLine {
  readonly runs: readonly PlacedRun[]
  readonly width: number
  readonly look: TextLook
}

/** Height of a line relative to its letters: Devanagari has marks above and below, so this is generous. */
const LINE_HEIGHT = 1.42
/** Where the base line lies in that height. */
const BASE_LINE = 1.06

/** Height of one line in points. */
export const lineHeight = ({ size }: Pick<TextLook, 'size'>): number => size * LINE_HEIGHT

/** Distance of the base line from the top of its line, in points. */
export const baseLine = ({ size }: Pick<TextLook, 'size'>): number => size * BASE_LINE

/** Makes the fonts known to a document; those that are not used are neither parsed nor embedded. */
export function registerFonts(pdf: PDFKit.PDFDocument): void {
  for (const name of fontNames) pdf.registerFont(name, fontBytes(name))
}

/** Breaks text into lines no wider than `width` points. Text that is empty has one empty line. */
export function layOut(pdf: PDFKit.PDFDocument, text: string, look: TextLook, width: number): TextLine[] {
  const lines: PlacedRun[][] = [[]]
  let used = 0
  for (const piece of pieces(text)) {
    for (const part of fitting(pdf, piece, look, width)) {
      const runs = measure(pdf, part, look)
      const partWidth = widthOf(runs)
      // A space at the end of a line may hang over the edge.
      const edge = part.endsWith(' ') ? widthOf(measure(pdf, part.trimEnd(), look)) : partWidth
      if (used > 0 && used + edge > width + 0.01) {
        lines.push([])
        used = 0
      }
      lines.at(-1)?.push(...runs)
      used += partWidth
    }
  }
  return lines.map((runs) => {
    const ordered = inReadingOrder(joined(pdf, runs, look))
    return { runs: ordered, width: widthOf(ordered), look }
  })
}

/** Draws one line whose upper left corner is at `x`, `y`. */
export function drawLine(pdf: PDFKit.PDFDocument, line: TextLine, x: number, y: number): void {
  let at = x
  pdf.fillColor(line.look.color).fontSize(line.look.size)
  for (const { font, text, width, direction } of line.runs) {
    const reordered = direction === 'reordered'
    // Glyphs stand in the order of drawing: say which text was meant, for search and for screen readers.
    if (reordered) pdf.markContent('Span', { actual: text })
    pdf.font(font).text(text, at, y + baseLine(line.look), { lineBreak: false, baseline: 'alphabetic' })
    if (reordered) pdf.endMarkedContent()
    at += width
  }
}

const words = new Intl.Segmenter('ja', { granularity: 'word' })
/** After these a long address may go on in the next line; the character stays at the end of the line. */
const AFTER = /[/?&=._~:;,@+-]$/
/** These never begin a line. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}\p{Lm}ーぁぃぅぇぉっゃゅょァィゥェォッャュョ]/u
const SPACELESS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** The pieces between which a line may be broken, in order; joined they give the text, white space made plain. */
function pieces(text: string): string[] {
  const found: string[] = []
  for (const word of text.replaceAll(/\s+/gu, ' ').split(/(?<= )/)) {
    if (!SPACELESS.test(word)) {
      found.push(word)
      continue
    }
    let piece = ''
    for (const { segment } of words.segment(word)) {
      if (piece && !CLOSING.test(segment) && segment !== ' ') {
        found.push(piece)
        piece = ''
      }
      piece += segment
    }
    found.push(piece)
  }
  return found
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** A piece as it is when it fits the width, or else cut: after punctuation where possible, anywhere if need be. */
function fitting(pdf: PDFKit.PDFDocument, piece: string, look: TextLook, width: number): string[] {
  if (widthOf(measure(pdf, piece.trimEnd(), look)) <= width) return [piece]
  const parts: string[] = []
  let [part, used] = ['', 0]
  let breakAt = 0
  for (const { segment } of characters.segment(piece)) {
    const segmentWidth = widthOf(measure(pdf, segment, look))
    if (part && used + segmentWidth > width) {
      // Punctuation in the second half of the line is worth a shorter line.
      const cut = breakAt > part.length / 2 ? breakAt : part.length
      parts.push(part.slice(0, cut))
      part = part.slice(cut)
      used = widthOf(measure(pdf, part, look))
      breakAt = 0
    }
    part += segment
    used += segmentWidth
    if (AFTER.test(part)) breakAt = part.length
  }
  return [...parts, part]
}

const measure = (pdf: PDFKit.PDFDocument, text: string, { style, size }: TextLook): PlacedRun[] =>
  splitByFont(text, style).map((run) => ({
    ...run,
    width: pdf.font(run.font).fontSize(size).widthOfString(run.text),
  }))

const widthOf = (runs: readonly PlacedRun[]): number => runs.reduce((sum, { width }) => sum + width, 0)

/** Joins neighbours of the same font, so that kerning and text extraction see whole words. */
function joined(pdf: PDFKit.PDFDocument, runs: readonly PlacedRun[], { size }: TextLook): PlacedRun[] {
  const result: PlacedRun[] = []
  for (const run of runs) {
    const last = result.at(-1)
    if (
      last &&
      last.font === run.font &&
      last.direction === run.direction &&
      run.direction !== 'rightToLeft'
    ) {
      const text = last.text + run.text
      result[result.length - 1] = {
        ...last,
        text,
        width: pdf.font(last.font).fontSize(size).widthOfString(text),
      }
    } else result.push(run)
  }
  return result
}

/**
 * Puts stretches of right-to-left words into the order in which they are seen. Covers titles and names in one
 * direction with inserts of the other; nested directions would need the whole Unicode algorithm (UAX #9).
 */
function inReadingOrder(runs: readonly PlacedRun[]): PlacedRun[] {
  const result: PlacedRun[] = []
  for (let index = 0; index < runs.length;) {
    let end = index
    for (let next = index; next < runs.length; next += 1) {
      const run = runs[next]
      if (run?.direction === 'rightToLeft') end = next + 1
      else if (run?.text.trim()) break
    }
    const stretch = runs.slice(index, Math.max(end, index + 1))
    result.push(...(end > index ? stretch.reverse() : stretch))
    index += stretch.length
  }
  return result
}
