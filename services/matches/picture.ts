import { clockTime } from './match.ts'
import { alignmentShapes, type AlignmentInput, type Shape } from './picture-shapes.ts'

export type { AlignmentInput, PicturePassage, PicturePoint } from './picture-shapes.ts'

/** Units of the view box; the page scales it. Letters come out at about 12 px on a 720 px wide column. */
const SIZE = { width: 720, letter: 12 } as const

/** Blue of middle lightness: stands out on white paper and on a dark page. A style sheet may override it. */
const ACCENT = '#2f81b7'

/** Presentation attributes by role; they are the weakest style there is, so a page's CSS classes win. */
const look: Record<Shape['role'], string> = {
  lane: 'fill="currentColor" fill-opacity="0.12"',
  passage: `fill="${ACCENT}"`,
  band: `fill="${ACCENT}" fill-opacity="0.22" stroke="${ACCENT}" stroke-opacity="0.55"`,
  number: 'fill="#fff" font-weight="700"',
  label: 'fill="currentColor" font-weight="600"',
  tick: 'fill="currentColor" fill-opacity="0.72"',
  grid: 'stroke="currentColor" stroke-opacity="0.14"',
  frame: 'fill="none" stroke="currentColor" stroke-opacity="0.35"',
  heard: `fill="${ACCENT}"`,
  missed: 'fill="none" stroke="currentColor" stroke-opacity="0.6"',
}

/**
 * The alignment picture as an SVG element for a web page: which part of the suspect is which part of the recording,
 * and where its landmarks were found. Follows the text colour of the page (dark mode, print); every shape has a
 * class `alignment-<role>`. Title and description say it in words for those who cannot see it.
 */
export function alignmentSvg(input: AlignmentInput): string {
  const { height, shapes } = alignmentShapes(input, SIZE)
  const count = input.passages.length
  const title = `${count} matched ${count === 1 ? 'passage' : 'passages'}`
  const description = input.passages
    .map(
      (p) =>
        `${clockTime(p.suspectFromMs)} to ${clockTime(p.suspectToMs)} of the suspect file is ${clockTime(p.referenceFromMs)} to ${clockTime(p.referenceToMs)} of the recording.`,
    )
    .join(' ')
  return (
    `<svg class="alignment" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${round(height)}" role="img" ` +
    `aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="${SIZE.letter}">` +
    `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>${shapes.map(element).join('')}</svg>`
  )
}

/**
 * Where copies lie in a suspect file, as a slim SVG bar that stretches to the width of its box.
 *
 * @param durationMs of the suspect file.
 * @param found      titles may be any text; times in milliseconds, cut to the file.
 */
export function timelineSvg(
  durationMs: number,
  found: readonly { readonly title: string; readonly fromMs: number; readonly toMs: number }[],
): string {
  const x = (ms: number): number => (100 * Math.min(Math.max(ms, 0), durationMs)) / Math.max(durationMs, 1)
  const label = `${found.length} matched ${found.length === 1 ? 'passage' : 'passages'} in ${clockTime(durationMs)}`
  const boxes = found.map(({ title, fromMs, toMs }) => {
    const text = `${title}, ${clockTime(fromMs)} to ${clockTime(toMs)}`
    const width = Math.max(x(toMs) - x(fromMs), 0.2)
    return `<rect class="timeline-passage" x="${round(x(fromMs))}" width="${round(width)}" height="6" fill="${ACCENT}"><title>${escapeXml(text)}</title></rect>`
  })
  return (
    '<svg class="timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 6" width="100%" height="14" preserveAspectRatio="none" role="img" ' +
    `aria-label="${escapeXml(label)}"><title>${escapeXml(label)}</title>` +
    `<rect class="timeline-lane" width="100" height="6" fill="currentColor" fill-opacity="0.12"/>${boxes.join('')}</svg>`
  )
}

function element(shape: Shape): string {
  const style = `class="alignment-${shape.role}" ${look[shape.role]}`
  switch (shape.shape) {
    case 'box':
      return `<rect ${style} x="${round(shape.x)}" y="${round(shape.y)}" width="${round(shape.width)}" height="${round(shape.height)}"/>`
    case 'polygon':
      return `<polygon ${style} points="${shape.corners.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}"/>`
    case 'line':
      return `<line ${style} x1="${round(shape.from[0])}" y1="${round(shape.from[1])}" x2="${round(shape.to[0])}" y2="${round(shape.to[1])}"/>`
    case 'dot':
      return `<circle ${style} cx="${round(shape.x)}" cy="${round(shape.y)}" r="${round(shape.radius)}"/>`
    case 'text':
      return `<text ${style} x="${round(shape.x)}" y="${round(shape.y)}" text-anchor="${shape.anchor}">${escapeXml(shape.text)}</text>`
  }
}

/** Two decimals; anything that is not a finite number is our mistake and must not reach a page. */
function round(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`Not a coordinate: ${value}`)
  return String(Math.round(value * 100) / 100)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeXml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
